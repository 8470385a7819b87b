#!/usr/bin/env bash
# Compares the gateway, which translates, with nginx, which only passes on, in the same run on the same machine.
#
#   scripts/compare-nginx.sh [--rounds 3] [--seconds 4]
#   scripts/compare-nginx.sh --operability     what records and limits cost the gateway, without nginx
#   scripts/compare-nginx.sh --protocols [--rounds 5]   Messages and Responses beside chat completions
#
# Needs Debian's nginx-light and wrk, installed when missing. Takes about two minutes. What the figures mean:
# docs/performance.md.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/toolchain.sh
source scripts/toolchain.sh

needed=()
command -v nginx >/dev/null 2>&1 || [[ -x /usr/sbin/nginx ]] || needed+=(nginx-light)
command -v wrk >/dev/null 2>&1 || needed+=(wrk)
command -v taskset >/dev/null 2>&1 || needed+=(util-linux)
command -v python3 >/dev/null 2>&1 || needed+=(python3)
if ((${#needed[@]} > 0)); then
    install_programs "${needed[@]}" || die "the comparison needs: ${needed[*]}"
fi
build_release || die "the build failed"
program=compare-nginx.py
if [[ ${1:-} == --protocols ]]; then
    program=compare-protocols.py
    shift
fi
exec python3 "scripts/$program" --gateway .build/release/dashscope-gateway "$@"
