#!/usr/bin/env bash
# Marked calls against the release build while upstream sends too much or too little: see Tests/Campaign/surplus.py.
#
#   scripts/surplus.sh [--calls N] [--seed N]
#
# GATEWAY_BINARY names another build.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/toolchain.sh
source scripts/toolchain.sh

prepare_python .venv aiohttp h2 || die "surplus.py needs Python packages"
binary=${GATEWAY_BINARY:-}
if [[ -z $binary ]]; then
    build_release || die "the release build failed"
    binary=.build/release/dashscope-gateway
fi
exec .venv/bin/python Tests/Campaign/surplus.py --binary "$binary" "$@"
