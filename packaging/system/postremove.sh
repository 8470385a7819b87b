#!/bin/sh
# The files are gone. dpkg says "remove", "purge" or "upgrade", rpm 0 or 1. Settings and logs go with a purge; rpm has none.
set -e
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload || true
    systemctl reset-failed 'dashscope-gateway*' 2>/dev/null || true
fi
if [ "$1" = purge ]; then
    rm -rf /etc/dashscope-gateway /var/log/dashscope-gateway /var/lib/dashscope-gateway
    if getent passwd dashscope >/dev/null; then userdel dashscope || true; fi
    if getent group dashscope >/dev/null; then groupdel dashscope || true; fi
fi
