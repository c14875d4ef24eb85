# One image for the service and the worker:
#   docker build -t jiuling .
#   docker run -p 8000:8000 -v jiuling:/data jiuling
#   docker run -v jiuling:/data jiuling jiuling worker
# Both must share the database: the volume's SQLite file on one machine, else one PostgreSQL
# (JIULING_DATABASE_URL). In production set JIULING_ENVIRONMENT=production and the three keys.

# What the pages load, from npm as locked; only the copied modules go into the image.
FROM python:3.11-slim AS pages
WORKDIR /pages
COPY requirements-node.txt package.json package-lock.json .npmrc ./
RUN pip install --no-cache-dir --require-hashes --requirement requirements-node.txt \
    && npm ci --omit=dev --ignore-scripts --no-audit --no-fund
COPY app/web/assets.py ./app/web/assets.py
RUN python app/web/assets.py node_modules

FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1

RUN useradd --create-home --uid 10001 jiuling \
    && mkdir -p /data /opt/jiuling/kernels \
    && chown jiuling:jiuling /data /opt/jiuling/kernels

WORKDIR /opt/jiuling

# The locked packages change seldom: their layer is built before the sources come in.
COPY requirements.txt ./
RUN pip install --require-hashes --requirement requirements.txt

COPY pyproject.toml README.md LICENSE alembic.ini ./
COPY app ./app
COPY --from=pages /pages/app/web/static/vendor ./app/web/static/vendor
COPY migrations ./migrations
COPY solver ./solver
RUN pip install --no-deps --no-build-isolation --editable .

USER jiuling

# The solver's machine code is made here, not while a dispatcher waits.
ENV NUMBA_CACHE_DIR=/opt/jiuling/kernels
RUN python -m solver.warm

ENV JIULING_DATA_DIR=/data \
    JIULING_HOST=0.0.0.0 \
    JIULING_PORT=8000
VOLUME /data
EXPOSE 8000

HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]

CMD ["jiuling", "serve"]
