#!/usr/bin/env bash
# A real coding agent against the gateway, the emulator behind it: see Tests/SDK/claude_code_suite.py and codex_suite.py.
#
#   scripts/coding-agent.sh claude-code            text, tools, a refused key: about half a minute
#   scripts/coding-agent.sh claude-code --full     also pictures, web search, failures, agents
#   scripts/coding-agent.sh codex                  text and a loop of tools: a few seconds
#   scripts/coding-agent.sh codex --full           also patches, code mode, failures
#
# The programs come inside wheels of PyPI, claude-agent-sdk (some 180 MB) and openai-codex-cli-bin (some 110 MB). They
# run in a network namespace that has nothing but a loopback of its own. Exit status 77 where the wheel cannot be had.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/toolchain.sh
source scripts/toolchain.sh
# shellcheck source=scripts/servers.sh
source scripts/servers.sh

agent=${1:-}
shift || true
case $agent in
    claude-code)
        wheel=claude-agent-sdk program='*/claude_agent_sdk/_bundled/claude'
        suite=claude_code_suite.py aliases=Tests/SDK/anthropic_checks/aliases.json
        ;;
    codex)
        wheel=openai-codex-cli-bin==0.163.0 program='*/codex_cli_bin/bin/codex'
        suite=codex_suite.py aliases=Tests/SDK/codex-aliases.json
        ;;
    *) die "usage: scripts/coding-agent.sh claude-code|codex [--full]" ;;
esac
environment=.build/$agent

run_inside() {
    ip link set lo up
    start_server "$agent-emulator" .build/release/dashscope-gateway emulate --host 127.0.0.1 --port || return 1
    local emulator=$SERVER_URL
    DASHSCOPE_BASE_URL=$emulator UPSTREAM_RETRY_BASE_DELAY=0.05 CATALOG_FILE=$aliases \
        start_server "$agent-gateway" .build/release/dashscope-gateway serve --host 127.0.0.1 --port || return 1
    .venv/bin/python "Tests/SDK/$suite" --program "$PROGRAM" --base-url "$SERVER_URL/v1" --emulator-url "$emulator" "$@"
}

if [[ ${CODING_AGENT_INSIDE:-} == yes ]]; then
    trap stop_servers EXIT
    run_inside "$@"
    exit
fi

install_packages iproute2 util-linux || die "ip and unshare are needed"
prepare_python .venv httpx || die "Python packages are missing"
build_release || die "the release build failed"
if ! prepare_python "$environment" "$wheel"; then
    say "SKIPPED: the wheel $wheel cannot be had, so the program was not run."
    exit 77
fi
PROGRAM=$(find "$PWD/$environment" -path "$program" -type f -print -quit)
if [[ -z $PROGRAM ]]; then
    say "SKIPPED: the wheel $wheel for this machine holds no program, so it was not run."
    exit 77
fi
isolate=(unshare --net)
if [[ $(id -u) -ne 0 ]]; then isolate+=(--map-root-user); fi
"${isolate[@]}" true 2>/dev/null || die "a network namespace cannot be made here"
PROGRAM=$PROGRAM CODING_AGENT_INSIDE=yes exec "${isolate[@]}" bash "$0" "$agent" "$@"
