#!/usr/bin/env bash
# The container files on a real Docker Engine (20.10 with docker-compose 1.29, or 26.1 with Compose 2.26: ENGINE): builds by the classic
# builder and by BuildKit with a mirror in place of the internet, `docker run` as the guide has it, compose, a key as a file, `docker stop`.
# The compiler is a stand-in that copies the program that is there: `image-full` compiles for real.
# Functions are run by `check` and texts by the cleanup or in the container: unseen by shellcheck.
# shellcheck disable=SC2016,SC2317
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/toolchain.sh
source scripts/toolchain.sh
# shellcheck source=scripts/deploy/containers-lib.sh
source scripts/deploy/containers-lib.sh
# shellcheck source=scripts/deploy/engine-lib.sh
source scripts/deploy/engine-lib.sh

make_workspace
find_gateway
slim_image || cannot_run "engine" "no base image"
need_packages openssl || cannot_run "engine" "openssl is missing"
start_engine
ok "Docker Engine $(docker version -f '{{.Server.Version}}'), Compose $(compose version --short)"
load_image "$SLIM_IMAGE" || cannot_run "engine" "the base image cannot be loaded"
start_mirror

# ---- builds ---------------------------------------------------------------------------------------------------------
# An image with a `swift` that has compiled already. Its place is another registry's, as on a machine without the internet.
strip -o "$WORKSPACE/dashscope-gateway" "$GATEWAY"
mkdir -p "$WORKSPACE/swift"
cp "$WORKSPACE/dashscope-gateway" "$WORKSPACE/swift/program"
cat >"$WORKSPACE/swift/swift" <<'SWIFT'
#!/bin/sh
case "$*" in
    "package resolve") test -f Package.swift ;;
    "build -c release --product dashscope-gateway "*) test -d Sources && test -d Tests && install -D /program .build/release/dashscope-gateway ;;
    *) exit 64 ;;
esac
SWIFT
chmod 755 "$WORKSPACE/swift/swift"
printf '#!/bin/sh\necho "$@" >>/etc/gitconfig.asked\n' >"$WORKSPACE/swift/git"
chmod 755 "$WORKSPACE/swift/git"
printf 'FROM debian:bookworm-slim\nCOPY swift git /usr/local/bin/\nCOPY program /program\n' >"$WORKSPACE/swift/Dockerfile"
registry=registry.example.com/library
docker build -q -t "$registry/swift:6.3-bookworm" "$WORKSPACE/swift" >"$WORKSPACE/swift.log" 2>&1 ||
    cannot_run "engine" "the stand-in of the compiler cannot be built: $(tail -n 3 "$WORKSPACE/swift.log")"
docker tag debian:bookworm-slim "$registry/debian:bookworm-slim"
arguments=(--build-arg "REGISTRY=$registry" --build-arg "DEBIAN_MIRROR=$MIRROR" --build-arg SWIFT_PACKAGES=/srv/packages/)

project=$WORKSPACE/project
mkdir -p "$project"
git ls-files -z -co --exclude-standard | xargs -0 cp --parents -t "$project"
build() { DOCKER_BUILDKIT=$1 docker build -t "$2" "${arguments[@]}" "${@:3}"; }
check "docker build by the classic builder" build 0 dashscope-gateway "$project"
check "docker build by BuildKit" build 1 dashscope-gateway:buildkit "$project"
mirrored() {
    local package
    for package in ca-certificates libsqlite3-dev; do grep -qE "/debian(-security)?/pool/.*/${package}_" "$WORKSPACE/mirror.log" || return 1; done
}
check "packages came from the mirror of the build argument" mirrored
asked_of_git() {
    DOCKER_BUILDKIT=0 docker build -q -t build-stage --target build "${arguments[@]}" "$project" >/dev/null &&
        docker run --rm --network none build-stage cat /etc/gitconfig.asked
}
check_equal "and git would fetch Swift packages from the other" "config --system url./srv/packages/.insteadOf https://github.com/" "$(asked_of_git)"
install -D -m 0755 "$WORKSPACE/dashscope-gateway" "$project/.build/image/dashscope-gateway"
for builder in 0 1; do
    check "Dockerfile.prebuilt, builder $builder" build "$builder" "dashscope-gateway:prebuilt$builder" \
        -f "$project/Dockerfile.prebuilt" "$project/.build/image"
done
check_equal "the notices are in it" "$(cat NOTICE)" "$(docker run --rm --network none --entrypoint cat dashscope-gateway /usr/share/doc/dashscope-gateway/NOTICE)"
check_equal "both files make the same image" "$(docker image inspect -f '{{json .Config.Env}} {{json .Config.Entrypoint}} {{json .Config.Healthcheck}} {{json .Config.Labels}}' dashscope-gateway:buildkit)" \
    "$(docker image inspect -f '{{json .Config.Env}} {{json .Config.Entrypoint}} {{json .Config.Healthcheck}} {{json .Config.Labels}}' dashscope-gateway:prebuilt1)"
# The label of a source is there where it is given.
label() { docker image inspect -f "{{index .Config.Labels \"org.opencontainers.image.$1\"}}" "$2"; }
check "labels by build arguments" build 0 dashscope-gateway:labelled -f "$project/Dockerfile.prebuilt" --build-arg IMAGE_SOURCE=https://git.example.com/gateway \
    --build-arg IMAGE_REVISION=0123abc --build-arg IMAGE_CREATED=2026-01-02T03:04:05Z --build-arg IMAGE_VERSION=9.8.7 "$project/.build/image"
check_equal "are those" "https://git.example.com/gateway 0123abc 2026-01-02T03:04:05Z 9.8.7 dashscope-gateway" \
    "$(for name in source revision created version title; do label $name dashscope-gateway:labelled; done | xargs)"
check_equal "and not there without" "$(gateway_version) dashscope-gateway" "$(for name in source revision created version title; do label $name dashscope-gateway; done | xargs)"

# The archive that scripts/image.sh makes: the same image, whoever made it.
make_archive() { BUILDAH_ISOLATION=chroot scripts/image.sh --program "$WORKSPACE/dashscope-gateway" --tag dashscope-gateway:archive "$WORKSPACE/archive" -- --pull-never; }
if told=$(make_archive 2>"$WORKSPACE/archive.log"); then
    docker load -q -i "$WORKSPACE"/archive/*.tar >/dev/null
    check_equal "scripts/image.sh: docker load knows the image by the digest that was told" "${told##* }" "$(docker image inspect -f '{{.Id}}' dashscope-gateway:archive)"
    settings_of() { docker image inspect -f '{{json .Config.Env}} {{json .Config.Entrypoint}} {{json .Config.Healthcheck}} {{.Config.User}} {{.Config.WorkingDir}}' "$1"; }
    check_equal "and it is what docker build makes" "$(settings_of dashscope-gateway:prebuilt0)" "$(settings_of dashscope-gateway:archive)"
    check_equal "it runs" "$(gateway_version)" "$(docker run --rm --network none dashscope-gateway:archive --version)"
else
    fail "scripts/image.sh makes an archive" "$(tail -n 3 "$WORKSPACE/archive.log")"
fi
check_equal "no volume that nobody asked for" "null" "$(docker image inspect -f '{{json .Config.Volumes}}' dashscope-gateway)"
check_equal "no host and no port in the environment" "" \
    "$(docker image inspect -f '{{range .Config.Env}}{{println .}}{{end}}' dashscope-gateway | grep -E '^(HOST|PORT)=' || true)"

# ---- docker run -----------------------------------------------------------------------------------------------------
reach() { [[ $(inside curl -sS -o /dev/null -m 5 -w '%{http_code}' "$1" 2>/dev/null) == 200 ]]; }
health() { docker inspect -f '{{.State.Health.Status}}' "$1"; }
is_healthy() { [[ $(health "$1") == healthy ]]; }
name=gateway
docker run -d --name $name -p 8000:8000 --restart unless-stopped dashscope-gateway serve --demo >/dev/null
if wait_for 20 reach http://127.0.0.1:8000/health; then
    ok "the guide's docker run answers on port 8000"
else
    fail "the guide's docker run answers on port 8000" "$(docker logs $name 2>&1 | tail -n 5)"
fi
check "the engine finds it healthy" wait_for 30 is_healthy $name

# The health check asks where the gateway listens, whatever made it listen there.
install -d "$WORKSPACE/mounted"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=elsewhere.example.com \
    -keyout "$WORKSPACE/mounted/key.pem" -out "$WORKSPACE/mounted/certificate.pem" 2>/dev/null
printf 'server:\n  port: 9000\n' >"$WORKSPACE/mounted/gateway.yaml"
chmod 644 "$WORKSPACE"/mounted/*
tls=(--set tls.certificate=/mounted/certificate.pem --set tls.key=/mounted/key.pem)
proxy=(--set server.proxyProtocol=true --set server.trustedProxies=127.0.0.1)
# healthy_with NAME OPTION… -- ARGUMENT…
healthy_with() {
    local way=$1 options=()
    shift
    while [[ $1 != -- ]]; do options+=("$1") && shift; done
    shift
    docker run -d --name asked -v "$WORKSPACE/mounted:/mounted:ro" "${options[@]}" dashscope-gateway "$@" >/dev/null
    if wait_for 30 is_healthy asked; then ok "healthy with $way"; else
        fail "healthy with $way" "$(docker inspect -f '{{range .State.Health.Log}}{{.Output}}{{end}}' asked | tail -n 1)"
    fi
    docker rm -f asked >/dev/null
}
healthy_with --port -- serve --port 9000
healthy_with "PORT in the environment" -e PORT=9000 --
healthy_with --config -- --config /mounted/gateway.yaml
healthy_with TLS -- serve "${tls[@]}"
healthy_with "the PROXY protocol" -- serve "${proxy[@]}"
healthy_with "TLS behind the PROXY protocol" -- serve "${tls[@]}" "${proxy[@]}"
healthy_with "a Unix socket" -- serve --set server.listen=unix:/tmp/gateway.sock
healthy_with "an init before it" --init -- serve --port 9000
docker run -d --name asked dashscope-gateway serve --port 9000 >/dev/null
wait_for 20 docker exec asked dashscope-gateway healthcheck || true
docker kill --signal STOP asked >/dev/null
sick=$(docker exec asked dashscope-gateway healthcheck --timeout 1 2>&1 || true)
check_equal "one that does not answer is unhealthy" "unhealthy: /health at 127.0.0.1:9000: no answer in time" "$sick"
docker rm -f asked >/dev/null

# `docker stop` without options: a stream that would go on longer gets its error event, the status is 0.
inside curl -sSN -m 60 http://127.0.0.1:8000/v1/chat/completions -H "Authorization: Bearer sk-proof" \
    -H "Content-Type: application/json" \
    -d '{"model": "qwen-plus-emulator-slow-3000", "stream": true, "messages": [{"role": "user", "content": "one two three four five six seven eight nine ten"}]}' \
    >"$WORKSPACE/stream" 2>&1 &
stream=$!
check "a long stream begins" wait_for 20 grep -q '^data: {' "$WORKSPACE/stream"
started=$SECONDS
docker stop $name >/dev/null
took=$((SECONDS - started))
wait "$stream" || true
check "docker stop lets it end with the error event" grep -q '"code":"shutting_down"' "$WORKSPACE/stream"
check_equal "and the status is 0, after $took s" "0" "$(docker inspect -f '{{.State.ExitCode}}' $name)"
docker rm -f $name >/dev/null

# The earlier guide's -v ./logs:/app/logs: the engine makes the folder as root's. The first line says what is missing, step by step.
first_line() { docker logs "$1" 2>&1 | head -n 1; }
docker run -d --name asked -v "$WORKSPACE/guide-logs:/app/logs" dashscope-gateway serve --demo >/dev/null
has_line() { [[ -n $(first_line asked) ]]; }
wait_for 10 has_line || true
check_equal "logs mounted, nothing else: the first line says why they are empty" \
    "request records go to standard output, not into the mounted folder /app/logs: LOG_FILE=/app/logs/gateway.log puts them there, once the folder belongs to user 10001" \
    "$(first_line asked | python3 -c 'import json, sys; print(json.load(sys.stdin)["message"])')"
docker rm -f asked >/dev/null
docker run --name asked -v "$WORKSPACE/guide-logs:/app/logs" -e LOG_FILE=/app/logs/gateway.log dashscope-gateway serve --demo >/dev/null 2>&1 || true
check_equal "with LOG_FILE: it names the user" "configuration: log.file: cannot open log file /app/logs/gateway.log: Permission denied for user 10001" "$(first_line asked)"
docker rm -f asked >/dev/null
chown 10001 "$WORKSPACE/guide-logs"
docker run -d --name asked -v "$WORKSPACE/guide-logs:/app/logs" -e LOG_FILE=/app/logs/gateway.log dashscope-gateway serve --demo >/dev/null
wait_for 20 docker exec asked dashscope-gateway healthcheck || true
inside curl -sS -m 5 -o /dev/null "http://$(docker inspect -f '{{.NetworkSettings.IPAddress}}' asked):8000/v1/models" || true
check "and with the folder its own: logs are there" wait_for 10 test -s "$WORKSPACE/guide-logs/gateway.log"
docker rm -f asked >/dev/null

# The page's narrow frame: settings that keep everything but logs and the volume read-only. Parts of uploads lie in the volume.
install -d -o 10001 -g 10001 "$WORKSPACE/framed"
docker run -d --name $name -p 127.0.0.1:9000:8000 --restart unless-stopped \
    -v "$WORKSPACE/framed:/app/logs" -e LOG_FILE=/app/logs/gateway.log -v gateway-data:/app/data -e DRAIN_TIMEOUT=30 \
    --read-only --cap-drop all --security-opt no-new-privileges \
    --memory 512m --pids-limit 512 --stop-timeout 60 dashscope-gateway serve --demo >/dev/null
wait_for 20 reach http://127.0.0.1:9000/health || true
# upload_parts CONTAINER URL: a file in parts that is larger than the examples' /tmp.
upload_parts() {
    local where="$ENGINE_ROOT/root/usr/bin/docker exec $1 sh -c 'for folder in /app/data /tmp; do echo \$folder; find \$folder -path \"*/dashscope-gateway-uploads-*\" -type f | wc -l; done'"
    inside python3 scripts/deploy/client.py parts "$2" --where "$where"
}
ON_DISK='{"parts": [200, 200], "where": "/app/data 2 /tmp 0", "complete": 200, "whole": true}'
check_equal "the frame of docker run: parts of an upload are in the volume" "$ON_DISK" "$(upload_parts $name http://127.0.0.1:9000)"
check "its records are in the host's folder" test -s "$WORKSPACE/framed/gateway.log"
docker rm -f $name >/dev/null && docker volume rm gateway-data >/dev/null

# ---- compose --------------------------------------------------------------------------------------------------------
cat >"$project/.env" <<ENV
GATEWAY_IMAGE=dashscope-gateway
ENV
if [[ $(ulimit -Hn) != unlimited ]] && (($(ulimit -Hn) < 65536)); then
    sed -i '/^  ulimits:/,/^    nofile:/d' "$project/docker-compose.yml"
fi
up() { (cd "$project" && compose -p proof "$@"); }
on_exit 'up --profile demo down -v -t 1'
install -d -o 10001 -g 10001 "$project/logs"
check "compose config" up config -q
check "compose up -d" up up -d --no-build
check "it answers on 127.0.0.1:8000" wait_for 20 reach http://127.0.0.1:8000/health
check_equal "compose ps" "Up" "$(up ps 2>/dev/null | grep -o ' Up ' | head -n 1 | tr -d ' ')"
logs_of() { up logs --no-color gateway >"$WORKSPACE/logs.txt" 2>&1; grep -q listening "$WORKSPACE/logs.txt" || { head -c 1500 "$WORKSPACE/logs.txt"; return 1; }; }
check "compose logs" logs_of
check "compose --profile demo up -d" up --profile demo up -d --no-build
check "the demo answers on 127.0.0.1:8001" wait_for 20 reach http://127.0.0.1:8001/health
check_equal "parts of an upload to the demo are on disk" "$ON_DISK" "$(upload_parts "$(up --profile demo ps -q gateway-demo)" http://127.0.0.1:8001)"
check "compose --profile full config" up --profile full config -q
check "compose down" up --profile demo down

# Two clients behind one proxy at a limit of one: each has its own.
sed -i '/^#LOG_LEVEL/a LIMITS_ADDRESS_REQUESTS_PER_MINUTE=1\nDASHSCOPE_BASE_URL=http://emulator:8001' "$project/gateway.env"
check "compose with a limit of one request a minute" up --profile demo up -d --no-build gateway emulator
wait_for 20 reach http://127.0.0.1:8000/health || true
ask_as() {
    inside curl -sS -m 20 -o /dev/null -w '%{http_code}' http://127.0.0.1:8000/v1/chat/completions -H "X-Forwarded-For: $1" \
        -H "Authorization: Bearer sk-proof" -H "Content-Type: application/json" \
        -d '{"model": "qwen-plus", "messages": [{"role": "user", "content": "Hello"}]}' || true
}
check_equal "two clients behind a proxy are two addresses" "200 200 429" "$(ask_as 203.0.113.1) $(ask_as 203.0.113.2) $(ask_as 203.0.113.1)"
up --profile demo down >/dev/null 2>&1

# A key of the server's own, as a file.
sed -i '/^LIMITS_ADDRESS/d' "$project/gateway.env"
install -d -m 0755 "$project/secrets"
(umask 077; echo sk-of-the-server >"$project/secrets/dashscope-api-key")
chown 10001 "$project/secrets/dashscope-api-key"
with_key=(-f docker-compose.yml -f deploy/compose/key.yml --profile demo)
check "compose with deploy/compose/key.yml" up "${with_key[@]}" up -d --no-build gateway emulator
wait_for 20 reach http://127.0.0.1:8000/health || true
answer=$(inside curl -sS -m 20 -o /dev/null -w '%{http_code}' http://127.0.0.1:8000/v1/chat/completions \
    -H "Content-Type: application/json" -d '{"model": "qwen-plus", "messages": [{"role": "user", "content": "Hello"}]}' || true)
check_equal "a caller without a key spends on the server's" "200" "$answer"
container=$(up "${with_key[@]}" ps -q gateway)
# Another key: the file is written anew and the gateway told.
rotate_to() {
    echo "$1" >"$project/secrets/dashscope-api-key" && up "${with_key[@]}" kill -s HUP gateway
    inside curl -sS -m 20 -o /dev/null -w '%{http_code}' http://127.0.0.1:8000/v1/chat/completions \
        -H "Content-Type: application/json" -d '{"model": "qwen-plus", "messages": [{"role": "user", "content": "Hello"}]}'
}
answers_with() { [[ $(rotate_to "$1" 2>/dev/null) == "$2" ]]; }
check "a key that was written anew is in force after a HUP" wait_for 10 answers_with sk-invalid-one 401
check "and the next one, too" wait_for 10 answers_with sk-another-of-the-server 200
check_equal "parts of an upload are in the volume, not in /tmp" "$ON_DISK" "$(upload_parts "$container" http://127.0.0.1:8000)"
check_equal "the key is in no environment" "0" "$(docker inspect "$container" | grep -c sk-of-the-server || true)"
up "${with_key[@]}" down >/dev/null 2>&1
finish
