#!/usr/bin/env python3
"""Checks of the container files that no tool makes: what must agree with what.

Each command prints what is wrong, one fault a line, and fails when there is any.
"""

import json
import pathlib
import re
import sys

import yaml

KUBERNETES = pathlib.Path("deploy/kubernetes")


def documents(path):
    """The documents of a YAML file, by kind and name."""
    with open(path, encoding="utf-8") as file:
        return [document for document in yaml.safe_load_all(file) if document]


def only(found, kind):
    matching = [document for document in found if document["kind"] == kind]
    if len(matching) != 1:
        raise SystemExit(f"{len(matching)} documents of kind {kind} instead of one")
    return matching[0]


def kustomization():
    """Every manifest is either part of the kustomization or an example."""
    listed = set(documents(KUBERNETES / "kustomization.yaml")[0]["resources"])
    there = {path.name for path in KUBERNETES.glob("*.yaml")} - {"kustomization.yaml"}
    examples = {name for name in there if name.endswith(".example.yaml")}
    for name in sorted(listed - there):
        yield f"{name} is listed and not there"
    for name in sorted(there - listed - examples):
        yield f"{name} is neither listed nor an example"
    for name in sorted(listed & examples):
        yield f"{name} is an example and would be applied"


def relations(path):
    """The parts of one rendered deployment fit each other."""
    found = documents(path)
    deployment = only(found, "Deployment")
    namespace = deployment["metadata"].get("namespace")
    for document in found:
        if document["kind"] != "Namespace" and document["metadata"].get("namespace") != namespace:
            yield f"{document['kind']} is in another namespace than the Deployment"
    template = deployment["spec"]["template"]
    labels = template["metadata"]["labels"]
    pod = template["spec"]
    container = pod["containers"][0]

    def selects(what, selector):
        if not selector or any(labels.get(key) != value for key, value in selector.items()):
            yield f"{what} does not select the pods"

    service = only(found, "Service")
    budget = only(found, "PodDisruptionBudget")
    yield from selects("the Deployment", deployment["spec"]["selector"]["matchLabels"])
    yield from selects("the Service", service["spec"]["selector"])
    yield from selects("the PodDisruptionBudget", budget["spec"]["selector"]["matchLabels"])
    yield from selects("the NetworkPolicy", only(found, "NetworkPolicy")["spec"]["podSelector"]["matchLabels"])
    for constraint in pod["topologySpreadConstraints"]:
        yield from selects("the spread", constraint["labelSelector"]["matchLabels"])

    scalers = [document for document in found if document["kind"] == "HorizontalPodAutoscaler"]
    replicas = deployment["spec"].get("replicas")
    for scaler in scalers:
        target = scaler["spec"]["scaleTargetRef"]
        if (target["kind"], target["name"]) != ("Deployment", deployment["metadata"]["name"]):
            yield "the autoscaler has another target"
        if replicas is not None:
            yield "the Deployment says how many, against the autoscaler"
        replicas = scaler["spec"]["minReplicas"]
        if "cpu" not in container["resources"]["requests"]:
            yield "the autoscaler measures against a request for processors that is not there"
    # A number of pods that must stay would stop drains at a scale that it does not know.
    if "minAvailable" in budget["spec"] or not 1 <= int(budget["spec"]["maxUnavailable"]) < (replicas or 2):
        yield "the budget lets no node be drained, or all of them at once"

    ports = {port["name"] for port in container["ports"]}
    if service["spec"]["ports"][0]["targetPort"] not in ports:
        yield "the Service's port is not one of the container's"
    paths = {"startupProbe": "/health", "livenessProbe": "/health", "readinessProbe": "/ready"}
    for probe, path in paths.items():
        get = container[probe]["httpGet"]
        if get["port"] not in ports or get["path"] != path:
            yield f"{probe} asks {get['path']} at {get['port']}"
    by_name = {port["name"]: port["containerPort"] for port in container["ports"]}
    listen = configuration_of(found).get("ADMIN_LISTEN", "")
    notes = deployment["spec"]["template"]["metadata"]["annotations"]
    if not listen.endswith(f":{by_name.get('admin')}") or notes["prometheus.io/port"] != str(by_name.get("admin")):
        yield "the admin listener, its port and the annotation for Prometheus do not agree"
    if container["readinessProbe"]["httpGet"]["port"] != "admin":
        yield "the readiness probe does not ask the admin listener"
    if container["securityContext"] != {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }:
        yield "the container may do more than it must"
    if not pod["securityContext"].get("runAsNonRoot") or pod["securityContext"].get("runAsUser") != 10001:
        yield "the pod does not run as user 10001"
    if pod.get("automountServiceAccountToken") is not False or pod.get("enableServiceLinks") is not False:
        yield "the pod gets a token, or variables of services"
    if "memory" not in container["resources"]["limits"]:
        yield "no limit of memory"
    tag = container["image"].rsplit("/", 1)[-1].partition(":")[2]
    if tag in ("", "latest"):
        yield f"the image {container['image']} is not of one version"

    configuration = only(found, "ConfigMap")
    sources = [s["configMapRef"]["name"] for s in container["envFrom"] if "configMapRef" in s]
    if sources != [configuration["metadata"]["name"]]:
        yield "the container does not read the ConfigMap"
    pause = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    drain = int(configuration["data"]["DRAIN_TIMEOUT"])
    if pod["terminationGracePeriodSeconds"] <= pause + drain:
        yield f"the grace period is no longer than preStop ({pause} s) and drain ({drain} s)"
    mounted = {mount["name"] for mount in container["volumeMounts"]}
    if mounted != {volume["name"] for volume in pod["volumes"]}:
        yield "volumes and mounts are not the same"


def configuration_of(found):
    return only(found, "ConfigMap")["data"]


def same_pods(first, second):
    """Two renderings make the same pods: those of the chart and of the manifests."""
    pods = []
    for path in (first, second):
        pod = only(documents(path), "Deployment")["spec"]["template"]["spec"]
        # An optional secret there, a chosen one here.
        pod["containers"][0]["envFrom"] = [s for s in pod["containers"][0]["envFrom"] if "secretRef" not in s]
        pods.append(pod)
    yield from differences("", *pods)


def differences(path, left, right):
    if isinstance(left, dict) and isinstance(right, dict):
        for key in sorted(left.keys() | right.keys()):
            yield from differences(f"{path}.{key}", left.get(key), right.get(key))
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for index, pair in enumerate(zip(left, right)):
            yield from differences(f"{path}[{index}]", *pair)
    elif left != right:
        yield f"{path.lstrip('.')}: {left!r} and {right!r}"


def versions(version):
    """The image of every file has the version of the gateway."""
    places = {
        "docker-compose.yml": r"dashscope-gateway:([\w.-]+)\}",
        "deploy/swarm/stack.yml": r"dashscope-gateway:([\w.-]+)\}",
        "deploy/kubernetes/kustomization.yaml": r"newTag: (\S+)",
        "deploy/kubernetes/deployment.yaml": r"image: dashscope-gateway:(\S+)",
        "deploy/helm/dashscope-gateway/Chart.yaml": r"appVersion: \"?([^\s\"]+)",
    }
    for path, pattern in places.items():
        found = re.findall(pattern, pathlib.Path(path).read_text(encoding="utf-8"))
        if not found:
            yield f"{path}: no image"
        for tag in found:
            if tag != version:
                yield f"{path}: {tag} instead of {version}"


# What uploads under way may take (uploads.maximumBytes) and the store in a file (store.maximumBytes), by default.
ROOM = 3 * 2**30


def places():
    """Every kit file has a place on disk for parts of uploads and the store: where the image's $STATE_DIRECTORY is."""
    found = re.search(r"^ENV STATE_DIRECTORY=(\S+)$", pathlib.Path("Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    folder = found[1]

    def of_compose(path, *names):
        document = documents(path)[0]
        for name in names:
            volumes = document["services"][name].get("volumes", [])
            plain = [v.split(":") for v in volumes if isinstance(v, str)]
            sources = [v[0] for v in plain if v[1] == folder]
            sources += [v["source"] for v in volumes if isinstance(v, dict) and v["target"] == folder and v["type"] == "volume"]
            if len(sources) != 1 or sources[0] not in document["volumes"]:
                yield f"{path}: {name} has no volume at {folder}"

    yield from of_compose("docker-compose.yml", "gateway", "gateway-demo")
    yield from of_compose("deploy/compose/two-gateways.yml", "gateway-a", "gateway-b")
    yield from of_compose("deploy/swarm/stack.yml", "gateway")

    pod = documents(KUBERNETES / "deployment.yaml")[0]["spec"]["template"]["spec"]
    names = [m["name"] for m in pod["containers"][0]["volumeMounts"] if m["mountPath"] == folder]
    volume = next((v.get("emptyDir", {}) for v in pod["volumes"] if v["name"] in names), None)
    if volume is None or volume.get("medium") == "Memory":
        yield f"Kubernetes: no volume on disk at {folder}"
    elif int(re.fullmatch(r"(\d+)Gi", volume["sizeLimit"])[1]) * 2**30 < ROOM:
        yield f"Kubernetes: {volume['sizeLimit']} at {folder} are not enough"

    for unit in pathlib.Path("deploy/systemd").glob("*.service"):
        if "\nStateDirectory=dashscope-gateway\n" not in unit.read_text(encoding="utf-8"):
            yield f"{unit}: no folder for its state"


# Words of PromQL that look like metrics of ours are none; what is ours begins like this.
METRIC = re.compile(r"\b(?:gateway|process)_[a-z_]+")


def exported(path):
    """Names that an exposition declares or shows."""
    text = pathlib.Path(path).read_text(encoding="utf-8")
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
    names = set(kinds)
    for name, kind in kinds.items():
        if kind == "histogram":
            names |= {f"{name}_bucket", f"{name}_sum", f"{name}_count"}
    return names


def dashboard_expressions():
    dashboard = json.loads(pathlib.Path("deploy/monitoring/grafana-dashboard.json").read_text(encoding="utf-8"))
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]
    for variable in dashboard["templating"]["list"]:
        if variable["type"] != "query":
            continue
        yield f"variable {variable['name']}", variable["query"]["query"]


def alert_expressions():
    for group in documents("deploy/monitoring/alerts.yml")[0]["groups"]:
        for rule in group["rules"]:
            yield rule.get("alert") or rule["record"], rule["expr"]


# A family is exported once it has a series; these get one only by what a short test does not bring about.
OCCASIONAL = {
    "gateway_permits_leaked_total",
    "gateway_circuit_breaker_open",
    "gateway_client_disconnects_total",
    "gateway_config_reloads_total",
    "gateway_rate_limited_total",
    "gateway_tls_certificate_expiry_timestamp_seconds",
    "gateway_upstream_retries_total",
}


def metrics(path):
    """Every metric that the dashboard and the rules ask for is one that the gateway exports."""
    known = exported(path)
    if len(known) < 10:
        yield f"only {len(known)} metrics are exported"
    sources = "".join(path.read_text(encoding="utf-8") for path in pathlib.Path("Sources").rglob("*.swift"))
    for name in OCCASIONAL:
        if f'"{name}"' in sources:
            known.add(name)
    for title, expression in [*dashboard_expressions(), *alert_expressions()]:
        # Recorded series have colons in their names, labels stand in braces.
        plain = re.sub(r"\{[^}]*\}", "", expression)
        plain = re.sub(r"\b(?:by|without|on|ignoring)\s*\([^)]*\)", "", plain)
        plain = re.sub(r"\b\w+:[\w:]+", "", plain)
        for name in METRIC.findall(plain):
            if name not in known:
                yield f"{title}: {name} is not exported"


def dashboard():
    """The dashboard: panels that do not overlap, and whatever data source the reader chooses."""
    document = json.loads(pathlib.Path("deploy/monitoring/grafana-dashboard.json").read_text(encoding="utf-8"))
    source = "${datasource}"
    kinds = {variable["name"]: variable["type"] for variable in document["templating"]["list"]}
    if kinds.get("datasource") != "datasource":
        yield "no variable for the data source"
    identifiers, cells = set(), set()
    for panel in document["panels"]:
        if panel["id"] in identifiers:
            yield f"two panels have the number {panel['id']}"
        identifiers.add(panel["id"])
        place = panel["gridPos"]
        if place["x"] + place["w"] > 24:
            yield f"{panel['title']}: wider than the page"
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                if (x, y) in cells:
                    yield f"{panel['title']}: overlaps another panel"
                    break
                cells.add((x, y))
            else:
                continue
            break
        for target in panel.get("targets", []):
            if target["datasource"]["uid"] != source:
                yield f"{panel['title']}: another source than {source}"


def runbooks():
    """Every alert says where its runbook is, and it is there."""
    page = pathlib.Path("docs/alerts.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", page, re.MULTILINE)
    alerts = []
    for group in documents("deploy/monitoring/alerts.yml")[0]["groups"]:
        for rule in group["rules"]:
            if "alert" not in rule:
                continue
            name = rule["alert"]
            alerts.append(name)
            if rule["annotations"].get("runbook") != f"docs/alerts.md#{name.lower()}":
                yield f"{name}: runbook {rule['annotations'].get('runbook')!r}"
            if name not in headings:
                yield f"{name}: no chapter in docs/alerts.md"
    for heading in headings:
        if heading not in alerts:
            yield f"docs/alerts.md: no alert {heading}"


def alert_tests():
    """Every alert is seen to fire in a test, and to be silent in the one where all is well."""
    tests = documents("deploy/monitoring/alerts-test.yml")[0]["tests"]
    rules = [rule for group in documents("deploy/monitoring/alerts.yml")[0]["groups"] for rule in group["rules"]]
    expected = {True: set(), False: set()}
    for test in tests:
        for case in test.get("alert_rule_test", []):
            if case.get("exp_alerts"):
                expected[True].add(case["alertname"])
            elif test["name"].startswith("all is well"):
                expected[False].add(case["alertname"])
    for name in (rule["alert"] for rule in rules if "alert" in rule):
        if name not in expected[True]:
            yield f"{name}: no test in which it fires"
        if name not in expected[False]:
            yield f"{name}: not tested to be silent where all is well"


def monitoring_is_added():
    """The pages put nothing in the place of a Prometheus configuration that is there."""
    for page in sorted(pathlib.Path("docs").glob("*.md")):
        for line in page.read_text(encoding="utf-8").splitlines():
            if re.search(r"\bcp (?!-n )\S.*prometheus\.yml|(>|tee) *\S*/etc/prometheus/prometheus\.yml", line):
                yield f"{page}: {line.strip()}"


def expressions():
    """Prints the dashboard's queries as Prometheus takes them, one a line after a title."""
    for title, expression in dashboard_expressions():
        if not title.startswith("variable"):
            expression = expression.replace("$__rate_interval", "1m").replace("$job", "dashscope-gateway")
            print(f"{title}\t{expression.replace('$instance', '.*')}")
    return ()


COMMANDS = {
    function.__name__.replace("_", "-"): function
    for function in (kustomization, relations, same_pods, places, versions, metrics, dashboard, runbooks, alert_tests, monitoring_is_added, expressions)
}


def main():
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        raise SystemExit(f"usage: {sys.argv[0]} {'|'.join(COMMANDS)} [ARGUMENT…]")
    faults = list(COMMANDS[sys.argv[1]](*sys.argv[2:]))
    for fault in faults:
        print(fault)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
