#!/usr/bin/env bash
# deploy/install.sh, the units and deploy/check.sh for real: in a small Debian machine that boots systemd in a container.
# shellcheck source=scripts/deploy/lib.sh
# shellcheck disable=SC2016,SC2119,SC2120
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
begin systemd
need_packages "${SYSTEMD_PACKAGES[@]}"
need_root "a container that boots systemd"
need_gateway
prepare_containers
make_systemd_image
binary_mounts

NAME=gateway-systemd-$$
HOST_NAME=gateway.example.com
mkdir -p "$W/tls"
podman run -d --name "$NAME" --privileged --systemd=always --network none --add-host "$HOST_NAME:127.0.0.1" \
    "${MOUNTS[@]}" -v "$PWD/deploy:/mnt/deploy:ro" -v "$W/tls:/etc/ssl/dashscope-gateway:ro" "$SYSTEMD_IMAGE" \
    >"$W/podman.log" 2>&1 || cannot "the container does not start: $(tail -n 3 "$W/podman.log")"
on_exit podman rm -f -t 3 "$NAME"
machine() { podman exec "$NAME" "$@"; }
in_shell() { podman exec "$NAME" bash -c "$1"; }
booted() { [[ $(machine systemctl is-system-running 2>/dev/null) =~ running|degraded ]]; }
wait_for 60 booted || cannot "systemd does not boot: $(podman logs "$NAME" 2>&1 | tail -n 5)"
# A real machine shares its mounts; in a container systemd leaves that out, and credentials would not reach a service.
podman exec "$NAME" mount --make-rshared /
LEADER=$(podman inspect --format '{{.State.Pid}}' "$NAME")
client() { nsenter -t "$LEADER" -n python3 scripts/deploy/client.py "$@"; }
# Most checks here are of a service that holds its port itself; upgrades.sh has those of the default, systemd's socket.
INSTALL=(/mnt/deploy/install.sh --binary /mnt/dashscope-gateway --no-packages --no-socket)
UNIT=dashscope-gateway.service

property() { machine systemctl show --value -p "$1" "${2:-$UNIT}"; }
main_pid() { property MainPID "$@"; }
serves() { machine curl -fsS -m 2 -o /dev/null "http://127.0.0.1:${1:-8000}/health"; }
active() { [[ $(machine systemctl is-active "${1:-$UNIT}") == active ]]; }
changed_pid() { local now; now=$(main_pid) && [[ $now != "$1" && $now != 0 ]] && active; }
journal() { machine journalctl --no-pager -q -u "$UNIT" "$@"; }

# --- Installation. ---
output=$(machine "${INSTALL[@]}" --dry-run 2>&1) || true
matches "install.sh --dry-run tells what it would do" "would write: /etc/systemd/system/$UNIT" "$output"
equal "and does nothing" "" "$(in_shell "ls -d /opt/dashscope-gateway /etc/systemd/system/dashscope* 2>/dev/null; getent passwd dashscope" || true)"
check "install.sh --no-start" machine "${INSTALL[@]}" --no-start
in_shell "systemd-run -q --unit=emulator /mnt/dashscope-gateway emulate --host 127.0.0.1 --port 19001
    sed -i 's|^#DASHSCOPE_BASE_URL=.*|DASHSCOPE_BASE_URL=http://127.0.0.1:19001|' /etc/dashscope-gateway/gateway.env"
if ! output=$(machine "${INSTALL[@]}" 2>&1); then
    fail "install.sh starts the service" "$output"
    journal -n 20
    cannot "nothing more can be checked without the service"
fi
ok "install.sh starts the service"
if serves; then ok "it answers as soon as systemctl start returns"; else fail "it answers as soon as systemctl start returns" "no answer"; fi
before=$(main_pid)
matches "install.sh a second time changes nothing" "(^|"$'\n'")0 changes" "$(machine "${INSTALL[@]}" 2>&1)"
equal "and does not restart" "$before" "$(main_pid)"
equal "it will start at boot" enabled "$(machine systemctl is-enabled "$UNIT")"
matches "the service tells its status" "[a-z]" "$(property StatusText)"
check "its own health check agrees" machine /opt/dashscope-gateway/bin/dashscope-gateway healthcheck
equal "others may not read the settings" "640 root dashscope" "$(machine stat -c '%a %U %G' /etc/dashscope-gateway/gateway.env)"

in_shell "cp /mnt/dashscope-gateway /tmp/new; echo >>/tmp/new"
check "install.sh with another program" machine /mnt/deploy/install.sh --no-socket --binary /tmp/new --no-packages
if changed_pid "$before"; then ok "restarts the service"; else fail "another program restarts the service" "the process stayed"; fi
check "and back" machine "${INSTALL[@]}"

# --- What the process may do. ---
pid=$(main_pid)
status=$(machine cat "/proc/$pid/status")
field() { awk -v name="$1:" '$1 == name { print $2 }' <<<"$status"; }
equal "system calls are filtered" 2 "$(field Seccomp)"
equal "no new privileges" 1 "$(field NoNewPrivs)"
equal "no capabilities" 0000000000000000 "$(field CapBnd)"
equal "the user is dashscope" "$(machine id -u dashscope)" "$(field Uid)"
may_write() { machine nsenter -t "$pid" -m touch "$1/probe" >/dev/null 2>&1 && machine nsenter -t "$pid" -m rm -f "$1/probe"; }
for folder in /etc /opt/dashscope-gateway/bin /usr /etc/dashscope-gateway; do
    if may_write "$folder"; then fail "$folder is read-only" "it can be written"; else ok "$folder is read-only"; fi
done
check "/var/log/dashscope-gateway can be written" may_write /var/log/dashscope-gateway
open_files=$(machine awk '/^Max open files/ { print $4 }' "/proc/$pid/limits")
if ((open_files >= 16384)); then ok "$open_files open files"; else fail "open files" "$open_files"; fi
exposure=$(machine systemd-analyze security --no-pager "$UNIT" 2>/dev/null | sed -n 's/.*exposure level for .*: \([0-9.]*\).*/\1/p')
if [[ -n $exposure ]] && awk -v value="$exposure" 'BEGIN { exit !(value <= 2.0) }'; then
    ok "exposure $exposure, at most 2.0"
else
    fail "exposure at most 2.0" "${exposure:-unknown}"
fi
equal "the journal is free of complaints about threads" 0 "$(journal | grep -c 'thread priority' || true)"

# --- Reload, crash, hang. ---
in_shell "mv /var/log/dashscope-gateway/gateway.log /var/log/dashscope-gateway/old.log" || true
if output=$(machine systemctl reload "$UNIT" 2>&1); then ok "reload succeeds"; else fail "reload succeeds" "$output"; fi
sleep 0.5
equal "the process stays" "$pid" "$(main_pid)"
machine curl -sS -m 5 -o /dev/null http://127.0.0.1:8000/v1/models || true
check "the log file is opened anew" wait_for 5 machine test -s /var/log/dashscope-gateway/gateway.log
in_shell "printf 'log:\n  level: debug\n' >/etc/dashscope-gateway/gateway.yaml; systemctl reload $UNIT"
reloaded() { journal -n 5 | grep -q "$1"; }
check "a reload reads gateway.yaml again" wait_for 5 reloaded "configuration reloaded"
in_shell "printf 'log:\n  level: nonsense\n' >/etc/dashscope-gateway/gateway.yaml; systemctl reload $UNIT" || true
check "a faulty file changes nothing and is reported" wait_for 5 reloaded "log.level: must be one of"
equal "and the service goes on" "$pid 200" "$(main_pid) $(machine curl -sS -m 5 -o /dev/null -w '%{http_code}' http://127.0.0.1:8000/health)"
in_shell "printf 'log:\n  level: info\n' >/etc/dashscope-gateway/gateway.yaml; systemctl reload $UNIT"
pid=$(main_pid)
in_shell "kill -KILL $pid"
check "a crash is followed by a start" wait_for 15 changed_pid "$pid"
equal "and counted" 1 "$(property NRestarts)"
in_shell "mkdir -p /run/systemd/system/$UNIT.d && printf '[Service]\nWatchdogSec=2\n' >/run/systemd/system/$UNIT.d/test.conf
    systemctl daemon-reload && systemctl restart $UNIT"
pid=$(main_pid)
sleep 5
equal "a healthy process outlives the watchdog's time" "$pid" "$(main_pid)"
in_shell "kill -STOP $pid"
check "a hung process is replaced" wait_for 20 changed_pid "$pid"
matches "by the watchdog" "Watchdog timeout" "$(journal -n 60)"
in_shell "rm /run/systemd/system/$UNIT.d/test.conf; systemctl daemon-reload; systemctl reset-failed $UNIT; systemctl restart $UNIT"

# --- Stop with a stream open. ---
client stream http://127.0.0.1:8000 --model emulator-slow-200 >"$W/stream.json" 2>&1 &
streaming=$!
sleep 1
started=$SECONDS
machine systemctl stop "$UNIT" || true
took=$((SECONDS - started))
wait "$streaming" || true
matches "a stream that is open at the stop ends whole" '"status": 200.*"done": true' "$(cat "$W/stream.json")"
if ((took >= 1)); then ok "the stop waits for it ($took s)"; else fail "the stop waits for it" "$took s"; fi
if machine /opt/dashscope-gateway/bin/dashscope-gateway healthcheck >/dev/null 2>&1; then status=0; else status=$?; fi
equal "the health check of a stopped service is 1" 1 "$status"
equal "the stop is a success" "success 0" "$(property Result) $(property ExecMainStatus)"

# --- Configuration that is wrong, an address that is taken. ---
in_shell "echo LOG_LEVEL=nonsense >>/etc/dashscope-gateway/gateway.env; systemctl start $UNIT" >/dev/null 2>&1 || true
sleep 4
equal "a wrong setting ends with 78 and is not tried again" "78 0" "$(property ExecMainStatus) $(property NRestarts)"
matches "the journal has it among the errors" "configuration: log.level" \
    "$(machine journalctl --no-pager -q -o cat -p err -u "$UNIT" --since -1min)"
in_shell "sed -i /LOG_LEVEL=nonsense/d /etc/dashscope-gateway/gateway.env; systemctl reset-failed $UNIT
    systemd-run -q --unit=squatter /mnt/dashscope-gateway emulate --host 127.0.0.1 --port 8000"
wait_for 5 machine bash -c 'exec 3<>/dev/tcp/127.0.0.1/8000' || true
machine systemctl start --no-block "$UNIT"
taken() { journal -n 20 | grep -q 'status=69'; }
check "a taken port ends with 69" wait_for 10 taken
in_shell "systemctl stop squatter; systemctl stop $UNIT; systemctl reset-failed $UNIT" || true

# --- Restarts under requests: without the socket some fail, with it none. ---
restarts_under_load() {
    rm -f "$W/stop"
    client load http://127.0.0.1:8000 --count 3000 --seconds 40 --connections 4 --pause 0.02 --new-connections --path /health \
        --stop-file "$W/stop" >"$W/load.json" 2>&1 &
    local load=$!
    sleep 0.5
    for _ in 1 2 3; do
        machine systemctl restart "$UNIT" || true
        sleep 0.3
    done
    : >"$W/stop"
    wait "$load" || true
    LOAD=$(cat "$W/load.json")
    machine systemctl reset-failed "$UNIT" || true
}
machine systemctl start "$UNIT" || true
restarts_under_load
matches "three restarts without the socket refuse some ($LOAD)" 'ConnectionRefused|ConnectionReset|RemoteDisconnected' "$LOAD"
check "install.sh --socket" machine "${INSTALL[@]}" --socket
check "the socket starts the service" wait_for 10 serves
restarts_under_load
matches "three restarts with the socket refuse none ($LOAD)" '"statuses": \{"200": [0-9]+\}\}$' "$LOAD"
in_shell "systemctl stop $UNIT" 2>/dev/null || true
check "a request starts a stopped service" wait_for 10 serves
machine systemctl disable --now -q dashscope-gateway.socket "$UNIT"
check "and back to a port of its own" machine "${INSTALL[@]}"

# --- A key for the server, as a credential. ---
in_shell "install -d -m 0700 /etc/credstore; (umask 077; echo sk-credential-test >/etc/credstore/dashscope-api-key); systemctl restart $UNIT"
pid=$(main_pid)
credentials=$(in_shell "tr '\0' '\n' </proc/$pid/environ | sed -n 's/^CREDENTIALS_DIRECTORY=//p'")
equal "the credential reaches the process" sk-credential-test \
    "$(in_shell "nsenter -t $pid -m cat $credentials/dashscope-api-key" 2>/dev/null || true)"
equal "and nobody else" "" \
    "$(in_shell "setpriv --reuid nobody --clear-groups cat $credentials/dashscope-api-key 2>/dev/null" || true)"
if in_shell "tr '\0' '\n' </proc/$pid/environ" | grep -q sk-credential-test; then
    fail "the key is not in the environment" "it is"
else
    ok "the key is not in the environment"
fi
without_key() {
    in_shell "curl -sS -m 5 -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' \
        -d '{\"model\":\"qwen-plus\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}' http://127.0.0.1:8000/v1/chat/completions"
}
equal "a caller without a key is refused" 401 "$(without_key)"
in_shell "printf '%s\n' CALLERS_MAY_OMIT_KEY=true SERVER_WORKERS=4 >>/etc/dashscope-gateway/gateway.env; systemctl restart $UNIT"
equal "unless the operator lets him use the server's" 200 "$(without_key)"
matches "SERVER_WORKERS is the number of threads that serve" '"workers":4' "$(journal -n 20 | grep '"listening"' | tail -n 1)"
machine systemctl reload "$UNIT"
warned() { machine journalctl --no-pager -q -o cat -p warning -u "$UNIT" --since -1min | grep -q 'credential of systemd.*upstream.keyFile'; }
check "a reload warns that the credential stays" wait_for 5 warned
in_shell "sed -i '/^CALLERS_MAY_OMIT_KEY=true/d; /^SERVER_WORKERS=4/d' /etc/dashscope-gateway/gateway.env"
# As the documentation has it: a file that a reload reads. Failures in text are what \`grep ERROR\` looks for.
in_shell "rm /etc/credstore/dashscope-api-key
    install -m 0640 -g dashscope /dev/null /etc/dashscope-gateway/dashscope-api-key; echo sk-invalid-one >/etc/dashscope-gateway/dashscope-api-key
    printf '%s\n' CALLERS_MAY_OMIT_KEY=true DASHSCOPE_API_KEY_FILE=/etc/dashscope-gateway/dashscope-api-key LOG_FORMAT=text >>/etc/dashscope-gateway/gateway.env
    systemctl restart $UNIT"
equal "a key that DashScope does not know" 401 "$(without_key)"
pid=$(main_pid)
in_shell "echo sk-of-the-server >/etc/dashscope-gateway/dashscope-api-key; systemctl reload $UNIT"
in_force() { [[ $(without_key) == 200 ]]; }
check "another one is in force after a reload" wait_for 5 in_force
equal "of the same process" "$pid" "$(main_pid)"
in_shell "curl -sS -m 10 -o /dev/null -H 'Content-Type: application/json' \
    -d '{\"model\":\"emulator-500\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}' http://127.0.0.1:8000/v1/chat/completions"
has_error() { in_shell "grep ERROR /var/log/dashscope-gateway/gateway.log | grep -q ' POST /v1/chat/completions 500 '"; }
check "grep ERROR finds a failure in a log of text" wait_for 5 has_error
in_shell "sed -i '/^CALLERS_MAY_OMIT_KEY=true/d; /^DASHSCOPE_API_KEY_FILE=/d; /^LOG_FORMAT=/d' /etc/dashscope-gateway/gateway.env
    rm /etc/dashscope-gateway/dashscope-api-key /var/log/dashscope-gateway/gateway.log; systemctl restart $UNIT"
check "without a key the service starts, too" wait_for 5 serves

# --- Several instances, nginx, rotation, monitoring, the checklist. ---
(
    cd "$W/tls"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout privkey.pem -out fullchain.pem \
        -days 90 -subj "/CN=$HOST_NAME" -addext "subjectAltName=DNS:$HOST_NAME"
) 2>"$W/openssl.log" || cannot "openssl makes no certificate"
FULL=("${INSTALL[@]}" --instances 3 --nginx "$HOST_NAME" --tls /etc/ssl/dashscope-gateway/fullchain.pem
    /etc/ssl/dashscope-gateway/privkey.pem --sysctl)
check "install.sh --instances 3 --nginx HOST --tls CERT KEY --sysctl" machine "${FULL[@]}"
matches "a second time it changes nothing" "(^|"$'\n'")0 changes" "$(machine "${FULL[@]}" 2>&1)"
for port in 8000 8001 8002; do check "instance $port serves" serves "$port"; done
check "install.sh --cron" machine "${INSTALL[@]}" --cron
equal "cron checks, and the timer does not" "1 inactive" \
    "$(in_shell "grep -c '^\* \* \* \* \* root /usr/local/bin/check-dashscope-gateway --all' /etc/cron.d/dashscope-gateway; systemctl is-active dashscope-gateway-check.timer" | xargs)"
check "cron's own line, run as it stands" in_shell "$(sed -n 's/^\* \* \* \* \* root //p' deploy/monitoring/cron.d | sed 's| >/dev/null 2>&1||')"
check "install.sh --no-cron --no-sysctl" machine "${INSTALL[@]}" --no-cron --no-sysctl
equal "takes both back, and nothing else" "active 3 gone gone" \
    "$(in_shell "systemctl is-active dashscope-gateway-check.timer; systemctl list-units --plain --no-legend 'dashscope-gateway@*.service' dashscope-gateway.service | wc -l
        for file in /etc/cron.d/dashscope-gateway /etc/sysctl.d/60-dashscope-gateway.conf; do test -e \$file && echo there || echo gone; done" | xargs)"
through_nginx() { machine curl -sS -m 5 -o /dev/null -w '%{http_code}' "http://$HOST_NAME/health" || true; }
equal "with a certificate, HTTP leads to HTTPS" 301 "$(through_nginx)"
check "install.sh --no-tls" machine "${INSTALL[@]}" --no-tls
equal "serves by HTTP, and remembers it" "200 certificate= key=" \
    "$(through_nginx) $(in_shell "grep -E '^(certificate|key)=' /etc/dashscope-gateway/install.conf" | xargs)"
check "install.sh --no-nginx" machine "${INSTALL[@]}" --no-nginx
equal "takes the site away, and nginx goes on" "gone active" \
    "$(in_shell "test -e /etc/nginx/sites-available/dashscope-gateway && echo there || echo gone; systemctl is-active nginx" | xargs)"
check "all of it again" machine "${FULL[@]}"
in_shell "curl -sS -m 5 -o /dev/null http://127.0.0.1:8001/v1/models"
check "an instance has a log of its own" wait_for 5 machine test -s /var/log/dashscope-gateway/gateway-8001.log
equal "HTTPS through nginx" 200 "$(machine curl -sS -m 5 --cacert /etc/ssl/dashscope-gateway/fullchain.pem -o /dev/null \
    -w '%{http_code}' "https://$HOST_NAME/health" || true)"
check "a forced rotation" machine logrotate -f /etc/logrotate.d/dashscope-gateway
in_shell "curl -sS -m 5 -o /dev/null http://127.0.0.1:8000/v1/models"
check "the service writes to the new file" wait_for 5 machine test -s /var/log/dashscope-gateway/gateway.log
equal "which belongs to it alone" "640 dashscope" "$(machine stat -c '%a %U' /var/log/dashscope-gateway/gateway.log)"

# Parts of an upload lie in the service's own folder.
PARTS=$(client parts http://127.0.0.1:8000 --where "podman exec $NAME sh -c 'for folder in /var/lib/dashscope-gateway /tmp; do echo \$folder; find \$folder -path \"*/dashscope-gateway-uploads-*\" -type f | wc -l; done'")
equal "parts of an upload are in the folder of the service's state" \
    '{"parts": [200, 200], "where": "/var/lib/dashscope-gateway 2 /tmp 0", "complete": 200, "whole": true}' "$PARTS"

equal "the timer runs" active "$(machine systemctl is-active dashscope-gateway-check.timer)"
machine systemctl start dashscope-gateway-check.service || true
equal "its check finds the gateway healthy" "success 0" \
    "$(property Result dashscope-gateway-check.service) $(property ExecMainStatus dashscope-gateway-check.service)"
pid=$(main_pid)
MONITOR=(env RUNTIME_DIRECTORY=/run/monitor-test check-dashscope-gateway --url http://127.0.0.1:1/health --restart --failures 2)
machine "${MONITOR[@]}" >/dev/null 2>&1 || true
equal "one failure is not acted on" "$pid" "$(main_pid)"
machine "${MONITOR[@]}" >/dev/null 2>&1 || true
check "the second restarts the service" wait_for 10 changed_pid "$pid"
machine systemctl stop "$UNIT" 2>/dev/null
for _ in 1 2; do machine "${MONITOR[@]}" >/dev/null 2>&1 || true; done
equal "a service that was stopped by hand stays so" inactive "$(machine systemctl is-active "$UNIT" || true)"
machine systemctl start "$UNIT"

# An address that is not this machine's own loopback, for what must not be seen from outside.
in_shell "ip link add gw0 type veth peer name gw1; ip addr add 10.231.8.1/24 dev gw0; ip link set gw0 up; ip link set gw1 up"
in_shell "ufw allow 80,443/tcp && ufw --force enable" >"$W/ufw.log" 2>&1 || true
CHECK=(env DASHSCOPE_API_KEY=sk-check /opt/dashscope-gateway/bin/check-deployment --url "https://$HOST_NAME"
    --ca /etc/ssl/dashscope-gateway/fullchain.pem)
if output=$(machine "${CHECK[@]}" 2>&1); then
    ok "the checklist is fulfilled ($(tail -n 1 <<<"$output"))"
else
    fail "the checklist is fulfilled" "$(grep -A 1 -e ✘ <<<"$output" | tr '\n' ' ')"
fi
equal "every item could be checked" 0 "$(grep -c '^–' <<<"$output" || true)"
in_shell "systemctl stop dashscope-gateway-check.timer; chmod 666 /etc/dashscope-gateway/gateway.env; ufw --force disable" >/dev/null
if machine "${CHECK[@]}" --json >"$W/check.json" 2>&1; then status=0; else status=$?; fi
equal "faults make it fail" 1 "$status"
equal "and are named in JSON" "firewall monitoring secrets" "$(python3 -c '
import json, sys
print(*sorted(item["id"] for item in json.load(open(sys.argv[1]))["items"] if item["state"] == "wrong" and item["fix"]))' "$W/check.json" 2>&1)"

# --- Away with it. ---
check "install.sh --uninstall" machine /mnt/deploy/install.sh --uninstall
equal "nothing is left but settings and logs" "/etc/dashscope-gateway /var/log/dashscope-gateway" \
    "$(in_shell "find / -xdev \( -path /proc -o -path /sys -o -path /mnt -o -path /var/lib/systemd -o -path /run \) -prune -o \
        -name '*dashscope-gateway*' -prune -print 2>/dev/null | grep -vE '^/var/lib/(dashscope-gateway|private)|/etc/ssl|/var/lib/logrotate' | sort | tr '\n' ' ' | sed 's/ $//'")"
equal "nothing of it runs" "" "$(in_shell 'pgrep -f /opt/dashscope-gateway/bin' || true)"
check "install.sh --uninstall --purge" machine /mnt/deploy/install.sh --uninstall --purge
equal "the user is gone" "" "$(machine getent passwd dashscope || true)"
summary
