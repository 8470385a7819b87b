#!/usr/bin/env bash
# Autobahn's test suite against the WebSocket client of the gateway: Tests/WebSocketTransportTests/AutobahnTests.swift is what
# it judges. Extensions, which the gateway does not offer, are left out.
#
#   scripts/autobahn.sh [CASES]      such as '6.*'; all without
#
# The suite is a program for Python 2.7, which is looked for on PATH and among pyenv's; PYTHON2 names another. The report stays
# in .build/autobahn/report.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/toolchain.sh
source scripts/toolchain.sh
# shellcheck source=scripts/servers.sh
source scripts/servers.sh
trap stop_servers EXIT

find_python() {
    local candidate
    for candidate in "${PYTHON2:-}" python2.7 "${HOME:-/root}"/.pyenv/versions/2.7*/bin/python; do
        if [[ -n $candidate ]] && "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (2, 7))' 2>/dev/null; then
            printf '%s\n' "$candidate"
            return 0
        fi
    done
    return 1
}

python=$(find_python) || die "Autobahn's test suite needs Python 2.7; PYTHON2 names one"
folder=$PWD/.build/autobahn
mkdir -p "$folder"
if [[ ! -e $folder/installed ]]; then
    "$python" -m pip install --quiet --disable-pip-version-check --no-warn-script-location \
        --target "$folder/packages" autobahntestsuite==25.10.1 2>"$folder/pip.log" || {
        tail -n 20 "$folder/pip.log" >&2
        die "Autobahn's test suite cannot be installed"
    }
    : >"$folder/installed"
fi
find_swift || die "no Swift"
swift build --build-tests >"$folder/build.log" 2>&1 || {
    tail -n 40 "$folder/build.log" >&2
    die "the tests do not build"
}

rm -rf "$folder/report"
# The port is the last argument, and belongs into a file.
cat >"$folder/serve.py" <<'EOF'
import json, site, sys
folder, cases, port = sys.argv[1:]
site.addsitedir(folder + "/packages")
with open(folder + "/spec.json", "w") as spec:
    json.dump({"url": "ws://127.0.0.1:" + port, "outdir": folder + "/report", "cases": [cases],
               "exclude-cases": ["12.*", "13.*"], "exclude-agent-cases": {}}, spec)
sys.argv = ["wstest", "-m", "fuzzingserver", "-u", "0", "-s", folder + "/spec.json"]
from autobahntestsuite.wstest import run
run()
EOF
start_server autobahn-server "$python" "$folder/serve.py" "$folder" "${1:-*}" || die "the suite does not start"
AUTOBAHN_PORT=${SERVER_URL##*:} .build/debug/dashscope-gatewayPackageTests.xctest --testing-library swift-testing \
    --filter AutobahnTests >"$folder/run.log" 2>&1 || {
    tail -n 20 "$folder/run.log" >&2
    die "the client did not get through the cases"
}
python3 - "$folder/report/index.json" <<'EOF'
import collections, json, sys

# A fault inside a frame is told when the frame is complete, which the suite calls not strict; a case that has no right answer
# informs.
GOOD = {"OK", "NON-STRICT", "INFORMATIONAL"}
cases = json.load(open(sys.argv[1]))["gateway"]
bad = {name: case for name, case in cases.items() if not {case["behavior"], case["behaviorClose"]} <= GOOD}
for name, case in sorted(bad.items()):
    print(f"{name}: {case['behavior']}, closing {case['behaviorClose']}")
counts = collections.Counter(case["behavior"] for case in cases.values())
print(f"{len(cases)} cases: " + ", ".join(f"{count} {word}" for word, count in counts.most_common()))
sys.exit(1 if bad or not cases else 0)
EOF
