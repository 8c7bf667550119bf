# Katydid for locustfiles in Python, from the wheel that tools/wheel built for Python 3.11, Debian's:
#
#   docker build -t katydid-python -f deploy/python.Dockerfile dist
#   docker run --rm -v "$PWD:/mnt/locust" katydid-python -f /mnt/locust/locustfile.py --worker --master-host MASTER
FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates python3 python3-venv \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 1000 --create-home katydid
ARG LOCUST_VERSION=2.47.0
COPY katydid-*-cp311-*.whl /tmp/
RUN python3 -m venv /opt/katydid \
 && /opt/katydid/bin/pip install --no-cache-dir --disable-pip-version-check \
    "$(echo /tmp/katydid-*.whl)[locust,trio]" "locust==$LOCUST_VERSION" \
 && rm /tmp/katydid-*.whl
ENV PATH=/opt/katydid/bin:$PATH PYTHONUNBUFFERED=1
USER 1000:1000
WORKDIR /home/katydid
RUN ["katydid", "--version"]
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["katydid", "--health"]
ENTRYPOINT ["katydid"]
