#!/usr/bin/env bash
# The real Claude Code against the gateway, the emulator behind it: see Tests/SDK/claude_code_suite.py.
#
#   scripts/claude-code.sh            text, tools, a refused key: about half a minute
#   scripts/claude-code.sh --full     also pictures, web search, failures, agents
#
# The program comes inside PyPI's claude-agent-sdk (a wheel of some 180 MB). It runs in a network namespace that has
# nothing but a loopback of its own. Exit status 77 where the wheel cannot be had.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/toolchain.sh
source scripts/toolchain.sh
# shellcheck source=scripts/servers.sh
source scripts/servers.sh

environment=.build/claude-code

run_inside() {
    ip link set lo up
    start_server claude-emulator .build/release/dashscope-gateway emulate --host 127.0.0.1 --port || return 1
    local emulator=$SERVER_URL
    DASHSCOPE_BASE_URL=$emulator UPSTREAM_RETRY_BASE_DELAY=0.05 CATALOG_FILE=Tests/SDK/anthropic_checks/aliases.json \
        start_server claude-gateway .build/release/dashscope-gateway serve --host 127.0.0.1 --port || return 1
    .venv/bin/python Tests/SDK/claude_code_suite.py --program "$PROGRAM" --base-url "$SERVER_URL/v1" \
        --emulator-url "$emulator" "$@"
}

if [[ ${CLAUDE_CODE_INSIDE:-} == yes ]]; then
    trap stop_servers EXIT
    run_inside "$@"
    exit
fi

install_packages iproute2 util-linux || die "ip and unshare are needed"
prepare_python .venv httpx || die "Python packages are missing"
build_release || die "the release build failed"
if ! prepare_python "$environment" claude-agent-sdk; then
    say "SKIPPED: the wheel of claude-agent-sdk cannot be had, so Claude Code was not run."
    exit 77
fi
PROGRAM=$(find "$PWD/$environment" -path '*/claude_agent_sdk/_bundled/claude' -type f -print -quit)
if [[ -z $PROGRAM ]]; then
    say "SKIPPED: the wheel of claude-agent-sdk for this machine holds no program, so Claude Code was not run."
    exit 77
fi
isolate=(unshare --net)
if [[ $(id -u) -ne 0 ]]; then isolate+=(--map-root-user); fi
"${isolate[@]}" true 2>/dev/null || die "a network namespace cannot be made here"
PROGRAM=$PROGRAM CLAUDE_CODE_INSIDE=yes exec "${isolate[@]}" bash "$0" "$@"
