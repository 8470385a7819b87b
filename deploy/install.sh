#!/usr/bin/env bash
# Installs the gateway as a systemd service, or brings an installation up to date: every step looks first and changes only
# what differs, so it may be run again at any time. Debian and RHEL families.
#
#   deploy/install.sh --dry-run          what would be done
#   deploy/install.sh                    service, log rotation, monitoring
#   deploy/install.sh --nginx HOST       and nginx in front of it
#   deploy/install.sh --uninstall        takes away what was installed; --purge settings, logs and user, too
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)

usage() {
    cat <<'TEXT'
Usage: deploy/install.sh [OPTION…]

  --binary FILE    the program (default: .build/release/dashscope-gateway of this checkout)
  --port PORT      port of the service on 127.0.0.1 (default: what is installed, or 8000)
  --instances N    instances in all: the service and N-1 of the template unit on the following ports (default: 1)
  --socket         let systemd hold the port, so that a restart refuses no connection
  --nginx HOST     install nginx and the site for this host name
  --tls CERT KEY   with --nginx: HTTPS with this certificate (without it: certbot, see the documentation)
  --sysctl         kernel settings for thousands of connections
  --cron           monitoring by cron instead of a systemd timer
  --no-packages    install no packages; say what is missing
  --no-start       install only
  --dry-run        print what would be done
  --uninstall      take away what was installed; settings and logs stay
  --purge          with --uninstall: settings, logs and the user go, too
TEXT
}

say() { printf '%s\n' "$*"; }
die() {
    printf 'error: %s\n' "$*" >&2
    exit "${STATUS:-1}"
}

binary="" port="" instances=1 use_socket=no host="" certificate="" key="" use_sysctl=no use_cron=no packages=yes
start=yes dry=no uninstall=no purge=no
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
        --sysctl) use_sysctl=yes ;;
        --cron) use_cron=yes ;;
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

# drop PATH…: removes what is there.
drop() {
    local path
    for path in "$@"; do
        if [[ -e $path || -L $path ]]; then run rm -rf -- "$path"; fi
    done
}

systemd_runs() { [[ -d /run/systemd/system ]]; }
unit_is() { systemctl --quiet "$1" "$2" 2>/dev/null; }

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# --- Away with it. ---
if [[ $uninstall == yes ]]; then
    DROP_IN_FILES=("${DROP_INS[@]/#/$units/}")
    DROP_IN_FILES=("${DROP_IN_FILES[@]/%//60-install.conf}")
    if systemd_runs; then
        mapfile -t running < <(systemctl list-units --all --plain --no-legend 'dashscope-gateway@*.service' 2>/dev/null | awk '{ print $1 }')
        for unit in dashscope-gateway-check.timer dashscope-gateway.socket "$service" ${running[@]+"${running[@]}"}; do
            if unit_is is-active "$unit" || unit_is is-enabled "$unit"; then run systemctl disable --now "$unit"; fi
        done
    fi
    drop "$units/$service" "$units/dashscope-gateway@.service" "$units/dashscope-gateway.socket" \
        "${DROP_IN_FILES[@]}" \
        "$units/dashscope-gateway-check.service" "$units/dashscope-gateway-check.timer" \
        /etc/logrotate.d/dashscope-gateway /etc/cron.d/dashscope-gateway /usr/local/bin/check-dashscope-gateway \
        /etc/sysctl.d/60-dashscope-gateway.conf /etc/nginx/sites-enabled/dashscope-gateway "$site" \
        /etc/nginx/dashscope-gateway.d "$prefix"
    if systemd_runs && ((changes > 0)); then
        run systemctl daemon-reload
        run systemctl reset-failed 'dashscope-gateway*' || true
        if unit_is is-active nginx; then run systemctl reload nginx; fi
    fi
    if [[ $purge == yes ]]; then
        drop "$settings" /var/log/dashscope-gateway /var/lib/dashscope-gateway /etc/credstore/dashscope-api-key
        if getent passwd dashscope >/dev/null; then run userdel dashscope; fi
    elif [[ -d $settings || -d /var/log/dashscope-gateway ]]; then
        say "left:        $settings, /var/log/dashscope-gateway and the user dashscope (--purge takes them, too)"
    fi
    say "$changes changes"
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

# --- Program: root's, and nobody else can write there. ---
if [[ ! $binary -ef $prefix/bin/dashscope-gateway ]] && put "$binary" "$prefix/bin/dashscope-gateway" 0755; then service_changed=yes; fi
put "$here/check.sh" "$prefix/bin/check-deployment" 0755 || true
if [[ -f $here/../docs/deployment.md ]]; then put "$here/../docs/deployment.md" "$prefix/doc/deployment.md" 0644 || true; fi

# --- Settings: an existing file is the operator's and is left alone. ---
if [[ -e $settings/gateway.env ]]; then
    say "kept:        $settings/gateway.env"
else
    cat >"$scratch/gateway.env" <<'TEXT'
# Settings of the gateway, KEY=value. Every setting can stand here, its name in upper case: drain.timeout is
# DRAIN_TIMEOUT. HOST and PORT belong to the unit. After a change: systemctl reload dashscope-gateway applies what can
# be changed while it runs, restart everything.
#
# For keys of the international site:
#DASHSCOPE_BASE_URL=https://dashscope-intl.aliyuncs.com
#LOG_LEVEL=info
#GATEWAY_OPTIONS=--config /etc/dashscope-gateway/gateway.yaml
#
# Callers bring their own keys. A key for the whole server does not belong here but into /etc/credstore/dashscope-api-key; it
# is used for requests without a key only with:
#CALLERS_MAY_OMIT_KEY=true
TEXT
    put "$scratch/gateway.env" "$settings/gateway.env" 0640 dashscope || true
fi
if [[ -d $settings && $(stat -c '%a %G' "$settings") != "750 dashscope" ]]; then
    run chgrp dashscope "$settings"
    run chmod 0750 "$settings"
fi

# --- Units. ---
for unit in "$service" dashscope-gateway@.service dashscope-gateway.socket; do
    if put "$here/systemd/$unit" "$units/$unit" 0644; then unit_changed=yes service_changed=yes; fi
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
done

# --- Log rotation. ---
put "$here/logrotate/dashscope-gateway" /etc/logrotate.d/dashscope-gateway 0644 || true

# --- Monitoring: a timer, or a file for cron; root's crontab is not touched. ---
put "$here/monitoring/check-dashscope-gateway" /usr/local/bin/check-dashscope-gateway 0755 || true
if [[ $use_cron == yes ]]; then
    sed "s|check-dashscope-gateway --failures|check-dashscope-gateway --url http://127.0.0.1:$port/health --failures|" \
        "$here/monitoring/cron.d" >"$scratch/cron"
    put "$scratch/cron" /etc/cron.d/dashscope-gateway 0644 || true
else
    drop /etc/cron.d/dashscope-gateway
    for unit in dashscope-gateway-check.service dashscope-gateway-check.timer; do
        if put "$here/monitoring/$unit" "$units/$unit" 0644; then unit_changed=yes; fi
    done
fi

# --- Kernel settings. ---
if [[ $use_sysctl == yes ]] && put "$here/sysctl/60-dashscope-gateway.conf" /etc/sysctl.d/60-dashscope-gateway.conf 0644; then
    run sysctl -q -p /etc/sysctl.d/60-dashscope-gateway.conf || say "note:        this machine does not take all kernel settings"
fi

# --- nginx. ---
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
        if put "$scratch/site" "$site" 0644; then nginx_changed=yes; fi
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
    active=("$service")
    for ((number = 1; number < instances; number++)); do active+=("dashscope-gateway@$((port + number)).service"); done
    if [[ $use_socket == yes ]]; then
        unit_is is-enabled dashscope-gateway.socket || run systemctl enable dashscope-gateway.socket
        if ! unit_is is-active dashscope-gateway.socket; then
            # The service itself holds the port until now.
            if unit_is is-active "$service"; then run systemctl stop "$service"; fi
            run systemctl start dashscope-gateway.socket
        fi
    fi
    for unit in "${active[@]}"; do
        unit_is is-enabled "$unit" || run systemctl enable "$unit"
        if ! unit_is is-active "$unit"; then
            run systemctl start "$unit" || die "$unit does not start: journalctl -u $unit -n 50"
        elif [[ $service_changed == yes ]]; then
            run systemctl restart "$unit" || die "$unit does not start: journalctl -u $unit -n 50"
        else
            say "unchanged:   $unit"
        fi
    done
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
