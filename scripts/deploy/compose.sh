#!/usr/bin/env bash
# Brings docker-compose.yml up as the guide says, by podman-compose: up, ps, logs, down; the demo, too.
# The third-party images of the profile `full` come from registries: here its configuration is read, and nginx and
# Prometheus of Debian run the very files in other checks of this folder.
# Functions are run by `check` and texts by the cleanup or in the container: unseen by shellcheck.
# shellcheck disable=SC2016,SC2317
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/toolchain.sh
source scripts/toolchain.sh
# shellcheck source=scripts/deploy/containers-lib.sh
source scripts/deploy/containers-lib.sh

make_workspace
find_gateway
prepare_containers
prepare_python .venv "${PYTHON_PACKAGES[@]}" || cannot_run "compose" "podman-compose could not be installed"
build_image || cannot_run "compose" "the image could not be built"

# A copy, since the project's folder gets its logs.
project=$WORKSPACE/project
mkdir -p "$project"
cp -r deploy "$project/"
cp docker-compose.yml gateway.env "$project/"
install -d -o 10001 -g 10001 "$project/logs"
cat >"$project/.env" <<ENV
GATEWAY_IMAGE=$IMAGE
ENV
printf 'LOG_FILE=/app/logs/gateway.log\nLOG_LEVEL=debug\n' >>"$project/gateway.env"
# A machine that may not raise the limit of open files cannot run a container that asks for it.
if [[ $(ulimit -Hn) != unlimited ]] && (($(ulimit -Hn) < 65536)); then
    say "The limit of open files is $(ulimit -Hn) here: the copy under test asks for no more."
    sed -i '/^  ulimits:/,/^    nofile:/d' "$project/docker-compose.yml"
fi
if ((${#RUNTIME_MOUNTS[@]} > 0)); then
    say "The binary is no release build: the copy under test mounts the toolchain."
    python3 - "$project/docker-compose.yml" "${RUNTIME_MOUNTS[1]}" <<'PYTHON'
import pathlib, sys
path, mount = pathlib.Path(sys.argv[1]), sys.argv[2]
text = path.read_text()
text = text.replace("      - ./logs:/app/logs\n", f"      - ./logs:/app/logs\n      - {mount}\n")
for service in ("gateway-demo", "emulator"):
    text = text.replace(f"  {service}:\n    <<: *gateway\n", f"  {service}:\n    <<: *gateway\n    volumes: ['{mount}']\n")
path.write_text(text)
PYTHON
fi

compose() { inside "$TOOLS/podman-compose" -f "$project/docker-compose.yml" -p "proof$$" "$@"; }
TOOLS=$PWD/$PYTHON
on_exit 'compose --profile demo down -v -t 1'

for profile in "" demo full; do
    check "config: profile ${profile:-none}" compose ${profile:+--profile "$profile"} config
done
services() { compose ${1:+--profile "$1"} config 2>/dev/null | "$PYTHON/python" -c '
import sys, yaml
document = yaml.safe_load(sys.stdin)
wanted = set(filter(None, sys.argv[1:]))
print(" ".join(sorted(n for n, s in document["services"].items() if not s.get("profiles") or wanted & set(s["profiles"]))))
' "$1"; }
check_equal "config: without a profile the gateway alone" "gateway" "$(services '')"
check_equal "config: demo" "emulator gateway gateway-demo" "$(services demo)"
check_equal "config: full" "gateway grafana nginx prometheus" "$(services full)"

check_equal "config: time to end streams" "60s" "$(compose config 2>/dev/null | "$PYTHON/python" -c '
import sys, yaml
print(yaml.safe_load(sys.stdin)["services"]["gateway"]["stop_grace_period"])')"

reach() { [[ $(inside curl -sS -o /dev/null -m 5 -w '%{http_code}' "$1" 2>/dev/null) == 200 ]]; }
check "up: docker compose up -d" compose up -d --no-build
if wait_for 20 reach http://127.0.0.1:8000/health; then
    ok "up: the gateway answers on 127.0.0.1:8000"
else
    fail "up: the gateway answers on 127.0.0.1:8000" "$(compose logs gateway 2>&1 | tail -n 5)"
fi
check_equal "up: the other profiles stay down" "gateway" "$(compose ps --format '{{.Names}}' 2>/dev/null | sed -E 's/^proof[0-9]+[-_]//; s/[-_]1$//' | tr '\n' ' ' | sed 's/ $//')"
container=$(podman ps --format '{{.Names}}' --filter "label=io.podman.compose.project=proof$$" | head -n 1)
check "up: the health check says healthy" podman healthcheck run "$container"
check_equal "up: read-only, without capabilities, limited" "true [] 536870912 512" \
    "$(podman inspect --format '{{.HostConfig.ReadonlyRootfs}} {{.EffectiveCaps}} {{.HostConfig.Memory}} {{.HostConfig.PidsLimit}}' "$container" | sed 's/<nil>/[]/')"
published() { podman port "$container" | grep -q '8000/tcp -> 127.0.0.1:8000' || { podman port "$container"; return 1; }; }
check "up: published on the loopback address only" published
inside curl -sS -m 5 -o /dev/null http://127.0.0.1:8000/v1/models || true
check "up: LOG_FILE of gateway.env lies in ./logs" wait_for 5 test -s "$project/logs/gateway.log"
logs_of() { compose logs "$1" 2>&1 | grep -q '"message"'; }
check "logs: docker compose logs shows the gateway's lines" logs_of gateway

check "demo: up" compose --profile demo up -d --no-build
if wait_for 20 reach http://127.0.0.1:8001/health; then
    answer=$(inside curl -sS -m 20 http://127.0.0.1:8001/v1/chat/completions -H "Authorization: Bearer sk-proof" \
        -H "Content-Type: application/json" -d '{"model": "qwen-plus", "messages": [{"role": "user", "content": "Hello"}]}' || true)
    if [[ $answer == *"Echo: Hello"* ]]; then
        ok "demo: a completion through the emulator in its own container"
    else
        fail "demo: a completion through the emulator in its own container" "$answer"
    fi
else
    fail "demo: the gateway answers on 127.0.0.1:8001" "$(compose --profile demo logs gateway-demo 2>&1 | tail -n 5)"
fi

check "down: docker compose down" compose --profile demo down
# ---- full: its nginx, by Debian's -------------------------------------------------------------------------------------
need_packages nginx || cannot_run "full: nginx" "the package is missing"
start_background backend "${INSIDE[@]}" "$GATEWAY" serve --demo --host 127.0.0.1 --port 8000
backend=$BACKGROUND_PID
sed -e 's/\${NGINX_LOCAL_RESOLVERS}/127.0.0.1/' -e 's|http://gateway:8000|http://127.0.0.1:8000|' \
    -e 's/listen 80;/listen 127.0.0.1:8080;/' deploy/compose/nginx.conf.template >"$WORKSPACE/site.conf"
mkdir "$WORKSPACE/nginx"
cat >"$WORKSPACE/nginx.conf" <<CONF
daemon off;
pid $WORKSPACE/nginx.pid;
error_log stderr;
events {}
http {
    include $WORKSPACE/site.conf;
    access_log off;
    client_body_temp_path $WORKSPACE/nginx/body;
    proxy_temp_path $WORKSPACE/nginx/proxy;
}
CONF
# Its workers must reach the folder.
chmod 755 "$WORKSPACE"
start_background nginx "${INSIDE[@]}" nginx -c "$WORKSPACE/nginx.conf" -e stderr
# It ends its workers only when it may end itself.
on_exit "kill -TERM $BACKGROUND_PID; sleep 0.5"
if wait_for 20 reach http://127.0.0.1:8080/health; then
    ok "full: nginx passes requests on"
else
    fail "full: nginx passes requests on" "$(tail -n 3 "$WORKSPACE/nginx.log")"
fi
through() { inside curl -sS -o /dev/null -m 10 -w '%{http_code}' "http://127.0.0.1:8080$1"; }
for path in /metrics /metrics/ //metrics /%6detrics /ready /ready/; do
    check_equal "full: nginx keeps $path to itself" "404" "$(through "$path")"
done
# The first piece of a stream of three seconds must be there long before the last one. One program asks and measures: it
# is there from the first byte on, however busy the machine is.
first_piece() {
    inside python3 - <<'PYTHON'
import http.client, json, sys, time
connection = http.client.HTTPConnection("127.0.0.1", 8080, timeout=30)
messages = [{"role": "user", "content": "Tell me a story of ten words, please"}]
body = json.dumps({"model": "qwen-plus-emulator-slow-300", "stream": True, "messages": messages})
start, first = time.monotonic(), None
connection.request("POST", "/v1/chat/completions", body,
                   {"Authorization": "Bearer sk-proof", "Content-Type": "application/json"})
for line in connection.getresponse():
    if first is None and line.startswith(b"data: {"):
        first = time.monotonic() - start
total = time.monotonic() - start
if first is None or total < 1 or first > total / 2:
    sys.exit(f"first after {first}, all after {total:.1f} s")
PYTHON
}
check "full: nginx streams unbuffered" first_piece
limited() {
    inside python3 - <<'PYTHON'
import http.client, json, sys
connection = http.client.HTTPConnection("127.0.0.1", 8080, timeout=20)
statuses = []
for _ in range(60):
    connection.request("GET", "/v1/models/qwen-plus", headers={"Authorization": "Bearer sk-proof"})
    answer = connection.getresponse()
    body = answer.read()
    statuses.append(answer.status)
    if answer.status == 429:
        if json.loads(body)["error"]["code"] != "rate_limit_exceeded" or not answer.getheader("Retry-After"):
            sys.exit(f"a 429 of another kind: {body[:200]}")
if not (20 <= statuses.count(200) < 60 and set(statuses) == {200, 429}): sys.exit(f"{statuses}")
PYTHON
}
check "full: nginx limits an address, in OpenAI's shape" limited
kill -TERM "$backend"
wait "$backend" 2>/dev/null || true
sleep 1 # Beyond the limit's last second.
gone=$(inside curl -sS -m 10 -w ' %{http_code}' http://127.0.0.1:8080/health || true)
check_equal "full: a gateway that is gone is a 503 with a JSON body" "yes" \
    "$([[ $gone == '{"error":'*' 503' ]] && echo yes || echo "$gone")"

left() { podman ps -a --format '{{.Names}}' --filter "label=io.podman.compose.project=proof$$"; }
check_equal "down: nothing is left" "" "$(left)"
finish
