#!/usr/bin/env bash
# Runs the Kubernetes deployment by `podman play kube`: the pod, its configuration and its security context are real,
# the cluster around it (services, policies, autoscaling, probes over time) is not.
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
prepare_python .venv "${PYTHON_PACKAGES[@]}" || cannot_run "kubernetes" "Python packages could not be installed"
build_image || cannot_run "kubernetes" "the image could not be built"

# What podman understands of the manifests: the configuration first, one replica, a port of the host.
pod=gateway-proof-$$
"$PYTHON/python" - "$IMAGE" "$pod" "${RUNTIME_MOUNTS[@]}" >"$WORKSPACE/play.yaml" <<'PYTHON'
import sys
import yaml

image, pod, mounts = sys.argv[1], sys.argv[2], sys.argv[3:]
folder = "deploy/kubernetes/"
configuration = yaml.safe_load(open(folder + "configmap.yaml"))
configuration["data"]["LOG_LEVEL"] = "debug"
configuration["data"]["LIMITS_ADDRESS_REQUESTS_PER_MINUTE"] = "1"
deployment = yaml.safe_load(open(folder + "deployment.yaml"))
deployment["metadata"]["name"] = pod
deployment["spec"]["replicas"] = 1
template = deployment["spec"]["template"]["spec"]
container = template["containers"][0]
container["image"] = image
container["args"] = ["serve", "--demo"]
container["ports"][0]["hostPort"] = 8000
container["ports"][1]["hostPort"] = 9464
# Podman knows no optional secret, and no sleep before the stop.
container["volumeMounts"] = [mount for mount in container["volumeMounts"] if mount["name"] != "key"]
template["volumes"] = [volume for volume in template["volumes"] if volume["name"] != "key"]
del container["lifecycle"]
if mounts:
    path = mounts[1].split(":")[0]
    container["volumeMounts"].append({"name": "toolchain", "mountPath": path, "readOnly": True})
    template["volumes"].append({"name": "toolchain", "hostPath": {"path": path}})
yaml.safe_dump_all([configuration, deployment], sys.stdout)
PYTHON
on_exit 'inside podman play kube --down "$WORKSPACE/play.yaml"'
# A volume of an earlier run would be taken again.
check "play: the deployment starts" inside podman play kube "$WORKSPACE/play.yaml"

reach() { [[ $(inside curl -sS -o /dev/null -m 5 -w '%{http_code}' "http://127.0.0.1:${2:-8000}$1" 2>/dev/null) == 200 ]]; }
container=$(podman ps --format '{{.Names}}' | grep "^$pod.*-gateway$" || true)
[[ -n $container ]] || cannot_run "play: the container runs" "$(podman ps -a --format '{{.Names}} {{.Status}}' | grep "$pod")"
if wait_for 20 reach /health; then
    ok "play: /health, for the startup and liveness probes"
else
    fail "play: /health, for the startup and liveness probes" "$(podman logs "$container" 2>&1 | tail -n 5)"
fi
check "play: /ready, for the readiness probe" reach /ready 9464
check "play: /metrics, for the annotated scrape" reach /metrics 9464
unreachable() { ! reach "$1"; }
check "play: the port of the Service has no /metrics" unreachable /metrics
check "play: the port of the Service has no /ready" unreachable /ready
check_equal "play: user and group" "10001 10001" "$(podman exec "$container" sh -c 'echo $(id -u) $(id -g)')"
refused=$(podman exec "$container" touch /etc/x 2>&1 || true)
check_equal "play: the root is read-only" "yes" "$([[ $refused == *"Read-only file system"* ]] && echo yes || echo "$refused")"
pid=$(container_pid "$container")
status_line() { awk -v key="$1:" '$1 == key { print $2 }' "/proc/$pid/status"; }
check_equal "play: no capabilities" "0000000000000000" "$(status_line CapEff)"
check_equal "play: no new privileges" "1" "$(status_line NoNewPrivs)"
check "play: /tmp may be written" podman exec "$container" touch /tmp/x
check_equal "play: settings of the ConfigMap are in force" "debug 60" \
    "$(podman exec "$container" sh -c 'echo $LOG_LEVEL $DRAIN_TIMEOUT')"
check_equal "play: memory limit" "536870912" "$(podman inspect --format '{{.HostConfig.Memory}}' "$container")"
answer=$(inside curl -sS -m 20 http://127.0.0.1:8000/v1/chat/completions -H "Authorization: Bearer sk-proof" \
    -H "Content-Type: application/json" -d '{"model": "qwen-plus", "messages": [{"role": "user", "content": "Hello"}]}' || true)
check_equal "play: a completion" "yes" "$([[ $answer == *"Echo: Hello"* ]] && echo yes || echo "$answer")"
: "An ingress controller is a pod: callers behind it are told apart."
ask_as() {
    inside curl -sS -m 20 -o /dev/null -w '%{http_code}' http://127.0.0.1:8000/v1/chat/completions -H "X-Forwarded-For: $1" \
        -H "Authorization: Bearer sk-proof" -H "Content-Type: application/json" \
        -d '{"model": "qwen-plus", "messages": [{"role": "user", "content": "Hello"}]}' || true
}
check_equal "play: two clients behind a proxy are two addresses" "200 200 429" "$(ask_as 203.0.113.1) $(ask_as 203.0.113.2) $(ask_as 203.0.113.1)"
where="podman exec $container sh -c 'for folder in /app/data /tmp; do echo \$folder; find \$folder -path \"*/dashscope-gateway-uploads-*\" -type f | wc -l; done'"
check_equal "play: parts of an upload are in the pod's volume, not in /tmp" '{"parts": [200, 200], "where": "/app/data 2 /tmp 0", "complete": 200, "whole": true}' \
    "$(inside python3 scripts/deploy/client.py parts http://127.0.0.1:8000 --addresses --where "$where")"
podman stop -t 20 "$container" >/dev/null 2>&1 || true
check_equal "play: stops with status 0" "0" "$(podman inspect --format '{{.State.ExitCode}}' "$container")"
check "play: taken down" inside podman play kube --down "$WORKSPACE/play.yaml"
finish
