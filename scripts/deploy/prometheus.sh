#!/usr/bin/env bash
# A real Prometheus with the shipped configuration scrapes two running gateways: targets, rules, every query of the
# dashboard, and an alert that fires when a gateway is gone and ends when it is back.
# Functions are run by `check` and texts by the cleanup: unseen by shellcheck.
# shellcheck disable=SC2016,SC2317
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/toolchain.sh
source scripts/toolchain.sh
# shellcheck source=scripts/deploy/containers-lib.sh
source scripts/deploy/containers-lib.sh

make_workspace
find_gateway
need_packages prometheus curl python3 || cannot_run "prometheus" "packages are missing"
prepare_python .venv "${PYTHON_PACKAGES[@]}" || cannot_run "prometheus" "Python packages could not be installed"

first=$(free_port)
second=$(free_port)
start_gateway() { start_background "gateway-$1" "$GATEWAY" serve --demo --host 127.0.0.1 --port "$1"; }
start_gateway "$first"
start_gateway "$second"
doomed=$BACKGROUND_PID
for port in "$first" "$second"; do
    wait_for 20 answers "http://127.0.0.1:$port/health" ||
        cannot_run "gateway" "it did not start: $(tail -n 1 "$WORKSPACE/gateway-$port.log")"
done

# The shipped files, with the clock running faster and the targets of this test.
cp -r deploy/monitoring "$WORKSPACE/monitoring"
sed -i -E 's/(scrape_interval|scrape_timeout|evaluation_interval|refresh_interval): .*/\1: 1s/' "$WORKSPACE/monitoring/prometheus.yml"
sed -i -E 's/for: 1m$/for: 2s/' "$WORKSPACE/monitoring/alerts.yml"
printf -- '- targets: ["127.0.0.1:%s", "127.0.0.1:%s"]\n' "$first" "$second" >"$WORKSPACE/monitoring/targets/gateway.yml"
port=$(free_port)
prometheus=http://127.0.0.1:$port
start_background prometheus prometheus --config.file="$WORKSPACE/monitoring/prometheus.yml" \
    --storage.tsdb.path="$WORKSPACE/data" --web.listen-address="127.0.0.1:$port" --log.level=warn
wait_for 30 answers "$prometheus/-/ready" ||
    cannot_run "prometheus" "it did not start: $(tail -n 1 "$WORKSPACE/prometheus.log")"
ok "Prometheus starts with the shipped configuration"

# api PATH EXPRESSION [NAME=VALUE…]: what a Python expression makes of `data` of the answer.
api() {
    local path=$1 expression=$2 parameters=() parameter
    shift 2
    for parameter in "$@"; do parameters+=(--data-urlencode "$parameter"); done
    curl -sS -m 10 -G "$prometheus/api/v1/$path" ${parameters[@]+"${parameters[@]}"} | python3 -c '
import json, sys
answer = json.load(sys.stdin)
if answer["status"] != "success": sys.exit(answer["error"])
data = answer["data"]
print(eval(sys.argv[1]))' "$expression"
}
is() { [[ $(api "${@:2}") == "$1" ]]; }
value_of() { api query 'sum(float(s["value"][1]) for s in data["result"]) if data["result"] else "none"' "query=$1"; }

up='sum(t["health"] == "up" for t in data["activeTargets"])'
if wait_for 20 is 2 targets "$up"; then
    ok "both targets are up"
else
    cannot_run "both targets are up" "$(api targets '[t["lastError"] for t in data["activeTargets"]]')"
fi

# Traffic of several kinds, so that most series are there.
ask() {
    curl -sSN -m 30 -o /dev/null "http://127.0.0.1:$first/v1/chat/completions" -H "Authorization: Bearer sk-proof" \
        -H "Content-Type: application/json" -d "$1"
}
traffic() {
    local round
    for ((round = 0; round < 5; round++)); do
        ask '{"model": "qwen-plus", "messages": [{"role": "user", "content": "Hello"}]}'
        ask '{"model": "qwen-plus", "stream": true, "top_p": 0, "messages": [{"role": "user", "content": "Hello"}]}'
        ask '{"model": "emulator-500", "messages": [{"role": "user", "content": "Hello"}]}'
        ask '{"model": "emulator-throttled", "messages": [{"role": "user", "content": "Hello"}]}'
        sleep 1
    done
}
traffic
counted() { [[ $(value_of 'sum(gateway_http_requests_total{route="/v1/chat/completions"})') == 20.0 ]]; }
if wait_for 10 counted; then
    ok "all 20 requests are counted"
else
    fail "all 20 requests are counted" "$(value_of 'sum(gateway_http_requests_total{route="/v1/chat/completions"})')"
fi

rules='[r["name"] for g in data["groups"] for r in g["rules"] if r["health"] != "ok"]'
if wait_for 20 is "[]" rules "$rules"; then
    ok "every rule is evaluated"
else
    fail "every rule is evaluated" "$(api rules "$rules")"
fi
has_value() { [[ $(value_of "$1") != none ]]; }
check "the recorded share of errors has a value" wait_for 15 has_value 'gateway:http_errors:ratio_rate5m'
check "the recorded time to the first token has a value" wait_for 15 has_value 'gateway:time_to_first_token_seconds:p95_5m'

# Every query is understood; and these must have something to show after the traffic above.
broken="" empty="" queries=0
while IFS=$'\t' read -r title query; do
    queries=$((queries + 1))
    found=$(api query 'len(data["result"])' "query=$query" 2>&1) || broken+="$title: $found; "
    if [[ $found == 0 ]]; then empty+="$title; "; fi
done < <("$PYTHON/python" scripts/deploy/check-containers.py expressions)
if [[ -z $broken && $queries -gt 20 ]]; then
    ok "all $queries queries of the dashboard are understood"
else
    fail "all queries of the dashboard are understood" "$queries queries; $broken"
fi
if [[ -n $empty ]]; then say "Nothing to show for: $empty"; fi
for title in "Instances up" "Requests by status" "Time to the first token" "Tokens by kind" "Calls by last status" Memory; do
    if [[ "; $empty" == *"; $title; "* ]]; then
        fail "dashboard: $title shows something" "no series"
    else
        ok "dashboard: $title shows something"
    fi
done

# ---- one of them goes away ------------------------------------------------------------------------------------------
firing='sorted(a["labels"]["instance"] for a in data["alerts"] if a["labels"]["alertname"] == "GatewayDown" and a["state"] == "firing")'
check_equal "no alert while both run" "[]" "$(api alerts "$firing")"
kill -KILL "$doomed"
killed=$SECONDS
if wait_for 30 is "['127.0.0.1:$second']" alerts "$firing"; then
    ok "GatewayDown fires for the one that was ended ($((SECONDS - killed)) s at this clock)"
else
    fail "GatewayDown fires for the one that was ended" "firing: $(api alerts "$firing")"
fi
start_gateway "$second"
if wait_for 30 is "[]" alerts "$firing"; then
    ok "the alert ends when it is back"
else
    fail "the alert ends when it is back" "firing: $(api alerts "$firing")"
fi
finish
