#!/usr/bin/env bash
# Each kit file's own memory limit against 200 unfinished uploads of 30 MB, on a real engine: the process lives, stays under its
# limit and answers others meanwhile. Compose, Swarm, Kubernetes and the systemd unit, with the limit and the settings of each.
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
prepare_python .venv "${PYTHON_PACKAGES[@]}" || cannot_run "memory" "Python packages could not be installed"
build_image || cannot_run "memory" "the image could not be built"
start_engine
load_image "$IMAGE" || cannot_run "memory" "the image cannot be loaded"

# The files' word: a limit, then the variables that they set.
facts() {
    "$PYTHON/python" - "$1" <<'PYTHON'
import re, sys, yaml
def document(path): return [d for d in yaml.safe_load_all(open(path)) if d]
kind, variables = sys.argv[1], {}
if kind == "compose":
    service = document("docker-compose.yml")[0]["services"]["gateway"]
    limit = service["mem_limit"]
    for line in open("gateway.env"):
        if re.match(r"[A-Z]", line): variables.update([line.strip().split("=", 1)])
elif kind == "swarm":
    service = document("deploy/swarm/stack.yml")[0]["services"]["gateway"]
    limit = service["deploy"]["resources"]["limits"]["memory"]
    variables = {k: re.sub(r"\$\{\w+:-(.*)\}", r"\1", str(v)) for k, v in service["environment"].items()}
elif kind == "kubernetes":
    limit = document("deploy/kubernetes/deployment.yaml")[0]["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["memory"]
    variables = document("deploy/kubernetes/configmap.yaml")[0]["data"]
elif kind == "systemd":
    unit = open("deploy/systemd/dashscope-gateway.service").read()
    limit = re.search(r"^MemoryMax=(\S+)", unit, re.M)[1]
    for line in re.findall(r"^Environment=(.*)", unit, re.M):
        variables.update(word.split("=", 1) for word in line.split())
    for name in ("LOG_FILE", "GATEWAY_OPTIONS", "HOST"): variables.pop(name, None)
variables.pop("DASHSCOPE_BASE_URL", None)
print(re.sub(r"i$", "", str(limit)).lower(), *(f"--env {k}={v}" for k, v in variables.items() if k != "ADMIN_LISTEN"))
PYTHON
}
reach() { [[ $(inside curl -sS -o /dev/null -m 5 -w '%{http_code}' "$1" 2>/dev/null) == 200 ]]; }

for kind in compose swarm kubernetes systemd control; do
    read -r limit variables <<<"$(facts "${kind/control/compose}")"
    # A bound above the container's memory: what the others would do without theirs.
    if [[ $kind == control ]]; then variables+=" --env SERVER_MAXIMUM_BODY_MEMORY=8589934592"; fi
    # shellcheck disable=SC2086
    docker run -d --name "$kind" -p 127.0.0.1:8000:8000 --memory "$limit" --memory-swap "$limit" $variables "${RUNTIME_MOUNTS[@]}" \
        "${IMAGE#localhost/}" serve --demo >/dev/null 2>"$WORKSPACE/run.log" || docker run -d --name "$kind" -p 127.0.0.1:8000:8000 \
        --memory "$limit" --memory-swap "$limit" $variables "$IMAGE" serve --demo >/dev/null
    wait_for 20 reach http://127.0.0.1:8000/health || cannot_run "$kind" "$(docker logs "$kind" 2>&1 | tail -n 5)"
    pid=$(docker inspect -f '{{.State.Pid}}' "$kind")
    # Past the proxy of the published port, which would hold the bodies itself.
    address=$(docker inspect -f '{{.NetworkSettings.IPAddress}}' "$kind")
    client=(inside python3 scripts/deploy/uploads.py "http://$address:8000")
    # The unit believes a proxy on its own machine; so all of these come from one.
    if [[ $kind == systemd ]]; then client=(nsenter -t "$pid" -n python3 scripts/deploy/uploads.py http://127.0.0.1:8000); fi
    told=$("${client[@]}" 2>&1 | tail -n 1)
    peak=$(awk '/^VmHWM/ { print int($2 / 1024) }' "/proc/$pid/status" 2>/dev/null || echo gone)
    if [[ $kind == control ]]; then
        check_equal "control: with a bound above its memory it is killed" "true" "$(docker inspect -f '{{or .State.OOMKilled (ne .State.Pid '"$pid"')}}' control)"
        docker rm -f control >/dev/null
        continue
    fi
    check_equal "$kind, $limit: the process is the same (peak $peak MB; $told)" "$pid false" \
        "$(docker inspect -f '{{.State.Pid}} {{.State.OOMKilled}}' "$kind")"
    others() { python3 -c 'import json, sys
facts = json.loads(sys.argv[1])
sys.exit(not (facts["served"] > 10 and not facts["others"]))' "$told" || { echo "$told"; return 1; }; }
    check "$kind, $limit: others are served meanwhile" others
    docker rm -f "$kind" >/dev/null
done
finish
