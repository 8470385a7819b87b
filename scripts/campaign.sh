#!/usr/bin/env bash
# A fault campaign against the release build: see Tests/Campaign/campaign.py.
#
#   scripts/campaign.sh                                   under two minutes
#   scripts/campaign.sh --seed 7 --seconds 900 --streams 400
#
# The same seed is the same plan. GATEWAY_BINARY names another build.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/toolchain.sh
source scripts/toolchain.sh

# nginx is only run as a program of ours; its package must not start a service.
install_nginx() {
    command -v nginx >/dev/null 2>&1 && return 0
    local policy=/usr/sbin/policy-rc.d made="" status=0
    if [[ $(id -u) -eq 0 && ! -e $policy ]]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
        made=yes
    fi
    install_packages nginx-light || status=$?
    if [[ -n $made ]]; then rm -f "$policy"; fi
    return "$status"
}

install_nginx || die "the campaign needs nginx"
install_packages openssl || die "the campaign needs openssl"
prepare_python .venv aiohttp h2 || die "the campaign needs Python packages"
binary=${GATEWAY_BINARY:-}
if [[ -z $binary ]]; then
    build_release || die "the release build failed"
    binary=.build/release/dashscope-gateway
fi
exec .venv/bin/python Tests/Campaign/campaign.py --binary "$binary" "$@"
