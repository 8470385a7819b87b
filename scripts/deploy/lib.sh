# shellcheck shell=bash disable=SC2034
# What the deployment checks share: counting, packages, processes, namespaces, containers, and an end that leaves nothing
# behind. Sourced by the scripts of this folder, which run from the root of the repository.
#
#   GATEWAY_BINARY   the program under test (default: .build/release/dashscope-gateway)
#   GATEWAY_RUNTIME  folders and files, divided by colons, that it needs in a container (a debug build's libraries)
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/toolchain.sh
source scripts/toolchain.sh

export LC_ALL=C.UTF-8
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# Everything that a subject needs. A gate installs all of them at once: one update of the package lists, not five.
STATIC_PACKAGES=(cron curl iproute2 logrotate procps python3 shellcheck systemd)
NGINX_PACKAGES=(curl nginx openssl python3)
LOGROTATE_PACKAGES=(curl logrotate python3)
CONTAINER_PACKAGES=(aardvark-dns buildah catatonit fuse-overlayfs iproute2 mmdebstrap netavark podman runc)
SYSTEMD_PACKAGES=("${CONTAINER_PACKAGES[@]}" curl openssl python3)
ACME_PACKAGES=(certbot curl iproute2 nginx openssl pebble python3 python3-certbot-nginx)
FIREWALL_PACKAGES=(curl dbus firewalld iproute2 iptables nftables python3 ufw)
ALL_PACKAGES=("${STATIC_PACKAGES[@]}" "${NGINX_PACKAGES[@]}" "${SYSTEMD_PACKAGES[@]}" "${ACME_PACKAGES[@]}"
    "${FIREWALL_PACKAGES[@]}")

PASSED=0 FAILED=0 ENDED=no
CLEANUPS=()

ok() {
    PASSED=$((PASSED + 1))
    printf 'ok   %s\n' "$*"
}

# fail NAME WHY…
fail() {
    local name=$1
    shift
    FAILED=$((FAILED + 1))
    printf 'FAIL %s: %s\n' "$name" "$*"
}

# check NAME COMMAND…: ok when the command succeeds; what it printed is the reason when it does not.
check() {
    local name=$1 output
    shift
    if output=$("$@" 2>&1); then ok "$name"; else fail "$name" "${output:-$* failed}"; fi
}

# equal NAME EXPECTED ACTUAL
equal() {
    if [[ $2 == "$3" ]]; then ok "$1"; else fail "$1" "expected \"$2\", got \"$3\""; fi
}

# matches NAME REGEX TEXT
matches() {
    if [[ $3 =~ $2 ]]; then ok "$1"; else fail "$1" "\"$2\" is not in \"${3:0:600}\""; fi
}

summary() {
    ENDED=yes
    printf '%d passed, %d failed\n' "$PASSED" "$FAILED"
    ((FAILED == 0))
}

# Ends the script when its checks cannot be made at all. That is a failure, not a skip.
cannot() {
    fail "$SUBJECT" "$*"
    summary || exit 1
}

# Commands that undo what was done, run last first.
on_exit() { CLEANUPS+=("$(printf '%q ' "$@")"); }

clean_up() {
    local status=$? index
    set +e
    if [[ $ENDED == no ]]; then
        fail "$SUBJECT" "the script ended early, with status $status"
        summary
        status=1
    fi
    for ((index = ${#CLEANUPS[@]} - 1; index >= 0; index--)); do eval "${CLEANUPS[index]}" >/dev/null 2>&1; done
    exit "$status"
}

# begin SUBJECT: a scratch folder W, and the promise to clean up.
begin() {
    SUBJECT=$1
    W=$(mktemp -d "${TMPDIR:-/tmp}/deploy-$SUBJECT.XXXXXX")
    chmod 755 "$W"
    trap clean_up EXIT
    trap 'exit 130' INT TERM
    on_exit rm -rf "$W"
}

need_root() {
    if [[ $(id -u) -ne 0 ]]; then cannot "needs root, for $1"; fi
}

need_packages() {
    local wanted=("$@") status=0
    if [[ ${CI:-} == true ]]; then wanted=("${ALL_PACKAGES[@]}"); fi
    install_programs "${wanted[@]}" || status=$?
    ((status == 0)) || cannot "packages are missing: $(missing_packages "${wanted[@]}" | tr '\n' ' ')"
}

need_gateway() {
    BIN=${GATEWAY_BINARY:-.build/release/dashscope-gateway}
    [[ -x $BIN ]] || cannot "there is no $BIN; build it (./start.sh does), or set GATEWAY_BINARY"
    BIN=$(realpath "$BIN")
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# wait_for SECONDS COMMAND…
wait_for() {
    local attempts=$(($1 * 10)) attempt
    shift
    for ((attempt = 0; attempt < attempts; attempt++)); do
        if "$@" >/dev/null 2>&1; then return 0; fi
        sleep 0.1
    done
    return 1
}

listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
healthy() { curl -fsS -m 2 -o /dev/null "$1/health"; }

# Ends a process of ours and waits until it is gone.
end_process() {
    local pid=$1 attempt
    kill -TERM "$pid" 2>/dev/null || return 0
    for ((attempt = 0; attempt < 30; attempt++)); do
        kill -0 "$pid" 2>/dev/null || return 0
        sleep 0.1
    done
    kill -KILL "$pid" 2>/dev/null || true
}

# Kills a process of ours as a crash would, without the shell's word about it.
kill_hard() {
    kill -KILL "$1"
    wait "$1" 2>/dev/null || true
}

# run_in_background NAME COMMAND…: output to W/NAME.log, the process id in LAST_PID, ended with the script.
run_in_background() {
    local name=$1
    shift
    # A function would run in a shell of its own, and ending that leaves what it started.
    if [[ $1 == inside ]]; then set -- nsenter --net="/run/netns/$2" "${@:3}"; fi
    "$@" >"$W/$name.log" 2>&1 </dev/null &
    LAST_PID=$!
    on_exit end_process "$LAST_PID"
}

# start_emulator, start_instance NAME [VARIABLE=VALUE…]: on a free port of 127.0.0.1, which is left in LAST_PORT.
start_emulator() {
    LAST_PORT=$(free_port)
    run_in_background emulator "$BIN" emulate --host 127.0.0.1 --port "$LAST_PORT"
    wait_for 15 listens "$LAST_PORT" || cannot "the emulator does not start: $(tail -n 5 "$W/emulator.log")"
    EMULATOR_URL=http://127.0.0.1:$LAST_PORT
}

start_instance() {
    local name=$1
    shift
    LAST_PORT=$(free_port)
    run_in_background "$name" env DASHSCOPE_BASE_URL="$EMULATOR_URL" HOST=127.0.0.1 PORT="$LAST_PORT" SERVER_WORKERS=1 \
        "$@" "$BIN" serve
    wait_for 15 healthy "http://127.0.0.1:$LAST_PORT" ||
        cannot "the gateway does not start: $(tail -n 5 "$W/$name.log")"
}

# make_namespace NAME: a network of its own with the loopback interface up.
make_namespace() {
    ip netns add "$1" 2>/dev/null || cannot "no network namespace can be made here (needs root and CAP_SYS_ADMIN)"
    on_exit ip netns del "$1"
    inside "$1" ip link set lo up
}

# inside NAMESPACE COMMAND…: not `ip netns exec`, which mounts /sys anew and hides the control groups.
inside() {
    local name=$1
    shift
    nsenter --net="/run/netns/$name" "$@"
}

# Settings under which podman works on a machine that may not raise its limits.
prepare_containers() {
    cat >"$W/containers.conf" <<'TOML'
[containers]
default_ulimits = ["nofile=20000:20000", "nproc=4096:4096"]
pids_limit = 0
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
TOML
    export CONTAINERS_CONF=$W/containers.conf
    podman info >/dev/null 2>"$W/podman.log" || cannot "podman does not work here: $(tail -n 3 "$W/podman.log")"
}

SYSTEMD_IMAGE=localhost/debian-systemd:12

# The image of a small Debian machine that boots systemd: made of Debian packages, once for a machine.
make_systemd_image() {
    local packages=(ca-certificates cron curl dbus iproute2 iptables libstdc++6 logrotate nginx-light openssl procps
        systemd systemd-sysv tzdata ufw)
    local joined
    joined=$(IFS=,; echo "${packages[*]}")
    # The list of packages is part of the image, so that a longer list makes a new one.
    if [[ $(podman image inspect --format '{{index .Labels "packages"}}' "$SYSTEMD_IMAGE" 2>/dev/null) == "$joined" ]]; then
        return 0
    fi
    say "Making the image $SYSTEMD_IMAGE (one to three minutes, once) …"
    mmdebstrap --quiet --variant=minbase '--dpkgopt=path-exclude=/usr/share/doc/*' \
        '--dpkgopt=path-exclude=/usr/share/man/*' '--dpkgopt=path-exclude=/usr/share/locale/*' \
        --include="$joined" bookworm "$W/systemd.tar" 2>"$W/mmdebstrap.log" ||
        cannot "mmdebstrap cannot make a Debian tree: $(tail -n 3 "$W/mmdebstrap.log")"
    podman import --quiet --change 'CMD ["/sbin/init"]' --change 'STOPSIGNAL SIGRTMIN+3' \
        --change "LABEL packages=$joined" "$W/systemd.tar" "$SYSTEMD_IMAGE" >/dev/null ||
        cannot "podman cannot import the Debian tree"
    rm -f "$W/systemd.tar"
}

# The mounts that a container needs to run the binary: MOUNTS.
binary_mounts() {
    local item
    MOUNTS=(-v "$BIN:/mnt/dashscope-gateway:ro")
    while IFS= read -r -d : item; do
        if [[ -n $item ]]; then MOUNTS+=(-v "$item:$item:ro"); fi
    done <<<"${GATEWAY_RUNTIME:-}:"
}
