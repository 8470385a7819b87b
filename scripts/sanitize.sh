#!/usr/bin/env bash
# Runs the Swift tests under a sanitizer. Before its silence is believed, small programs show that it speaks.
#
#   ./scripts/sanitize.sh                 thread, then address
#   ./scripts/sanitize.sh thread          one of them
#
# Each builds everything in a folder of its own (.build-thread, .build-address): four to twelve minutes the first time
# on two cores. Settings: SANITIZE_JOBS (compilers at once), SANITIZE_WIDTH (tests at once).
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/toolchain.sh
source scripts/toolchain.sh

JOBS=${SANITIZE_JOBS:-$(nproc)}
# Every test has a limit of a minute. An instrumented program is slow: with all tests at once each would wait its minute.
WIDTH=${SANITIZE_WIDTH:-4}
# Seconds for a case of the control program and for all tests; what takes longer hangs.
CONTROL_LIMIT=60 TESTS_LIMIT=1800
races=suppressions=$PWD/scripts/sanitize/races.supp
passed=0 failed=0 summary=""

report() {
    local result=$1 text=$2
    if [[ $result == ok ]]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
    printf '%-5s %s\n' "$result" "$text"
    summary+=$(printf '%-5s %s' "$result" "$text")$'\n'
}

# Reports the outcome of the command behind the text.
check() {
    local text=$1
    shift
    if "$@"; then report ok "$text"; else report FAIL "$text"; fi
}

# Whether a case of the control program ends well, without a word of the sanitizer.
silent() {
    local log=$folder/control.log
    if timeout "$CONTROL_LIMIT" "$@" >"$log" 2>&1 && ! grep -q 'Sanitizer:' "$log"; then return 0; fi
    cat "$log"
    return 1
}

# Whether the sanitizer reports a case of the control program in the given words, and fails the program for it.
reported() {
    local words=$1 log=$folder/control.log
    shift
    if ! timeout "$CONTROL_LIMIT" "$@" >"$log" 2>&1 && grep -qE "Sanitizer: $words" "$log"; then return 0; fi
    echo "expected a report of: $words"
    cat "$log"
    return 1
}

compile_control() {
    local log=$folder/compile.log
    # gold warns of a hundred symbols of the run time that it does not export; nobody imports them.
    if swiftc -swift-version 6 -warnings-as-errors -g -Onone "-sanitize=$sanitizer" scripts/sanitize/control.swift \
        "${@:2}" -o "$1" >"$log" 2>&1; then return 0; fi
    cat "$log"
    return 1
}

thread_controls() {
    # A thousand times the same report would take minutes.
    export TSAN_OPTIONS=halt_on_error=1:$races
    local control=$folder/control words='(Swift access|data) race' annotations
    # Named for its content: the package manager links again when its arguments change, not when such a file does.
    annotations=$folder/runtime-annotations-$(cksum <scripts/sanitize/runtime-annotations.c | cut -d ' ' -f 1).o
    link=(-Xlinker "$annotations")
    "$(dirname "$(command -v swift)")/clang" -std=c17 -Wall -Wextra -Werror -O1 -g \
        -c scripts/sanitize/runtime-annotations.c -o "$annotations" &&
        compile_control "$folder/control-bare" && compile_control "$control" "${link[@]}" || return 1
    local case
    for case in locked continued; do
        if silent "$folder/control-bare" "$case" >/dev/null; then
            echo "note  $label: this toolchain needs no annotations for the case \"$case\" any more"
        else
            echo "note  $label: without annotations the case \"$case\" is reported, though it is correct"
        fi
    done
    check "$label: no lock needed, none reported" silent "$control" plain
    check "$label: a contended Mutex is not reported" silent "$control" locked
    check "$label: a continuation that is resumed early is not reported" silent "$control" continued
    check "$label: a continuation that is resumed while it is awaited is not reported" silent "$control" continued at-once
    check "$label: a counter without a lock is reported" reported "$words" "$control" unlocked
    check "$label: a counter under two locks is reported" reported "$words" "$control" other-lock
    check "$label: an access beside a contended lock is reported" reported "$words" "$control" beside-lock
}

address_controls() {
    local control=$folder/control
    export LSAN_OPTIONS="suppressions=$PWD/scripts/sanitize/leaks.supp:print_suppressions=0"
    compile_control "$control" || return 1
    check "$label: correct use of memory is not reported" silent "$control" plain
    check "$label: reading freed memory is reported" reported heap-use-after-free "$control" freed
    check "$label: reading behind a block is reported" reported heap-buffer-overflow "$control" beyond
    check "$label: a leak is reported" reported 'detected memory leaks' "$control" leaked
    if silent "$control" held >/dev/null; then
        echo "note  $label: this toolchain's leak detection follows enums; most of scripts/sanitize/leaks.supp may go"
    else
        echo "note  $label: leak detection takes what an enum holds for lost: the suppressions are needed"
    fi
}

# Builds the tests and runs all of them, instrumented.
tests() {
    local build=$folder/build.log log=$folder/test.log
    local options=("--sanitize=$sanitizer" --scratch-path "$scratch" "${link[@]}")
    if ! swift build --build-tests -j "$JOBS" "${options[@]}" >"$build" 2>&1; then
        tail -n 40 "$build"
        report FAIL "$label: the tests are built"
        return
    fi
    rm -rf "$folder/reports"
    mkdir "$folder/reports"
    # Reports go to files, whichever process makes them; after a race the tests go on.
    local common="log_path=$folder/reports/report:halt_on_error=0" status=0
    TSAN_OPTIONS="$common:second_deadlock_stack=1:$races" ASAN_OPTIONS="$common:detect_leaks=1" SWIFT_BACKTRACE=enable=no \
        timeout "$TESTS_LIMIT" swift test --skip-build --experimental-maximum-parallelization-width "$WIDTH" "${options[@]}" \
        >"$log" 2>&1 || status=$?
    local sum
    sum=$(grep -E 'Test run with [0-9]+ tests' "$log" | tail -n 1 | sed 's/^[^T]*//') || true
    if ((status != 0)); then
        grep -E '✘|error:' "$log" | head -n 60 || true
        tail -n 5 "$log"
    fi
    # A run of nothing would pass, too.
    check "$label: ${sum:-the tests did not come to their end}" test "$status" -eq 0 -a -n "$sum" -a "${sum#Test run with 0 }" = "$sum"
    local files=("$folder"/reports/*)
    if [[ -e ${files[0]} ]]; then
        cat "${files[@]}" | swift demangle
        report FAIL "$label: $(cat "${files[@]}" | grep -c '^SUMMARY:') reports in $folder/reports"
    else
        report ok "$label: no reports"
    fi
}

run() {
    sanitizer=$1
    label="$sanitizer sanitizer"
    scratch=.build-$sanitizer
    folder=$PWD/$scratch/sanitize
    link=()
    mkdir -p "$folder"
    printf '\n=== %s\n' "$label"
    local started=$SECONDS
    if "${sanitizer}_controls"; then tests; else report FAIL "$label: the control program is built"; fi
    printf '=== %s: %d s\n' "$label" $((SECONDS - started))
}

requested=()
for argument in "$@"; do
    case $argument in
        thread | address) requested+=("$argument") ;;
        -h | --help)
            echo "Usage: scripts/sanitize.sh [thread | address]…"
            exit 0
            ;;
        *) die "there is no sanitizer \"$argument\"; there are: thread address" ;;
    esac
done
((${#requested[@]} > 0)) || requested=(thread address)

install_packages "${BUILD_PACKAGES[@]}" || say "Going on without them; the build may tell what it misses."
find_swift
for name in "${requested[@]}"; do run "$name"; done
printf '\n%s%d passed, %d failed\n' "$summary" "$passed" "$failed"
((failed == 0))
