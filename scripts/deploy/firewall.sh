#!/usr/bin/env bash
# The firewall steps of docs/deployment.md, ufw and firewalld, enforced: probes from one network namespace to another.
# shellcheck source=scripts/deploy/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
begin firewall
need_packages "${FIREWALL_PACKAGES[@]}"
need_root "firewalls in network namespaces"

# lan NAME: a server and a client joined by a cable; the server answers on 80 (as nginx) and 8000 (as the gateway).
lan() {
    SERVER=gateway-$1-s-$$ CLIENT=gateway-$1-c-$$
    make_namespace "$SERVER"
    make_namespace "$CLIENT"
    ip link add ga netns "$CLIENT" type veth peer name gb netns "$SERVER" || cannot "no veth pair can be made here"
    inside "$CLIENT" ip addr add 10.231.7.1/24 dev ga
    inside "$CLIENT" ip link set ga up
    inside "$SERVER" ip addr add 10.231.7.2/24 dev gb
    inside "$SERVER" ip link set gb up
    mkdir -p "$W/web" "$W/$1/u" "$W/$1/w"
    local port
    for port in 80 8000; do
        run_in_background "$1-$port" inside "$SERVER" python3 -m http.server --bind 0.0.0.0 --directory "$W/web" "$port"
    done
    wait_for 5 open 80 || cannot "no server answers on port 80 of the namespace"
    wait_for 5 open 8000 || cannot "no server answers on port 8000 of the namespace"
}
probe() { inside "$CLIENT" curl -sS -m 2 -o /dev/null -w '%{http_code}' "http://10.231.7.2:$1/" 2>/dev/null || true; }
open() { [[ $(probe "$1") == 200 ]]; }

# behind NAME SCRIPT: runs a script with changes to /etc kept apart.
behind() {
    inside "$SERVER" unshare --mount bash -c "set -e
        mount --make-rprivate /
        mount -t overlay overlay -o lowerdir=/etc,upperdir=$W/$1/u,workdir=$W/$1/w /etc
        $2" >"$W/$1.log" 2>&1
}

# --- ufw ---
lan ufw
equal "before ufw both ports are open" "200 200" "$(probe 80) $(probe 8000)"
# 'Nginx Full' is a profile that the nginx package brings; without it the ports are named.
if [[ -e /etc/ufw/applications.d/nginx ]]; then web="'Nginx Full'"; else web=80,443/tcp; fi
if behind ufw "ufw allow ssh; ufw allow $web; ufw --force enable; ufw status verbose; ufw status >$W/ufw.status"; then
    ok "the steps for ufw"
else
    fail "the steps for ufw" "$(tail -n 5 "$W/ufw.log")"
fi
equal "ufw leaves 80 open and closes 8000" "200 000" "$(probe 80) $(probe 8000)"
matches "ssh was allowed before the firewall was switched on" "22/tcp +ALLOW" "$(cat "$W/ufw.status" 2>/dev/null)"

# --- firewalld ---
lan firewalld
equal "before firewalld both ports are open" "200 200" "$(probe 80) $(probe 8000)"
if behind firewalld "
    mount -t tmpfs tmpfs /run
    mkdir -p /run/dbus /run/firewalld
    # The rules shall outlive the daemon, which ends with this script.
    sed -i 's/^CleanupOnExit=.*/CleanupOnExit=no/' /etc/firewalld/firewalld.conf
    bus=\$(dbus-daemon --system --fork --nopidfile --print-pid)
    trap 'kill \$daemon \$bus' EXIT
    firewalld --nofork --nopid & daemon=\$!
    for ((i = 0; i < 100; i++)); do firewall-cmd --state 2>/dev/null && break; sleep 0.2; done
    firewall-cmd --permanent --add-service=ssh
    firewall-cmd --permanent --add-service=http
    firewall-cmd --permanent --add-service=https
    firewall-cmd --reload
    firewall-cmd --check-config
    firewall-cmd --list-services >$W/firewalld.services"; then
    ok "the steps for firewalld"
else
    fail "the steps for firewalld" "$(tail -n 5 "$W/firewalld.log")"
fi
equal "firewalld leaves 80 open and closes 8000" "200 000" "$(probe 80) $(probe 8000)"
matches "ssh is allowed" "ssh" "$(cat "$W/firewalld.services" 2>/dev/null)"
summary
