"""A batch remembers the mode and seed it was asked with, so that whoever goes on with it asks for the same."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sequences", "0006_craft")]

    operations = [
        migrations.AddField(
            model_name="batch",
            name="mode",
            field=models.CharField(blank=True, help_text="Empty: each sequence's own", max_length=12),
        ),
        migrations.AddField(
            model_name="batch",
            name="seed",
            field=models.BigIntegerField(blank=True, null=True),
        ),
    ]
