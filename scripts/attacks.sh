#!/usr/bin/env bash
# Attacks on the release build in 512 MiB, with other callers beside them: see Tests/Campaign/attacks.py.
#
#   scripts/attacks.sh                  all of them, about two minutes
#   scripts/attacks.sh pipelined        some of them
#
# Needs root, for a control group and a network of its own. GATEWAY_BINARY names another build.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/toolchain.sh
source scripts/toolchain.sh

[[ $(id -u) -eq 0 ]] || die "the attacks need root, for a control group with a bound on memory"
install_packages iproute2 openssl util-linux || die "the attacks need ip, openssl and unshare"
prepare_python .venv aiohttp h2 || die "the attacks need Python packages"
binary=${GATEWAY_BINARY:-}
if [[ -z $binary ]]; then
    build_release || die "the release build failed"
    binary=.build/release/dashscope-gateway
fi
ulimit -Sn "$(ulimit -Hn)"
# Addresses that are not loopback, which is exempt from bounds: 198.51.100.0/24 is for documentation, and here nobody else's.
# shellcheck disable=SC2016
exec unshare --net bash -c '
    PATH=$PATH:/usr/sbin:/sbin
    ip link set lo up && ip address add 198.51.100.1/24 dev lo && exec "$@"
' bash .venv/bin/python Tests/Campaign/attacks.py --binary "$binary" "$@"
