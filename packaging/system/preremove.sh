#!/bin/sh
# Before the files go. dpkg says "remove" or "upgrade", rpm 0 or 1.
set -e
case $1 in
    remove | 0) ;;
    *) exit 0 ;;
esac
if [ -d /run/systemd/system ]; then
    systemctl --quiet disable --now dashscope-gateway.socket dashscope-gateway.service || true
    systemctl stop dashscope-gateway-twin.service || true
    for unit in $(systemctl list-units --all --plain --no-legend 'dashscope-gateway@*.service' | cut -d ' ' -f 1); do
        systemctl --quiet disable --now "$unit" || true
    done
else
    systemctl --quiet disable dashscope-gateway.socket dashscope-gateway.service || true
fi
