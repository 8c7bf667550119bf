# Katydid in a container: docker build -t katydid .
#
#   (default)                 with a compiler, for -f locustfile.cpp, as Locust's image takes a locustfile.py
#   --target runtime          without: half the size, for -f users.so
#   --target example-target   the server that the fleet of deploy/compose.yaml asks
#
# docs/deploy.md says how they are used.

FROM debian:bookworm-slim AS build
WORKDIR /src
COPY tools/lib/common.sh tools/lib/packages.sh tools/lib/
RUN bash -c 'source tools/lib/common.sh; source tools/lib/packages.sh; install_packages "${BUILD_PACKAGES[@]}"' \
 && rm -rf /var/lib/apt/lists/*
COPY . .
# Where a compiler cache is mounted (tools/fleet), it has what was compiled elsewhere from the same sources.
ENV LANG=C.UTF-8 CCACHE_BASEDIR=/src CCACHE_NOHASHDIR=1
RUN cmake --preset release -DCMAKE_CXX_COMPILER=g++ -DCMAKE_CXX_COMPILER_LAUNCHER=ccache -DKATYDID_KNOWS_BUILD_TREE=OFF \
 && cmake --build --preset release --target katydid katydid-target \
 && cmake --install build/release --strip \
 && install --strip build/release/katydid-target /usr/local/bin/
RUN tools/libcurl --prefix /usr/local


FROM debian:bookworm-slim AS runtime
ARG KATYDID_VERSION=0.1.0
LABEL org.opencontainers.image.title="Katydid" \
      org.opencontainers.image.description="A Locust worker in C++: an unmodified locust --master drives it" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$KATYDID_VERSION"
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates libbrotli1 libfmt9 libidn2-0 libnghttp2-14 libpsl5 \
    libspdlog1.10 libssl3 liburing2 libzmq5 libzstd1 zlib1g \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 1000 --create-home katydid \
 && install -d -o katydid -g katydid -m 700 /home/katydid/.cache /home/katydid/.cache/katydid
COPY --from=build /usr/local/bin/katydid /usr/local/bin/
COPY --from=build /usr/local/lib/libcurl.so.4* /usr/local/lib/
RUN ldconfig
# By number, as Kubernetes can tell only then that it is not root.
USER 1000:1000
WORKDIR /home/katydid
# A library that is missing shows here.
RUN ["katydid", "--version"]
# Well while its event loops turn, with a master or without. The first minute is for compiling.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["katydid", "--health"]
ENTRYPOINT ["katydid"]


FROM runtime AS example-target
COPY --from=build /usr/local/bin/katydid-target /usr/local/bin/
HEALTHCHECK NONE
EXPOSE 8080
ENTRYPOINT ["katydid-target", "--host", "0.0.0.0", "--port", "8080"]


FROM runtime AS runtime-compiler
USER root
# Half of what g++ brings is for C, link-time optimisation and sanitizers: nothing that a locustfile is compiled with.
RUN apt-get update \
 && apt-get install -y --no-install-recommends g++ pkg-config protobuf-compiler libprotobuf-dev \
 && rm -rf /var/lib/apt/lists/* \
 && rm -f /usr/lib/gcc/*/*/cc1 /usr/lib/gcc/*/*/lto1 /usr/bin/*-lto-dump-* /usr/bin/*-gcov* /usr/bin/*-gp-* \
          /usr/bin/*-ld.gold /usr/bin/*-dwp /usr/lib/*/lib[alt]san.so.* /usr/lib/*/libubsan.so.* \
          /usr/lib/*/libgprofng.so.* /usr/lib/gcc/*/*/lib[alt]san.a /usr/lib/gcc/*/*/libubsan.a
COPY --from=build /usr/local/include/katydid /usr/local/include/katydid
USER 1000:1000
