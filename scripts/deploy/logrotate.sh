#!/usr/bin/env bash
# deploy/logrotate for real: three forced rotations under traffic lose no line.
# shellcheck source=scripts/deploy/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
begin logrotate
need_packages "${LOGROTATE_PACKAGES[@]}"
need_root "log rotation as another user"
need_gateway
REQUESTS=300

start_emulator
mkdir -p "$W/logs"
start_instance gateway LOG_FILE="$W/logs/gateway.log"
pid=$LAST_PID url=http://127.0.0.1:$LAST_PORT

# The shipped file, with the folder, the owner and the signal of this test.
sed -e "s|/var/log/dashscope-gateway|$W/logs|" -e 's/su dashscope dashscope/su root root/' \
    -e 's/create 0640 dashscope dashscope/create 0640 root root/' \
    -e 's/10000000000/1000000/' -e "s|^ *if \[ -d /run/systemd/system .*|        kill -HUP $pid|" deploy/logrotate/dashscope-gateway >"$W/rotation"
chmod 644 "$W/rotation"
matches "the copy reloads this gateway" "kill -HUP $pid" "$(cat "$W/rotation")"
check "logrotate reads the file" logrotate -d -s "$W/state" "$W/rotation"

# A rotation is named by its second.
is_unnamed() { [[ -z $(find "$W/logs" -name "gateway.log-$(date +%Y%m%d-%H%M%S)*") ]]; }
rotate() { wait_for 5 is_unnamed && logrotate -f -s "$W/state" "$W/rotation"; }
(for ((i = 0; i < REQUESTS; i++)); do curl -sS -m 10 -o /dev/null "$url/v1/models/qwen-plus?request=$i" || true; done) &
traffic=$!
for turn in 1 2 3; do
    sleep 1
    check "rotation $turn under traffic" rotate
done
wait "$traffic" || true
check "the process is the same" kill -0 "$pid"

lines() { zcat -f "$W"/logs/*.gz "$W"/logs/gateway.log-*[0-9] "$W/logs/gateway.log" 2>/dev/null | grep -c '/v1/models/' || true; }
complete() { [[ $(lines) == "$REQUESTS" ]]; }
wait_for 5 complete || true
equal "$REQUESTS requests, as many lines in $(find "$W/logs" -type f | wc -l) files" "$REQUESTS" "$(lines)"
all_json() {
    zcat -f "$W"/logs/*.gz "$W"/logs/gateway.log-*[0-9] "$W/logs/gateway.log" | python3 -c 'import json, sys
for line in sys.stdin: json.loads(line)'
}
check "every line is whole" all_json
curl -sS -m 5 -o /dev/null "$url/v1/models/qwen-plus"
wait_for 5 test -s "$W/logs/gateway.log" || true
if [[ -s $W/logs/gateway.log ]]; then ok "the new file is written to"; else fail "the new file is written to" "it is empty"; fi
# No more than the bound in all: what is older goes.
for number in 1 2 3; do head -c 600000 /dev/urandom >"$W/logs/gateway.log-2026010$number-000000.gz"; touch -d "2026-01-0$number" "$W/logs/gateway.log-2026010$number-000000.gz"; done
check "a rotation with too much kept" rotate
equal "the oldest are gone" "gateway.log-20260103-000000.gz" "$(cd "$W/logs" && echo gateway.log-2026010*)"
equal "others cannot read it" 640 "$(stat -c %a "$W/logs/gateway.log")"
summary
