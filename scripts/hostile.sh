#!/usr/bin/env bash
# Hostile input against the release build: see Tests/Campaign/hostile.py.
#
#   scripts/hostile.sh [--idle N]
#
# GATEWAY_BINARY names another build.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/toolchain.sh
source scripts/toolchain.sh

install_packages openssl || die "hostile.py needs openssl"
prepare_python .venv aiohttp h2 || die "hostile.py needs Python packages"
binary=${GATEWAY_BINARY:-}
if [[ -z $binary ]]; then
    build_release || die "the release build failed"
    binary=.build/release/dashscope-gateway
fi
# As many descriptors as the machine allows; the programs inherit it.
ulimit -Sn "$(ulimit -Hn)"
exec .venv/bin/python Tests/Campaign/hostile.py --binary "$binary" "$@"
