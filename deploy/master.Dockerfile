# A Locust master from PyPI, where the official image can't be had: docker build -t locust -f master.Dockerfile .
# compose.yaml takes it with LOCUST_IMAGE=locust.
FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3 python3-venv \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 1000 --create-home locust
ARG LOCUST_VERSION=2.47.0
RUN python3 -m venv /opt/locust \
 && /opt/locust/bin/pip install --no-cache-dir --disable-pip-version-check "locust==$LOCUST_VERSION"
ENV PATH=/opt/locust/bin:$PATH PYTHONUNBUFFERED=1
USER 1000:1000
WORKDIR /home/locust
EXPOSE 5557 8089
ENTRYPOINT ["locust"]
