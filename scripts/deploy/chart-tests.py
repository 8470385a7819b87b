#!/usr/bin/env python3
"""Expectations of the Helm chart: values in, what `helm template` makes of them out.

    chart-tests.py HELM CHART      prints one line for each case, and fails when one does
"""

import json
import subprocess
import sys
import tempfile

import yaml


def render(helm, chart, values):
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        json.dump(values, file)
        file.flush()
        command = [helm, "template", "gw", chart, "--namespace", "apps", "--values", file.name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return None, done.stderr
    return [document for document in yaml.safe_load_all(done.stdout) if document], ""


def one(documents, kind, name=None):
    found = [d for d in documents if d["kind"] == kind and name in (None, d["metadata"]["name"])]
    assert len(found) == 1, f"{len(found)} of {kind}"
    return found[0]


def none(documents, kind):
    assert not [d for d in documents if d["kind"] == kind], f"there is a {kind}"


def pod(documents):
    return one(documents, "Deployment")["spec"]["template"]


def container(documents):
    return pod(documents)["spec"]["containers"][0]


def checksum(documents):
    return pod(documents)["metadata"]["annotations"]["checksum/config"]


def expect(actual, wanted):
    assert actual == wanted, f"{actual!r} instead of {wanted!r}"


def defaults(made):
    expect(one(made, "PodDisruptionBudget")["spec"]["maxUnavailable"], 1)
    expect(one(made, "HorizontalPodAutoscaler")["spec"]["metrics"][0]["resource"]["name"], "cpu")
    expect(container(made)["resources"]["requests"]["cpu"], "500m")
    assert "SERVER_TRUSTED_PROXIES" in one(made, "ConfigMap")["data"]
    for kind in ("ServiceMonitor", "PodMonitor", "PrometheusRule", "ScaledObject", "Ingress"):
        none(made, kind)


def key_as_a_file(made):
    volume = [v for v in pod(made)["spec"]["volumes"] if v["name"] == "key"][0]
    expect(volume["secret"]["secretName"], "mine")
    expect(volume["secret"]["optional"], False)
    data = one(made, "ConfigMap")["data"]
    expect(data["DASHSCOPE_API_KEY_FILE"], "/run/secrets/dashscope-gateway/key")
    expect(data["CALLERS_MAY_OMIT_KEY"], "true")
    assert not any("secretRef" in source for source in container(made)["envFrom"]), "the key is in the environment"


def a_configuration_file(made):
    expect(one(made, "ConfigMap", "gw-file")["data"]["gateway.yaml"].strip(), "log:\n  level: debug")
    expect(container(made)["args"], ["serve", "--config", "/etc/dashscope-gateway/gateway.yaml"])
    assert "/etc/dashscope-gateway" in [m["mountPath"] for m in container(made)["volumeMounts"]]


def a_claim_for_responses(made):
    assert {"name": "data", "persistentVolumeClaim": {"claimName": "responses"}} in pod(made)["spec"]["volumes"]
    assert {"name": "data", "mountPath": "/app/data"} in container(made)["volumeMounts"]


def extras(made):
    assert {"name": "TZ", "value": "Asia/Shanghai"} in container(made)["env"]
    assert {"name": "ca", "mountPath": "/ca"} in container(made)["volumeMounts"]
    assert {"name": "ca", "configMap": {"name": "ca"}} in pod(made)["spec"]["volumes"]
    assert {"secretRef": {"name": "more"}} in container(made)["envFrom"]


def streams_by_an_adapter(made):
    metric = one(made, "HorizontalPodAutoscaler")["spec"]["metrics"][1]["pods"]
    expect(metric["metric"]["name"], "gateway_streams_active")
    expect(metric["target"]["averageValue"], "400")


def keda(made):
    none(made, "HorizontalPodAutoscaler")
    expect(one(made, "ScaledObject")["spec"]["triggers"][0]["metadata"]["threshold"], "500")
    assert "replicas" not in one(made, "Deployment")["spec"]


def pod_monitor(made):
    monitor = one(made, "PodMonitor")
    expect(monitor["metadata"]["labels"]["release"], "prometheus")
    endpoint = monitor["spec"]["podMetricsEndpoints"][0]
    expect((endpoint["port"], endpoint["relabelings"][0]["replacement"]), ("admin", "dashscope-gateway"))


def service_monitor(made):
    selector = one(made, "ServiceMonitor")["spec"]["selector"]["matchLabels"]
    labels = one(made, "Service", "gw-admin")["metadata"]["labels"]
    assert all(labels.get(name) == value for name, value in selector.items()), "selects no Service"
    others = [d for d in made if d["kind"] == "Service" and d["metadata"]["name"] != "gw-admin"]
    assert not all(others[0]["metadata"]["labels"].get(n) == v for n, v in selector.items()), "selects the callers' Service"


def prometheus_rule(made):
    shipped = yaml.safe_load(open("deploy/monitoring/alerts.yml", encoding="utf-8"))
    expect(one(made, "PrometheusRule")["spec"], shipped)


def ipv6(made):
    data = one(made, "ConfigMap")["data"]
    expect((data["HOST"], data["ADMIN_LISTEN"]), ("::", "http://[::]:9464"))
    expect(one(made, "Service")["spec"]["ipFamilyPolicy"], "PreferDualStack")


def ingress_outlasts_the_gateway(made):
    for name in ("gw", "gw-files"):
        notes = one(made, "Ingress", name)["metadata"]["annotations"]
        assert int(notes["nginx.ingress.kubernetes.io/proxy-read-timeout"]) > 300


def parts_of_an_upload_meet_at_one_pod(made):
    files = one(made, "Ingress", "gw-files")
    notes = files["metadata"]["annotations"]
    expect(notes["nginx.ingress.kubernetes.io/upstream-hash-by"], "$remote_addr$http_authorization")
    expect(notes["nginx.ingress.kubernetes.io/proxy-body-size"], "1g")
    expect(notes["nginx.ingress.kubernetes.io/proxy-request-buffering"], "off")
    assert "/v1/uploads" in [path["path"] for path in files["spec"]["rules"][0]["http"]["paths"]]


VOLUME = {"name": "ca", "configMap": {"name": "ca"}}
CASES = [
    (defaults, {}),
    (key_as_a_file, {"apiKey": {"secretName": "mine", "secretKey": "key", "callersMayOmitKey": True}}),
    (a_configuration_file, {"configFile": "log:\n  level: debug\n"}),
    (a_claim_for_responses, {"data": {"existingClaim": "responses"}}),
    (
        extras,
        {
            "extraEnv": [{"name": "TZ", "value": "Asia/Shanghai"}],
            "extraVolumes": [VOLUME],
            "extraVolumeMounts": [{"name": "ca", "mountPath": "/ca"}],
            "existingSecret": "more",
        },
    ),
    (streams_by_an_adapter, {"autoscaling": {"streamsPerPod": 400}}),
    (keda, {"autoscaling": {"keda": {"enabled": True}}}),
    (pod_monitor, {"monitoring": {"podMonitor": True, "labels": {"release": "prometheus"}}}),
    (service_monitor, {"monitoring": {"serviceMonitor": True}}),
    (prometheus_rule, {"monitoring": {"prometheusRule": True}}),
    (ipv6, {"ipv6": True}),
    (ingress_outlasts_the_gateway, {"ingress": {"enabled": True}}),
    (parts_of_an_upload_meet_at_one_pod, {"ingress": {"enabled": True}}),
]
# What must be refused, with a word of the reason.
REFUSED = [
    ({"service": {"type": "LoadBalancer"}}, "loadBalancerSourceRanges"),
    ({"replica": 3}, "replica"),
    ({"image": {"tag": "latest"}}, "tag"),
    ({"ingress": {"timeoutSeconds": 60}}, "timeoutSeconds"),
    ({"monitoring": {"podMonitor": True, "serviceMonitor": True}}, "choose one"),
]


def main():
    helm, chart = sys.argv[1:]
    failed = False
    for case, values in CASES:
        made, problem = render(helm, chart, values)
        try:
            assert made is not None, problem
            case(made)
        except (AssertionError, KeyError, IndexError) as error:
            failed = True
            print(f"{case.__name__}: {type(error).__name__} {error}")
    for values, word in REFUSED:
        made, problem = render(helm, chart, values)
        if made is not None or word not in problem:
            failed = True
            print(f"{values} was not refused for {word}: {problem}")
    first, _ = render(helm, chart, {})
    for values in ({"config": {"LOG_LEVEL": "debug"}}, {"configFile": "log: {}"}):
        other, problem = render(helm, chart, values)
        if other is None or checksum(other) == checksum(first):
            failed = True
            print(f"{values} does not roll the pods {problem}")
    sys.exit(failed)


if __name__ == "__main__":
    main()
