#!/usr/bin/env bash
# Lists the functions that requests run, for the linker: see scripts/order-functions.py.
#
#   scripts/order-functions.sh          writes Sources/dashscope-gateway/functions.order
#   scripts/order-functions.sh --check  fails where the list has grown old
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/toolchain.sh
source scripts/toolchain.sh

install_packages "${BUILD_PACKAGES[@]}" python3 valgrind || die "what runs is observed by valgrind"
find_swift
program=${GATEWAY_BINARY:-}
if [[ -z $program ]]; then
    swift build -c release --product dashscope-gateway >.build/order.log 2>&1 || { tail -n 40 .build/order.log; exit 1; }
    program=.build/release/dashscope-gateway
fi
# Valgrind cannot read all that Swift tells debuggers; it needs the names only.
strip --strip-debug -o .build/order-program "$program"
exec python3 scripts/order-functions.py .build/order-program Sources/dashscope-gateway/functions.order "$@"
