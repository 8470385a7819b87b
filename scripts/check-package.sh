#!/usr/bin/env bash
# Makes the packages and installs each where nothing of the build is: the archive in a bare Debian root, the wheel in a
# fresh Python environment. Needs root, for the root folder.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/toolchain.sh
source scripts/toolchain.sh
# shellcheck source=scripts/servers.sh
source scripts/servers.sh
# shellcheck source=scripts/bare-root.sh
source scripts/bare-root.sh
[[ $(id -u) -eq 0 ]] || die "a bare root folder is made as root"
install_packages binutils curl python3 python3-venv

work=$(mktemp -d)
pid=""
clean_up() {
    if [[ -n $pid ]]; then kill "$pid" 2>/dev/null || true; fi
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# Asks what listens on the port, until it answers or the process has ended; the answer is left in `answer`.
ask_until_it_answers() {
    local attempt
    for ((attempt = 0; attempt < 600; attempt++)); do
        if answer=$(curl -fsS "http://127.0.0.1:$port/v1/chat/completions" -H "Authorization: Bearer sk-demo" \
            -H "Content-Type: application/json" \
            -d '{"model": "qwen-plus", "messages": [{"role": "user", "content": "Hello"}]}' 2>/dev/null); then break; fi
        if ! kill -0 "$pid" 2>/dev/null; then break; fi
        sleep 0.1
    done
}

milliseconds_since() { echo $(((${EPOCHREALTIME//[.,]/} - $1) / 1000)); }

scripts/package.sh "$work/dist"
(cd "$work/dist" && sha256sum --check ./*.sha256)

make_bare_root "$work/root"
mkdir -p "$work/root/opt"

# From here the clock runs: unpacking, start, first answer.
started=${EPOCHREALTIME//[.,]/}
cp "$work"/dist/*.tar.gz "$work/root/opt/"
chroot "$work/root" sh -c 'cd /opt && tar -xzf ./*.tar.gz && mv dashscope-gateway-*/ gateway'
port=$(free_port)
in_bare_root "$work/root" /opt/gateway/dashscope-gateway serve --demo --host 127.0.0.1 --port "$port" >"$work/log" 2>&1 &
pid=$!
answer=""
ask_until_it_answers
took=$(milliseconds_since "$started")
[[ $answer == *'"content":"Echo: Hello"'* ]] || {
    cat "$work/log"
    die "the archive's program does not answer in a bare root: $answer"
}
say "In a bare Debian root the archive gave its first answer after $took ms, unpacking included."
((took < 60000)) || die "that is more than a minute"

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --no-index "$work"/dist/*.whl
"$work/venv/bin/python" Tests/SDK/wheel_suite.py --command "$work/venv/bin/dashscope-gateway"

# The same by uvx, as README has it, without an index: the wheel needs none.
python3 -m venv "$work/uv"
"$work/uv/bin/pip" install --quiet --disable-pip-version-check uv
kill "$pid"
wait "$pid" || true
port=$(free_port)
started=${EPOCHREALTIME//[.,]/}
env UV_OFFLINE=1 UV_NO_INDEX=1 UV_PYTHON_DOWNLOADS=never UV_CACHE_DIR="$work/uv-cache" UV_TOOL_DIR="$work/uv-tools" \
    "$work/uv/bin/uvx" --from "$work"/dist/dashscope_gateway-*.whl dashscope-gateway serve --demo --host 127.0.0.1 \
    --port "$port" >"$work/log" 2>&1 &
pid=$!
ask_until_it_answers
took=$(milliseconds_since "$started")
[[ $answer == *'"content":"Echo: Hello"'* ]] || {
    cat "$work/log"
    die "the wheel's program does not answer by uvx: $answer"
}
say "By uvx the wheel gave its first answer after $took ms."
kill "$pid"
# The gateway is a child of uvx.
for ((attempt = 0; attempt < 100; attempt++)); do
    if ! curl -s -o /dev/null "http://127.0.0.1:$port/health"; then break; fi
    sleep 0.1
done
((attempt < 100)) || die "uvx has ended, but not the gateway"
