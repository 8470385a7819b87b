# The gateway in a container: compiled in one stage, run in another that holds nothing but what it needs.
#
#   docker build -t dashscope-gateway .
#
# Dockerfile.prebuilt packages a program that is built already; its last stage is the one of this file.

# Where everything comes from; docs/deployment-containers.md has a chapter on machines without the internet.
ARG REGISTRY=docker.io/library
ARG SWIFT_IMAGE=swift:6.3-bookworm
ARG RUNTIME_IMAGE=debian:bookworm-slim

FROM ${REGISTRY}/${SWIFT_IMAGE} AS build
# In place of https://github.com/, with a slash at the end: where git finds the Swift packages.
ARG SWIFT_PACKAGES=
RUN if [ -n "$SWIFT_PACKAGES" ]; then git config --system "url.$SWIFT_PACKAGES.insteadOf" https://github.com/; fi
# SQLite is linked into the program; the toolchain's image has it.
ARG DEBIAN_MIRROR=http://deb.debian.org
# hadolint ignore=DL3008
RUN [ -e /usr/include/sqlite3.h ] \
    || (find /etc/apt -type f -name '*sources*' -exec sed -i "s#http://\(deb\|security\)\.debian\.org#$DEBIAN_MIRROR#" {} + \
    && apt-get update && apt-get install -y --no-install-recommends libsqlite3-dev && rm -rf /var/lib/apt/lists/*)
WORKDIR /src
# The dependencies change less often than the sources: a layer of their own.
# (Package.resolved, where there is one, pins their versions.)
COPY Package.swift Package.resolved* ./
RUN swift package resolve
# The manifest names the test targets, so the build wants their folders.
COPY Sources ./Sources
COPY Tests ./Tests
RUN swift build -c release --product dashscope-gateway -Xlinker -s \
    && install -D -m 0755 .build/release/dashscope-gateway /out/dashscope-gateway

FROM ${REGISTRY}/${RUNTIME_IMAGE}
# The Swift runtime is linked in; of the system the program uses only the C and C++ libraries.
ARG DEBIAN_MIRROR=http://deb.debian.org
# Versions are those of the Debian release: pinning them would keep security updates out.
# hadolint ignore=DL3008
RUN find /etc/apt -type f -name '*sources*' -exec sed -i "s#http://\(deb\|security\)\.debian\.org#$DEBIAN_MIRROR#" {} + \
    && apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libstdc++6 tzdata \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log /var/cache/ldconfig/aux-cache \
    && groupadd --gid 10001 dashscope \
    && useradd --uid 10001 --gid 10001 --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin dashscope \
    && install -d -o 10001 -g 10001 -m 0750 /app/logs /app/data
COPY --from=build /out/dashscope-gateway /usr/local/bin/dashscope-gateway
# What the packages in the program ask to be told.
RUN install -d /usr/share/doc/dashscope-gateway \
    && dashscope-gateway licenses >/usr/share/doc/dashscope-gateway/NOTICE
WORKDIR /app
# Docker kills ten seconds after `docker stop`: what is still open then has had its error event. Raise both together.
ENV DRAIN_TIMEOUT=7
# Where parts of uploads lie, and responses with STORE_URL=sqlite: mount a volume there.
ENV STATE_DIRECTORY=/app/data
# Where LOG_FILE may be. Mounted without LOG_FILE it stays empty, and the first line says so.
ENV LOGS_DIRECTORY=/app/logs
# A number, so that an orchestrator can see that it is not root.
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 CMD ["dashscope-gateway", "healthcheck"]
# Where this image comes from, by --build-arg: what is not given has no label (the line says the title again).
ARG IMAGE_SOURCE=
ARG IMAGE_REVISION=
ARG IMAGE_CREATED=
ARG SOURCE_KEY=${IMAGE_SOURCE:+source}
ARG REVISION_KEY=${IMAGE_REVISION:+revision}
ARG CREATED_KEY=${IMAGE_CREATED:+created}
ARG IMAGE_VERSION=0.1.0
LABEL org.opencontainers.image.title="dashscope-gateway" \
    org.opencontainers.image.${SOURCE_KEY:-title}="${IMAGE_SOURCE:-dashscope-gateway}" \
    org.opencontainers.image.${REVISION_KEY:-title}="${IMAGE_REVISION:-dashscope-gateway}" \
    org.opencontainers.image.${CREATED_KEY:-title}="${IMAGE_CREATED:-dashscope-gateway}" \
    org.opencontainers.image.version="$IMAGE_VERSION" \
    org.opencontainers.image.base.name="docker.io/library/debian:bookworm-slim" \
    org.opencontainers.image.description="OpenAI's and Anthropic's APIs in front of Alibaba Cloud DashScope" \
    org.opencontainers.image.licenses="MIT AND Apache-2.0"
# The gateway takes signals itself, also as process 1: no shell and no init between.
ENTRYPOINT ["dashscope-gateway"]
