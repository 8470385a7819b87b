#!/usr/bin/env bash
# Five upgrades by deploy/install.sh under load with long streams, in a small Debian machine that boots systemd: first one
# service on systemd's socket, then three instances behind nginx; then a program that does not start, and the way back.
#
#   KIT=FOLDER    another checkout whose deploy/ is tried (default: this one)
# shellcheck source=scripts/deploy/lib.sh
# shellcheck disable=SC2016,SC2119,SC2120
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=scripts/deploy/machine-lib.sh
source scripts/deploy/machine-lib.sh
begin upgrades
need_gateway
KIT=$(realpath "${KIT:-.}")
UPGRADES=${UPGRADES:-5}

boot_machine "$KIT/deploy:/mnt/deploy:ro"
version() { in_shell "tail -c 7 /opt/dashscope-gateway/bin/dashscope-gateway | tr -d '\0'"; }

# Programs that differ in their last bytes.
program() {
    in_shell "cp /mnt/dashscope-gateway /tmp/program && printf '\nkit%04d' $1 >>/tmp/program"
    echo /tmp/program
}
install() { machine /mnt/deploy/install.sh --no-packages "$@"; }

# --- What an older guide left: its folder belongs to the service's user, who may have put links there; its unit holds the port. ---
in_shell "useradd --system --create-home --home-dir /opt/dashscope-gateway --shell /bin/bash dashscope
    mkdir /root/private && echo untouched >/root/private/dashscope-gateway
    runuser -u dashscope -- ln -s /root/private /opt/dashscope-gateway/bin
    printf '#!/bin/sh\nexec /mnt/dashscope-gateway serve --host 127.0.0.1 --port 8000\n' >/opt/dashscope-gateway/start.sh
    chmod 755 /opt/dashscope-gateway/start.sh; chown -R --no-dereference dashscope: /opt/dashscope-gateway
    printf '[Unit]\nAfter=network.target\n[Service]\nType=simple\nUser=dashscope\nWorkingDirectory=/opt/dashscope-gateway\nExecStart=/opt/dashscope-gateway/start.sh\nRestart=always\n[Install]\nWantedBy=multi-user.target\n' \
        >/etc/systemd/system/dashscope-gateway.service
    systemctl daemon-reload; systemctl enable -q --now dashscope-gateway"
check "the older guide's service serves" wait_for 10 serves
check "install.sh takes it over" install --binary /mnt/dashscope-gateway
equal "the folder is root's, without following the link" "root root untouched" \
    "$(in_shell "stat -c '%U %G' /opt/dashscope-gateway/bin; cat /root/private/dashscope-gateway" | xargs)"
equal "what was there is set aside, the unit, too" "start.sh 1" \
    "$(in_shell 'cd /opt/dashscope-gateway.before-*/ && ls start.sh; grep -c start.sh /etc/systemd/system/dashscope-gateway.service.before-install' | xargs)"
equal "the user has no login any more" /usr/sbin/nologin "$(in_shell "getent passwd dashscope | cut -d : -f 7")"
check "the service serves" wait_for 10 serves
equal "by the installed program" /opt/dashscope-gateway/bin/dashscope-gateway \
    "$(in_shell 'readlink /proc/$(systemctl show --value -p MainPID dashscope-gateway.service)/exe')"
check "all of it away again" machine /mnt/deploy/install.sh --uninstall --purge

in_shell "systemd-run -q --unit=emulator /mnt/dashscope-gateway emulate --host 127.0.0.1 --port 19001"
install --binary /mnt/dashscope-gateway --no-start >"$W/install.log" 2>&1 || cannot "install.sh: $(tail -n 3 "$W/install.log")"
in_shell "sed -i 's|^#DASHSCOPE_BASE_URL=.*|DASHSCOPE_BASE_URL=http://127.0.0.1:19001|' /etc/dashscope-gateway/gateway.env"
install --binary /mnt/dashscope-gateway >"$W/install.log" 2>&1 || cannot "install.sh: $(tail -n 3 "$W/install.log")"
wait_for 20 serves || cannot "the service does not serve"

upgrade() { install --binary "$(program "$1")"; }
under_load "one service" http://127.0.0.1:8000 "$UPGRADES" upgrade
judge "$UPGRADES upgrades of the service drop and stall nothing"
equal "and the last program is installed" "kit000$UPGRADES" "$(version)"
equal "the twin is gone" inactive "$(machine systemctl is-active dashscope-gateway-twin.service || true)"

# --- The candidate that is not fit, the one that does not get ready, and back. ---
in_shell "printf '#!/bin/sh\nexit 1\n' >/tmp/broken; chmod 755 /tmp/broken"
pid=$(machine systemctl show --value -p MainPID dashscope-gateway.service)
if install --binary /tmp/broken >"$W/broken.log" 2>&1; then
    fail "a program that does not run is refused" "it was installed"
else
    ok "a program that does not run is refused"
fi
equal "before anything was changed" "kit000$UPGRADES $pid" "$(version) $(machine systemctl show --value -p MainPID dashscope-gateway.service)"
# The installed settings are tried, too.
in_shell "printf '#!/bin/sh\ncase \$1 in check-config) echo \$DASHSCOPE_BASE_URL; exit 78 ;; *) exec /mnt/dashscope-gateway \"\$@\" ;; esac\n' >/tmp/picky; chmod 755 /tmp/picky"
if install --binary /tmp/picky >"$W/broken.log" 2>&1; then
    fail "a program that refuses the installed settings is refused" "it was installed"
else
    matches "a program that refuses the installed settings is refused" "http://127.0.0.1:19001" "$(cat "$W/broken.log")"
fi
equal "before anything was changed, too" "kit000$UPGRADES $pid" "$(version) $(machine systemctl show --value -p MainPID dashscope-gateway.service)"
# Answers --version and check-config, and dies when it shall serve.
in_shell "printf '#!/bin/sh\ncase \$1 in serve) exit 3 ;; *) exec /mnt/dashscope-gateway \"\$@\" ;; esac\n' >/tmp/stillborn; chmod 755 /tmp/stillborn"
if install --binary /tmp/stillborn >"$W/broken.log" 2>&1; then
    fail "a program that does not get ready makes install.sh fail" "it did not"
else
    ok "a program that does not get ready makes install.sh fail"
fi
equal "and the previous one is back, and never stopped" "kit000$UPGRADES $pid" \
    "$(version) $(machine systemctl show --value -p MainPID dashscope-gateway.service)"
check "it serves" serves
install --binary "$(program 77)" >"$W/install.log" 2>&1 || true
check "install.sh --rollback" install --rollback
equal "puts the program before the last one back" "kit000$UPGRADES" "$(version)"
check "which serves" serves

# --- An older program and a newer file: this one is older than 99.0.0. ---
in_shell "printf 'soul: # since 99.0.0\n  weight: 21\n' >/etc/dashscope-gateway/gateway.yaml"
check "a setting under a note of a newer version" machine /opt/dashscope-gateway/bin/restart-gateway
ignored() { in_shell "journalctl -q --no-pager -o cat -u dashscope-gateway --since -1min | grep 'does not know are ignored' | grep -q soul"; }
check "is named in the journal" wait_for 5 ignored
in_shell "printf 'soul:\n  weight: 21\n' >/etc/dashscope-gateway/gateway.yaml"
if install --rollback >"$W/broken.log" 2>&1; then
    fail "without the note the way back is refused" "it was not"
else
    matches "without the note the way back is refused" "soul" "$(cat "$W/broken.log")"
fi
check "and the service goes on" serves
in_shell "sed -i 's|^GATEWAY_OPTIONS=.*|& --ignore-unknown-settings|' /etc/dashscope-gateway/gateway.env"
check "with --ignore-unknown-settings it is taken" install --rollback
check "and serves" serves
in_shell "sed -i 's| --ignore-unknown-settings||' /etc/dashscope-gateway/gateway.env; printf 'log:\n  level: info\n' >/etc/dashscope-gateway/gateway.yaml"

# --- Three instances behind nginx; the options are remembered. ---
# More than ten streams a second come from one address here.
check "install.sh --instances 3 --nginx HOST" install --binary "$(program 10)" --instances 3 --nginx gateway.example.com
in_shell "sed -i 's/rate=10r/rate=10000r/; s/^\( *\)limit_conn /\1#limit_conn /' /etc/nginx/sites-available/dashscope-gateway
    rm -f /etc/nginx/sites-enabled/default; nginx -s reload"
for port in 8000 8001 8002; do check "instance $port serves" wait_for 10 serves "$port"; done
in_shell "systemctl enable --now --no-block dashscope-gateway@60000.service"
if wait_for 20 serves 60000; then
    ok "an instance with a port above 9999 serves"
else
    fail "an instance with a port above 9999 serves" "$(machine journalctl --no-pager -q -n 5 -u dashscope-gateway@60000.service)"
fi
equal "and has an admin listener" 200 "$(machine curl -sS -m 5 -o /dev/null -w '%{http_code}' http://127.0.0.2:60000/ready || true)"
machine systemctl disable --now -q dashscope-gateway@60000.service 2>/dev/null || true
later() { install --binary "$(program $((20 + $1)))" --no-packages; }
under_load "three instances" http://127.0.0.1:80 "$UPGRADES" later
judge "$UPGRADES upgrades of three instances behind nginx drop and stall nothing"
equal "a run without --instances leaves them" "active active" \
    "$(machine systemctl is-active dashscope-gateway@8001.service dashscope-gateway@8002.service | tr '\n' ' ' | sed 's/ $//')"
summary
