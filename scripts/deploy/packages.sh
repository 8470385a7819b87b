#!/usr/bin/env bash
# The life of the .deb in a small Debian machine that boots systemd: installed, upgraded and taken back under load, a program
# that does not start, removed, installed again, purged. The .rpm is read by rpm and unpacked into a root of its own: no system of the
# RHEL family can be had here.
# shellcheck source=scripts/deploy/lib.sh
# shellcheck disable=SC2016
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=scripts/deploy/machine-lib.sh
source scripts/deploy/machine-lib.sh
begin packages
need_gateway
need_packages binutils man-db rpm shellcheck

# --- Made. ---
make() { scripts/system-packages.sh --program "$BIN" --version "$1" "$W/dist"; }
check "packages of 1.0.0" make 1.0.0
check "packages of 1.1.0" make 1.1.0
deb() { echo "$W/dist/dashscope-gateway_$1_$(dpkg --print-architecture).deb"; }
[[ -e $(deb 1.0.0) && -e $(deb 1.1.0) ]] || cannot "there are no packages"
rpm=$(echo "$W"/dist/dashscope-gateway-1.0.0-*.rpm)
check "checksums" bash -c "cd '$W/dist' && sha256sum --check --quiet ./*.sha256"
cp "$(deb 1.0.0)" "$W/first.deb"
make 1.0.0 >/dev/null
check "made twice it is the same to the byte" cmp "$W/first.deb" "$(deb 1.0.0)"
spdx() {
    python3 - "$W/dist/dashscope-gateway-1.0.0.spdx.json" Package.resolved <<'PYTHON'
import json, sys
bom, resolved = (json.load(open(name)) for name in sys.argv[1:])
versions = {entry["name"]: entry["versionInfo"] for entry in bom["packages"]}
for pin in resolved["pins"]:
    assert versions[pin["identity"]] == pin["state"]["version"], pin
assert bom["spdxVersion"] == "SPDX-2.3" and versions["dashscope-gateway"] == "1.0.0"
assert len({entry["SPDXID"] for entry in bom["packages"]}) == len(bom["packages"])
PYTHON
}
check "the SBOM names every resolved package with its version" spdx
check "the package's scripts pass shellcheck" shellcheck packaging/system/*.sh

# --- A program that answers everything but serves nothing, as 1.2.0. ---
dpkg-deb -R "$(deb 1.1.0)" "$W/broken"
mv "$W/broken/usr/bin/dashscope-gateway" "$W/broken/usr/bin/dashscope-gateway.whole"
printf '#!/bin/sh\ncase $1 in serve) exit 3 ;; *) exec /usr/bin/dashscope-gateway.whole "$@" ;; esac\n' >"$W/broken/usr/bin/dashscope-gateway"
chmod 755 "$W/broken/usr/bin/dashscope-gateway"
sed -i 's/^Version: .*/Version: 1.2.0/' "$W/broken/DEBIAN/control"
dpkg-deb --root-owner-group -b "$W/broken" "$W/dist/broken.deb" >/dev/null

boot_machine "$W/dist:/mnt/dist:ro" "$PWD/deploy:/mnt/deploy:ro" "$PWD/packaging/system:/mnt/system:ro"
in_shell "systemd-run -q --unit=emulator /mnt/dashscope-gateway emulate --host 127.0.0.1 --port 19001"
inside_deb() { echo "/mnt/dist/$(basename "$(deb "$1")")"; }
put_deb() { machine env DEBIAN_FRONTEND=noninteractive dpkg -i "$(inside_deb "$1")"; }
installed() { machine dpkg-query -W -f '${db:Status-Status} ${Version}' dashscope-gateway 2>/dev/null; }
pid() { machine systemctl show --value -p MainPID dashscope-gateway.service; }
exists() { machine test -e "$1"; }

# --- Installed. ---
check "dpkg -i" put_deb 1.0.0
equal "installed" "installed 1.0.0" "$(installed)"
equal "the service runs, and at boot" "active enabled enabled" \
    "$(machine systemctl is-active dashscope-gateway.service) $(machine systemctl is-enabled dashscope-gateway.service) $(machine systemctl is-enabled dashscope-gateway.socket)"
check "it serves" wait_for 20 serves
equal "the user has no login" "/usr/sbin/nologin" "$(in_shell "getent passwd dashscope | cut -d : -f 7")"
equal "settings are the service's to read, nobody else's" "640 root dashscope 750 root dashscope" \
    "$(machine stat -c '%a %U %G' /etc/dashscope-gateway/gateway.env) $(machine stat -c '%a %U %G' /etc/dashscope-gateway)"
equal "they are conffiles" "/etc/dashscope-gateway/gateway.env /etc/dashscope-gateway/gateway.yaml /etc/logrotate.d/dashscope-gateway" \
    "$(in_shell "dpkg-query -W -f '\${Conffiles}' dashscope-gateway | awk '{ print \$1 }' | sort | xargs")"
check "logrotate takes its rule" machine logrotate -d /etc/logrotate.d/dashscope-gateway
check "and runs hourly" in_shell "systemctl show -p TimersCalendar logrotate.timer | grep -q 'OnCalendar=\*-\*-\* \*:00:00'"
matches "its licences" "swift-nio: https://github.com/apple/swift-nio" "$(machine dashscope-gateway licenses)"
# What is left out of the machine's image are manual pages and documents: the package itself has them.
dpkg-deb -x "$(deb 1.0.0)" "$W/tree"
matches "the manual page" "healthcheck" "$(MANWIDTH=100 man -l "$W/tree/usr/share/man/man1/dashscope-gateway.1.gz" 2>&1 | col -b)"
matches "the copyright names the packages" "Notice of swift-nio" "$(cat "$W/tree/usr/share/doc/dashscope-gateway/copyright")"
complete() {
    bash -c 'source "$1"; COMP_WORDS=(dashscope-gateway health) COMP_CWORD=1 COMP_LINE="dashscope-gateway health" COMP_POINT=24
        "$(complete -p dashscope-gateway | sed "s/.*-F \([^ ]*\).*/\1/")" dashscope-gateway health dashscope-gateway; printf "%s\n" "${COMPREPLY[@]}"' \
        _ "$W/tree/usr/share/bash-completion/completions/dashscope-gateway"
}
equal "bash completes commands" healthcheck "$(complete 2>&1 | tail -n 1)"
equal "the program is stripped" "" "$(readelf -SW "$W/tree/usr/bin/dashscope-gateway" | grep -oE '\.(symtab|debug_info)' || true)"
check "its own health check agrees" machine dashscope-gateway healthcheck

# --- Upgraded and taken back, under load. ---
in_shell "sed -i 's|^#DASHSCOPE_BASE_URL=.*|DASHSCOPE_BASE_URL=http://127.0.0.1:19001|' /etc/dashscope-gateway/gateway.env"
check "dashscope-gateway-restart" machine dashscope-gateway-restart
replace() { if (($1 % 2)); then put_deb 1.1.0; else put_deb 1.0.0; fi; }
before=$(pid)
under_load upgrade http://127.0.0.1:8000 3 replace
judge "upgrade, downgrade and upgrade drop and stall nothing"
equal "the last one is installed" "installed 1.1.0" "$(installed)"
check "by another process" test "$before" != "$(pid)"
check "settings that were changed are kept" in_shell "grep -q '^DASHSCOPE_BASE_URL=http://127.0.0.1:19001' /etc/dashscope-gateway/gateway.env"
equal "the twin is gone" inactive "$(machine systemctl is-active dashscope-gateway-twin.service || true)"

# --- One that does not start. ---
before=$(pid)
if machine dpkg -i /mnt/dist/broken.deb >"$W/broken.log" 2>&1; then
    fail "an upgrade to a program that does not start fails" "it did not"
else
    ok "an upgrade to a program that does not start fails"
fi
equal "the process before it goes on" "$before" "$(pid)"
check "and serves" serves
check "the next good package mends it" put_deb 1.1.0
equal "installed again" "installed 1.1.0" "$(installed)"
check "which serves" wait_for 20 serves

# --- Stopped by the operator: an upgrade leaves it. ---
machine systemctl disable --now -q dashscope-gateway.socket dashscope-gateway.service
check "an upgrade of a service that is off" put_deb 1.0.0
equal "leaves it off" "inactive disabled" \
    "$(machine systemctl is-active dashscope-gateway.service || true) $(machine systemctl is-enabled dashscope-gateway.service || true)"

# --- Removed, installed again, purged. ---
check "dpkg -r" machine dpkg -r dashscope-gateway
equal "settings stay" "config-files 1.0.0" "$(installed)"
check "the settings' files, too" exists /etc/dashscope-gateway/gateway.env
check "the program is gone" in_shell "! command -v dashscope-gateway"
check "dpkg -i after a removal" put_deb 1.1.0
check "serves again" wait_for 20 serves
check "with the settings of before" in_shell "grep -q '^DASHSCOPE_BASE_URL=http://127.0.0.1:19001' /etc/dashscope-gateway/gateway.env"
# rpm calls the same scripts with numbers.
before=$(pid)
check "rpm's word for an upgrade" machine /mnt/system/postinstall.sh 2
check "replaces the process" test "$before" != "$(pid)"
machine /mnt/system/preremove.sh 1
equal "rpm's word for the removal of the older package leaves the service" active "$(machine systemctl is-active dashscope-gateway.service)"
matches "rpm's word for a first installation starts nothing" "systemctl enable --now dashscope-gateway.socket" "$(machine /mnt/system/postinstall.sh 1)"
check "dpkg -P" machine dpkg -P dashscope-gateway
equal "nothing is left" "" "$(in_shell "find / -xdev -path /proc -prune -o -path /mnt -prune -o -name '*dashscope*' -print 2>/dev/null; getent passwd dashscope; getent group dashscope; systemctl list-units --all --plain --no-legend '*dashscope*' | grep -v /mnt/" || true)"
# What install.sh made hides a package's units.
in_shell "/mnt/deploy/install.sh --no-packages --binary /mnt/dashscope-gateway" >"$W/install.log" 2>&1 || true
if put_deb 1.0.0 >"$W/refused.log" 2>&1; then
    fail "a package beside an installation of install.sh is refused" "it was installed"
else
    matches "a package beside an installation of install.sh is refused" "uninstall" "$(cat "$W/refused.log")"
fi

# --- The .rpm. ---
query() { rpm -qp --nosignature "$@" "$rpm" 2>/dev/null; }
equal "rpm: name, version, licence" "dashscope-gateway 1.0.0 MIT" "$(query --qf '%{NAME} %{VERSION} %{LICENSE}')"
equal "rpm: settings are configuration that is not replaced" "/etc/dashscope-gateway/gateway.env /etc/dashscope-gateway/gateway.yaml /etc/logrotate.d/dashscope-gateway" \
    "$(query --qf '[%{FILENAMES} %{FILEFLAGS:fflags}\n]' | awk '$2 ~ /c/ && $2 ~ /n/ { print $1 }' | sort | xargs)"
matches "rpm: needs the C library of RHEL 9" "glibc >= 2.34" "$(query --requires)"
for word in getent systemctl dashscope-gateway-restart; do matches "rpm: its scripts, $word" "$word" "$(query --scripts)"; done
mkdir "$W/root"
check "rpm --root --nodeps" rpm --root "$W/root" --nodeps --noscripts --nosignature -i "$rpm"
check "rpm: the program runs" "$W/root/usr/bin/dashscope-gateway" --version
equal "rpm: the unit starts the program where it is" "/usr/bin/dashscope-gateway" \
    "$(sed -n 's/^ExecStart=\([^ ]*\) .*/\1/p' "$W/root/usr/lib/systemd/system/dashscope-gateway.service")"
check "rpm: every file as it was packed" bash -c "[[ -z \$(rpm --root '$W/root' -V --nodeps --nouser --nogroup --noscripts dashscope-gateway 2>&1) ]]"
check "rpm: removed" rpm --root "$W/root" --nodeps --noscripts -e dashscope-gateway
equal "rpm: nothing is left" "" "$(find "$W/root" -name '*dashscope*' -not -path '*/var/lib/rpm/*')"
summary
