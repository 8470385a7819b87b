# shellcheck shell=bash disable=SC2016,SC2034
# A real Docker Engine with docker-compose, of Debian's packages: unpacked, not installed, and started in a network namespace
# of its own, so that the machine's network, firewall and other engines stay as they are. Sourced after containers-lib.sh.
#
#   ENGINE    20.10, with docker-compose 1.29, of Debian 12 (default); or 26.1, with Compose 2.26 and buildx, of Debian 13
ENGINE=${ENGINE:-20.10}

ENGINE_PACKAGES=(containerd tini docker.io docker-compose python3-websocket python3-docker python3-dockerpty python3-docopt
    python3-dotenv python3-texttable python3-jsonschema python3-yaml python3-distro python3-requests python3-six
    python3-attr python3-pyrsistent python3-urllib3 python3-chardet python3-charset-normalizer python3-idna
    python3-certifi python3-setuptools python3-pkg-resources)
# Their runc wants a newer C library than Debian 12 has; the machine's own serves as well.
NEWER_PACKAGES=(containerd tini docker.io docker-cli docker-buildx docker-compose)
ENGINE_ADDRESS=172.31.250.1

# Downloads and unpacks the packages, once a machine; ENGINE_ROOT is where.
unpack_engine() {
    ENGINE_ROOT=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/dashscope-gateway/engine
    local packages=("${ENGINE_PACKAGES[@]}") options=()
    if [[ $ENGINE != 20.10 ]]; then ENGINE_ROOT+=-$ENGINE packages=("${NEWER_PACKAGES[@]}"); fi
    [[ ! -e $ENGINE_ROOT/complete ]] || return 0
    say "Unpacking a Docker Engine $ENGINE of Debian's packages …"
    rm -rf "$ENGINE_ROOT"
    mkdir -p "$ENGINE_ROOT/packages" "$ENGINE_ROOT/root"
    if [[ $ENGINE != 20.10 ]]; then
        # Another release's lists, beside the machine's.
        mkdir -p "$ENGINE_ROOT/lists/partial"
        echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian trixie main" >"$ENGINE_ROOT/trixie.list"
        options=(-o "Dir::Etc::sourcelist=$ENGINE_ROOT/trixie.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$ENGINE_ROOT/lists"
            -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=root)
    fi
    apt-get "${options[@]}" update -qq || return 1
    (cd "$ENGINE_ROOT/packages" && apt-get "${options[@]}" download -qq "${packages[@]}") 2>/dev/null || return 1
    local package
    for package in "$ENGINE_ROOT"/packages/*.deb; do dpkg -x "$package" "$ENGINE_ROOT/root" || return 1; done
    rm -rf "$ENGINE_ROOT/packages" "$ENGINE_ROOT/lists"
    : >"$ENGINE_ROOT/complete"
}

# Starts the engine; afterwards `docker`, `compose` and `inside` work with it. Needs make_workspace.
start_engine() {
    [[ $(id -u) -eq 0 ]] || cannot_run "engine" "it needs root"
    need_packages runc iproute2 iptables curl python3 || cannot_run "engine" "packages are missing"
    unpack_engine || cannot_run "engine" "Debian's packages of it cannot be had"
    NAMESPACE=gateway-engine-$$
    ip netns add "$NAMESPACE" || cannot_run "engine" "a network namespace could not be made"
    on_exit 'ip netns delete "$NAMESPACE"'
    INSIDE=(nsenter "--net=/run/netns/$NAMESPACE")
    inside ip link set lo up
    inside sh -c "ip link add engine0 type bridge && ip address add $ENGINE_ADDRESS/24 dev engine0 && ip link set engine0 up"
    ENGINE_STATE=$WORKSPACE/engine
    mkdir -p "$ENGINE_STATE"
    local limit
    limit=$(ulimit -Hn)
    if [[ $limit == unlimited ]] || ((limit > 20000)); then limit=20000; fi
    # Mounts of its own; containerd and the proxies of published ports end with it.
    start_background engine "${INSIDE[@]}" env PATH="$ENGINE_ROOT/root/usr/bin:$ENGINE_ROOT/root/usr/sbin:$PATH" \
        DOCKER_RAMDISK=1 unshare --mount --propagation private "$ENGINE_ROOT/root/usr/sbin/dockerd" \
        --data-root "$ENGINE_STATE/data" --exec-root "$ENGINE_STATE/exec" -p "$ENGINE_STATE/pid" \
        -H "unix://$ENGINE_STATE/docker.sock" --storage-driver overlay2 --bridge=engine0 --iptables=false \
        --ip-masq=false --default-ulimit "nofile=$limit:$limit"
    ENGINE_PID=$BACKGROUND_PID
    # `docker build` finds buildx there, `docker compose` Compose.
    export DOCKER_CONFIG=$ENGINE_STATE/config
    mkdir -p "$DOCKER_CONFIG"
    # buildah looks there, too.
    echo '{}' >"$DOCKER_CONFIG/config.json"
    if [[ $ENGINE != 20.10 ]]; then ln -sfn "$ENGINE_ROOT/root/usr/libexec/docker/cli-plugins" "$DOCKER_CONFIG/cli-plugins"; fi
    on_exit 'stop_engine'
    export DOCKER_HOST=unix://$ENGINE_STATE/docker.sock
    wait_for 30 docker version || cannot_run "engine" "dockerd does not start: $(tail -n 3 "$WORKSPACE/engine.log")"
}

stop_engine() {
    docker ps -aq | xargs -r "$ENGINE_ROOT/root/usr/bin/docker" -H "$DOCKER_HOST" rm -f >/dev/null 2>&1
    kill -TERM "$ENGINE_PID"
    local attempt
    for ((attempt = 0; attempt < 100; attempt++)); do
        kill -0 "$ENGINE_PID" 2>/dev/null || return 0
        sleep 0.1
    done
    kill -KILL "$ENGINE_PID"
}

docker() { "$ENGINE_ROOT/root/usr/bin/docker" "$@"; }

# docker-compose 1.29 with the libraries of its own release, or Compose 2.
compose() {
    if [[ $ENGINE != 20.10 ]]; then
        docker compose "$@"
        return
    fi
    PYTHONPATH=$ENGINE_ROOT/root/usr/lib/python3/dist-packages PYTHONWARNINGS=ignore PATH="$ENGINE_ROOT/root/usr/bin:$PATH" \
        /usr/bin/python3 "$ENGINE_ROOT/root/usr/bin/docker-compose" "$@"
}

# Hands an image of podman's over to the engine, under the name that a registry would give it.
load_image() {
    docker image inspect "$1" >/dev/null 2>&1 && return 0
    podman save -q --format docker-archive -o "$WORKSPACE/image.tar" "$1" && docker load -q -i "$WORKSPACE/image.tar" >/dev/null
    rm -f "$WORKSPACE/image.tar"
    # The engine calls docker.io/library/debian by its last word.
    docker image inspect "$1" >/dev/null
}

# What stands in for a mirror of Debian's packages inside the namespace: it hands on what the machine's own network has.
# MIRROR is its address, WORKSPACE/mirror.log what was asked for.
start_mirror() {
    MIRROR=http://$ENGINE_ADDRESS:8099
    start_background mirror python3 scripts/deploy/mirror.py "$NAMESPACE" "$ENGINE_ADDRESS" 8099
    wait_for 10 inside curl -sS -o /dev/null "$MIRROR/" || cannot_run "mirror" "$(tail -n 2 "$WORKSPACE/mirror.log")"
}
