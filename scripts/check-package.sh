#!/usr/bin/env bash
# Makes the packages and installs each where nothing of the build is: the archive in a bare Debian root, the wheel in a
# fresh Python environment. Needs root, for the root folder.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/toolchain.sh
source scripts/toolchain.sh
# shellcheck source=scripts/servers.sh
source scripts/servers.sh
[[ $(id -u) -eq 0 ]] || die "a bare root folder is made as root"
install_packages binutils curl mmdebstrap python3 python3-venv

work=$(mktemp -d)
pid=""
clean_up() {
    if [[ -n $pid ]]; then kill "$pid" 2>/dev/null || true; fi
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

scripts/package.sh "$work/dist"
(cd "$work/dist" && sha256sum --check ./*.sha256)

# Only what every Debian has; the list of packages is part of the name, so that a longer list makes a new root.
root_archive=.build/bare-debian.tar
if [[ ! -e $root_archive ]]; then
    say "Making a bare Debian root (about a minute, once) …"
    mmdebstrap --quiet --variant=minbase --dpkgopt=path-exclude='/usr/share/doc/*' \
        --dpkgopt=path-exclude='/usr/share/man/*' --dpkgopt=path-exclude='/usr/share/locale/*' \
        bookworm "${root_archive%.tar}.new.tar" && mv "${root_archive%.tar}.new.tar" "$root_archive"
fi
mkdir "$work/root"
tar -xf "$root_archive" -C "$work/root" --exclude='./dev/*'
mkdir -p "$work/root/dev" "$work/root/opt"
for device in null urandom; do cp -a "/dev/$device" "$work/root/dev/$device"; done

# From here the clock runs: unpacking, start, first answer.
started=${EPOCHREALTIME//[.,]/}
cp "$work"/dist/*.tar.gz "$work/root/opt/"
chroot "$work/root" sh -c 'cd /opt && tar -xzf ./*.tar.gz && mv dashscope-gateway-*/ gateway'
port=$(free_port)
# /proc as on any machine and in any container; it goes with the process.
unshare --mount --propagation private sh -c "mkdir -p '$work/root/proc' && mount -t proc proc '$work/root/proc' &&
    exec chroot '$work/root' /opt/gateway/dashscope-gateway serve --demo --host 127.0.0.1 --port $port" >"$work/log" 2>&1 &
pid=$!
answer=""
for ((attempt = 0; attempt < 600; attempt++)); do
    if answer=$(curl -fsS "http://127.0.0.1:$port/v1/chat/completions" -H "Authorization: Bearer sk-demo" \
        -H "Content-Type: application/json" \
        -d '{"model": "qwen-plus", "messages": [{"role": "user", "content": "Hello"}]}' 2>/dev/null); then break; fi
    if ! kill -0 "$pid" 2>/dev/null; then break; fi
    sleep 0.1
done
took=$(((${EPOCHREALTIME//[.,]/} - started) / 1000))
[[ $answer == *'"content":"Echo: Hello"'* ]] || {
    cat "$work/log"
    die "the archive's program does not answer in a bare root: $answer"
}
[[ ! -e $work/root/usr/bin/swift ]] || die "the root is not bare"
say "In a bare Debian root the archive gave its first answer after $took ms, unpacking included."
((took < 60000)) || die "that is more than a minute"

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --no-index "$work"/dist/*.whl
"$work/venv/bin/python" Tests/SDK/wheel_suite.py --command "$work/venv/bin/dashscope-gateway"
