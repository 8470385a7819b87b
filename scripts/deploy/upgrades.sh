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
