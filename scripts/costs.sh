#!/usr/bin/env bash
# Counts the instructions of parsers and translators while their inputs grow: see Tests/Costs.
#
#   scripts/costs.sh [--count N] [WORD]     laws whose name holds WORD
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/toolchain.sh
source scripts/toolchain.sh

install_packages "${BUILD_PACKAGES[@]}" python3 valgrind || die "the costs are counted by valgrind"
find_swift
mkdir -p .build
program=${COSTS_BINARY:-}
if [[ -z $program ]]; then
    if ! GATEWAY_BENCHMARKS=1 swift build -c release --product gateway-costs >.build/costs.log 2>&1; then
        tail -n 40 .build/costs.log
        die "the program that is counted was not built"
    fi
    program=.build/release/gateway-costs
fi
# Valgrind cannot read all that Swift tells debuggers; it needs the names only.
strip --strip-debug -o .build/costs-program "$program"
exec python3 scripts/costs.py .build/costs-program "$@"
