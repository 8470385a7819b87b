#!/usr/bin/env bash
# Builds the image and runs it as the guide says: buildah and podman stand in for Docker.
#
#   scripts/deploy/image.sh           packages the release binary that is there (GATEWAY_BINARY names another)
#   scripts/deploy/image.sh --full    compiles inside the image, as `docker build .` does; takes minutes
# Functions are run by `check` and texts by the cleanup or in the container: unseen by shellcheck.
# shellcheck disable=SC2016,SC2317
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/toolchain.sh
source scripts/toolchain.sh
# shellcheck source=scripts/deploy/containers-lib.sh
source scripts/deploy/containers-lib.sh

full=no
if [[ ${1:-} == --full ]]; then full=yes; fi

make_workspace
prepare_containers
RUNTIME_MOUNTS=()

# The build that compiles. The toolchain is mounted, not copied; package addresses may be rewritten to a local mirror.
build_full_image() {
    slim_image && swift_image || return 1
    local toolchain mounts=() folder
    toolchain=$(toolchain_folder) || return 1
    mounts=(-v "$toolchain:$toolchain:ro")
    if [[ -e /etc/gitconfig ]]; then mounts+=(-v /etc/gitconfig:/etc/gitconfig:ro); fi
    while read -r folder _; do
        folder=${folder#url.}
        folder=${folder%.insteadof}
        if [[ -d $folder ]]; then mounts+=(-v "$folder:$folder:ro"); fi
    done < <(git config --get-regexp 'url.*insteadof' | sort -u -k 1,1)
    IMAGE=localhost/dashscope-gateway:full
    nice -n 15 buildah bud "${BUILD_OPTIONS[@]}" "${mounts[@]}" -t "$IMAGE" . >&2
}

if [[ $full == yes ]]; then
    build_full_image || cannot_run "image: compiled inside" "the build failed; the lines above say why"
    ok "image: compiled inside"
    version=$(podman run --rm --network none "$IMAGE" --version)
else
    find_gateway
    version=$(gateway_version)
    build_image || cannot_run "image: packages the binary" "the build failed; the lines above say why"
    ok "image: packages the binary"
fi

# ---- what the image says of itself ----------------------------------------------------------------------------------

setting() { podman image inspect --format "$1" "$IMAGE"; }
check_equal "image: user is a number that is not root" "10001:10001" "$(setting '{{.Config.User}}')"
check_equal "image: started without a shell" "[dashscope-gateway]" "$(setting '{{.Config.Entrypoint}}')"
check_equal "image: health check by the program itself, every ten seconds" "[CMD dashscope-gateway healthcheck] 10s" \
    "$(setting '{{.HealthCheck.Test}} {{.HealthCheck.Interval}}')"
check_equal "image: stopped by SIGTERM" "SIGTERM" "$(setting '{{.Config.StopSignal}}')"
check_equal "image: one port" "map[8000/tcp:{}]" "$(setting '{{.Config.ExposedPorts}}')"

label() { setting "{{index .Labels \"org.opencontainers.image.$1\"}}"; }
check_equal "image: its labels" "dashscope-gateway ${version##* } MIT AND Apache-2.0" "$(label title) $(label version) $(label licenses)"
notice=$(podman run --rm --network none --entrypoint cat "${RUNTIME_MOUNTS[@]}" "$IMAGE" /usr/share/doc/dashscope-gateway/NOTICE)
check_equal "image: the notices of its packages" "$(cat NOTICE)" "$notice"

# The same program makes the same image: manifest, configuration and layers.
if [[ $full == no ]]; then
    export BUILDAH_ISOLATION=chroot
    archive() {
        scripts/image.sh --program "$GATEWAY" --tag "localhost/gateway-twice:$1" "$WORKSPACE/archive$1" -- --pull-never "${RUNTIME_MOUNTS[@]}" \
            2>"$WORKSPACE/archive.log" || tail -n 3 "$WORKSPACE/archive.log"
    }
    on_exit 'podman rmi -f localhost/gateway-twice:1 localhost/gateway-twice:2'
    first=$(archive 1)
    second=$(archive 2)
    check_equal "image: made twice of the same program it has the same digest" "${first##* }" "${second##* }"
    digests() {
        podman load -q -i "$WORKSPACE/archive$1"/*.tar >/dev/null
        podman image inspect --format '{{.Id}} {{.Digest}} {{json .RootFS.Layers}}' "localhost/gateway-twice:$1"
        podman rmi -f "localhost/gateway-twice:$1" >/dev/null
    }
    told=$(digests 1)
    check_equal "image: which is that of its configuration" "${first##*sha256:}" "${told%% *}"
    check_equal "image: manifest, configuration and layers are the same to the byte" "$told" "$(digests 2)"
    check "image: the archive's checksum" bash -c "cd '$WORKSPACE/archive1' && sha256sum --check --quiet ./*.sha256"
fi

size=$(podman image inspect --format '{{.Size}}' "$IMAGE")
base_size=$(podman image inspect --format '{{.Size}}' "$SLIM_IMAGE")
added=$(((size - base_size) / 1000000))
if ((added < 110)); then
    ok "image: $((size / 1000000)) MB, of these $added MB more than the base"
else
    fail "image: slim" "$added MB more than the base"
fi
tools=$(podman run --rm --network none --entrypoint sh "$IMAGE" -c 'command -v curl wget gcc git python3 || true')
check_equal "image: no tools beside the gateway" "" "$tools"
check "image: certificates of authorities and time zones are there" podman run --rm --network none --entrypoint sh \
    -e TZ=Asia/Shanghai "$IMAGE" -c '[ -s /etc/ssl/certs/ca-certificates.crt ] && [ "$(date +%Z)" = CST ]'

# ---- the guide's command, with a narrow frame around it -------------------------------------------------------------

name=gateway-proof-$$
logs=$WORKSPACE/logs
install -d -o 10001 -g 10001 "$logs"
on_exit 'remove_container "$name"'
started=$(date +%s%N)
if ! problem=$(inside podman run -d --name "$name" -p 127.0.0.1:9000:8000 -v "$logs:/app/logs" \
    -e LOG_FILE=/app/logs/gateway.log --restart unless-stopped --read-only --cap-drop all \
    --security-opt no-new-privileges --memory 256m --pids-limit 128 --stop-timeout 60 \
    "${RUNTIME_MOUNTS[@]}" "$IMAGE" serve --demo 2>&1); then
    cannot_run "run" "$problem"
fi
url=http://127.0.0.1:9000
here() { inside "$@"; }
in_reach() { [[ $(here curl -sS -o /dev/null -m 5 -w '%{http_code}' "$url$1" 2>/dev/null) == 200 ]]; }

if wait_for 20 in_reach /health; then
    ok "run: answers on the published port $((($(date +%s%N) - started) / 1000000)) ms after the command"
else
    cannot_run "run: answers on the published port" "$(podman logs "$name" 2>&1 | tail -n 5)"
fi
# Of the container's start, so without what podman does for networks and mounts before it.
start_time() {
    python3 - "$(podman inspect --format '{{.State.StartedAt}}' "$name")" "$(podman logs "$name" 2>&1 | grep -m 1 '"listening"')" <<'PYTHON'
import datetime, json, re, sys
# Nanoseconds and the name of the zone are more than Python 3.11 reads.
day, time, zone = re.match(r"(\S+) (\d+:\d+:\d+\.?\d{0,6})\d* ([+-]\d{4})", sys.argv[1]).groups()
started = datetime.datetime.fromisoformat(f"{day}T{time}{zone[:3]}:{zone[3:]}")
listening = datetime.datetime.fromisoformat(json.loads(sys.argv[2])["timestamp"].replace("Z", "+00:00"))
print(max(0, round((listening - started).total_seconds() * 1000)))
PYTHON
}
if took=$(start_time 2>&1) && ((took < 2000)); then
    ok "run: listens $took ms after the start of its process"
else
    fail "run: listens soon after the start of its process" "$took"
fi
check "run: ready" in_reach /ready
check "run: metrics" in_reach /metrics
check "run: the health check says healthy" podman healthcheck run "$name"
pid=$(container_pid "$name")
check_equal "run: process 1 is the gateway" "dashscope-gateway serve --demo" \
    "$(podman exec "$name" sh -c 'tr "\0" " " </proc/1/cmdline' | sed 's/ $//')"
check_equal "run: user 10001" "10001" "$(podman exec "$name" id -u)"
status_line() { awk -v key="$1:" '$1 == key { print $2 }' "/proc/$pid/status"; }
check_equal "run: no capabilities" "0000000000000000" "$(status_line CapEff)"
check_equal "run: no new privileges" "1" "$(status_line NoNewPrivs)"
refused=$(podman exec "$name" touch /etc/x 2>&1 || true)
check_equal "run: the root is read-only" "yes" "$([[ $refused == *"Read-only file system"* ]] && echo yes || echo "$refused")"
memory_limit() {
    podman exec "$name" sh -c 'cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null' | head -n 1
}
check_equal "run: the memory limit is in force" "268435456" "$(memory_limit)"

message='{"model": "qwen-plus", "messages": [{"role": "user", "content": "Hello"}]}'
ask() {
    here curl -sSN -m 60 "$url/v1/chat/completions" -H "Authorization: Bearer sk-proof" \
        -H "Content-Type: application/json" -d "$1"
}
answer=$(ask "$message" || true)
check_equal "run: a completion" "yes" "$([[ $answer == *"Echo: Hello"* ]] && echo yes || echo "$answer")"
records() { wait_for 5 test -s "$logs/gateway.log" && python3 -c '
import json, sys
for line in open(sys.argv[1]): json.loads(line)' "$logs/gateway.log"; }
check "run: request records are in the host's folder" records
mv "$logs/gateway.log" "$logs/gateway.log.1"
reopened() {
    podman kill --signal HUP "$name" >/dev/null && wait_for 5 test -e "$logs/gateway.log" && ask "$message" && records
}
check "run: SIGHUP opens the log anew, under the same process" reopened
check_equal "run: the same process" "$pid" "$(container_pid "$name")"

# Killed from outside it is back by itself.
kill -KILL "$pid"
restarted() { local now; now=$(container_pid "$name") && ((now > 0 && now != pid)) && in_reach /health; }
if wait_for 15 restarted; then ok "run: restarts by itself"; else fail "run: restarts by itself" "not within 15 s"; fi

# A stream of some seconds, and the container is stopped in the middle of it.
ask '{"model": "qwen-plus-emulator-slow-300", "stream": true, "messages": [{"role": "user", "content": "Tell me a story of ten words, please"}]}' \
    >"$WORKSPACE/stream" &
stream=$!
if wait_for 10 grep -q '"content":"[^"]' "$WORKSPACE/stream"; then
    before=$(grep -c '^data: {' "$WORKSPACE/stream")
    stopping=$(date +%s%N)
    podman stop -t 30 "$name" >/dev/null
    took=$((($(date +%s%N) - stopping) / 1000000))
    wait "$stream" || true
    after=$(grep -c '^data: {' "$WORKSPACE/stream")
    if grep -q '^data: \[DONE\]' "$WORKSPACE/stream" && ((after > before)); then
        ok "stop: the stream in flight ends whole ($before events before, $((after - before)) during the stop of $took ms)"
    else
        fail "stop: the stream in flight ends whole" "$before events before the stop, $after in all, no [DONE]"
    fi
    check_equal "stop: exit status" "0" "$(podman inspect --format '{{.State.ExitCode}}' "$name")"
else
    fail "stop: the stream in flight ends whole" "the stream did not begin"
fi
finish
