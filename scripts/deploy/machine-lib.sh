# shellcheck shell=bash
# A small Debian machine that boots systemd in a container, and a load on the gateway in it while something is done to it.
# Sourced after lib.sh.

# boot_machine MOUNT…: starts it; afterwards `machine`, `in_shell`, `client` and `serves` work with it.
boot_machine() {
    need_packages "${SYSTEMD_PACKAGES[@]}"
    need_root "a container that boots systemd"
    prepare_containers
    make_systemd_image
    binary_mounts
    MACHINE=gateway-$SUBJECT-$$
    local mount
    for mount in "$@"; do MOUNTS+=(-v "$mount"); done
    podman run -d --name "$MACHINE" --privileged --systemd=always --network none --add-host gateway.example.com:127.0.0.1 \
        "${MOUNTS[@]}" "$SYSTEMD_IMAGE" >"$W/podman.log" 2>&1 ||
        cannot "the container does not start: $(tail -n 3 "$W/podman.log")"
    on_exit podman rm -f -t 3 "$MACHINE"
    wait_for 60 booted || cannot "systemd does not boot: $(podman logs "$MACHINE" 2>&1 | tail -n 5)"
    podman exec "$MACHINE" mount --make-rshared /
    LEADER=$(podman inspect --format '{{.State.Pid}}' "$MACHINE")
}
booted() { [[ $(machine systemctl is-system-running 2>/dev/null) =~ running|degraded ]]; }
machine() { podman exec "$MACHINE" "$@"; }
in_shell() { podman exec "$MACHINE" bash -c "$1"; }
client() { nsenter -t "$LEADER" -n python3 scripts/deploy/client.py "$@"; }
serves() { machine curl -fsS -m 2 -o /dev/null "http://127.0.0.1:${1:-8000}/health"; }

# under_load NAME URL TURNS COMMAND…: runs the command so often, with the number of the turn, while requests and streams of some
# ten seconds go on; the facts are in FACTS.
under_load() {
    local name=$1 url=$2 turns=$3
    shift 3
    rm -f "$W/stop"
    client through "$url" --model qwen-plus-emulator-slow-800 --connections 10 --streams 4 --stop-file "$W/stop" >"$W/$name.json" 2>"$W/$name.err" &
    local load=$! turn
    sleep 3
    for ((turn = 1; turn <= turns; turn++)); do
        if ! "$@" "$turn" >"$W/$name.log" 2>&1; then
            fail "$name: turn $turn" "$(tail -n 3 "$W/$name.log")"
            break
        fi
    done
    sleep 1
    : >"$W/stop"
    wait "$load" || true
    FACTS=$(cat "$W/$name.json" 2>/dev/null || true)
    say "$name: $FACTS"
}

# judge NAME: nothing failed, nobody waited a second (and what the machine was late itself), streams were there.
judge() {
    local problem='import json, sys
facts = json.loads(sys.argv[1])
sys.exit(not (facts["failed"] == 0 and facts["worst_request"] < 1 + facts["machine_late"] and facts["requests"] > 100 and facts["streams"] > 4))'
    if python3 -c "$problem" "$FACTS"; then ok "$1: $FACTS"; else fail "$1" "$FACTS"; fi
}
