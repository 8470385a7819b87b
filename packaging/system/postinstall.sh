#!/bin/sh
# The files are there. A service that runs is replaced without a gap: its twin takes new requests meanwhile, and open streams end
# whole. dpkg says "configure", with the version before where there was one; rpm 1 or 2.
set -e
case $1 in
    configure | [12]) ;;
    *) exit 0 ;;
esac
units="dashscope-gateway.socket dashscope-gateway.service"
running=no
if [ -d /run/systemd/system ]; then running=yes; fi
if [ $running = yes ]; then
    systemctl daemon-reload
    # Its interval is another one now.
    systemctl try-restart logrotate.timer || true
fi
if [ -e /run/dashscope-gateway-package/enable ]; then
    rm -rf /run/dashscope-gateway-package
    # shellcheck disable=SC2086
    systemctl --quiet enable $units
    # shellcheck disable=SC2086
    if [ $running = yes ]; then systemctl start $units; fi
elif [ "$1" = 1 ]; then
    echo "To start it, now and at boot: systemctl enable --now $units"
elif [ $running = yes ]; then
    /usr/sbin/dashscope-gateway-restart </dev/null
fi
