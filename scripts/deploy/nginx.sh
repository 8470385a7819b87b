#!/usr/bin/env bash
# deploy/nginx for real: three gateways behind it, streams, limits, lists, TLS, dead instances.
# shellcheck source=scripts/deploy/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
begin nginx
need_packages "${NGINX_PACKAGES[@]}"
need_gateway

CLIENT=(python3 scripts/deploy/client.py)
json() { python3 -c 'import json, sys; print(eval("d" + sys.argv[1], {"d": json.load(sys.stdin)}))' "$1"; }
body_and_status() { curl -sS -m 10 -o "$W/body" -w '%{http_code}' "$@" || true; }
error_code() { json '["error"]["code"]' <"$W/body"; }

# --- The site, moved to free ports and this folder; nothing else of it is changed. ---
HTTP=$(free_port) TLS=$(free_port) CONTROL=$(free_port)
mkdir -p "$W/servers.d" "$W/tls" "$W/logs"

# site FILE [MARK…]: the shipped site with the lines of these marks switched on.
site() {
    local target=$1 mark
    shift
    sed -e "s/listen 80;/listen 127.0.0.1:$HTTP;/" -e '/listen \[::\]/d' \
        -e "s/listen 443 ssl/listen 127.0.0.1:$TLS ssl/" -e "s/127\.0\.0\.1:8000/127.0.0.1:${PORTS[0]}/" \
        -e "s|/etc/nginx/dashscope-gateway.d|$W/servers.d|" -e "s|/etc/ssl/dashscope-gateway|$W/tls|" \
        -e "s|https://\$host|https://\$host:$TLS|" deploy/nginx/dashscope-gateway.conf >"$target"
    for mark in "$@"; do sed -i "s/^\( *\)#$mark /\1/" "$target"; done
}

write_main() {
    cat >"$W/nginx.conf" <<CONF
daemon off;
worker_processes 2;
pid $W/nginx.pid;
error_log $W/logs/error.log;
events { worker_connections 1024; }
http {
    log_format upstream '\$request_method \$uri \$status \$upstream_addr';
    access_log $W/logs/access.log upstream;
    client_body_temp_path $W/temp-body; proxy_temp_path $W/temp-proxy; fastcgi_temp_path $W/temp-f;
    uwsgi_temp_path $W/temp-u; scgi_temp_path $W/temp-s;
    include $W/site.conf;
    # What the site must not do: the same upstream with buffering.
    server {
        listen 127.0.0.1:$CONTROL;
        location / { proxy_pass http://dashscope_gateway; proxy_buffering on; proxy_ignore_headers X-Accel-Buffering; }
    }
}
CONF
}

NGINX_PID=""
start_nginx() {
    if [[ -n $NGINX_PID ]]; then end_process "$NGINX_PID"; fi
    run_in_background nginx nginx -c "$W/nginx.conf" -e "$W/logs/error.log"
    NGINX_PID=$LAST_PID
    wait_for 5 listens "$HTTP" || cannot "nginx does not start: $(tail -n 3 "$W/nginx.log" "$W/logs/error.log")"
}

# --- Three instances. ---
start_emulator
PORTS=() PIDS=()
for name in a b c; do
    start_instance "$name"
    PORTS+=("$LAST_PORT") PIDS+=("$LAST_PID")
done
sed -e "s/127\.0\.0\.1:8001/127.0.0.1:${PORTS[1]}/" -e "s/127\.0\.0\.1:8002/127.0.0.1:${PORTS[2]}/" \
    deploy/nginx/load-balancer.conf >"$W/servers.d/load-balancer.conf"
URL=http://127.0.0.1:$HTTP

site "$W/site.conf"
write_main
check "the site is valid (nginx -t)" nginx -t -q -c "$W/nginx.conf" -e "$W/logs/error.log"
site "$W/site.conf" tls
sed -i 's|ssl_certificate.*;||' "$W/site.conf" # No certificate is there yet.
if nginx -t -q -c "$W/nginx.conf" -e "$W/logs/error.log" 2>/dev/null; then
    fail "nginx -t finds faults" "a TLS listener without a certificate passed"
else
    ok "nginx -t finds faults"
fi
site "$W/site.conf"
start_nginx

# --- Proxying, headers, distribution. ---
equal "health passes" 200 "$(body_and_status "$URL/health")"
for _ in {1..30}; do curl -sS -m 5 -o /dev/null "$URL/"; done
sleep 0.2
equal "30 requests reach all three instances" 3 \
    "$(awk '$2 == "/" { print $4 }' "$W/logs/access.log" | sort -u | wc -l)"
equal "health checks are not logged" 0 "$(grep -c ' /health ' "$W/logs/access.log" || true)"
headers=$(curl -sS -m 5 -D - -o /dev/null "$URL/nothing-here")
matches "an error carries the security headers" "X-Content-Type-Options: nosniff.*X-Frame-Options: DENY" "$headers"
if grep -qi '^server: nginx/' <<<"$headers"; then
    fail "the version of nginx is not told" "$headers"
else
    ok "the version of nginx is not told"
fi
matches "a completion passes" '"content":"Echo: ' \
    "$("${CLIENT[@]}" post "$URL" --source 127.0.2.1 | json '["last"]["200"]["body"]')"

# --- Streams. ---
direct=$("${CLIENT[@]}" stream "http://127.0.0.1:${PORTS[0]}" --model emulator-slow-150)
through=$("${CLIENT[@]}" stream "$URL" --model emulator-slow-150 --source 127.0.2.2)
control=$("${CLIENT[@]}" stream "http://127.0.0.1:$CONTROL" --model emulator-slow-150)
verdict() {
    python3 - "$@" <<'PYTHON'
import json, sys
direct, through, control = map(json.loads, sys.argv[1:4])
assert through["done"] and through["events"] == direct["events"], f"the stream is not whole: {through}"
assert through["first"] <= direct["first"] + 0.1, f"the first event came late: {through}, direct {direct}"
assert through["total"] >= through["first"] + 0.5, f"too short a stream to tell: {through}"
assert control["first"] >= 0.8 * control["total"], f"the buffering control does not buffer: {control}"
PYTHON
}
check "a stream passes unbuffered (direct ${direct//[{\}\"]/}; nginx ${through//[{\}\"]/}; buffered ${control//[{\}\"]/})" \
    verdict "$direct" "$through" "$control"

# --- Limits. ---
result=$("${CLIENT[@]}" post "$URL" --count 60 --source 127.0.2.3)
ok_count=$(json '["statuses"].get("200", 0)' <<<"$result") limited=$(json '["statuses"].get("429", 0)' <<<"$result")
if ((ok_count >= 21 && ok_count <= 35 && ok_count + limited == 60)); then
    ok "60 requests at once from one address: $ok_count answered, $limited refused"
else
    fail "the rate limit" "$(json '["statuses"]' <<<"$result")"
fi
equal "a refusal is JSON that SDKs understand" rate_limit_exceeded \
    "$(json '["last"]["429"]["body"]' <<<"$result" | json '["error"]["code"]')"
equal "a refusal tells when to come back" 1 "$(json '["last"]["429"]["headers"].get("Retry-After")' <<<"$result")"
result=$("${CLIENT[@]}" post "$URL" --model emulator-throttled --source 127.0.2.4)
matches "upstream's own 429 passes as it is" '"upstream_code": ?"Throttling' "$(json '["last"]["429"]["body"]' <<<"$result")"
result=$("${CLIENT[@]}" post "$URL" --model emulator-html-502 --source 127.0.2.11)
matches "and so does the gateway's own 5xx" '"(502|503)": [0-9]+.*"code' "$result"
if grep -q upstream_unavailable <<<"$result"; then fail "it is not replaced by nginx" "$result"; else ok "it is not replaced by nginx"; fi
equal "a body of 33 MiB is refused" 413 "$(head -c 34603008 /dev/zero | body_and_status --interface 127.0.2.5 \
    -H 'Expect:' -H 'Content-Type: application/json' --data-binary @- "$URL/v1/chat/completions")"
equal "that refusal is JSON" request_too_large "$(error_code)"
python3 - >"$W/large.json" <<'PYTHON'
import base64, json
picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + base64.b64encode(b"\x89PNG" * 1_000_000).decode()}}
print(json.dumps({"model": "qwen-vl-plus", "messages": [{"role": "user", "content": [picture, picture, {"type": "text", "text": "?"}]}]}))
PYTHON
equal "a body of 11 MB passes" 200 "$(body_and_status --interface 127.0.2.6 -H 'Authorization: Bearer sk-deploy-test' \
    -H 'Content-Type: application/json' --data-binary "@$W/large.json" "$URL/v1/chat/completions")"
# Files are larger than what the gateway holds in memory; the parts of one are kept by the instance that began it.
head -c 41943040 /dev/zero >"$W/file.txt"
equal "a file of 40 MiB passes" 200 "$(body_and_status --interface 127.0.2.12 -H 'Authorization: Bearer sk-deploy-test' \
    -F purpose=user_data -F "file=@$W/file.txt;type=text/plain" "$URL/v1/files")"
for number in 1 2 3; do
    equal "upload $number in two parts of 40 MB finds its instance" '{"parts": [200, 200], "where": "", "complete": 200, "whole": true}' \
        "$("${CLIENT[@]}" parts "$URL" --megabytes 80)"
done
for path in /metrics /metrics/ //metrics /%6detrics /metrics/x /ready /ready/ //ready; do
    equal "$path is for this machine" 403 "$(body_and_status --interface 127.0.0.5 --path-as-is "$URL$path")"
done
equal "/metrics answers 127.0.0.1" 200 "$(body_and_status "$URL/metrics")"

# --- What the gateway is told of the client, shown by a server that answers with its headers. ---
ECHO=$(free_port)
run_in_background echo "${CLIENT[@]}" echo "$ECHO"
wait_for 5 listens "$ECHO" || cannot "the echo server does not start"
saved=("${PORTS[@]}")
PORTS=("$ECHO")
mv "$W/servers.d/load-balancer.conf" "$W/load-balancer.conf"
site "$W/site.conf"
start_nginx
told=$(curl -sS -m 5 --interface 127.0.3.1 -H 'X-Forwarded-For: 203.0.113.9' -H 'X-Request-ID: caller-1' "$URL/")
equal "a client cannot choose its address" 127.0.3.1 "$(json '.get("x-forwarded-for")' <<<"$told")"
equal "the caller's request id is kept" caller-1 "$(json '.get("x-request-id")' <<<"$told")"
matches "a bad one is replaced" '^[0-9a-f]{32}$' \
    "$(curl -sS -m 5 -H 'X-Request-ID: a b' "$URL/" | json '.get("x-request-id")')"
equal "connections to the gateway are kept open" None "$(json '.get("connection")' <<<"$told")"
equal "an upgrade passes" websocket \
    "$(curl -sS -m 5 -H 'Connection: Upgrade' -H 'Upgrade: websocket' "$URL/" | json '.get("upgrade")')"

# --- Allow list, alone and behind another proxy. ---
site "$W/site.conf" allow
start_nginx
equal "the allow list lets 127.0.0.1 in" 200 "$(body_and_status "$URL/")"
equal "and nobody else" 403 "$(body_and_status --interface 127.0.0.5 -H 'X-Forwarded-For: 127.0.0.1' "$URL/")"
equal "that refusal is JSON" address_not_allowed "$(error_code)"
site "$W/site.conf" allow realip
sed -i 's|set_real_ip_from .*;|set_real_ip_from 127.0.0.7/32;|' "$W/site.conf"
start_nginx
equal "behind a known proxy the client's address counts" "200 403" \
    "$(body_and_status --interface 127.0.0.7 -H 'X-Forwarded-For: 10.1.2.3' "$URL/") $(body_and_status \
        --interface 127.0.0.7 -H 'X-Forwarded-For: 203.0.113.9' "$URL/")"
equal "an unknown proxy is not believed" 403 \
    "$(body_and_status --interface 127.0.0.8 -H 'X-Forwarded-For: 10.1.2.3' "$URL/")"
PORTS=("${saved[@]}")
mv "$W/load-balancer.conf" "$W/servers.d/load-balancer.conf"

# --- TLS with a certificate of our own. ---
(
    cd "$W/tls"
    openssl ecparam -name prime256v1 -genkey -noout -out ca.key
    openssl req -x509 -new -key ca.key -days 2 -subj "/CN=Deployment test CA" -out ca.pem
    openssl ecparam -name prime256v1 -genkey -noout -out privkey.pem
    openssl req -new -key privkey.pem -subj /CN=gateway.example.com -addext subjectAltName=DNS:gateway.example.com -out r.csr
    openssl x509 -req -in r.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -copy_extensions copy -out leaf.pem
    cat leaf.pem ca.pem >fullchain.pem
) 2>"$W/openssl.log" || cannot "openssl makes no certificate: $(tail -n 3 "$W/openssl.log")"
site "$W/site.conf" tls
check "the site is valid with TLS" nginx -t -q -c "$W/nginx.conf" -e "$W/logs/error.log"
start_nginx
SECURE=(curl -sS -m 10 --cacert "$W/tls/ca.pem" --resolve "gateway.example.com:$TLS:127.0.0.1")
SECURE_URL=https://gateway.example.com:$TLS
equal "TLS 1.3 and HTTP/2" "2 200" \
    "$("${SECURE[@]}" --tlsv1.3 -o /dev/null -w '%{http_version} %{http_code}' "$SECURE_URL/health")"
equal "TLS 1.2 and HTTP/2" "2 200" \
    "$("${SECURE[@]}" --tls-max 1.2 -o /dev/null -w '%{http_version} %{http_code}' "$SECURE_URL/health")"
# A lower security level lets this client offer what the server must refuse.
if "${SECURE[@]}" --tls-max 1.1 --ciphers 'DEFAULT:@SECLEVEL=0' -o /dev/null "$SECURE_URL/health" 2>/dev/null; then
    fail "TLS 1.1 is refused" "it was accepted"
else
    ok "TLS 1.1 is refused"
fi
matches "HSTS is sent" "[Ss]trict-[Tt]ransport-[Ss]ecurity: max-age=31536000" "$("${SECURE[@]}" -D - -o /dev/null "$SECURE_URL/health")"
matches "plain HTTP is sent on to HTTPS" "^301 https://gateway.example.com" \
    "$(curl -sS -m 5 -H 'Host: gateway.example.com' -o /dev/null -w '%{http_code} %{redirect_url}' "$URL/v1/models")"
matches "a stream passes over HTTP/2" 'data: \[DONE\]' "$("${SECURE[@]}" -N -H 'Authorization: Bearer sk-deploy-test' \
    -H 'Content-Type: application/json' -d '{"model":"qwen-plus","stream":true,"messages":[{"role":"user","content":"Hi"}]}' \
    "$SECURE_URL/v1/chat/completions")"
site "$W/site.conf"
start_nginx

# --- Dead instances. ---
# loaded ARGUMENT…: starts load in the background; `end_load` leaves its result in LOAD.
loaded() {
    rm -f "$W/stop"
    "${CLIENT[@]}" load "$URL" --count 2000 --seconds 30 --pause 0.12 --stop-file "$W/stop" "$@" >"$W/load.json" 2>"$W/load.log" &
    LOAD_PID=$!
    sleep 1
}
end_load() {
    : >"$W/stop"
    wait "$LOAD_PID" || true
    LOAD=$(cat "$W/load.json" "$W/load.log")
}
loaded
kill_hard "${PIDS[2]}"
sleep 2
end_load
matches "an instance killed under load: no request fails ($LOAD)" '"statuses": \{"200": [0-9]+\}\}$' "$LOAD"
if (($(json '["requests"]' <<<"$LOAD") >= 60)); then ok "that was load"; else fail "that was load" "$LOAD"; fi
result=$("${CLIENT[@]}" post "$URL" --count 20 --source 127.0.2.9)
equal "20 completions with one of three dead" "{'200': 20}" "$(json '["statuses"]' <<<"$result")"

loaded --method POST
kill -TERM "${PIDS[1]}"
sleep 2
end_load
matches "an instance ended in good order under completions and streams: none fails ($LOAD)" \
    '"statuses": \{"200": [0-9]+\}\}$' "$LOAD"

# A call that is under way when its instance dies must not be made a second time, though another instance is ready for it.
start_instance d
rm -f "$W/servers.d/load-balancer.conf"
echo "server 127.0.0.1:$LAST_PORT backup;" >"$W/servers.d/backup.conf"
fourth=$LAST_PID
start_nginx
before=$(curl -sS "$EMULATOR_URL/__emulator/stats" | json '["requests"]')
"${CLIENT[@]}" post "$URL" --model emulator-slow-4000 --source 127.0.2.10 >"$W/once.json" 2>&1 &
once=$!
wait_for 5 bash -c "curl -sS $EMULATOR_URL/__emulator/stats | grep -q '\"open_requests\": *[1-9]'" || true
kill_hard "${PIDS[0]}"
wait "$once" || true
after=$(curl -sS "$EMULATOR_URL/__emulator/stats" | json '["requests"]')
equal "a call that was sent is not repeated" 1 $((after - before))
equal "its caller is told, in JSON" upstream_unavailable \
    "$(json '["last"]["503"]["body"]' <"$W/once.json" | json '["error"]["code"]')"
equal "the next call goes elsewhere" 200 "$(body_and_status -H 'Authorization: Bearer sk-deploy-test' "$URL/v1/models")"
kill_hard "$fourth"
sleep 0.3
equal "all dead: 503" 503 "$(body_and_status -D "$W/headers" "$URL/v1/models")"
equal "in JSON" upstream_unavailable "$(error_code)"
matches "with a time to come back" "Retry-After: 2" "$(cat "$W/headers")"
summary
