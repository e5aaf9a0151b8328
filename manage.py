#!/usr/bin/env python3
"""Django's command line. `./run manage …` calls it inside the project's own environment."""

import os
import sys


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clientvideo.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit("Django is not installed in this Python. Use ./run manage … instead, which installs what is needed.")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
