#!/usr/bin/env bash
# What can be said of deploy/ without starting anything: units, exposure, schedules, kernel settings, scripts.
# shellcheck source=scripts/deploy/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
begin static
need_packages "${STATIC_PACKAGES[@]}"

# --- Scripts and pages. ---
mapfile -t scripts < <(find deploy scripts/deploy -type f -exec grep -lE '^#!.*\b(ba)?sh$' {} + | sort)
check "shellcheck over ${#scripts[@]} scripts" shellcheck -x "${scripts[@]}"
check "the pages show the files as they are" python3 scripts/check-snippets.py

# --- Units. `verify` wants the programs to exist: the copies name one that does. ---
mkdir -p "$W/units"
for file in deploy/systemd/*.{service,socket} deploy/monitoring/*.{service,timer}; do
    sed -e "s|^ExecStart=/opt/dashscope-gateway/bin/dashscope-gateway|ExecStart=/bin/true|" \
        -e "s|^ExecStart=/usr/local/bin/check-dashscope-gateway|ExecStart=/bin/true|" \
        -e 's|^WorkingDirectory=.*|WorkingDirectory=/|' -e 's|^Documentation=.*|Documentation=man:systemd.service(5)|' \
        -e 's|^\(User\|Group\)=dashscope|\1=nobody|; s|^Group=nobody|Group=nogroup|' "$file" >"$W/units/$(basename "$file")"
done
cp "$W/units/dashscope-gateway@.service" "$W/units/dashscope-gateway@8001.service"
verify() {
    local output
    output=$(SYSTEMD_UNIT_PATH="$W/units:" systemd-analyze verify --man=no "$@" 2>&1) || true
    # Only what is said of our files counts; the machine may have units with faults.
    output=$(grep -E 'dashscope-gateway' <<<"$output" || true)
    printf '%s' "$output"
    [[ -z $output ]]
}
for unit in dashscope-gateway.service dashscope-gateway-twin.service dashscope-gateway.socket dashscope-gateway@8001.service dashscope-gateway-check.service \
    dashscope-gateway-check.timer; do
    check "systemd-analyze verify $unit" verify "$W/units/$unit"
done
sed 's/^Restart=always/Restart=allways/' "$W/units/dashscope-gateway.service" >"$W/units/dashscope-gateway-wrong.service"
if verify "$W/units/dashscope-gateway-wrong.service" >/dev/null; then
    fail "verify finds faults" "a misspelt value passed"
else
    ok "verify finds faults"
fi
for unit in dashscope-gateway.service dashscope-gateway@.service; do
    exposure=$(systemd-analyze security --no-pager --offline=true --threshold=20 "deploy/systemd/$unit" 2>&1 |
        sed -n 's/.*exposure level for .*: \([0-9.]*\).*/\1/p')
    check "exposure of $unit is ${exposure:-unknown}, at most 2.0" systemd-analyze security --no-pager --offline=true \
        --threshold=20 "deploy/systemd/$unit"
done
same_hardening() {
    diff <(sed -n '/^# Limits/,$p' deploy/systemd/dashscope-gateway.service) \
        <(sed -n '/^# Limits/,$p' deploy/systemd/dashscope-gateway@.service | sed 's/-%i//')
}
check "the template has the limits and the hardening of the service" same_hardening
same_twin() {
    diff <(sed -n '/^# A hung process/,/^SystemCallErrorNumber/p' deploy/systemd/dashscope-gateway.service) \
        <(sed -n '/^# A hung process/,$p' deploy/systemd/dashscope-gateway-twin.service | sed 's/-twin//')
    grep -q '^NonBlocking=yes' deploy/systemd/dashscope-gateway.service && grep -q '^NonBlocking=yes' deploy/systemd/dashscope-gateway-twin.service
}
check "so has the twin, and both keep the shared socket non-blocking" same_twin
drain=$(sed -n 's/.*DRAIN_TIMEOUT=\([0-9]*\).*/\1/p' deploy/systemd/dashscope-gateway.service)
stop=$(sed -n 's/^TimeoutStopSec=//p' deploy/systemd/dashscope-gateway.service)
if ((stop > drain)); then ok "systemd waits longer ($stop s) than streams are drained ($drain s)"; else fail "stop time" "$stop <= $drain"; fi
check "the timer's calendar" systemd-analyze calendar "$(sed -n 's/^OnCalendar=//p' deploy/monitoring/dashscope-gateway-check.timer)"

# --- cron: the file of /etc/cron.d has a column for the user that a crontab has not. ---
sed -E 's/^([^A-Z#]\S* \S+ \S+ \S+ \S+) root /\1 /' deploy/monitoring/cron.d >"$W/crontab"
check "the cron file's schedule" crontab -n "$W/crontab"
equal "every job of it names its user" 1 "$(grep -cE '^(\S+ ){5}root /' deploy/monitoring/cron.d)"
sed 's/^\* /61 /' "$W/crontab" >"$W/crontab-wrong"
if crontab -n "$W/crontab-wrong" >/dev/null 2>&1; then fail "crontab finds faults" "minute 61 passed"; else ok "crontab finds faults"; fi
# What this machine has no user for is left out of this check.
sed 's/dashscope dashscope/root root/' deploy/logrotate/dashscope-gateway >"$W/rotation"
chmod 644 "$W/rotation"
check "logrotate reads its file" logrotate -d -s "$W/state" "$W/rotation"

# --- The monitor, against a server of ours. ---
mkdir -p "$W/web" && echo ok >"$W/web/health"
port=$(free_port)
run_in_background web python3 -m http.server --bind 127.0.0.1 --directory "$W/web" "$port"
wait_for 5 listens "$port" || cannot "no server for the monitor"
monitor() {
    env RUNTIME_DIRECTORY="$W/monitor" deploy/monitoring/check-dashscope-gateway --url "http://127.0.0.1:$port/health" \
        --failures 2 --on-change "cat >>'$W/alerts'"
}
monitor_status() { if monitor >>"$W/monitor.log" 2>&1; then echo 0; else echo $?; fi; }
equal "the monitor: healthy is 0" 0 "$(monitor_status)"
rm "$W/web/health"
equal "unhealthy is 1, each time" "1 1 1" "$(monitor_status) $(monitor_status) $(monitor_status)"
: >"$W/web/health"
equal "healthy again is 0" 0 "$(monitor_status)"
equal "the alert came once for each change" "is down is up" "$(grep -o 'is down\|is up' "$W/alerts" | tr '\n' ' ' | sed 's/ $//')"
if env RUNTIME_DIRECTORY="$W/monitor" deploy/monitoring/check-dashscope-gateway --nonsense >/dev/null 2>&1; then status=0; else status=$?; fi
equal "a wrong argument is 2" 2 "$status"

# --- Kernel settings: taken by the kernel, and none below what it has. ---
FILE=deploy/sysctl/60-dashscope-gateway.conf
check "sysctl reads its file" sysctl --dry-run -p "$FILE"
if [[ $(id -u) -ne 0 ]]; then
    fail "the kernel takes them" "needs root, for a network namespace"
else
    make_namespace "gateway-sysctl-$$"
    # The one key that only the whole machine has.
    grep -v netdev_max_backlog "$FILE" >"$W/sysctl.conf"
    check "the kernel takes them" inside "gateway-sysctl-$$" sysctl -q -p "$W/sysctl.conf"
    equal "and they are in force" "8192 10240 65535 0" "$(inside "gateway-sysctl-$$" sysctl -n net.core.somaxconn \
        net.ipv4.ip_local_port_range net.ipv4.tcp_slow_start_after_idle | tr '\t\n' '  ' | sed 's/ $//')"
fi
lowered=""
while IFS='=' read -r name value; do
    name=${name// /} name=${name#-} value=${value# }
    case $name in net.core.* | *backlog)
        # The kernel's own values: 4096, 1000, and one that grows with the memory.
        case $name in *somaxconn) least=4096 ;; *netdev*) least=1000 ;; *) least=4096 ;; esac
        if ((value < least)); then lowered+="$name "; fi
        ;;
    esac
done < <(grep -E '^-?net' "$FILE")
equal "none lowers what the kernel has" "" "$lowered"

# --- Installation on both families, as far as a dry run tells. ---
printf 'ID=debian\n' >"$W/debian"
printf 'ID="rocky"\nID_LIKE="rhel centos fedora"\n' >"$W/rocky"
printf 'ID=arch\n' >"$W/arch"
for family in debian rocky; do
    output=$(OS_RELEASE="$W/$family" deploy/install.sh --dry-run --nginx gateway.example.com --instances 2 2>&1) || true
    case $family in
        debian) site=/etc/nginx/sites-available/dashscope-gateway ;;
        *) site=/etc/nginx/conf.d/dashscope-gateway.conf ;;
    esac
    matches "install.sh on $family puts the site in its place" "$site" "$output"
done
mkdir -p "$W/bin"
for program in bash env dirname sed stat cmp mktemp rm cat id getent cut awk head sort; do ln -sf "$(command -v "$program")" "$W/bin/$program"; done
output=$(PATH=$W/bin OS_RELEASE="$W/rocky" "$W/bin/bash" deploy/install.sh --dry-run 2>&1 | head -n 4) || true
matches "on RHEL missing packages come by dnf" "dnf -q -y install curl" "$output"
if OS_RELEASE="$W/arch" deploy/install.sh --dry-run >/dev/null 2>&1; then
    fail "another family is refused" "it was not"
else
    ok "another family is refused"
fi
for arguments in "--port 99999" "--instances 0" "--nginx a;b" "--tls x y" "--purge" "--nonsense"; do
    # shellcheck disable=SC2086
    if deploy/install.sh --dry-run $arguments >/dev/null 2>&1; then status=0; else status=$?; fi
    equal "install.sh refuses $arguments" 2 "$status"
done
equal "nothing touches root's crontab or appends to system files" "" \
    "$(grep -nE 'crontab -[^n]|crontab *<|\| *crontab|tee -a|>> */etc' -r deploy | head -n 3)"
summary
