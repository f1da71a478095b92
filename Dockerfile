FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app

COPY requirements/production.txt requirements/
RUN pip install --require-hashes -r requirements/production.txt

COPY manage.py celeryconfig.py ./
COPY hi hi
RUN python -m compileall -q hi celeryconfig.py \
    && useradd --uid 10001 --no-create-home --home-dir /data hi \
    && install -d -m 0700 -o hi -g hi /data

USER hi
ENV HI_DATA_DIR=/data HI_HOST=0.0.0.0
VOLUME /data
EXPOSE 9411
# All of hi in one container; docker-compose.yml starts a container for each process instead.
CMD ["python", "-m", "hi.runtime"]
