#!/usr/bin/env bash
# What a person with Debian and nothing else does: `git clone`, `./start.sh --demo`, a first question; in a bare root,
# with the time that each takes. Only the downloads are near: the toolchain of this machine comes from a server that plays
# Swift's download site, and the packages that GitHub has come from the copies in .build/repositories. Debian's packages
# come from Debian. Needs root.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/toolchain.sh
source scripts/toolchain.sh
# shellcheck source=scripts/servers.sh
source scripts/servers.sh
# shellcheck source=scripts/bare-root.sh
source scripts/bare-root.sh
[[ $(id -u) -eq 0 ]] || die "a bare root folder is made as root"
install_packages curl git gpg gpg-agent python3
find_swift
platform=debian12
[[ $(swift_platform) == "$platform" ]] || die "the root is a Debian 12, and this machine's toolchain is for another system"
version=$(swift_version)
swift --version 2>/dev/null | grep -qF "Swift version $version " || die "this machine's toolchain is not Swift $version"
if [[ ! -d .build/repositories ]]; then swift package resolve >&2; fi

work=$(mktemp -d)
gpg=(gpg --homedir "$work/gnupg" --batch --quiet --pinentry-mode loopback --passphrase "")
pid=""
clean_up() {
    if [[ -n $pid ]]; then
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    fi
    stop_servers
    gpgconf --homedir "$work/gnupg" --kill all 2>/dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

say "Packing this machine's toolchain for the download site …"
name=swift-$version-RELEASE-$platform
folder=$work/site/swift-$version-release/$platform/swift-$version-RELEASE
mkdir -p "$folder" "$work/gnupg" "$work/site/keys"
chmod 700 "$work/gnupg"
# The compiler's own word for where it is; what stands on PATH may be a link or a script.
toolchain=$(swift -print-target-info | sed -n 's,.*"runtimeResourcePath": "\(.*\)/usr/lib/swift".*,\1,p')
[[ -x $toolchain/usr/bin/swiftc ]] || die "this machine's toolchain is not where the compiler says: $toolchain"
tar -C "$toolchain" --transform "s,^usr,$name/usr,S" -cf - usr | gzip -1 >"$folder/$name.tar.gz"
"${gpg[@]}" --quick-generate-key "Test of the first hour <test@example.org>" ed25519 sign never
"${gpg[@]}" --armor --export >"$work/site/keys/all-keys.asc"
"${gpg[@]}" --detach-sign --output "$folder/$name.tar.gz.sig" "$folder/$name.tar.gz"
fingerprint=$("${gpg[@]}" --with-colons --list-keys | awk -F: '$1 == "fpr" { print $10; exit }')
start_server site python3 Tests/Install/download_site.py "$work/site"

make_bare_root "$work/root"
cp /etc/resolv.conf "$work/root/etc/resolv.conf"
mkdir -p "$work/root/github"
git clone --quiet --bare . "$work/root/github/dashscope-gateway"
for repository in .build/repositories/*/; do
    cp -a "$repository" "$work/root/github/"
    address=$(git -C "$repository" config remote.origin.url)
    git config --file "$work/root/root/.gitconfig" --add "url./github/$(basename "$repository").insteadOf" "$address"
done

# What the person types; each line of the answers is shown with the seconds since the beginning.
port=$(free_port)
cat >"$work/root/root/typed" <<TYPED
set -e
export SWIFT_DOWNLOAD_URL=$SERVER_URL/good SWIFT_KEYS_URL=$SERVER_URL/good/keys/all-keys.asc SWIFT_SIGNING_KEY=$fingerprint
cd /root
apt-get -qq update
DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends ca-certificates git >/dev/null 2>&1
git clone --quiet /github/dashscope-gateway
cd dashscope-gateway
echo "\$ ./start.sh --demo"
exec ./start.sh --demo --host 127.0.0.1 --port $port
TYPED
started=$SECONDS
mkfifo "$work/said"
while IFS= read -r line; do printf '%5d s  %s\n' $((SECONDS - started)) "$line"; done <"$work/said" | tee "$work/log" &
in_bare_root "$work/root" bash /root/typed >"$work/said" 2>&1 </dev/null &
pid=$!
answer=""
while kill -0 "$pid" 2>/dev/null; do
    if answer=$(curl -fsS "http://127.0.0.1:$port/v1/chat/completions" -H "Authorization: Bearer sk-demo" \
        -H "Content-Type: application/json" \
        -d '{"model": "qwen-plus", "messages": [{"role": "user", "content": "Hello"}]}' 2>/dev/null); then break; fi
    sleep 0.5
done
took=$((SECONDS - started))
[[ $answer == *'"content":"Echo: Hello"'* ]] || die "no answer from a clone in a bare root: $answer"
# Of start.sh, which has become the gateway, the processor time of what it ran is still known.
read -r -a stat < <(sed 's/.*) //' "/proc/$pid/stat")
ticks=$(getconf CLK_TCK)
say "From a clone in a bare Debian root the first answer came after $(clock "$took"), with $(nproc) processors;"
say "it took $((stat[13] / ticks)) s of processor time in programs and $((stat[14] / ticks)) s in the system."
say "On disk: toolchain $(du -sh "$work/root/root/.cache" | cut -f 1), build folder $(du -sh "$work/root/root/dashscope-gateway/.build" | cut -f 1)."
