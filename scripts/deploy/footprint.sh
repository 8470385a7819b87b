#!/usr/bin/env bash
# What the gateway takes of a machine: disk, time to start, memory idle and under streams. Prints the table of
# docs/deployment.md and fails where a figure is far above it.
# shellcheck source=scripts/deploy/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
begin footprint
need_packages curl python3
need_gateway
STREAMS=200

start_emulator
port=$(free_port)
started=${EPOCHREALTIME//[.,]/}
run_in_background gateway env DASHSCOPE_BASE_URL="$EMULATOR_URL" HOST=127.0.0.1 PORT="$port" "$BIN" serve
pid=$LAST_PID
while ! listens "$port"; do
    kill -0 "$pid" 2>/dev/null || cannot "the gateway does not start: $(tail -n 3 "$W/gateway.log")"
    sleep 0.002
done
healthy "http://127.0.0.1:$port" || cannot "the gateway is not healthy"
took=$(((${EPOCHREALTIME//[.,]/} - started) / 1000))
memory() { awk -v name="$1:" '$1 == name { printf "%d", $2 / 1024 }' "/proc/$pid/status"; }
sleep 1
idle=$(memory VmRSS)
result=$(python3 scripts/deploy/client.py load "http://127.0.0.1:$port" --method POST --model emulator-slow-50 \
    --connections "$STREAMS" --count 2 --seconds 60)
peak=$(memory VmHWM)
disk=$(($(stat -Lc %s "$BIN") / 1048576))

cat <<TABLE
| measured | |
|---|---|
| the program on disk | $disk MiB |
| from the start to the first answer | $took ms |
| memory, idle | $idle MiB |
| memory, peak with $STREAMS callers at once | $peak MiB |
TABLE
matches "all callers were served ($result)" '"statuses": \{"200": [0-9]+\}' "$result"
within() { if (($2 <= $3)); then ok "$1: $2, at most $3"; else fail "$1" "$2, more than $3"; fi; }
within "MiB on disk" "$disk" 200
within "ms to start" "$took" 2000
within "MiB idle" "$idle" 64
within "MiB at the peak" "$peak" 160
summary
