#!/usr/bin/env bash
# The release build against its own API description: see Tests/Campaign/fuzz.py.
#
#   scripts/fuzz-api.sh [--seed N] [--seconds S]
#
# GATEWAY_BINARY names another build.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/toolchain.sh
source scripts/toolchain.sh

# The version that judges is pinned: each one checks more than the one before.
prepare_python .venv aiohttp schemathesis==4.32.5 || die "fuzz.py needs Python packages"
binary=${GATEWAY_BINARY:-}
if [[ -z $binary ]]; then
    build_release || die "the release build failed"
    binary=.build/release/dashscope-gateway
fi
exec .venv/bin/python Tests/Campaign/fuzz.py --binary "$binary" "$@"
