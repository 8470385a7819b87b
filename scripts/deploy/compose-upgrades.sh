#!/usr/bin/env bash
# Two gateways behind nginx by deploy/compose/two-gateways.yml on a real Docker Engine with docker-compose (ENGINE: which): five upgrades by
# deploy/compose/upgrade.sh under load with long streams, then an image that does not get ready.
# nginx's image is made here of Debian's nginx, with what the registry's does at its start.
# shellcheck disable=SC2016,SC2317
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/toolchain.sh
source scripts/toolchain.sh
# shellcheck source=scripts/deploy/containers-lib.sh
source scripts/deploy/containers-lib.sh
# shellcheck source=scripts/deploy/engine-lib.sh
source scripts/deploy/engine-lib.sh
UPGRADES=${UPGRADES:-5}

make_workspace
find_gateway
slim_image || cannot_run "compose upgrades" "no base image"
start_engine
load_image "$SLIM_IMAGE" || cannot_run "compose upgrades" "the base image cannot be loaded"
start_mirror

# ---- images ---------------------------------------------------------------------------------------------------------
project=$WORKSPACE/project
mkdir -p "$project" "$WORKSPACE/image" "$WORKSPACE/nginx"
git ls-files -z -co --exclude-standard -- deploy gateway.env Dockerfile.prebuilt | xargs -0 cp --parents -t "$project"
strip -o "$WORKSPACE/image/dashscope-gateway" "$GATEWAY"
DOCKER_BUILDKIT=0 docker build -q -f "$project/Dockerfile.prebuilt" --build-arg "DEBIAN_MIRROR=$MIRROR" -t gateway:base \
    "$WORKSPACE/image" >"$WORKSPACE/build.log" 2>&1 || cannot_run "compose upgrades" "$(tail -n 3 "$WORKSPACE/build.log")"
# Images that differ as those of two versions do.
for ((turn = 0; turn <= UPGRADES; turn++)); do
    printf 'FROM gateway:base\nLABEL turn=%d\n' "$turn" | docker build -q -t "gateway:$turn" - >/dev/null
done
printf 'FROM gateway:base\nENTRYPOINT ["false"]\n' | docker build -q -t gateway:broken - >/dev/null
cat >"$WORKSPACE/nginx/Dockerfile" <<'DOCKERFILE'
FROM debian:bookworm-slim
ARG DEBIAN_MIRROR
RUN find /etc/apt -type f -name '*sources*' -exec sed -i "s|http://deb.debian.org|$DEBIAN_MIRROR|" {} + && apt-get update && \
    apt-get install -y --no-install-recommends nginx-light gettext-base && rm -f /etc/nginx/sites-enabled/default
CMD envsubst "$(env | sed 's/=.*//; s/.*/$&/' | tr '\n' ' ')" </etc/nginx/templates/default.conf.template >/etc/nginx/conf.d/default.conf && \
    exec nginx -g "daemon off;"
DOCKERFILE
docker build -q --build-arg "DEBIAN_MIRROR=$MIRROR" -t nginx:proof "$WORKSPACE/nginx" >"$WORKSPACE/build.log" 2>&1 ||
    cannot_run "compose upgrades" "nginx: $(tail -n 3 "$WORKSPACE/build.log")"

# ---- up -------------------------------------------------------------------------------------------------------------
sed -i '/^#LOG_LEVEL/a DASHSCOPE_BASE_URL=http://172.30.77.20:8001' "$project/gateway.env"
if [[ $(ulimit -Hn) != unlimited ]] && (($(ulimit -Hn) < 65536)); then
    sed -i '/^  ulimits:/,/^    nofile:/d' "$project/deploy/compose/two-gateways.yml"
fi
cat >"$WORKSPACE/docker-compose" <<WRAPPER
#!/bin/sh
PYTHONPATH=$ENGINE_ROOT/root/usr/lib/python3/dist-packages PYTHONWARNINGS=ignore exec /usr/bin/python3 $ENGINE_ROOT/root/usr/bin/docker-compose "\$@"
WRAPPER
if [[ $ENGINE != 20.10 ]]; then printf '#!/bin/sh\nexec %s compose "$@"\n' "$ENGINE_ROOT/root/usr/bin/docker" >"$WORKSPACE/docker-compose"; fi
chmod 755 "$WORKSPACE/docker-compose"
export COMPOSE=$WORKSPACE/docker-compose NGINX_IMAGE=nginx:proof GATEWAY_IMAGE=gateway:0 PATH=$ENGINE_ROOT/root/usr/bin:$PATH
up() { (cd "$project" && "$COMPOSE" -p dashscope -f deploy/compose/two-gateways.yml "$@"); }
on_exit 'up down -v -t 1'
check "up -d" up up -d
docker run -d --name emulator --network dashscope_default --ip 172.30.77.20 gateway:base emulate --host 0.0.0.0 --port 8001 >/dev/null
on_exit 'docker rm -f emulator'
reach() { [[ $(inside curl -sS -o /dev/null -m 5 -w '%{http_code}' "$1" 2>/dev/null) == "${2:-200}" ]]; }
check "nginx passes requests on" wait_for 30 reach http://127.0.0.1:8000/health
check "and keeps the metrics to itself" reach http://127.0.0.1:8000/metrics 404
# Parts of an upload meet at one gateway.
check_equal "a file in two parts of 40 MB" '{"parts": [200, 200], "where": "", "complete": 200, "whole": true}' \
    "$(inside python3 scripts/deploy/client.py parts http://127.0.0.1:8000 --megabytes 80)"
images() { up ps -q gateway-a gateway-b | xargs "$ENGINE_ROOT/root/usr/bin/docker" inspect -f '{{.Config.Image}}' | sort | xargs; }
check_equal "two gateways" "gateway:0 gateway:0" "$(images)"

# ---- upgrades under load ----------------------------------------------------------------------------------------------
inside python3 scripts/deploy/client.py through http://127.0.0.1:8000 --model qwen-plus-emulator-slow-800 --connections 10 --streams 4 \
    --stop-file "$WORKSPACE/stop" >"$WORKSPACE/facts.json" 2>"$WORKSPACE/client.err" &
load=$!
sleep 3
for ((turn = 1; turn <= UPGRADES; turn++)); do
    GATEWAY_IMAGE=gateway:$turn "$project/deploy/compose/upgrade.sh" >"$WORKSPACE/upgrade.log" 2>&1 ||
        fail "upgrade $turn" "$(tail -n 3 "$WORKSPACE/upgrade.log")"
done
check_equal "both gateways are of the last image" "gateway:$UPGRADES gateway:$UPGRADES" "$(images)"
if GATEWAY_IMAGE=gateway:broken "$project/deploy/compose/upgrade.sh" >"$WORKSPACE/upgrade.log" 2>&1; then
    fail "an image that does not get ready makes upgrade.sh fail" "it did not"
else
    ok "an image that does not get ready makes upgrade.sh fail"
fi
check_equal "and one gateway goes on" "gateway:$UPGRADES gateway:broken" "$(images)"
GATEWAY_IMAGE=gateway:1 "$project/deploy/compose/upgrade.sh" >"$WORKSPACE/upgrade.log" 2>&1 || fail "the way back" "$(tail -n 3 "$WORKSPACE/upgrade.log")"
: >"$WORKSPACE/stop"
wait "$load" || true
facts=$(cat "$WORKSPACE/facts.json" 2>/dev/null || cat "$WORKSPACE/client.err")
judged() {
    python3 -c 'import json, sys
facts = json.loads(sys.argv[1])
sys.exit(not (facts["failed"] == 0 and facts["worst_request"] < 1 + facts["machine_late"] and facts["requests"] > 100 and facts["streams"] > 4))' "$facts"
}
if judged; then ok "through all of this nothing failed or stalled: $facts"; else fail "through all of this nothing failed or stalled" "$facts"; fi
finish
