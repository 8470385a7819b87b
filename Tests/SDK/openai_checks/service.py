"""Information, health, documents, models; and what every path does with keys and methods."""

from __future__ import annotations

import json
import re
import socket
import time
from urllib.parse import urlsplit

import openai
from openai.types import Model

from .harness import Gateway, check, check_error, equal, require, shorten


@check
def information(gateway: Gateway) -> None:
    response = gateway.request("GET", "/", key=None)
    equal(response.status_code, 200, "the status")
    document = response.json()
    for name in ("message", "version", "description", "dashscope_endpoint", "usage", "docs"):
        require(name in document, f"{name} is missing")
    for name in ("endpoint", "method", "auth", "model"):
        require(name in document["usage"], f"usage.{name} is missing")
    require(response.headers.get("x-request-id"), "x-request-id is missing")


@check
def health(gateway: Gateway) -> None:
    document = gateway.request("GET", "/health", key=None).json()
    equal(document["status"], "healthy", "status")
    require(document["service"], "service is empty")
    require(isinstance(document["timestamp"], int), "timestamp is not an integer")
    require(abs(document["timestamp"] - time.time()) < 60, "timestamp is not now")


@check
def documentation_loads_nothing_from_outside(gateway: Gateway) -> None:
    response = gateway.request("GET", "/docs", key=None)
    equal(response.status_code, 200, "the status")
    require(response.headers["content-type"].startswith("text/html"), "not HTML")
    loads = re.findall(r"""(?:src|href)\s*=\s*["']((?:https?:)?//[^"']+)|@import|url\(""", response.text)
    equal(loads, [], "what the page loads")
    require("/v1/chat/completions" in response.text, "the page does not name the endpoint")


@check
def api_description(gateway: Gateway) -> None:
    document = gateway.request("GET", "/openapi.json", key=None).json()
    require(document["openapi"].startswith("3."), "not an OpenAPI document")
    for path in ("/v1/chat/completions", "/v1/models"):
        require(path in document["paths"], f"{path} is not described")


@check
def models_are_listed(gateway: Gateway) -> None:
    raw = gateway.client.models.with_raw_response.list()
    document = json.loads(raw.content)
    equal(document["object"], "list", "object")
    for model in document["data"]:
        Model.model_validate(model, strict=True)
    ids = [model["id"] for model in document["data"]]
    equal(len(set(ids)), len(ids), "the number of different ids")
    require("qwen-plus" in ids, "qwen-plus is not listed")
    equal([model.id for model in gateway.client.models.list()], ids, "the ids through the SDK")


@check
def models_make_no_upstream_call(gateway: Gateway) -> None:
    before = gateway.emulator_statistics()["requests"]
    gateway.client.models.list()
    gateway.client.models.retrieve("qwen-plus")
    equal(gateway.emulator_statistics()["requests"], before, "the number of upstream requests")


@check
def one_model_is_retrieved(gateway: Gateway) -> None:
    model = gateway.client.models.retrieve("qwen-plus")
    equal(model.id, "qwen-plus", "id")
    equal(model.object, "model", "object")


@check
def model_ids_with_slashes(gateway: Gateway) -> None:
    ids = [model.id for model in gateway.client.models.list() if "/" in model.id]
    require(ids, "the catalogue has no id with a slash")
    # The SDK percent-encodes the slash; others send it as it is.
    equal(gateway.client.models.retrieve(ids[0]).id, ids[0], "id")
    equal(gateway.request("GET", f"/v1/models/{ids[0]}").json()["id"], ids[0], "id, unencoded")
    encoded = ids[0].replace("/", "%2f").replace("-", "%2D")
    equal(gateway.request("GET", f"/v1/models/{encoded}").json()["id"], ids[0], "id, all encoded")


@check
def unknown_model_is_404(gateway: Gateway) -> None:
    try:
        gateway.client.models.retrieve("no-such-model")
    except openai.NotFoundError as error:
        equal(error.code, "model_not_found", "code")
        check_error(error.response)
    else:
        require(False, "was found")


@check
def models_need_a_key(gateway: Gateway) -> None:
    for path in ("/v1/models", "/v1/models/qwen-plus"):
        response = gateway.request("GET", path, key=None)
        equal(response.status_code, 401, f"the status of {path}")
        check_error(response)


@check
def missing_key_is_401(gateway: Gateway) -> None:
    response = gateway.request("POST", "/v1/chat/completions", key=None, json={"model": "qwen-plus", "messages": []})
    equal(response.status_code, 401, "the status")
    equal(response.headers.get("www-authenticate", "").split(" ")[0], "Bearer", "www-authenticate")
    check_error(response)


@check
def malformed_keys_are_401(gateway: Gateway) -> None:
    for value in ("sk-test", "Basic c2s6", "Bearer", "Bearer a b"):
        response = gateway.request(
            "POST", "/v1/chat/completions", key=None, headers={"Authorization": value}, json={}
        )
        equal(response.status_code, 401, f"the status with {value!r}")
        check_error(response)


@check
def scheme_of_the_key_is_case_insensitive(gateway: Gateway) -> None:
    response = gateway.request("GET", "/v1/models", key=None, headers={"Authorization": "bearer sk-test"})
    equal(response.status_code, 200, "the status")


@check
def key_is_judged_before_the_body(gateway: Gateway) -> None:
    """A megabyte is announced and not sent; the refusal must come all the same."""
    parts = urlsplit(gateway.root_url)
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as connection:
        connection.sendall(
            b"POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n"
            b"Content-Length: 1048576\r\n\r\n"
        )
        require(connection.recv(4096).startswith(b"HTTP/1.1 401 "), "no 401 before the body")


@check
def unknown_paths_are_404(gateway: Gateway) -> None:
    for path in ("/v1/nothing", "/nothing", "/v1", "/v1/chat/completions/extra", "/%2e%2e/etc/passwd"):
        response = gateway.request("GET", path)
        equal(response.status_code, 404, f"the status of {path}")
        equal(check_error(response)["type"], "invalid_request_error", "type")


@check
def wrong_methods_are_405_with_allow(gateway: Gateway) -> None:
    cases = [("DELETE", "/v1/chat/completions", "POST"), ("POST", "/v1/models", "GET"), ("POST", "/health", "GET"),
             ("PUT", "/", "GET"), ("PATCH", "/v1/models/qwen-plus", "GET")]
    for method, path, allowed in cases:
        response = gateway.request(method, path)
        equal(response.status_code, 405, f"the status of {method} {path}")
        require(allowed in response.headers.get("allow", ""), f"Allow is {response.headers.get('allow')!r}")
        check_error(response)


@check
def browsers_may_ask_first(gateway: Gateway) -> None:
    response = gateway.request(
        "OPTIONS", "/v1/chat/completions", key=None,
        headers={"Origin": "http://app.example", "Access-Control-Request-Method": "POST",
                 "Access-Control-Request-Headers": "authorization,content-type,x-stainless-lang"},
    )
    require(response.status_code in (200, 204), f"status {response.status_code}")
    require("authorization" in response.headers.get("access-control-allow-headers", "").lower(), "headers not echoed")
    answer = gateway.request("GET", "/v1/models", headers={"Origin": "http://app.example"})
    require(answer.headers.get("access-control-allow-origin") in ("*", "http://app.example"), "no allowed origin")
    require("x-request-id" in answer.headers.get("access-control-expose-headers", ""), "x-request-id is not exposed")


@check
def base_url_may_end_in_a_slash(gateway: Gateway) -> None:
    client = openai.OpenAI(base_url=gateway.base_url + "/", api_key="sk-test", max_retries=0)
    require(list(client.models.list()), "no models")


@check
def bodies_that_are_not_json_are_400(gateway: Gateway) -> None:
    bodies = [b"", b"{", b"nonsense", b"[]", b"null", b'"text"', b"{\"model\":\"qwen-plus\",}", b"\xff\xfe", b"{} {}"]
    for body in bodies:
        response = gateway.post(body)
        equal(response.status_code, 400, f"the status of {shorten(body)}")
        check_error(response)


@check
def a_body_over_the_limit_is_413(gateway: Gateway) -> None:
    parts = urlsplit(gateway.root_url)
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as connection:
        connection.sendall(
            b"POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer sk-test\r\n"
            b"Content-Type: application/json\r\nContent-Length: 10000000000\r\n\r\n"
        )
        require(connection.recv(4096).startswith(b"HTTP/1.1 413 "), "no 413")
