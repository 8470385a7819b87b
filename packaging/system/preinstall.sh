#!/bin/sh
# Before the files come: the user that owns some of them. dpkg says "install" or "upgrade", rpm 1 or 2.
set -e
if [ -e /etc/systemd/system/dashscope-gateway.service ] && [ ! -L /etc/systemd/system/dashscope-gateway.service ]; then
    echo "dashscope-gateway: install.sh has installed a service here, which hides the package's; take it away first:" >&2
    echo "  sudo deploy/install.sh --uninstall      (settings and logs stay)" >&2
    exit 1
fi
getent group dashscope >/dev/null || groupadd --system dashscope
getent passwd dashscope >/dev/null || useradd --system --gid dashscope --home-dir /nonexistent --no-create-home \
    --shell /usr/sbin/nologin --comment "DashScope Gateway" dashscope
# An installation, also one after a removal, enables the service; an upgrade leaves it as it is.
if [ "$1" = install ]; then
    mkdir -p /run/dashscope-gateway-package
    : >/run/dashscope-gateway-package/enable
fi
