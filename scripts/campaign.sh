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

command -v nginx >/dev/null 2>&1 || install_programs nginx-light || die "the campaign needs nginx"
install_packages openssl || die "the campaign needs openssl"
prepare_python .venv aiohttp h2 || die "the campaign needs Python packages"
binary=${GATEWAY_BINARY:-}
if [[ -z $binary ]]; then
    build_release || die "the release build failed"
    binary=.build/release/dashscope-gateway
fi
exec .venv/bin/python Tests/Campaign/campaign.py --binary "$binary" "$@"
