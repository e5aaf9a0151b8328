FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 \
    DJANGO_ENV=production DATA_DIR=/data STATIC_ROOT=/app/staticfiles

WORKDIR /app
COPY requirements/base.txt requirements/base.txt
RUN pip install --require-hashes -r requirements/base.txt

COPY . .
# The key signs nothing here; it is only that production settings refuse to load without one.
RUN SECRET_KEY=only-for-collecting-static-files DATA_DIR=/tmp/build python manage.py collectstatic --no-input \
 && rm -rf /tmp/build \
 && useradd --system --create-home --uid 10001 studio \
 && mkdir /data && chown studio:studio /data

USER studio
VOLUME /data
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "16", "--no-access-log", "clientvideo.wsgi:application"]
