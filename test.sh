#!/usr/bin/env bash
# Installs what the tests need and runs them, stage after stage.
#
#   ./test.sh                  all stages
#   ./test.sh lint unit        some of them
#   ./test.sh quick            those that need neither root nor containers: for users
#   ./test.sh --list           their names
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
# shellcheck source=scripts/toolchain.sh
source scripts/toolchain.sh
# shellcheck source=scripts/servers.sh
source scripts/servers.sh

# Those of a program, then those of its deployment, which need root, containers and network namespaces.
QUICK=(tree scripts lint build unit release install openai responses anthropic frameworks dashscope readme browser metrics campaign hostile fuzz costs)
DEPLOYMENT=(static-systemd static-containers nginx logrotate systemd acme firewall image compose kubernetes prometheus
    footprint)
# claude-code and codex make a network namespace, attacks a control group, package a root folder.
STAGES=("${QUICK[@]}" package claude-code codex attacks "${DEPLOYMENT[@]}")
# To be asked for by name: these take long.
LONG=(description first-hour image-full engine memory upgrades packages sanitize claude-code-full codex-full langchain fuzz-bytes surplus
    autobahn)

describe() {
    case $1 in
        tree) echo "nothing lies in the repository that must not be there; documents agree with it, with each other and with their translation" ;;
        scripts) echo "shellcheck over the shell scripts, syntax of the Python files" ;;
        lint) echo "swift format in strict mode" ;;
        build) echo "debug build with tests; a warning is an error" ;;
        unit) echo "the Swift tests, on real sockets where they need some" ;;
        release) echo "release build; the file is position independent and bound at the start, what requests run lies together" ;;
        openai) echo "the official openai SDK against the gateway, the emulator behind it" ;;
        responses) echo "the official openai SDK against the Responses API of the gateway" ;;
        anthropic) echo "the official anthropic SDK and langchain-anthropic against the gateway" ;;
        frameworks) echo "openai-agents over chat and Responses; a selection of LangChain's standard tests" ;;
        langchain) echo "LangChain's standard tests: chat, Responses, Messages, thinking models, embeddings" ;;
        claude-code) echo "the real Claude Code against the gateway: text and parallel tools" ;;
        claude-code-full) echo "the real Claude Code, also with pictures, web search, failures and agents" ;;
        codex) echo "the real Codex CLI against the gateway: text and a loop of commands" ;;
        codex-full) echo "the real Codex CLI, also with patches, code mode, pictures and failures" ;;
        dashscope) echo "the official dashscope SDK against the emulator" ;;
        readme) echo "the README's commands against ./start.sh --demo" ;;
        description) echo "what a validator and a generated client make of /openapi.json" ;;
        install) echo "start.sh: a toolchain from a site that is good, damaged, short or missing; what it hands on" ;;
        package) echo "the archive answers in a bare Debian root, the wheel in a fresh Python environment and by uvx" ;;
        first-hour) echo "a clone in a bare Debian root: toolchain, build and first answer by ./start.sh --demo, with their times" ;;
        browser) echo "the pages in Debian's Chromium: a person's path, no error, no request to other hosts" ;;
        metrics) echo "what /metrics prints, read by promtool" ;;
        campaign) echo "several hundred streams while everything around the gateway fails" ;;
        hostile) echo "clients that mean harm" ;;
        fuzz) echo "the API's description, explored by schemathesis" ;;
        costs) echo "instructions grow with the input, whatever grows in it" ;;
        attacks) echo "attacks in 512 MiB, and what other callers see of them" ;;
        fuzz-bytes) echo "parsers and translators under libFuzzer, a minute each" ;;
        autobahn) echo "Autobahn's test suite judges the WebSocket client; needs Python 2.7" ;;
        surplus) echo "50,000 marked calls while upstream sends too much" ;;
        static-systemd) echo "units, nginx, rotation, schedules and kernel settings, read by their own tools" ;;
        static-containers) echo "Dockerfile, compose, Kubernetes, Helm, Swarm, alerts and dashboard, read by their tools" ;;
        nginx) echo "nginx before three instances: streams, limits, TLS, failover" ;;
        logrotate) echo "forced rotation under traffic" ;;
        systemd) echo "the units in a booted systemd" ;;
        acme) echo "certificates by certbot from a local authority" ;;
        firewall) echo "ufw and firewalld between two network namespaces" ;;
        image) echo "the image, run as the guide says" ;;
        compose) echo "compose up, ps, logs, down" ;;
        kubernetes) echo "the Kubernetes deployment by podman play kube" ;;
        prometheus) echo "a real Prometheus scrapes, and alerts when the gateway is gone" ;;
        engine) echo "the container files on real Docker Engines, 20.10 and 26.1: both builders, Compose 1 and 2, Swarm, a key as a file, docker stop" ;;
        memory) echo "200 unfinished uploads against the memory limit of each kit file" ;;
        upgrades) echo "five upgrades under load, of one service, of three behind nginx, of two in Compose; and the way back" ;;
        packages) echo "the .deb installed, upgraded and taken back under load, removed, purged; the .rpm read and unpacked" ;;
        image-full) echo "the image, compiled inside itself as \`docker build .\` does" ;;
        sanitize) echo "the Swift tests under the thread and the address sanitizer" ;;
        footprint) echo "memory, disk and start time within what the guide says" ;;
        *) return 1 ;;
    esac
}

# An archive of the sources has no git.
is_clone() { command -v git >/dev/null 2>&1 && git rev-parse --is-inside-work-tree >/dev/null 2>&1; }
files_like() {
    if is_clone; then git ls-files -co --exclude-standard -- "$1"; else
        find . -name "$1" -not -path './.build*' -not -path './.venv/*' -not -path './dist/*'
    fi
}
shell_scripts() { files_like '*.sh' && printf '.ci/run\n'; }
python_files() { files_like '*.py'; }

# What each stage needs, installed when it is missing.
need_swift() {
    install_packages "${BUILD_PACKAGES[@]}" && find_swift
}
need_clients() {
    prepare_python .venv -r Tests/SDK/requirements.txt
}

stage_tree() {
    if [[ -e .git ]]; then install_packages git || return 1; fi
    if ! is_clone; then
        say "This is no clone: there is nothing that could be tracked by mistake."
        return 77
    fi
    local bad=0 found
    reject() {
        if [[ -n $2 ]]; then
            printf '%s:\n%s\n' "$1" "$2"
            bad=1
        fi
    }
    found=$(git ls-files -- .build '.build*/*' Package.resolved '*/Package.resolved' .venv .env '*.pyc' '*.o' '*.log' '*.pem' '*.key')
    reject "tracked, but made by tools or secret" "$found"
    # The words are divided so that this file does not hold them.
    found=$(git grep -nIE "\b(TO""DO|FIX""ME|XX""X|HA""CK)\b" -- . || true)
    reject "unfinished work" "$found"
    found=$(git grep -nIE "(/wor""k/|/ho""me/[a-z]+/|/Use""rs/[a-z]+/|/tm""p/w/)" -- . || true)
    reject "paths of one machine" "$found"
    found=$(git grep -nIE "sk-[A-Za-z0-9]{28,}" -- . || true)
    reject "what looks like a key" "$found"
    found=$(git grep -nIE "^(<<<<<<<|>>>>>>>) " -- . || true)
    reject "marks of an unfinished merge" "$found"
    found=$(git ls-files -z | xargs -0 -r sh -c 'find "$@" -maxdepth 0 -type f -size +1024k' _)
    reject "files over a megabyte" "$found"
    python3 scripts/check-snippets.py || bad=1
    python3 scripts/check-documents.py || bad=1
    python3 scripts/translate-reference.py --check || bad=1
    python3 scripts/embed-web.py --check || bad=1
    return $bad
}

stage_scripts() {
    install_packages shellcheck || return 1
    command -v python3 >/dev/null 2>&1 || install_packages python3 || return 1
    local files
    mapfile -t files < <(shell_scripts)
    shellcheck -x "${files[@]}" || return 1
    mapfile -t files < <(python_files)
    python3 - "${files[@]}" <<'PYTHON'
import ast, pathlib, sys
for name in sys.argv[1:]:
    ast.parse(pathlib.Path(name).read_text(encoding="utf-8"), name)
PYTHON
}

stage_lint() {
    need_swift || return 1
    local folders=(Package.swift Sources Tests)
    if [[ -d Benchmarks ]]; then folders+=(Benchmarks); fi
    swift format lint --strict --recursive --parallel "${folders[@]}"
}

stage_build() {
    need_swift || return 1
    local log=.build/test-build.log
    mkdir -p .build
    swift build --build-tests 2>&1 | tee "$log" || return 1
    # -warnings-as-errors on the command line would change the flags of the dependencies, too, and build them again.
    # A build from a clean clone prints every warning, later ones only those of files that changed.
    local root
    root=$(pwd -P)
    if grep -E "^(warning: '${root##*/}'|$root/(Package\.swift|Sources/|Tests/|Benchmarks/).*: warning:)" "$log" | sort -u >.build/warnings.log &&
        [[ -s .build/warnings.log ]]; then
        echo "Warnings are errors:"
        cat .build/warnings.log
        # The next build would not print them again: what is known to be wrong must be compiled once more.
        sed -nE 's/^([^:]+\.swift):.*/\1/p' .build/warnings.log | sort -u | xargs -r touch
        return 1
    fi
}

stage_unit() {
    need_swift || return 1
    swift build --build-tests >.build/test-build.log 2>&1 || {
        tail -n 40 .build/test-build.log
        return 1
    }
    # A test that does not end would hold everything up without a word. On Linux the bundle is a program: run directly it
    # can be ended, which a child of `swift test` outlives.
    # All tests at once starve each other: on a slow machine with two cores connections wait for more than their ten seconds.
    export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=${SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH:-16}
    local log=.build/unit.log status=0 bundle=.build/debug/dashscope-gatewayPackageTests.xctest run=(swift test --skip-build)
    if [[ -f $bundle ]]; then run=("$bundle" --testing-library swift-testing); fi
    NO_COLOR=1 timeout --kill-after=30 "${UNIT_TIMEOUT:-1500}" stdbuf -oL "${run[@]}" 2>&1 | tee "$log" || status=${PIPESTATUS[0]}
    if ((status == 124 || status == 137)); then
        echo "The tests did not end within ${UNIT_TIMEOUT:-1500} seconds. Not ended:"
        tests_without_end "$log"
    fi
    return "$status"
}

# The tests of a log that began and neither passed nor failed.
tests_without_end() {
    comm -23 <(sed -nE 's/^. Test ([A-Za-z0-9_]+\([^ ]*\)) started\.$/\1/p' "$1" | sort -u) \
        <(sed -nE 's/^. Test ([A-Za-z0-9_]+\([^ ]*\)) (with .* )?(passed|failed) after .*/\1/p' "$1" | sort -u)
}

stage_release() {
    build_release && check_hardening .build/release/dashscope-gateway && check_order
}

# What the program file must be: position independent, everything bound at the start and read-only then.
check_hardening() {
    [[ $(uname -s) == Linux ]] || return 0
    command -v readelf >/dev/null 2>&1 || install_packages binutils || return 1
    local facts
    facts=$(readelf -hlWd "$1") || return 1
    local wanted bad=0
    for wanted in 'Type:[[:space:]]+DYN' 'BIND_NOW|FLAGS_1.*NOW' 'FLAGS_1.*PIE' GNU_RELRO; do
        if ! grep -qE "$wanted" <<<"$facts"; then
            say "$1 lacks what readelf calls $wanted"
            bad=1
        fi
    done
    if grep -qE 'GNU_STACK.*RWE|TEXTREL' <<<"$facts"; then
        say "$1 has an executable stack, or code that is written to"
        bad=1
    fi
    return $bad
}

check_order() {
    [[ $(uname -s) == Linux ]] || return 0
    GATEWAY_BINARY=.build/release/dashscope-gateway scripts/order-functions.sh --check
}

# The gateway and the emulator behind it, as programs of their own.
start_gateway() {
    start_server emulator .build/release/dashscope-gateway emulate --host 127.0.0.1 --port || return 1
    EMULATOR_URL=$SERVER_URL
    # The short interval lets a check wait for a comment; repetitions must be over before it. Tasks go on with each query.
    DASHSCOPE_BASE_URL=$EMULATOR_URL STREAM_KEEP_ALIVE_INTERVAL=1 UPSTREAM_RETRY_BASE_DELAY=0.05 TASKS_ANSWER_AGE=0 \
        start_server gateway .build/release/dashscope-gateway serve --host 127.0.0.1 --port || return 1
    GATEWAY_URL=$SERVER_URL
}

stage_openai() {
    need_clients && build_release && start_gateway || return 1
    .venv/bin/python Tests/SDK/openai_suite.py --base-url "$GATEWAY_URL/v1" --emulator-url "$EMULATOR_URL" &&
        DASHSCOPE_API_KEY=sk-test .venv/bin/python test_client.py --base-url "$GATEWAY_URL/v1" || return 1
    DASHSCOPE_BASE_URL=$EMULATOR_URL STREAM_ALWAYS_INCLUDE_USAGE=true STREAM_KEEP_ALIVE_INTERVAL=0 MODELS_VERIFY_KEYS=true \
        start_server gateway-settings .build/release/dashscope-gateway serve --host 127.0.0.1 --port || return 1
    .venv/bin/python Tests/SDK/openai_suite.py --settings --base-url "$SERVER_URL/v1" --emulator-url "$EMULATOR_URL"
}

stage_responses() {
    need_clients && build_release && start_gateway || return 1
    .venv/bin/python Tests/SDK/responses_suite.py --base-url "$GATEWAY_URL/v1" --emulator-url "$EMULATOR_URL"
}

stage_anthropic() {
    need_clients && build_release || return 1
    # Limits that checks can pass over, and the names of the suite.
    SERVER_MAXIMUM_BODY_BYTES=4194304 TRANSLATION_MAXIMUM_INLINE_BYTES=1000000 \
        CATALOG_FILE=Tests/SDK/anthropic_checks/aliases.json start_gateway || return 1
    .venv/bin/python Tests/SDK/anthropic_suite.py --base-url "$GATEWAY_URL/v1" --emulator-url "$EMULATOR_URL"
}

stage_frameworks() {
    need_clients && build_release && start_gateway || return 1
    .venv/bin/python Tests/SDK/agents_suite.py --base-url "$GATEWAY_URL/v1" --emulator-url "$EMULATOR_URL" &&
        langchain_standard --short
}

stage_langchain() {
    need_clients && build_release && start_gateway || return 1
    langchain_standard
}

langchain_standard() {
    .venv/bin/python -m pytest -q Tests/SDK/langchain_standard --gateway "$GATEWAY_URL/v1" "$@"
}

stage_claude-code() { scripts/coding-agent.sh claude-code; }
stage_claude-code-full() { scripts/coding-agent.sh claude-code --full; }
stage_codex() { scripts/coding-agent.sh codex; }
stage_codex-full() { scripts/coding-agent.sh codex --full; }

stage_dashscope() {
    need_clients && build_release || return 1
    start_server emulator .build/release/dashscope-gateway emulate --host 127.0.0.1 --port || return 1
    .venv/bin/python Tests/SDK/dashscope_suite.py --base-url "$SERVER_URL/api/v1"
}

stage_readme() {
    need_clients && install_packages curl iproute2 && build_release || return 1
    install_packages openssl || return 1
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
        -keyout .build/readme.key -out .build/readme.pem 2>/dev/null || return 1
    # What the start prints for pasting with other listeners. The port of the second is its operator's.
    local other=(.build/release/dashscope-gateway serve --demo)
    start_server demo-tls "${other[@]}" --host 127.0.0.1 --set "tls.certificate=$PWD/.build/readme.pem" \
        --set "tls.key=$PWD/.build/readme.key" --port || return 1
    # shellcheck disable=SC2016
    start_server demo-socket sh -c 'exec "$1" serve --demo --set "server.listen=unix:$2" --set "admin.listen=http://127.0.0.1:$3"' \
        sh "${other[0]}" "$PWD/.build/readme.sock" || return 1
    start_server demo ./start.sh --demo --host 127.0.0.1 --port || return 1
    PATH="$PWD/.venv/bin:$PATH" python3 scripts/run-readme.py --base-url "$SERVER_URL" --banner .build/demo.log \
        --banner .build/demo-tls.log --banner .build/demo-socket.log README.md README.zh-CN.md
}

stage_metrics() {
    need_clients && install_packages curl && install_programs prometheus && build_release && start_gateway || return 1
    DASHSCOPE_API_KEY=sk-test .venv/bin/python test_client.py --base-url "$GATEWAY_URL/v1" || return 1
    curl -fsS "$GATEWAY_URL/metrics" | promtool check metrics || return 1
    # promtool knows no OpenMetrics: there the end must be said.
    curl -fsS -H 'Accept: application/openmetrics-text' "$GATEWAY_URL/metrics" | tail -n 1 | grep -qx '# EOF'
}

stage_description() {
    need_clients && prepare_python .venv openapi-python-client openapi-spec-validator && build_release || return 1
    start_server described .build/release/dashscope-gateway serve --demo --host 127.0.0.1 --port || return 1
    .venv/bin/python Tests/SDK/description_suite.py --base-url "$SERVER_URL"
}

stage_install() { build_release && scripts/check-install.sh; }

stage_browser() {
    if ! command -v chromium >/dev/null 2>&1 && ! install_packages chromium fonts-noto-cjk; then
        say "There is no Chromium, and it cannot be installed without root."
        return 77
    fi
    install_packages jq || return 1
    command -v node >/dev/null 2>&1 || install_packages nodejs || return 1
    need_clients && prepare_python .venv playwright && build_release || return 1
    local packages=()
    if javascript_sdks; then packages=(--packages .build/javascript); fi
    start_server pages .build/release/dashscope-gateway serve --demo --host 127.0.0.1 --port || return 1
    .venv/bin/python Tests/SDK/browser_suite.py --base-url "$SERVER_URL" ${packages[@]+"${packages[@]}"}
}

# The SDKs that the playground's JavaScript code imports, in .build/javascript.
javascript_sdks() {
    if command -v npm >/dev/null 2>&1 && node -e 'process.exit(parseInt(process.versions.node) < 22 ? 1 : 0)' &&
        npm install --prefix .build/javascript --silent --no-audit --no-fund --fetch-retries=0 openai @anthropic-ai/sdk \
            >.build/javascript.log 2>&1; then
        return 0
    fi
    say "Without npm and Node.js 22 stand-ins take the calls of the JavaScript code (Tests/SDK/javascript)."
    return 1
}

stage_package() { scripts/check-package.sh; }
stage_first-hour() { scripts/first-hour.sh; }

stage_campaign() { need_clients && build_release && scripts/campaign.sh; }
stage_hostile() { need_clients && build_release && scripts/hostile.sh; }
stage_fuzz() { need_clients && build_release && scripts/fuzz-api.sh; }
stage_costs() { scripts/costs.sh; }
stage_attacks() { need_clients && build_release && scripts/attacks.sh; }
stage_autobahn() { need_swift && scripts/autobahn.sh; }
stage_surplus() { need_clients && build_release && scripts/surplus.sh; }
stage_fuzz-bytes() { scripts/fuzz.sh; }

# The proofs of the deployment are programs of their own.
deployment_stage() { build_release && "scripts/deploy/$1.sh"; }
for name in "${DEPLOYMENT[@]}"; do eval "stage_$name() { deployment_stage $name; }"; done

stage_engine() { deployment_stage engine && ENGINE=26.1 deployment_stage engine && deployment_stage swarm; }
stage_memory() { deployment_stage memory; }
stage_upgrades() { deployment_stage upgrades && deployment_stage compose-upgrades; }
stage_packages() { deployment_stage packages; }
stage_image-full() { scripts/deploy/image.sh --full; }
stage_sanitize() { scripts/sanitize.sh; }

# Seconds that a stage of the default run may take; those asked for by name have no bound.
STAGE_TIMEOUT=${STAGE_TIMEOUT:-2400}

# Runs one stage as a process group of its own, so that its servers end with it and a stage that hangs can be ended whole.
run_stage() {
    local name=$1 limit=$STAGE_TIMEOUT stage watchdog="" status=0 expired interrupted=""
    if [[ " ${LONG[*]} " == *" $name "* ]]; then limit=0; fi
    expired=$(mktemp)
    set -m
    (
        set -e
        trap stop_servers EXIT
        trap 'exit 130' INT TERM
        "stage_$name"
    ) </dev/null &
    stage=$!
    if ((limit > 0)); then
        (
            sleep "$limit"
            echo expired >"$expired"
            kill -TERM -- "-$stage"
            sleep 30
            kill -KILL -- "-$stage"
        ) </dev/null >/dev/null 2>&1 &
        watchdog=$!
    fi
    set +m
    # A group of its own does not get what the terminal sends.
    trap 'interrupted=yes; kill -TERM -- "-$stage" 2>/dev/null' INT TERM
    # A trap ends the first wait; the stage ends a moment later.
    wait "$stage" || status=$?
    while kill -0 "$stage" 2>/dev/null; do wait "$stage" || status=$?; done
    trap - INT TERM
    if [[ -n $watchdog ]]; then kill -TERM -- "-$watchdog" 2>/dev/null; fi
    if [[ -s $expired ]]; then
        echo "The stage $name did not end within $limit seconds (STAGE_TIMEOUT)."
        status=1
    fi
    rm -f "$expired"
    if [[ -n $interrupted ]]; then status=130; fi
    return "$status"
}

requested=()
for argument in "$@"; do
    case $argument in
        --list)
            for name in "${STAGES[@]}" "${LONG[@]}"; do printf '%-18s %s\n' "$name" "$(describe "$name")"; done
            exit 0
            ;;
        quick) requested+=("${QUICK[@]}") ;;
        deployment) requested+=("${DEPLOYMENT[@]}") ;;
        -h | --help)
            echo "Usage: ./test.sh [--list] [quick | deployment | STAGE…]   stages: ${STAGES[*]}"
            exit 0
            ;;
        *)
            describe "$argument" >/dev/null || die "there is no stage \"$argument\"; the stages are: ${STAGES[*]}"
            requested+=("$argument")
            ;;
    esac
done
((${#requested[@]} > 0)) || requested=("${STAGES[@]}")

passed=0 failed=0 skipped=0 report=""
for name in "${requested[@]}"; do
    printf '\n=== %s: %s\n' "$name" "$(describe "$name")"
    started=$SECONDS
    # Not `if run_stage`: then errexit would be off inside.
    set +e
    run_stage "$name"
    status=$?
    set -e
    ((status == 130)) && exit 130
    case $status in
        0) result=passed passed=$((passed + 1)) ;;
        # What a stage needs cannot be had; it has said so.
        77) result=SKIPPED skipped=$((skipped + 1)) ;;
        *) result=FAILED failed=$((failed + 1)) ;;
    esac
    printf '=== %s %s in %d s\n' "$name" "$result" $((SECONDS - started))
    report+=$(printf '%-18s %-7s %5d s' "$name" "$result" $((SECONDS - started)))$'\n'
done
printf '\n%s%d passed, %d failed' "$report" "$passed" "$failed"
if ((skipped > 0)); then printf ', %d SKIPPED' "$skipped"; fi
printf '\n'
((failed == 0))
