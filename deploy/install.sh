#!/usr/bin/env bash
# Installs the gateway as a systemd service, or brings an installation up to date: every step looks first and changes only
# what differs, so it may be run again at any time. What was asked for before is remembered. Debian and RHEL families.
#
#   deploy/install.sh --dry-run          what would be done
#   deploy/install.sh                    service, log rotation, monitoring
#   deploy/install.sh --nginx HOST       and nginx in front of it
#   deploy/install.sh --binary FILE      another program, without a gap
#   deploy/install.sh --rollback         the program before the last one
#   deploy/install.sh --uninstall        takes away what was installed; --purge settings, logs and user, too
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)

usage() {
    cat <<'TEXT'
Usage: sudo deploy/install.sh [OPTION…]

Installs the gateway as a systemd service under /opt/dashscope-gateway, or brings an installation up to date. It may be run again at
any time: what is already so stays, your settings are kept, and what runs is replaced without a gap.

  --binary FILE    the program (default: .build/release/dashscope-gateway of this checkout)
  --port PORT      port of the service on 127.0.0.1 (default: what is installed, or 8000)
  --instances N    instances in all: the service and N-1 of the template unit on the following ports (default: 1)
  --no-socket      let the program itself hold the port: a restart then refuses connections for a moment
  --socket         let systemd hold it (the default)
  --nginx HOST     install nginx and the site for this host name
  --tls CERT KEY   with --nginx: HTTPS with this certificate (without it: certbot, see the documentation)
  --sysctl         kernel settings for thousands of connections
  --cron           monitoring by cron instead of a systemd timer
  --no-nginx, --no-tls, --no-sysctl, --no-cron
                   take away what an earlier run put there; nginx itself stays
  --no-packages    install no packages; say what is missing
  --no-start       install only
  --rollback       put the previous program back, without a gap
  --dry-run        print what would be done
  --uninstall      take away what was installed; settings and logs stay
  --purge          with --uninstall: settings, logs and the user go, too

Options of an earlier run are kept in /etc/dashscope-gateway/install.conf and hold until they are given anew or taken back.
Afterwards /opt/dashscope-gateway/bin/check-deployment says what is still to be done.
TEXT
}

say() { printf '%s\n' "$*"; }
die() {
    printf 'error: %s\n' "$*" >&2
    exit "${STATUS:-1}"
}

binary="" port="" instances=1 use_socket=yes host="" certificate="" key="" use_sysctl=no use_cron=no packages=yes
start=yes dry=no uninstall=no purge=no rollback=no no_nginx=no
remembered=/etc/dashscope-gateway/install.conf
# Read, not run: names and values of this script's own only.
if [[ -r $remembered ]]; then
    while IFS='=' read -r name value; do
        case $name in
            port | instances | use_socket | host | certificate | key | use_sysctl | use_cron) printf -v "$name" %s "$value" ;;
        esac
    done <"$remembered"
elif [[ -d ${remembered%/*} && ! -x ${remembered%/*} ]]; then
    printf '%s\n' "note:        what an earlier run was asked for can be read by root only; this one begins with the defaults"
fi
while (($# > 0)); do
    case $1 in
        -h | --help) usage && exit 0 ;;
        --binary | --port | --instances | --nginx)
            (($# > 1)) || STATUS=2 die "$1 needs a value"
            case $1 in
                --binary) binary=$2 ;;
                --port) port=$2 ;;
                --instances) instances=$2 ;;
                --nginx) host=$2 ;;
            esac
            shift
            ;;
        --tls)
            (($# > 2)) || STATUS=2 die "--tls needs a certificate and a key"
            certificate=$2 key=$3
            shift 2
            ;;
        --socket) use_socket=yes ;;
        --no-socket) use_socket=no ;;
        --rollback) rollback=yes ;;
        --sysctl) use_sysctl=yes ;;
        --cron) use_cron=yes ;;
        --no-nginx) no_nginx=yes host="" certificate="" key="" ;;
        --no-tls) certificate="" key="" ;;
        --no-sysctl) use_sysctl=no ;;
        --no-cron) use_cron=no ;;
        --no-packages) packages=no ;;
        --no-start) start=no ;;
        --dry-run) dry=yes ;;
        --uninstall) uninstall=yes ;;
        --purge) purge=yes ;;
        *) STATUS=2 die "unknown argument: $1 (see --help)" ;;
    esac
    shift
done
[[ -z $port || ($port =~ ^[0-9]{1,5}$ && $((10#$port)) -ge 1 && $((10#$port)) -le 65535) ]] || STATUS=2 die "\"$port\" is not a port"
[[ $instances =~ ^[1-9][0-9]?$ ]] || STATUS=2 die "--instances takes a number from 1 to 99"
[[ -z $host || $host =~ ^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$ ]] || STATUS=2 die "\"$host\" is not a host name"
[[ -z $certificate || -n $host ]] || STATUS=2 die "--tls belongs to --nginx"
[[ $purge == no || $uninstall == yes ]] || STATUS=2 die "--purge belongs to --uninstall"
if [[ $dry == no && $(id -u) -ne 0 ]]; then die "run it as root (or with --dry-run)"; fi

# --- The machine. ---
os_release=${OS_RELEASE:-/etc/os-release}
family=$(
    # shellcheck source=/dev/null
    . "$os_release" 2>/dev/null || true
    case " ${ID:-} ${ID_LIKE:-} " in
        *" debian "* | *" ubuntu "*) echo debian ;;
        *" rhel "* | *" fedora "* | *" centos "*) echo rhel ;;
    esac
)
[[ -n $family ]] || die "this is neither of the Debian nor of the RHEL family ($os_release)"

prefix=/opt/dashscope-gateway
settings=/etc/dashscope-gateway
units=/etc/systemd/system
service=dashscope-gateway.service
# Where the port is told when it is not 8000.
DROP_INS=(dashscope-gateway.service.d dashscope-gateway.socket.d dashscope-gateway-check.service.d)
if [[ $family == debian ]]; then
    site=/etc/nginx/sites-available/dashscope-gateway
else
    site=/etc/nginx/conf.d/dashscope-gateway.conf
fi

changes=0 unit_changed=no service_changed=no nginx_changed=no

# run COMMAND…: does it and says so, or only says so.
run() {
    changes=$((changes + 1))
    if [[ $dry == yes ]]; then
        say "would run:   $*"
    else
        say "run:         $*"
        "$@"
    fi
}

# put SOURCE TARGET MODE [GROUP]: copies a file when it differs. True when it did (or would).
put() {
    local source=$1 target=$2 mode=$3 group=${4:-root}
    if [[ -f $target ]] && cmp -s "$source" "$target" && [[ $(stat -c '%a %U %G' "$target") == "${mode#0} root $group" ]]; then
        say "unchanged:   $target"
        return 1
    fi
    changes=$((changes + 1))
    if [[ $dry == yes ]]; then
        say "would write: $target"
        return 0
    fi
    say "write:       $target"
    mkdir -p "$(dirname "$target")"
    # Another name first: a running program's file cannot be overwritten, and nobody shall read half of one.
    install -o root -g "$group" -m "$mode" "$source" "$target.new"
    mv -f "$target.new" "$target"
}

# Puts a program in the place of another, which is kept as the previous one.
put_program() {
    local source=$1 target=$prefix/bin/dashscope-gateway
    if [[ -f $target ]] && cmp -s "$source" "$target"; then return 1; fi
    if [[ $dry == no && -f $target ]]; then
        say "keep:        $target.previous"
        ln -f "$target" "$target.previous"
    fi
    put "$source" "$target" 0755
}

# The installed environment's word about a program: does it run here, and does it take the settings?
try_program() {
    local program=$1 output
    if ! output=$("$program" --version 2>&1); then
        say "$program does not run: $output" >&2
        return 1
    fi
    systemd_runs || return 0
    local properties=(-p User=dashscope -p Group=dashscope -p "Environment=HOST=127.0.0.1 PORT=$port GATEWAY_OPTIONS="
        -p "EnvironmentFile=-$settings/gateway.env")
    if [[ -e /etc/credstore/dashscope-api-key ]]; then properties+=(-p LoadCredential=dashscope-api-key:dashscope-api-key); fi
    # systemd expands the variable, as in the unit.
    # shellcheck disable=SC2016
    if ! output=$(systemd-run --quiet --wait --pipe --collect "${properties[@]}" "$program" check-config '$GATEWAY_OPTIONS' 2>&1); then
        printf '%s\n' "$output" >&2
        return 1
    fi
}

# drop PATH…: removes what is there.
drop() {
    local path
    for path in "$@"; do
        if [[ -e $path || -L $path ]]; then run rm -rf -- "$path"; fi
    done
}

systemd_runs() { [[ -d /run/systemd/system ]]; }
runs_installed_program() {
    [[ $(stat -L -c %i "/proc/$(systemctl show --value -p MainPID "$1")/exe") == $(stat -c %i "$prefix/bin/dashscope-gateway") ]]
}
unit_is() { systemctl --quiet "$1" "$2" 2>/dev/null; }

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# --- Away with it. ---
if [[ $uninstall == yes ]]; then
    DROP_IN_FILES=("${DROP_INS[@]/#/$units/}")
    DROP_IN_FILES=("${DROP_IN_FILES[@]/%//60-install.conf}")
    if systemd_runs; then
        mapfile -t running < <(systemctl list-units --all --plain --no-legend 'dashscope-gateway@*.service' 2>/dev/null | awk '{ print $1 }')
        for unit in dashscope-gateway-check.timer dashscope-gateway.socket dashscope-gateway-twin.service "$service" ${running[@]+"${running[@]}"}; do
            if unit_is is-active "$unit" || unit_is is-enabled "$unit"; then run systemctl disable --now "$unit"; fi
        done
    fi
    drop "$units/$service" "$units/dashscope-gateway@.service" "$units/dashscope-gateway.socket" \
        "$units/dashscope-gateway-twin.service" "${DROP_IN_FILES[@]}" \
        "$units/dashscope-gateway-check.service" "$units/dashscope-gateway-check.timer" \
        /etc/logrotate.d/dashscope-gateway /etc/cron.d/dashscope-gateway /usr/local/bin/check-dashscope-gateway \
        /etc/sysctl.d/60-dashscope-gateway.conf /etc/nginx/sites-enabled/dashscope-gateway "$site" \
        /etc/nginx/dashscope-gateway.d /etc/systemd/system/logrotate.timer.d/60-dashscope-gateway.conf "$prefix"
    if systemd_runs && ((changes > 0)); then
        run systemctl daemon-reload
        run systemctl reset-failed 'dashscope-gateway*' || true
        if unit_is is-active nginx; then run systemctl reload nginx; fi
    fi
    if [[ $purge == yes ]]; then
        drop "$settings" /var/log/dashscope-gateway /var/lib/dashscope-gateway /etc/credstore/dashscope-api-key
        if getent passwd dashscope >/dev/null; then run userdel dashscope; fi
    elif [[ -d $settings || -d /var/log/dashscope-gateway ]]; then
        say "left:        $settings, /var/log/dashscope-gateway, /var/lib/dashscope-gateway and the user dashscope (--purge takes them, too)"
    fi
    say "$changes changes"
    exit 0
fi

# --- Back to the previous program. ---
if [[ $rollback == yes ]]; then
    program=$prefix/bin/dashscope-gateway
    [[ -x $program.previous ]] || die "there is no $program.previous"
    if [[ $dry == no ]] && ! try_program "$program.previous"; then
        die "the previous program does not take the present settings: see docs/upgrading.md, Going back"
    fi
    exchange() {
        run ln -f "$program" "$program.exchanged"
        run mv -f "$program.previous" "$program"
        run mv -f "$program.exchanged" "$program.previous"
    }
    exchange
    if systemd_runs && [[ $start == yes ]] && ! run "$prefix/bin/restart-gateway"; then
        exchange
        die "the previous program does not get ready: nothing is changed"
    fi
    if [[ $dry == no ]]; then say "now:         version $("$program" --version)"; fi
    exit 0
fi

# --- What is to be installed. ---
if [[ -z $binary ]]; then
    binary=$here/../.build/release/dashscope-gateway
    if [[ ! -x $binary && -x $prefix/bin/dashscope-gateway ]]; then binary=$prefix/bin/dashscope-gateway; fi
fi
if [[ ! -x $binary ]]; then
    [[ $dry == yes ]] || die "there is no program at $binary: build it (swift build -c release --product dashscope-gateway), or give --binary"
    say "note:        there is no program at $binary yet"
fi
if [[ -z $port ]]; then
    port=$(sed -n 's/^Environment=PORT=\([0-9]*\)$/\1/p' "$units/dashscope-gateway.service.d/60-install.conf" 2>/dev/null || true)
    port=${port:-8000}
fi
if [[ -n $certificate && $dry == no ]]; then
    [[ -r $certificate && -r $key ]] || die "cannot read $certificate and $key"
fi

# --- Packages. ---
wanted=(curl:curl logrotate:logrotate flock:util-linux)
if [[ -n $host ]]; then wanted+=(nginx:nginx openssl:openssl); fi
if [[ $use_cron == yes ]]; then
    if [[ $family == debian ]]; then wanted+=(cron:cron); else wanted+=(crond:cronie); fi
fi
missing=()
for item in "${wanted[@]}"; do
    PATH=$PATH:/usr/sbin:/sbin command -v "${item%%:*}" >/dev/null 2>&1 || missing+=("${item##*:}")
done
if ((${#missing[@]} > 0)); then
    if [[ $packages == no ]]; then
        say "missing:     ${missing[*]} (--no-packages)"
    elif [[ $family == debian ]]; then
        run env DEBIAN_FRONTEND=noninteractive apt-get -qq update
        run env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${missing[@]}"
    else
        manager=dnf
        command -v dnf >/dev/null 2>&1 || ! command -v yum >/dev/null 2>&1 || manager=yum
        run "$manager" -q -y install "${missing[@]}"
    fi
else
    say "unchanged:   packages"
fi

# --- User: no login, no home. ---
if getent passwd dashscope >/dev/null; then
    say "unchanged:   user dashscope"
else
    nologin=/usr/sbin/nologin
    [[ $family == debian || -x $nologin ]] || nologin=/sbin/nologin
    run useradd --system --user-group --home-dir /nonexistent --no-create-home --shell "$nologin" dashscope
fi

# The account of an older guide has a login, which a service needs not.
if [[ $(getent passwd dashscope | cut -d : -f 7) == */bash || $(getent passwd dashscope | cut -d : -f 7) == */sh ]]; then
    run usermod --shell /usr/sbin/nologin dashscope
fi

# --- Program: root's, and nobody else can write there. ---
# What others own may hold links that lead elsewhere: such a folder is set aside whole, and nothing in it is followed.
if [[ -L $prefix || (-e $prefix && $(stat -c %U "$prefix") != root) ]]; then
    aside=$prefix.before-$(date +%Y%m%d%H%M%S)
    run mv -T "$prefix" "$aside"
    say "note:        what was in $prefix is in $aside"
fi
if [[ -f $units/$service ]] && ! grep -q "^ExecStart=$prefix/bin/dashscope-gateway " "$units/$service"; then
    run cp "$units/$service" "$units/$service.before-install"
fi
new_program=no
if [[ ! $binary -ef $prefix/bin/dashscope-gateway && -x $binary ]] && ! cmp -s "$binary" "$prefix/bin/dashscope-gateway"; then
    if [[ $dry == no ]]; then
        # Tried under a name beside the old one, which serves on if the new one is not fit.
        mkdir -p "$prefix/bin"
        install -o root -g root -m 0755 "$binary" "$prefix/bin/dashscope-gateway.candidate"
        if ! try_program "$prefix/bin/dashscope-gateway.candidate"; then
            rm -f "$prefix/bin/dashscope-gateway.candidate"
            die "$binary is not fit for this installation; nothing was changed"
        fi
        rm -f "$prefix/bin/dashscope-gateway.candidate"
    fi
    if put_program "$binary"; then service_changed=yes new_program=yes; fi
fi
put "$here/check.sh" "$prefix/bin/check-deployment" 0755 || true
put "$here/restart.sh" "$prefix/bin/restart-gateway" 0755 || true
if [[ -f $here/../docs/deployment.md ]]; then put "$here/../docs/deployment.md" "$prefix/doc/deployment.md" 0644 || true; fi

# --- Settings: an existing file is the operator's and is left alone. ---
if [[ -e $settings/gateway.env ]]; then
    say "kept:        $settings/gateway.env"
else
    put "$here/defaults/gateway.env" "$settings/gateway.env" 0640 dashscope || true
fi
if [[ -e $settings/gateway.yaml ]]; then
    say "kept:        $settings/gateway.yaml"
else
    put "$here/defaults/gateway.yaml" "$settings/gateway.yaml" 0640 dashscope || true
fi
if [[ -d $settings && $(stat -c '%a %G' "$settings") != "750 dashscope" ]]; then
    run chgrp dashscope "$settings"
    run chmod 0750 "$settings"
fi

# What was asked for holds for the next run, too.
for name in port instances use_socket host certificate key use_sysctl use_cron; do printf '%s=%s\n' "$name" "${!name}"; done >"$scratch/install.conf"
put "$scratch/install.conf" "$remembered" 0640 || true

# --- Units. ---
socket_changed=no
for unit in "$service" dashscope-gateway@.service dashscope-gateway-twin.service dashscope-gateway.socket; do
    if put "$here/systemd/$unit" "$units/$unit" 0644; then
        unit_changed=yes
        # The twin is there only during a restart.
        if [[ $unit != *twin* ]]; then service_changed=yes; fi
    fi
done
for name in "${DROP_INS[@]}"; do
    case $name in
        *.socket.d) printf '[Socket]\nListenStream=\nListenStream=127.0.0.1:%s\n' "$port" ;;
        *-check.service.d) printf '[Service]\nEnvironment=GATEWAY_URL=http://127.0.0.1:%s/health\n' "$port" ;;
        *) printf '[Service]\nEnvironment=PORT=%s\n' "$port" ;;
    esac >"$scratch/drop-in"
    if [[ $port != 8000 ]]; then
        put "$scratch/drop-in" "$units/$name/60-install.conf" 0644 || continue
    elif [[ -e $units/$name/60-install.conf ]]; then
        drop "$units/$name/60-install.conf"
    else
        continue
    fi
    unit_changed=yes service_changed=yes
    if [[ $name == *.socket.d ]]; then socket_changed=yes; fi
done

# --- Log rotation. ---
put "$here/logrotate/dashscope-gateway" /etc/logrotate.d/dashscope-gateway 0644 || true
rotation_changed=no
if put "$here/logrotate/logrotate.timer.conf" "$units/logrotate.timer.d/60-dashscope-gateway.conf" 0644; then
    unit_changed=yes rotation_changed=yes
fi

# --- Monitoring: a timer, or a file for cron; root's crontab is not touched. ---
put "$here/monitoring/check-dashscope-gateway" /usr/local/bin/check-dashscope-gateway 0755 || true
if [[ $use_cron == yes ]]; then
    sed "s|check-dashscope-gateway --all|check-dashscope-gateway --all --url http://127.0.0.1:$port/health|" \
        "$here/monitoring/cron.d" >"$scratch/cron"
    put "$scratch/cron" /etc/cron.d/dashscope-gateway 0644 || true
else
    drop /etc/cron.d/dashscope-gateway
    for unit in dashscope-gateway-check.service dashscope-gateway-check.timer; do
        if put "$here/monitoring/$unit" "$units/$unit" 0644; then unit_changed=yes; fi
    done
fi

# --- Kernel settings. ---
if [[ $use_sysctl == no ]]; then
    # What the kernel has it keeps until the next boot.
    drop /etc/sysctl.d/60-dashscope-gateway.conf
elif put "$here/sysctl/60-dashscope-gateway.conf" /etc/sysctl.d/60-dashscope-gateway.conf 0644; then
    run sysctl -q -p /etc/sysctl.d/60-dashscope-gateway.conf || say "note:        this machine does not take all kernel settings"
fi

# --- nginx. ---
if [[ $no_nginx == yes && (-e $site || -d /etc/nginx/dashscope-gateway.d) ]]; then
    drop /etc/nginx/sites-enabled/dashscope-gateway "$site" /etc/nginx/dashscope-gateway.d "$prefix/doc/nginx-site.conf"
    if systemd_runs && unit_is is-active nginx; then run systemctl reload nginx; fi
fi
if [[ -n $host ]]; then
    if [[ -e $site ]] && grep -q 'managed by Certbot' "$site"; then
        say "kept:        $site (certbot has changed it)"
    else
        sed -e "s/gateway\.example\.com/$host/" -e "s/127\.0\.0\.1:8000/127.0.0.1:$port/" \
            "$here/nginx/dashscope-gateway.conf" >"$scratch/site"
        if [[ -n $certificate ]]; then
            sed -i -e 's/^\( *\)#tls /\1/' -e "s|ssl_certificate .*;|ssl_certificate $certificate;|" \
                -e "s|ssl_certificate_key .*;|ssl_certificate_key $key;|" "$scratch/site"
        fi
        # A machine without IPv6 cannot listen on it.
        if [[ ! -e /proc/net/if_inet6 ]]; then sed -i '/listen \[::\]/d' "$scratch/site"; fi
        # A site that somebody has changed is theirs. What was written last tells.
        written=$prefix/doc/nginx-site.conf
        if [[ -e $site ]] && ! cmp -s "$site" "$scratch/site" && ! cmp -s "$site" "$written"; then
            say "kept:        $site (changed by hand; $written is what it would be)"
        elif put "$scratch/site" "$site" 0644; then
            nginx_changed=yes
        fi
        put "$scratch/site" "$written" 0644 || true
    fi
    if [[ $family == debian && ! -e /etc/nginx/sites-enabled/dashscope-gateway ]]; then
        run mkdir -p /etc/nginx/sites-enabled
        run ln -s ../sites-available/dashscope-gateway /etc/nginx/sites-enabled/dashscope-gateway
        nginx_changed=yes
    fi
    if ((instances > 1)); then
        sed '/^server /d' "$here/nginx/load-balancer.conf" >"$scratch/balancer"
        for ((number = 1; number < instances; number++)); do
            echo "server 127.0.0.1:$((port + number)) max_fails=2 fail_timeout=10s;" >>"$scratch/balancer"
        done
        if put "$scratch/balancer" /etc/nginx/dashscope-gateway.d/load-balancer.conf 0644; then nginx_changed=yes; fi
    elif [[ -e /etc/nginx/dashscope-gateway.d/load-balancer.conf ]]; then
        drop /etc/nginx/dashscope-gateway.d/load-balancer.conf
        nginx_changed=yes
    fi
    # RHEL: without this SELinux forbids nginx to connect to the gateway.
    if command -v getsebool >/dev/null 2>&1 && [[ $(getsebool httpd_can_network_connect 2>/dev/null) == *off ]]; then
        run setsebool -P httpd_can_network_connect 1
    fi
fi
if [[ $family == rhel && $service_changed == yes ]] && command -v restorecon >/dev/null 2>&1; then
    run restorecon -R "$prefix" "$units"
fi

# --- Into effect. ---
if ! systemd_runs; then
    say "note:        systemd does not run here; nothing is started"
    start=no
fi
if [[ $start == yes ]]; then
    if [[ $unit_changed == yes ]]; then run systemctl daemon-reload; fi
    if [[ $rotation_changed == yes ]] && unit_is is-active logrotate.timer; then run systemctl restart logrotate.timer; fi
    active=("$service")
    for ((number = 1; number < instances; number++)); do active+=("dashscope-gateway@$((port + number)).service"); done
    # Instances that are no longer wanted.
    mapfile -t running < <(systemctl list-units --plain --no-legend 'dashscope-gateway@*.service' 2>/dev/null | awk '{ print $1 }')
    for unit in ${running[@]+"${running[@]}"}; do
        if [[ " ${active[*]} " != *" $unit "* ]]; then run systemctl disable --now "$unit"; fi
    done
    socket=dashscope-gateway.socket
    if [[ $use_socket == no ]] && { unit_is is-active $socket || unit_is is-enabled $socket; }; then
        run systemctl disable --now $socket
        service_changed=yes
        if unit_is is-active "$service"; then run systemctl stop "$service"; fi
    elif [[ $use_socket == yes ]]; then
        unit_is is-enabled $socket || run systemctl enable $socket
        if ! unit_is is-active $socket || [[ $socket_changed == yes ]]; then
            # The service holds the port until now: the one time that it must let go before it is taken over.
            if unit_is is-active "$service"; then run systemctl stop "$service"; fi
            run systemctl restart $socket
        fi
    fi
    # What does not run is started; what runs is replaced without a gap.
    replace=no
    for unit in "${active[@]}"; do
        unit_is is-enabled "$unit" || run systemctl enable "$unit"
        if unit_is is-active "$unit"; then
            if [[ $service_changed == yes ]]; then replace=yes; else say "unchanged:   $unit"; fi
        fi
    done
    begin_serving() {
        local unit
        if [[ $replace == yes ]]; then run "$prefix/bin/restart-gateway" || return 1; fi
        for unit in "${active[@]}"; do
            if ! unit_is is-active "$unit"; then run systemctl start "$unit" || return 1; fi
        done
    }
    if ! begin_serving; then
        if [[ $new_program == yes && $dry == no && -x $prefix/bin/dashscope-gateway.previous ]]; then
            say "the new program does not get ready: the previous one is put back" >&2
            mv -f "$prefix/bin/dashscope-gateway.previous" "$prefix/bin/dashscope-gateway"
            systemctl reset-failed 'dashscope-gateway*' 2>/dev/null || true
            for unit in "${active[@]}"; do
                if unit_is is-active "$unit" && ! runs_installed_program "$unit"; then systemctl restart "$unit" || true; fi
                systemctl start "$unit" || true
            done
            if unit_is is-active dashscope-gateway-twin.service; then systemctl stop dashscope-gateway-twin.service; fi
        fi
        die "the gateway does not start: journalctl -u $service -n 50"
    fi
    if [[ $use_cron == yes ]]; then
        if unit_is is-enabled dashscope-gateway-check.timer; then run systemctl disable --now dashscope-gateway-check.timer; fi
    elif ! unit_is is-active dashscope-gateway-check.timer || ! unit_is is-enabled dashscope-gateway-check.timer; then
        run systemctl enable --now dashscope-gateway-check.timer
    fi
    if [[ -n $host ]]; then
        unit_is is-enabled nginx || run systemctl enable nginx
        if [[ $dry == no ]]; then nginx -t -q || die "nginx does not take the site $site"; fi
        if ! unit_is is-active nginx; then
            run systemctl start nginx
        elif [[ $nginx_changed == yes ]]; then
            run systemctl reload nginx
        fi
    fi
fi

say "$changes changes"
if [[ $dry == no && $start == yes ]]; then
    say "The gateway serves on http://127.0.0.1:$port. What is still to be done: $prefix/bin/check-deployment"
fi
