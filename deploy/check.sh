#!/usr/bin/env bash
# The checklist of a finished deployment as a program: one line for each item, with the fix where something is missing.
#
#   deploy/check.sh --url https://gateway.example.com          on the machine, as root, for everything to be seen
#   DASHSCOPE_API_KEY=… deploy/check.sh --url …                with a real completion and a real stream
#   deploy/check.sh --json
#
# ✔ right, ✘ wrong, – could not or need not be checked. Exit status: 0 nothing is wrong, 1 something is, 2 wrong argument.
set -uo pipefail
export LC_ALL=C.UTF-8
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

usage() {
    cat <<'TEXT'
Usage: check-deployment [OPTION…]      (deploy/check.sh in a checkout)

Goes through the checklist of a deployment by install.sh: one line for each item, ✔ right, ✘ wrong with what to do, – not checked.
Run it as root, or some of it cannot be seen. With DASHSCOPE_API_KEY in the environment it also makes a completion and a stream.

  --url URL        the public address (default: http://127.0.0.1 when nginx is there, else the gateway's own)
  --unit UNIT      default: dashscope-gateway.service
  --port PORT      the gateway's own port (default: what the unit says, or 8000)
  --days N         days that the certificate must still be valid (default: 14)
  --ca FILE        a certificate authority of your own
  --model MODEL    for the completion (default: qwen-plus); needs DASHSCOPE_API_KEY
  --json           one JSON document instead of lines

Exit status: 0 nothing is wrong, 1 something is, 2 wrong argument.
TEXT
}

url="" unit=dashscope-gateway.service port="" days=14 ca="" model=qwen-plus json=no
while (($# > 0)); do
    case $1 in
        -h | --help) usage && exit 0 ;;
        --json) json=yes ;;
        --url | --unit | --port | --days | --ca | --model)
            if (($# < 2)); then
                echo "$1 needs a value" >&2
                exit 2
            fi
            declare "${1#--}=$2"
            shift
            ;;
        *)
            echo "unknown argument: $1" >&2
            exit 2
            ;;
    esac
    shift
done
url=${url%/}
if [[ ! $days =~ ^[0-9]+$ ]]; then
    echo "--days needs a number" >&2
    exit 2
fi
[[ $unit == *.* ]] || unit=$unit.service

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
right=0 wrong=0 open=0 items=()

quote() { # Text as a JSON string.
    local text=$1
    text=${text//\\/\\\\} text=${text//\"/\\\"} text=${text//[[:cntrl:]]/ }
    printf '"%s"' "$text"
}

# item ID STATE NAME DETAIL [FIX]
item() {
    local mark=✔
    case $2 in
        ok) right=$((right + 1)) ;;
        wrong) mark=✘ wrong=$((wrong + 1)) ;;
        *) mark=– open=$((open + 1)) ;;
    esac
    if [[ $json == yes ]]; then
        items+=("{\"id\":$(quote "$1"),\"state\":\"$2\",\"item\":$(quote "$3"),\"detail\":$(quote "$4"),\"fix\":$(quote "${5:-}")}")
    else
        printf '%s %s%s\n' "$mark" "$3" "${4:+: $4}"
        if [[ $2 != ok && -n ${5:-} ]]; then printf '    → %s\n' "$5"; fi
    fi
}

has() { command -v "$1" >/dev/null 2>&1; }
root() { [[ $(id -u) -eq 0 ]]; }
property() { systemctl show --value -p "$1" "$unit" 2>/dev/null; }
fetch() { curl -sS -m 15 ${ca:+--cacert "$ca"} "$@" 2>"$scratch/error"; }
why() { head -n 1 "$scratch/error" | cut -c 1-160; }

# --- Dependencies ---
absent=()
for program in curl logrotate systemctl; do has "$program" || absent+=("$program"); done
if ((${#absent[@]} == 0)); then
    item dependencies ok "System dependencies" "curl, logrotate, systemd"
else
    item dependencies wrong "System dependencies" "missing: ${absent[*]}" "install ${absent[*]} (deploy/install.sh does)"
fi
if ! has curl; then
    echo "Nothing more can be checked without curl." >&2
    exit 1
fi

# --- Program and user ---
program=$(property ExecStart | sed -n 's/.*path=\([^ ;]*\).*/\1/p')
program=${program:-/opt/dashscope-gateway/bin/dashscope-gateway}
user=$(property User)
user=${user:-dashscope}
if [[ ! -x $program ]]; then
    item program wrong "Program deployed" "there is no $program" "deploy/install.sh --binary FILE"
elif ! version=$("$program" --version 2>&1); then
    item program wrong "Program deployed" "$program does not run: $version" "ldd $program; build it with the release configuration"
elif [[ $(stat -c %U "$program") != root || $(stat -c %A "$program") == ?????w???? || $(stat -c %A "$program") == ????????w? ]]; then
    item program wrong "Program deployed" "$program can be changed by others than root" "chown root: $program; chmod 755 $program"
else
    item program ok "Program deployed" "$program, version $version, written by root only"
fi
if ! entry=$(getent passwd "$user"); then
    item user wrong "Service user" "there is no user $user" "deploy/install.sh"
elif [[ $user == root ]]; then
    item user wrong "Service user" "the service runs as root" "User=dashscope in the unit"
elif [[ ${entry##*:} == */nologin || ${entry##*:} == */false ]]; then
    item user ok "Service user" "$user, without a login"
else
    item user wrong "Service user" "$user can log in (${entry##*:})" "usermod --shell /usr/sbin/nologin $user"
fi

# --- Settings ---
environment=()
while IFS= read -r word; do
    if [[ $word == *=* ]]; then environment+=("$word"); fi
done < <(property Environment | tr ' ' '\n')
file=/etc/dashscope-gateway/gateway.env
if [[ -r $file ]]; then
    while IFS= read -r line; do
        value=${line#*=}
        if [[ $value == \"*\" || $value == \'*\' ]]; then value=${value:1:-1}; fi
        environment+=("${line%%=*}=$value")
    done < <(grep -E '^[A-Za-z_][A-Za-z0-9_]*=' "$file")
fi
options=() admin="" uploads=""
for line in ${environment[@]+"${environment[@]}"}; do
    case $line in
        GATEWAY_OPTIONS=?*) read -r -a options <<<"${line#*=}" ;;
        PORT=*) own_port=${line#*=} ;; # The last one counts.
        ADMIN_LISTEN=*) admin=${line#*=} ;;
        UPLOADS_DIRECTORY=*) uploads=${line#*=} ;;
    esac
done
port=${port:-${own_port:-8000}}
direct=http://127.0.0.1:$port
# The units answer operators on a listener of their own.
if [[ $unit == *@* ]]; then admin=http://127.0.0.2:$port; fi
if [[ ${admin:-} == http://* ]]; then admin=${admin/0.0.0.0/127.0.0.1}; else admin=$direct; fi
if [[ ! -x $program ]]; then
    item settings unknown "Settings valid" "no program to ask"
elif output=$(env -i PATH="$PATH" ${environment[@]+"${environment[@]}"} "$program" check-config ${options[@]+"${options[@]}"} 2>&1); then
    item settings ok "Settings valid" "check-config finds nothing wrong"
else
    item settings wrong "Settings valid" "$(head -n 1 <<<"$output" | cut -c 1-160)" "correct gateway.env or gateway.yaml in /etc/dashscope-gateway"
fi
loose=$(find /etc/dashscope-gateway /etc/credstore -maxdepth 1 -type f -perm /o+r 2>/dev/null | tr '\n' ' ')
if [[ -n $loose ]]; then
    item secrets wrong "Settings private" "everybody can read $loose" "chmod o-r $loose"
elif root; then
    item secrets ok "Settings private" "nobody else can read them"
else
    item secrets unknown "Settings private" "only root can tell" "run it as root"
fi

# --- Service ---
case $(systemctl is-enabled "$unit" 2>/dev/null):$(systemctl is-enabled "${unit%.service}.socket" 2>/dev/null) in
    enabled:* | *:enabled) item enabled ok "Start at boot" "enabled" ;;
    *) item enabled wrong "Start at boot" "$unit is not enabled" "systemctl enable $unit" ;;
esac
state=$(systemctl is-active "$unit" 2>/dev/null)
main=$(property MainPID)
if [[ $state == active ]]; then
    item active ok "Service active" "process ${main:-?}, $(property NRestarts) restarts, $(property StatusText)"
    type=$(property Type) watchdog=$(property WatchdogUSec)
    if [[ $type == notify* && $watchdog != 0 && -n $watchdog && $watchdog != infinity ]]; then
        item watchdog ok "Watchdog" "a hung process is killed after $watchdog"
    else
        item watchdog wrong "Watchdog" "Type=$type, WatchdogSec=${watchdog:-0}" "use the unit of deploy/systemd"
    fi
    files=$(awk '/^Max open files/ { print $4 }' "/proc/$main/limits" 2>/dev/null)
    if [[ -z $files ]]; then
        item files unknown "Open files" "cannot read the limits of process $main" "run it as root"
    elif [[ $files == unlimited ]] || ((files >= 16384)); then
        item files ok "Open files" "$files"
    else
        item files wrong "Open files" "only $files" "LimitNOFILE=65536 in the unit (limits.conf does not reach services)"
    fi
else
    item active wrong "Service active" "$unit is ${state:-unknown}" "systemctl start $unit; journalctl -u $unit -n 50"
fi
if has systemd-analyze && exposure=$(systemd-analyze security --no-pager "$unit" 2>/dev/null | sed -n 's/.*exposure level for .*: \([0-9.]*\).*/\1/p') && [[ -n $exposure ]]; then
    if awk -v value="$exposure" 'BEGIN { exit !(value <= 2.0) }'; then
        item hardening ok "Hardened" "exposure $exposure of 10"
    else
        item hardening wrong "Hardened" "exposure $exposure of 10, more than 2.0" "systemd-analyze security $unit"
    fi
else
    item hardening unknown "Hardened" "systemd-analyze tells nothing"
fi

# --- Health ---
status=$(fetch -o "$scratch/body" -w '%{http_code}' "$direct/health")
if [[ $status == 200 ]]; then
    item health ok "Health" "$direct/health answers 200"
else
    item health wrong "Health" "$direct/health answers ${status:-000} $(why)" "journalctl -u $unit -n 50; ss -ltnp 'sport = :$port'"
fi
status=$(fetch -o "$scratch/body" -w '%{http_code}' "$admin/ready")
if [[ $status == 200 ]]; then
    item ready ok "Ready" "$admin/ready answers 200"
else
    item ready wrong "Ready" "$admin/ready answers ${status:-000}" "503 while draining: systemctl status $unit; else update the program"
fi

# --- The instances beside it ---
mapfile -t instances < <({
    systemctl list-units --all --plain --no-legend 'dashscope-gateway@*.service'
    systemctl list-unit-files --no-legend 'dashscope-gateway@*.service'
} 2>/dev/null | grep -oE '^dashscope-gateway@[0-9]+\.service' | sort -u)
for instance in ${instances[@]+"${instances[@]}"}; do
    other=${instance#*@} other=${other%.service}
    answers="$(fetch -o /dev/null -w '%{http_code}' "http://127.0.0.1:$other/health") $(fetch -o /dev/null -w '%{http_code}' "http://127.0.0.2:$other/ready")"
    if [[ $answers == "200 200" ]]; then
        item "instance-$other" ok "Instance $other" "$(systemctl is-active "$instance" 2>/dev/null || true), /health and /ready answer 200"
    else
        item "instance-$other" wrong "Instance $other" "/health and /ready answer $answers" "journalctl -u $instance -n 50"
    fi
done

# --- Who can reach the port past the proxy ---
listening=$(ss -Hltn "sport = :$port" 2>/dev/null | awk '{ print $4 }' | sed 's/:[0-9]*$//' | sort -u | tr '\n' ' ')
public=no
for address in $listening; do
    case $address in 127.* | "[::1]" | "[::ffff:127."*) ;; *) public=yes ;; esac
done
if [[ -z $listening ]]; then
    item port unknown "Port $port closed to others" "nobody listens on it"
elif [[ $public == no ]]; then
    item port ok "Port $port closed to others" "it listens on ${listening% } only"
elif ! root; then
    item port unknown "Port $port closed to others" "it listens on ${listening% }; only root sees the firewall" "run it as root"
elif has ufw && ufw status 2>/dev/null | grep -q '^Status: active'; then
    if ufw status | grep -qE "^$port(/tcp)? .*ALLOW" || ! ufw status verbose | grep -q '^Default: \(deny\|reject\) (incoming)'; then
        item port wrong "Port $port closed to others" "ufw lets it through" "ufw delete allow $port; ufw default deny incoming"
    else
        item port ok "Port $port closed to others" "ufw closes it"
    fi
elif has firewall-cmd && firewall-cmd --state >/dev/null 2>&1; then
    if firewall-cmd --list-ports | grep -qw "$port/tcp"; then
        item port wrong "Port $port closed to others" "firewalld lets it through" "firewall-cmd --permanent --remove-port=$port/tcp; firewall-cmd --reload"
    else
        item port ok "Port $port closed to others" "firewalld closes it"
    fi
else
    item port wrong "Port $port closed to others" "it listens on ${listening% } and no firewall is active" "HOST=127.0.0.1 in the unit, or a firewall: ufw enable"
fi
if ! root; then
    item firewall unknown "Firewall" "only root sees it" "run it as root"
elif has ufw && ufw status 2>/dev/null | grep -q '^Status: active'; then
    item firewall ok "Firewall" "ufw is active"
elif has firewall-cmd && firewall-cmd --state >/dev/null 2>&1; then
    item firewall ok "Firewall" "firewalld is active"
elif has nft && nft list ruleset 2>/dev/null | grep -q 'hook input.*policy drop'; then
    item firewall ok "Firewall" "nftables drops what is not allowed"
else
    item firewall wrong "Firewall" "none is active" "ufw allow ssh && ufw allow 'Nginx Full' && ufw enable; or firewalld"
fi

# --- nginx ---
site=no
if ! has nginx; then
    item nginx unknown "nginx in front" "nginx is not installed" "deploy/install.sh --nginx HOST"
elif ! root; then
    item nginx unknown "nginx in front" "only root can read its configuration" "run it as root"
elif ! nginx -T >"$scratch/nginx" 2>"$scratch/error"; then
    item nginx wrong "nginx in front" "nginx -t: $(grep -m 1 emerg "$scratch/error" | cut -c 1-160)" "nginx -t"
elif ! grep -q '^[^#]*proxy_pass http://dashscope_gateway' "$scratch/nginx"; then
    item nginx wrong "nginx in front" "no site passes to the gateway" "deploy/install.sh --nginx HOST"
elif ! systemctl --quiet is-active nginx 2>/dev/null && ! { [[ -s /run/nginx.pid ]] && kill -0 "$(</run/nginx.pid)" 2>/dev/null; }; then
    item nginx wrong "nginx in front" "it does not run" "systemctl enable --now nginx"
else
    site=yes
    item nginx ok "nginx in front" "the configuration is valid and it runs"
fi
if [[ $site == yes ]]; then
    if grep -q '^[^#]*limit_req .*zone=dashscope_api' "$scratch/nginx" && grep -q '^[^#]*limit_req_status 429' "$scratch/nginx"; then
        item ratelimit ok "Rate limit" "$(grep -m 1 -o 'rate=[^;]*' "$scratch/nginx") for each address, 429 above it"
    else
        item ratelimit wrong "Rate limit" "no limit_req with limit_req_status 429" "compare the site with deploy/nginx/dashscope-gateway.conf"
    fi
    if [[ -z $url ]]; then
        name=$(awk '/^[^#]*server_name/ && !/_;/ { print $2 }' "$scratch/nginx" | tr -d ';' | head -n 1)
        url=http://${name:-127.0.0.1}
        # The name need not lead here yet.
        getent hosts "${name:-127.0.0.1}" >/dev/null || url=http://127.0.0.1
    fi
fi
url=${url:-$direct}

# --- Certificate ---
if [[ $url == https://* ]]; then
    authority=${url#https://}
    authority=${authority%%/*}
    name=${authority%%:*}
    [[ $authority == *:* ]] || authority=$authority:443
    if ! has openssl; then
        item certificate unknown "Certificate" "openssl is not installed"
    elif ! timeout 10 openssl s_client -connect "$authority" -servername "$name" </dev/null 2>/dev/null | openssl x509 >"$scratch/certificate" 2>/dev/null; then
        item certificate wrong "Certificate" "no TLS at $authority" "certbot --nginx -d $name --redirect"
    else
        until=$(openssl x509 -noout -enddate -in "$scratch/certificate" | cut -d = -f 2)
        fetch -o "$scratch/body" "$url/health"
        verified=$?
        if ((verified == 60)); then
            item certificate wrong "Certificate" "it is not trusted: $(why)" "certbot --nginx -d $name; --ca FILE for an authority of your own"
        elif openssl x509 -noout -checkend $((days * 86400)) -in "$scratch/certificate" >/dev/null; then
            item certificate ok "Certificate" "valid until $until"
        else
            item certificate wrong "Certificate" "valid until $until, less than $days days" "certbot renew; systemctl list-timers certbot.timer"
        fi
    fi
else
    item certificate unknown "Certificate" "$url is not https" "certbot --nginx -d HOST --redirect, then --url https://HOST"
fi

# --- Room for parts of uploads and the store: the defaults of uploads.maximumBytes and store.maximumBytes together ---
state_folder=$(property StateDirectory | awk '{ print $1 }')
uploads=${uploads:-${state_folder:+/var/lib/$state_folder}}
free=$(df -B1 --output=avail "$uploads" 2>/dev/null | tail -n 1 | tr -d ' ')
if [[ -z $free ]]; then
    item room wrong "Room for uploads" "there is no folder ${uploads:-for the state of the service}" "StateDirectory=dashscope-gateway in the unit"
elif ((free < 3 << 30)); then
    item room wrong "Room for uploads" "$uploads has $((free >> 20)) MB left" "free 3 GB, or set uploads.maximumBytes lower"
else
    item room ok "Room for uploads" "$uploads has $((free >> 30)) GB left"
fi

# --- Monitoring, rotation, kernel ---
if [[ ! -x /usr/local/bin/check-dashscope-gateway ]]; then
    item monitoring wrong "Monitoring" "there is no /usr/local/bin/check-dashscope-gateway" "deploy/install.sh"
elif systemctl --quiet is-active dashscope-gateway-check.timer 2>/dev/null && systemctl --quiet is-enabled dashscope-gateway-check.timer 2>/dev/null; then
    item monitoring ok "Monitoring" "dashscope-gateway-check.timer"
elif [[ -f /etc/cron.d/dashscope-gateway ]] && { systemctl --quiet is-active cron 2>/dev/null || systemctl --quiet is-active crond 2>/dev/null; }; then
    item monitoring ok "Monitoring" "/etc/cron.d/dashscope-gateway"
else
    item monitoring wrong "Monitoring" "neither the timer nor cron runs it" "systemctl enable --now dashscope-gateway-check.timer"
fi
rotation=/etc/logrotate.d/dashscope-gateway
if [[ ! -f $rotation ]]; then
    item rotation wrong "Log rotation" "there is no $rotation" "deploy/install.sh"
elif has logrotate && ! logrotate -d -s "$scratch/state" "$rotation" >"$scratch/output" 2>&1; then
    item rotation wrong "Log rotation" "$(grep -m 1 error "$scratch/output" | cut -c 1-160)" "logrotate -d $rotation"
elif ! systemctl --quiet is-active logrotate.timer 2>/dev/null && [[ ! -x /etc/cron.daily/logrotate ]]; then
    item rotation wrong "Log rotation" "nothing runs logrotate" "systemctl enable --now logrotate.timer"
elif systemctl --quiet is-active logrotate.timer 2>/dev/null && ! systemctl show --value -p TimersCalendar logrotate.timer | grep -q '\*:00:00'; then
    item rotation wrong "Log rotation" "logrotate.timer does not run every hour, so sizes are looked at once a day" "deploy/install.sh"
else
    item rotation ok "Log rotation" "$rotation is valid and logrotate runs hourly"
fi
backlog=$(sysctl -n net.core.somaxconn 2>/dev/null || echo 0)
if ((backlog >= 4096)); then
    item backlog ok "Accept queue" "net.core.somaxconn = $backlog"
else
    item backlog wrong "Accept queue" "net.core.somaxconn = $backlog, below the kernel's own 4096" "deploy/install.sh --sysctl; look for lower values in /etc/sysctl.d"
fi

# --- Through the public address ---
status=$(fetch -o "$scratch/body" -w '%{http_code}' "$url/health")
if [[ $status == 200 ]]; then
    item public ok "Public address" "$url/health answers 200"
else
    item public wrong "Public address" "$url/health answers ${status:-000} $(why)" "nginx -t; systemctl status nginx; the firewall; the name in DNS"
fi
if [[ $url != "$direct" ]] && command -v ip >/dev/null 2>&1; then
    other=$(ip -o -4 addr show scope global 2>/dev/null | awk '{ sub("/.*", "", $4); print $4; exit }')
    if [[ -n $other && $site == yes ]]; then
        status=$(fetch -o /dev/null -w '%{http_code}' --interface "$other" --connect-to "::$other:" "$url/metrics")
        if [[ -z $status || $status == 000 ]]; then
            item metrics unknown "Metrics private" "$other does not answer: $(why)"
        elif [[ $status == 200 ]]; then
            item metrics wrong "Metrics private" "/metrics answers to $other" "allow and deny in location ^~ /metrics"
        else
            item metrics ok "Metrics private" "/metrics answers $status to others"
        fi
    fi
fi

# The key is given to curl in a file that only this user can read: arguments are seen by everybody.
if [[ -z ${DASHSCOPE_API_KEY:-} ]]; then
    item functional unknown "Functional test" "no key" "DASHSCOPE_API_KEY=… deploy/check.sh"
    if [[ $site == yes ]]; then
        if grep -q '^[^#]*proxy_buffering off' "$scratch/nginx"; then
            item stream ok "Streams unbuffered" "proxy_buffering off in the site; a key would measure it"
        else
            item stream wrong "Streams unbuffered" "the site buffers" "proxy_buffering off in location /v1/"
        fi
    else
        item stream unknown "Streams unbuffered" "no key" "DASHSCOPE_API_KEY=… deploy/check.sh"
    fi
else
    umask 077
    printf 'header = "Authorization: Bearer %s"\nheader = "Content-Type: application/json"\n' "$DASHSCOPE_API_KEY" >"$scratch/key"
    status=$(fetch -m 60 -K "$scratch/key" -o "$scratch/body" -w '%{http_code}' "$url/v1/chat/completions" \
        -d "{\"model\":$(quote "$model"),\"messages\":[{\"role\":\"user\",\"content\":\"Say hello.\"}]}")
    if [[ $status == 200 ]] && grep -q '"content"' "$scratch/body"; then
        item functional ok "Functional test" "$model answers through $url"
    else
        item functional wrong "Functional test" "$url answers ${status:-000} $(why)$(cut -c 1-160 "$scratch/body")" "python3 test_client.py --base-url $url/v1"
    fi
    # When the first and the last line came, in milliseconds. A buffered stream comes in one piece.
    first="" last="" events=0 done=no
    while IFS= read -r line; do
        if [[ $line != data:* ]]; then continue; fi
        last=${EPOCHREALTIME//[.,]/}
        first=${first:-$last} events=$((events + 1))
        if [[ $line == "data: [DONE]"* ]]; then done=yes; fi
    done < <(fetch -N -m 60 -K "$scratch/key" "$url/v1/chat/completions" \
        -d "{\"model\":$(quote "$model"),\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Count from one to twenty, in words.\"}]}")
    span=$(((${last:-0} - ${first:-0}) / 1000))
    if [[ $done == no ]]; then
        item stream wrong "Streams unbuffered" "the stream does not end with [DONE] ($events events) $(why)" "journalctl -u $unit -n 50"
    elif ((events > 3 && span < 20)); then
        item stream wrong "Streams unbuffered" "$events events came within $span ms" "proxy_buffering off in every proxy on the way"
    else
        item stream ok "Streams unbuffered" "$events events over $span ms"
    fi
fi

if [[ $json == yes ]]; then
    list=$(IFS=,; echo "${items[*]}")
    printf '{"passed":%d,"failed":%d,"unchecked":%d,"items":[%s]}\n' "$right" "$wrong" "$open" "$list"
else
    printf '\n%d right, %d wrong, %d not checked\n' "$right" "$wrong" "$open"
fi
((wrong == 0))
