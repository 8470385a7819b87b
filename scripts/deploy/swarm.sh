#!/usr/bin/env bash
# deploy/swarm/stack.yml on a swarm of one real node: three tasks, a key as a secret, parts of uploads, another image, one that
# does not get healthy. Tasks are asked in their own networks: the routing mesh needs IPVS, which not every kernel here has.
# Functions are run by `check` and texts by the cleanup or in the container: unseen by shellcheck.
# shellcheck disable=SC2016,SC2317
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/toolchain.sh
source scripts/toolchain.sh
# shellcheck source=scripts/deploy/containers-lib.sh
source scripts/deploy/containers-lib.sh
# shellcheck source=scripts/deploy/engine-lib.sh
source scripts/deploy/engine-lib.sh

make_workspace
find_gateway
build_image || cannot_run "swarm" "the image could not be built"
start_engine
load_image "$IMAGE" || cannot_run "swarm" "the image cannot be loaded"
docker tag "$IMAGE" gateway:1
printf 'FROM gateway:1\nLABEL turn=2\n' | docker build -q -t gateway:2 - >/dev/null
printf 'FROM gateway:1\nENTRYPOINT ["false"]\n' | docker build -q -t gateway:broken - >/dev/null
on_exit 'docker swarm leave --force'
docker swarm init --advertise-addr "$ENGINE_ADDRESS" >"$WORKSPACE/swarm.log" 2>&1 || cannot_run "swarm" "$(tail -n 1 "$WORKSPACE/swarm.log")"

# Beside the gateways, what stands in for DashScope. No virtual address: that would need IPVS, too.
cat >"$WORKSPACE/emulator.yml" <<'YAML'
version: "3.8"
services:
  emulator:
    image: gateway:1
    command: ["emulate", "--host", "0.0.0.0", "--port", "8001"]
    networks: [dashscope-net]
    healthcheck: {disable: true}
    deploy: {endpoint_mode: dnsrr}
YAML
export GATEWAY_IMAGE=gateway:1 DASHSCOPE_BASE_URL=http://tasks.emulator:8001
deploy() { docker stack deploy --resolve-image never -c deploy/swarm/stack.yml "$@" -c "$WORKSPACE/emulator.yml" dashscope; }
running() { docker service ls --filter name=dashscope_gateway --format '{{.Replicas}}'; }
complete() { [[ $(running) == "${1:-3}/${1:-3}" ]]; }
tasks() { docker ps -q --filter label=com.docker.swarm.service.name=dashscope_gateway --filter health=healthy; }
images() { tasks | xargs "$ENGINE_ROOT/root/usr/bin/docker" inspect -f '{{.Config.Image}}' | sort -u | xargs; }
# of_task CONTAINER COMMAND…: in the task's network.
of_task() { nsenter -t "$(docker inspect -f '{{.State.Pid}}' "$1")" -n "${@:2}"; }
ask() {
    of_task "$1" curl -sS -m 20 -o /dev/null -w '%{http_code}' "http://$2:8000/v1/chat/completions" "${@:3}" \
        -H "Content-Type: application/json" -d '{"model": "qwen-plus", "messages": [{"role": "user", "content": "Hello"}]}' || true
}

check "docker stack deploy" deploy
if wait_for 60 complete; then ok "three tasks are healthy"; else
    fail "three tasks are healthy" "$(docker stack ps --no-trunc dashscope 2>&1 | tail -n 5)"
    finish
fi
task=$(tasks | head -n 1)
# A call of another task's arrives from an address of the network inside, as one of the mesh does.
other=$(tasks | tail -n 1)
address=$(docker inspect -f '{{(index .NetworkSettings.Networks "dashscope_dashscope-net").IPAddress}}' "$task")
check_equal "a completion" "200" "$(ask "$other" "$address" -H "Authorization: Bearer sk-proof")"
check_equal "a caller without a key is refused" "401" "$(ask "$other" "$address")"
check_equal "read-only, without capabilities, limited" "true [ALL] 536870912" \
    "$(docker inspect -f '{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{.HostConfig.Memory}}' "$task")"
where="$ENGINE_ROOT/root/usr/bin/docker exec $task sh -c 'for folder in /app/data /tmp; do echo \$folder; find \$folder -path \"*/dashscope-gateway-uploads-*\" -type f | wc -l; done'"
check_equal "parts of an upload are in the volume, not in /tmp" '{"parts": [200, 200], "where": "/app/data 2 /tmp 0", "complete": 200, "whole": true}' \
    "$(of_task "$other" python3 scripts/deploy/client.py parts "http://$address:8000" --where "$where")"
check "docker service scale" docker service scale --detach dashscope_gateway=2
check "two tasks" wait_for 60 complete 2
two() { [[ $(tasks | wc -l) == 2 ]]; }
check "the third one ends" wait_for 90 two

# A key of the server's own, and a limit that shows who is told from whom.
printf 'sk-of-the-server' | docker secret create dashscope-api-key-1 - >/dev/null
cat >"$WORKSPACE/limit.yml" <<'YAML'
version: "3.8"
services:
  gateway:
    environment: {LIMITS_ADDRESS_REQUESTS_PER_MINUTE: "1"}
    deploy: {replicas: 1}
YAML
check "docker stack deploy with deploy/swarm/key.yml" deploy -c deploy/swarm/key.yml -c "$WORKSPACE/limit.yml"
with_key() { [[ $(tasks | wc -l) == 1 ]] && docker inspect "$(tasks)" | grep -q DASHSCOPE_API_KEY_FILE; }
check "its task is healthy" wait_for 120 with_key
task=$(tasks | head -n 1)
address=$(docker inspect -f '{{(index .NetworkSettings.Networks "dashscope_dashscope-net").IPAddress}}' "$task")
check_equal "callers without a key spend on the server's, and two clients behind a proxy are two addresses" "200 200 429" \
    "$(ask "$task" "$address" -H "X-Forwarded-For: 203.0.113.1") $(ask "$task" "$address" -H "X-Forwarded-For: 203.0.113.2") $(ask "$task" "$address" -H "X-Forwarded-For: 203.0.113.1")"
check_equal "the key is in no environment" "0" "$(docker inspect "$task" | grep -c sk-of-the-server || true)"

# Another image; one that ends at once is taken back by itself.
updated() { docker service inspect -f '{{.UpdateStatus.State}}' dashscope_gateway; }
is_updated() { [[ $(updated) == "$1" ]]; }
check "docker service update --image" docker service update --detach --no-resolve-image --image gateway:2 dashscope_gateway
check "ends" wait_for 120 is_updated completed
check_equal "with the new image" "gateway:2" "$(images)"
before=$(tasks)
check "an image that does not get healthy" docker service update --detach --no-resolve-image --image gateway:broken dashscope_gateway
check "is rolled back" wait_for 120 is_updated rollback_completed
check_equal "and the tasks before it never stopped" "$before gateway:2" "$(tasks) $(images)"
check "docker stack rm" docker stack rm dashscope
finish
