#!/usr/bin/env bash
# /opt/dashscope-gateway/bin/restart-gateway: a restart, for a new program or new settings, that drops nothing and lets nobody
# wait. Run as root.
#
# The service on systemd's socket: its twin starts beside it and takes new requests from the same socket; the service drains
# and starts again; the twin drains. Instances of the template unit behind nginx: one after the other, with a pause in which
# nginx finds the last one well again. A step that fails ends it: what serves then goes on serving.
set -euo pipefail

service=dashscope-gateway.service twin=dashscope-gateway-twin.service socket=dashscope-gateway.socket
# nginx leaves an instance out for fail_timeout, 10 seconds in our files.
pause=${RESTART_PAUSE:-11}

case ${1:-} in
    "") ;;
    -h | --help)
        echo "Usage: restart-gateway     restarts the gateway and its instances without a gap (RESTART_PAUSE: seconds between instances)"
        exit 0
        ;;
    *)
        echo "unknown argument: $1" >&2
        exit 2
        ;;
esac
[[ $(id -u) -eq 0 ]] || { echo "error: run it as root" >&2; exit 1; }

fail() {
    echo "error: $*" >&2
    exit 1
}
active() { systemctl --quiet is-active "$1" 2>/dev/null; }

mapfile -t instances < <(systemctl list-units --plain --no-legend --state=active 'dashscope-gateway@*.service' | awk '{ print $1 }')

if active "$service" && active "$socket"; then
    # One that an interrupted run left may be of an older program.
    if active "$twin"; then systemctl stop "$twin"; fi
    systemctl reset-failed "$twin" 2>/dev/null || true
    if ! systemctl start "$twin"; then
        systemctl stop "$twin" 2>/dev/null || true
        fail "$twin does not get ready, $service was left alone: journalctl -u $twin -n 50"
    fi
    systemctl restart "$service" || fail "$service does not get ready, $twin serves in its place: journalctl -u $service -n 50"
    systemctl stop "$twin"
elif active "$service"; then
    systemctl restart "$service" || fail "$service does not get ready: journalctl -u $service -n 50"
    if ((${#instances[@]} > 0)); then sleep "$pause"; fi
fi

for ((number = 0; number < ${#instances[@]}; number++)); do
    if ((number > 0)); then sleep "$pause"; fi
    systemctl restart "${instances[number]}" ||
        fail "${instances[number]} does not get ready: journalctl -u ${instances[number]} -n 50"
done
