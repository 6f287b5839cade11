# syntax=docker/dockerfile:1
# Built in two stages, run as an ordinary user on a read-only root file system; see docs/operations.md.
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
COPY requirements/prod.txt /tmp/prod.txt
RUN /venv/bin/pip install --require-hashes -r /tmp/prod.txt
WORKDIR /app
COPY manage.py pyproject.toml ./
COPY portal portal
COPY core core
COPY accounts accounts
COPY documents documents
COPY deviations deviations
COPY templates templates
COPY static static
COPY locale locale
# The demonstration and the database of development stay out of what is deployed; static files are hashed and compressed once, here.
RUN rm -rf portal/demo/texts portal/management/commands/serve.py portal/management/commands/devdb.py \
    && PORTAL_ENV=production SECRET_KEY=build-only-build-only-build-only-build-only-build-only ALLOWED_HOSTS=build PORTAL_URL=https://build.example PORTAL_HASH_KEY=build-only-build-only-build-only-build-only \
       PORTAL_ENCRYPTION_KEYS=YnVpbGQtb25seS1idWlsZC1vbmx5LWJ1aWxkLW9ubHk= PORTAL_FILES_DIR=/tmp PORTAL_SMTP_HOST=build DATABASE_URL=postgresql://build@localhost/build \
       /venv/bin/python manage.py collectstatic --no-input \
    && /venv/bin/python -m compileall -q portal core accounts documents deviations

FROM python:3.11-slim-bookworm
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    PORTAL_ENV=production PORTAL_BIND=0.0.0.0:8000 PORTAL_FILES_DIR=/files HOME=/tmp
RUN useradd --uid 10001 --no-create-home --home-dir /tmp portal && install -d -o portal -g portal /files
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
USER 10001
VOLUME ["/files", "/tmp"]
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["gunicorn", "-c", "portal/gunicorn.py", "portal.wsgi"]
