# shellcheck shell=bash
# One line about a build that runs. Sourced by toolchain.sh.

# run_build LOG COMMAND…: the output goes to LOG; the terminal gets one line that is written over, a file a line a minute.
run_build() {
    local log=$1 pid status=0 started=$SECONDS last=-60
    shift
    "$@" >"$log" 2>&1 </dev/null &
    pid=$!
    # A job in the background does not hear Ctrl-C.
    trap 'kill "$pid" 2>/dev/null; trap - INT TERM; exit 130' INT TERM
    while kill -0 "$pid" 2>/dev/null; do
        if [[ -t 2 ]]; then
            printf '\r\033[K%s' "$(build_progress "$log" $((SECONDS - started)))" >&2
        elif ((SECONDS - last >= 60)); then
            last=$SECONDS
            build_progress "$log" $((SECONDS - started)) >&2
        fi
        # Not a plain sleep: the end of the build is seen at once.
        timeout 1 tail --pid="$pid" -f /dev/null || true
    done
    wait "$pid" || status=$?
    trap - INT TERM
    if [[ -t 2 ]]; then printf '\r\033[K' >&2; fi
    if ((status != 0)); then
        say "The build failed. What it said (all of it: $log):"
        { grep -E '(error|fatal):' "$log" || tail -n 30 "$log"; } | awk '!seen[$0]++' | head -n 40 >&2
    fi
    return "$status"
}

# build_progress LOG SECONDS: what a build does, from the end of its output.
build_progress() {
    local step ready total percent share left=""
    step=$(tail -c 4000 "$1" | tr '\r' '\n' | grep -oE '^\[[0-9]+/[0-9]+\]' | tail -n 1)
    if [[ ! $step =~ ([0-9]+)/([0-9]+) ]]; then
        printf 'Fetching packages … %s\n' "$(clock "$2")"
        return 0
    fi
    ready=${BASH_REMATCH[1]} total=${BASH_REMATCH[2]}
    percent=$((total > 0 ? 100 * ready / total : 0))
    # Of a build after an edit the steps that are left tell nothing: two of them may be all of it.
    if ((total < 500)); then
        left=""
    elif ((percent >= 99)); then
        left=", the last steps take as long as all before"
    elif ((percent >= 13 && $2 >= 20)); then
        share=$(time_share "$percent")
        left=", about $(roughly $(($2 * (100 - share) / share))) left"
    fi
    printf 'Building: %d %% (%d of %d steps), %s%s\n' "$percent" "$ready" "$total" "$(clock "$2")" "$left"
}

# time_share PERCENT: how much of the time of a first build has passed when so many of its steps are done, as it was
# measured: many files in C are short steps, the modules of the gateway a few long ones.
time_share() {
    local point last=(0 0) points=("13 16" "37 20" "55 25" "73 29" "91 41" "99 46") steps share
    for point in "${points[@]}"; do
        read -r steps share <<<"$point"
        if (($1 <= steps)); then
            printf '%d' $((last[1] + (share - last[1]) * ($1 - last[0]) / (steps - last[0])))
            return 0
        fi
        last=("$steps" "$share")
    done
    printf '%d' "$share"
}

clock() { printf '%d:%02d' $(($1 / 60)) $(($1 % 60)); }

roughly() { if (($1 < 90)); then printf '%d s' $((($1 + 9) / 10 * 10)); else printf '%d min' $((($1 + 30) / 60)); fi; }
