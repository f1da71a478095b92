FROM python:3.11-slim-bookworm AS build

ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/hi
COPY requirements/production.txt requirements/
RUN /opt/hi/bin/pip install --require-hashes -r requirements/production.txt
COPY manage.py celeryconfig.py /app/
COPY hi /app/hi
RUN /opt/hi/bin/python -m compileall -q /opt/hi /app


FROM python:3.11-slim-bookworm

# What hi keeps is in /data; it writes nowhere else but /tmp, so its root may be read-only.
RUN useradd --uid 10001 --no-create-home --home-dir /data hi \
    && install -d -m 0700 -o hi -g hi /data \
    && install -d -m 0755 -o hi -g hi /secrets
COPY --from=build /opt/hi /opt/hi
COPY --from=build /app /app
WORKDIR /app

USER hi
ENV PATH=/opt/hi/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HI_DATA_DIR=/data HI_HOST=0.0.0.0
VOLUME /data
EXPOSE 9411
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:9411/health/live', timeout=3)"]
# All of hi in one container; docker-compose.yml starts a container for each process instead.
CMD ["python", "-m", "hi.runtime"]
