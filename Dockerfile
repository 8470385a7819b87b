# The gateway in a container: compiled in one stage, run in another that holds nothing but what it needs.
#
#   docker build -t dashscope-gateway .                                            compile and package
#   docker build -f Dockerfile --target prebuilt -t dashscope-gateway .build/release
#                                                                package a release binary that is there already

# What the gateway runs in. The Swift runtime is linked in; of the system it uses only the C and C++ libraries.
FROM docker.io/library/debian:bookworm-slim AS base
# Versions are those of the Debian release: pinning them would keep security updates out.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libstdc++6 tzdata \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log \
    && groupadd --gid 10001 dashscope \
    && useradd --uid 10001 --gid 10001 --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin dashscope \
    && install -d -o 10001 -g 10001 -m 0750 /app/logs
WORKDIR /app
ENV HOST=0.0.0.0 PORT=8000
# A number, so that an orchestrator can see that it is not root.
USER 10001:10001
EXPOSE 8000
VOLUME ["/app/logs"]
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=3s --start-period=5s --retries=3 CMD ["dashscope-gateway", "healthcheck"]
# The gateway takes signals itself, also as process 1: no shell and no init between.
ENTRYPOINT ["dashscope-gateway"]

FROM base AS prebuilt
COPY --chmod=0755 dashscope-gateway /usr/local/bin/dashscope-gateway

FROM docker.io/library/swift:6.3-bookworm AS build
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

FROM base
COPY --from=build /out/dashscope-gateway /usr/local/bin/dashscope-gateway
