#!/usr/bin/env bash
# Feeds parsers and translators with bytes that libFuzzer makes up, under the address sanitizer: see Tests/FuzzTargets.
#
#   scripts/fuzz.sh                       a minute for each target
#   scripts/fuzz.sh 600                   ten minutes for each
#   scripts/fuzz.sh 60 json chat-request  some targets
#
# Builds everything again in a folder of its own (.build-fuzz): some ten minutes the first time. What was found stays
# there: inputs that reach something new in .build-fuzz/found, inputs that break something in .build-fuzz/broken.
# Settings: FUZZ_JOBS (compilers at once), FUZZ_BUILT (not empty: the fuzzer is there).
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/toolchain.sh
source scripts/toolchain.sh

ALL=(http-request http-response http1-connection http2-connection proxy-header forwarded-for json events multipart chat-request messages-request
    responses-request completions-request chat-reply embeddings-request rerank-request images-request transcriptions-request videos-request
    embeddings-reply images-reply videos-reply transcripts speech-request speech-reply speech-session wave)
folder=.build-fuzz
seconds=60
if [[ ${1:-} =~ ^[0-9]+$ ]]; then
    seconds=$1
    shift
fi
targets=("$@")
((${#targets[@]} > 0)) || targets=("${ALL[@]}")
for target in "${targets[@]}"; do
    [[ " ${ALL[*]} " == *" $target "* ]] || die "there is no target \"$target\"; there are: ${ALL[*]}"
done

install_packages "${BUILD_PACKAGES[@]}" || say "Going on without them; the build may tell what it misses."
find_swift
mkdir -p "$folder"
# Optimized, because an input costs a tenth of it then; assertions stay on.
# The compiler looks at the last list of sanitizers only, and the package manager writes two.
if [[ -z ${FUZZ_BUILT:-} ]] && ! GATEWAY_FUZZ=1 nice -n 10 swift build -c release --product gateway-fuzzer --scratch-path "$folder" \
    -j "${FUZZ_JOBS:-$(nproc)}" --sanitize=fuzzer --sanitize=address -Xswiftc -sanitize=address,fuzzer -Xswiftc -assert-config -Xswiftc Debug \
    >"$folder/build.log" 2>&1; then
    tail -n 40 "$folder/build.log"
    die "the fuzzer was not built"
fi

# The value behind a name in what libFuzzer says last.
figure() { { grep -oE "$1 *[0-9]+" "$2" || true; } | tail -n 1 | grep -oE '[0-9]+$' || echo 0; }

# Words of the committed inputs, for the fuzzer to put together.
words() {
    { grep -ahoE '"[A-Za-z0-9_.-]{2,40}"|[A-Za-z][A-Za-z_-]{2,30}:' "Tests/Corpora/$1"/* || true; } | sort -u |
        sed 's/"/\\"/g; s/.*/"&"/'
}

failed=0
for target in "${targets[@]}"; do
    found=$folder/found/$target broken=$folder/broken log=$folder/$target.log
    mkdir -p "$found" "$broken"
    words "$target" >"$folder/$target.words"
    dictionary=()
    if [[ -s $folder/$target.words ]]; then dictionary=(-dict="$folder/$target.words"); fi
    status=0
    # Leaks are looked for by the sanitize stage, which knows what Swift hides from the detector.
    GATEWAY_FUZZ_TARGET=$target SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0 nice -n 10 \
        "$folder/release/gateway-fuzzer" "$found" "Tests/Corpora/$target" -max_total_time="$seconds" \
        ${dictionary[@]+"${dictionary[@]}"} -max_len=4096 -timeout=60 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="$broken/$target-" >"$log" 2>&1 || status=$?
    crashes=0
    if ((status != 0)); then
        crashes=1
        failed=1
    fi
    printf '%-18s %10d inputs  %6d edges  %5d kept  %d crashes\n' "$target" \
        "$(figure 'stat::number_of_executed_units:' "$log")" "$(figure 'cov:' "$log")" \
        "$(find "$found" -type f | wc -l)" "$crashes"
    if ((status != 0)); then
        { grep -E 'Fatal error|SUMMARY|Test unit written|ERROR: ' "$log" || tail -n 20 "$log"; } | sort -u | sed 's/^/    /'
    fi
done
((failed == 0))
