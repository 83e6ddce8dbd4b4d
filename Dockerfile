# One image for web, worker and beat. Build: docker compose build
FROM python:3.11-slim AS build
WORKDIR /app
COPY requirements/production.txt requirements/
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements/production.txt
COPY . .
# Settings of no house: only texts and static files are made, nothing is stored or connected to.
RUN SECRET_KEY=only-for-building-the-image-0123456789-abcdefghijklmnopqrstuvwxyz \
    SITE_URL=https://build.invalid EMAIL_URL=smtp://build.invalid DEFAULT_FROM_EMAIL=build@example.org \
    DATA_DIR=/tmp/build STATIC_ROOT=/app/static \
    sh -c '/venv/bin/python manage.py translations compile && /venv/bin/python manage.py collectstatic --noinput' \
    && /venv/bin/python -m compileall -q /app

FROM python:3.11-slim
RUN useradd --system --uid 10001 --no-create-home house && install -d -o house -g house /data /backups
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 HOST=0.0.0.0 PORT=8000 DATA_DIR=/data STATIC_ROOT=/app/static
USER house
VOLUME /data /backups
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=6s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz?parts=database', timeout=5)"]
CMD ["gunicorn", "--config", "python:hausderbegegnung.server", "hausderbegegnung.wsgi"]
