# Small and not root. Mount the site's configuration at /site; it names the store, e.g. path = "/store/store.sqlite".
FROM python:3.11-slim

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app

# The image speaks PostgreSQL, SQLite, FHIR and CSV. For SQL Server, Oracle, MariaDB, IRIS and Excel build it with
# --build-arg SOURCES=all; Microsoft's own ODBC driver is added by whoever may (docs/operations.md).
ARG SOURCES=usual
COPY requirements.lock requirements-sources.lock ./
RUN pip install --require-hashes -r requirements.lock
RUN if [ "$SOURCES" = all ]; then pip install --require-hashes -r requirements-sources.lock && apt-get update -qq \
    && apt-get install -qq --yes --no-install-recommends unixodbc tdsodbc odbc-postgresql odbc-mariadb \
    && rm -rf /var/lib/apt/lists/*; fi

COPY pyproject.toml README.md ./
COPY assets assets
COPY callbacks callbacks
COPY connectors connectors
COPY layouts layouts
COPY surveillance surveillance
RUN pip install --no-deps --no-build-isolation --editable .

RUN useradd --system --uid 10001 --no-create-home surveillance && install -d -o surveillance -m 0700 /store
USER surveillance
VOLUME /store
EXPOSE 8050

HEALTHCHECK --interval=15s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8050/healthz', timeout=2)"]
STOPSIGNAL SIGTERM
CMD ["surveillance", "run", "--config", "/site/hospital.toml", "--host", "0.0.0.0", "--port", "8050"]
