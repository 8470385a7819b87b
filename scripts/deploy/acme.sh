#!/usr/bin/env bash
# HTTPS as docs/deployment.md tells it: certbot changes the shipped site, against an ACME server (pebble) in a network of
# its own. No certificate authority of the internet is asked.
# shellcheck source=scripts/deploy/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
begin acme
need_packages "${ACME_PACKAGES[@]}"
need_root "a network namespace with ports 80 and 443"
need_gateway
NAME=gateway.example.test
NS=gateway-acme-$$
make_namespace "$NS"
net() { inside "$NS" "$@"; }
listens_there() { net bash -c "exec 3<>/dev/tcp/127.0.0.1/$1"; }

# --- The ACME server, its certificate, its resolver. ---
mkdir -p "$W/tls" "$W/ng/conf.d" "$W/ng/logs"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$W/tls/k.pem" -out "$W/tls/c.pem" -days 2 \
    -subj /CN=localhost -addext subjectAltName=DNS:localhost 2>"$W/openssl.log" || cannot "openssl makes no certificate"
cat >"$W/pebble.json" <<JSON
{"pebble": {"listenAddress": "127.0.0.1:14000", "managementListenAddress": "127.0.0.1:15000",
 "certificate": "$W/tls/c.pem", "privateKey": "$W/tls/k.pem", "httpPort": 80, "tlsPort": 443}}
JSON
run_in_background dns inside "$NS" pebble-challtestsrv -defaultIPv4 127.0.0.1 -defaultIPv6 "" -dns01 127.0.0.1:18053 -http01 "" \
    -https01 "" -tlsalpn01 "" -management 127.0.0.1:18055
run_in_background pebble inside "$NS" env PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=0 pebble -config "$W/pebble.json" \
    -dnsserver 127.0.0.1:18053
wait_for 10 listens_there 14000 || cannot "pebble does not start: $(tail -n 3 "$W/pebble.log")"

# --- Gateway and nginx with the shipped site, under the test's name. ---
run_in_background gateway inside "$NS" env HOST=127.0.0.1 PORT=8000 "$BIN" serve
wait_for 15 listens_there 8000 || cannot "the gateway does not start: $(tail -n 3 "$W/gateway.log")"
sed -e "s/gateway\.example\.com/$NAME/" -e '/listen \[::\]/d' deploy/nginx/dashscope-gateway.conf >"$W/ng/conf.d/gateway.conf"
cat >"$W/ng/nginx.conf" <<CONF
pid $W/ng/nginx.pid;
error_log $W/ng/logs/error.log;
events { worker_connections 256; }
http {
    access_log $W/ng/logs/access.log;
    client_body_temp_path $W/ng/t1; proxy_temp_path $W/ng/t2; fastcgi_temp_path $W/ng/t3; uwsgi_temp_path $W/ng/t4;
    scgi_temp_path $W/ng/t5;
    include $W/ng/conf.d/*.conf;
}
CONF
stop_nginx() { [[ ! -s $W/ng/nginx.pid ]] || kill -TERM "$(<"$W/ng/nginx.pid")"; }
on_exit stop_nginx
# certbot calls `nginx -t` and `nginx -s reload` itself: with this configuration.
mkdir "$W/bin"
printf '#!/bin/sh\nexec %s -e %s "$@"\n' "$(command -v nginx)" "$W/ng/logs/error.log" >"$W/bin/nginx"
chmod 755 "$W/bin/nginx"
net nginx -c "$W/ng/nginx.conf" -e "$W/ng/logs/error.log" || cannot "nginx does not start"
wait_for 5 listens_there 80 || cannot "nginx does not listen on port 80"

# --- The steps of the page. ---
export REQUESTS_CA_BUNDLE=$W/tls/c.pem
COMMON=(--config-dir "$W/le" --work-dir "$W/lework" --logs-dir "$W/lelog" --server https://localhost:14000/dir --non-interactive)
certbot_there() {
    local output
    output=$(net env PATH="$W/bin:$PATH" timeout -k 5 90 certbot "$@" "${COMMON[@]}" 2>&1) || {
        tail -n 12 <<<"$output"
        return 1
    }
}
check "certbot --nginx -d HOST --redirect obtains a certificate" certbot_there --nginx --nginx-ctl "$W/bin/nginx" \
    --nginx-server-root "$W/ng" --agree-tos -m ops@example.test --redirect -d "$NAME"
check "the site is valid after its changes" net nginx -t -q -c "$W/ng/nginx.conf" -e "$W/ng/logs/error.log"
net curl -sk https://localhost:15000/roots/0 -o "$W/root.pem"
net curl -sk https://localhost:15000/intermediates/0 >>"$W/root.pem"
over_tls() { net curl -sS -m 10 --cacert "$W/root.pem" --resolve "$NAME:443:127.0.0.1" --resolve "$NAME:80:127.0.0.1" "$@"; }
secure() { [[ $(over_tls -o /dev/null -w '%{http_code} %{ssl_verify_result}' "https://$NAME/health" 2>/dev/null) == "200 0" ]]; }
check "HTTPS with a chain that verifies" wait_for 5 secure
matches "HTTP is sent on to HTTPS" "^301 https://$NAME/" \
    "$(over_tls -o /dev/null -w '%{http_code} %{redirect_url}' "http://$NAME/health" || true)"
matches "the security headers are still there" "X-Content-Type-Options: nosniff" "$(over_tls -D - -o /dev/null "https://$NAME/" || true)"
serial() { net openssl s_client -connect 127.0.0.1:443 -servername "$NAME" </dev/null 2>/dev/null | openssl x509 -noout -serial; }
# Without the option certbot waits up to eight minutes before it renews.
check "certbot renew --dry-run" certbot_there renew --no-random-sleep-on-renew --nginx-ctl "$W/bin/nginx" --nginx-server-root "$W/ng" --dry-run
before=$(serial)
check "a renewal with a hook" certbot_there renew --no-random-sleep-on-renew --force-renewal --deploy-hook \
    "touch $W/hook; $W/bin/nginx -c $W/ng/nginx.conf -s reload"
if [[ -e $W/hook ]]; then ok "the hook ran"; else fail "the hook ran" "it did not"; fi
renewed() { [[ -n $(serial) && $(serial) != "$before" ]]; }
check "nginx serves the new certificate" wait_for 5 renewed
summary
