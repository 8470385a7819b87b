# shellcheck shell=bash disable=SC2034
# Servers that a test starts on free ports of 127.0.0.1 and ends by their process ids. Sourced by test.sh.

SERVER_PIDS=()
SERVER_URL=""

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# start_server NAME COMMAND…: runs COMMAND with a free port as its last argument, waits until it answers, and leaves
# its address in SERVER_URL. Its output goes to .build/NAME.log.
start_server() {
    local name=$1 port log pid
    shift
    log=.build/$name.log
    mkdir -p .build
    port=$(free_port) || return 1
    "$@" "$port" >"$log" 2>&1 </dev/null &
    pid=$!
    SERVER_PIDS+=("$pid")
    SERVER_URL="http://127.0.0.1:$port"
    local attempt
    for ((attempt = 0; attempt < 300; attempt++)); do
        # Any answer will do: the emulator has no health endpoint that must be there.
        if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then return 0; fi
        if ! kill -0 "$pid" 2>/dev/null; then break; fi
        sleep 0.1
    done
    say "$name does not listen on port $port; the end of its output:"
    tail -n 30 "$log" >&2
    return 1
}

stop_servers() {
    local pid attempt
    for pid in ${SERVER_PIDS[@]+"${SERVER_PIDS[@]}"}; do
        kill -TERM "$pid" 2>/dev/null || continue
        for ((attempt = 0; attempt < 50; attempt++)); do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    SERVER_PIDS=()
}
