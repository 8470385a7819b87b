"""Paths, keys, headers, models, the count of tokens."""

from __future__ import annotations

import json

import anthropic
from anthropic.types import ModelInfo

from .harness import KEY, Gateway, check, check_error, equal, require, shorten, user

VERSION = {"anthropic-version": "2023-06-01"}


@check
def head_of_the_root(gateway: Gateway) -> None:
    response = gateway.request("HEAD", "/", key=None)
    equal(response.status_code, 200, "the status")
    equal(response.content, b"", "the body")


@check
def other_methods_are_405(gateway: Gateway) -> None:
    for path in ("/v1/messages", "/v1/messages/count_tokens"):
        for method in ("GET", "PUT", "DELETE"):
            response = gateway.request(method, path, headers=VERSION)
            equal(response.status_code, 405, f"the status of {method} {path}")
            require("POST" in response.headers.get("allow", ""), f"Allow is {response.headers.get('allow')}")
            check_error(response.headers, response.content)


@check
def what_is_not_offered_is_404(gateway: Gateway) -> None:
    for path in ("/v1/messages/batches", "/v1/messages/batches/msgbatch_1/results", "/v1/messages/nothing"):
        for method in ("GET", "POST"):
            response = gateway.request(method, path, headers=VERSION)
            equal(response.status_code, 404, f"the status of {method} {path}")
            equal(check_error(response.headers, response.content)["type"], "not_found_error", "the type")


@check
def both_headers_carry_the_key(gateway: Gateway) -> None:
    hashes = []
    for headers in ({"Authorization": "Bearer sk-one"}, {"x-api-key": "sk-one"},
                    {"Authorization": "Bearer sk-one", "x-api-key": "sk-invalid"},
                    {"Authorization": "Basic abc", "x-api-key": "sk-one"}):
        response = gateway.post(gateway.body(), key=None, headers=headers)
        equal(response.status_code, 200, f"the status with {headers} ({shorten(response.text)})")
        hashes.append(gateway.last_native_request()["authorization_hash"])
        sent = gateway.last_native_request()["headers"]
        for name in ("x-api-key", "anthropic-version", "anthropic-beta"):
            require(name not in sent, f"{name} went upstream")
    equal(len(set(hashes)), 1, "the number of different keys upstream")


@check
def clients_of_every_age_are_served(gateway: Gateway) -> None:
    for client in (gateway.make_client(), anthropic.Anthropic(base_url=gateway.root_url, auth_token=KEY, max_retries=0)):
        equal(client.messages.create(**gateway.body()).content[0].text, "Echo: hello", "the text")
    for headers in ({}, {"anthropic-version": "2099-01-01"}, {"anthropic-version": "2026-10-21"},
                    {"anthropic-beta": "claude-code-20250219,interleaved-thinking-2025-05-14,never-heard-of-it"}):
        response = gateway.request("POST", "/v1/messages?beta=true", json=gateway.body(), headers=headers)
        equal(response.status_code, 200, f"the status with {headers} ({shorten(response.text)})")
        require("x-gateway-adjustments" not in response.headers, f"adjusted with {headers}")


@check
def a_missing_key_is_401(gateway: Gateway) -> None:
    for path in ("/v1/messages", "/v1/messages/count_tokens"):
        response = gateway.request("POST", path, key=None, json=gateway.body())
        equal(response.status_code, 401, f"the status of {path}")
        equal(check_error(response.headers, response.content)["type"], "authentication_error", "the type")
        equal(response.headers.get("x-should-retry"), "false", "x-should-retry")


@check
def ids_of_requests(gateway: Gateway) -> None:
    _, headers = gateway.create()
    require(headers.get("request-id"), "request-id is missing")
    equal(headers.get("x-request-id"), headers.get("request-id"), "x-request-id")
    require(gateway.client.messages.create(**gateway.body())._request_id, "the SDK sees no id")


# Models


@check
def models_in_the_form_of_the_asker(gateway: Gateway) -> None:
    openai_form = gateway.request("GET", "/v1/models").json()
    equal(openai_form["object"], "list", "object without anthropic-version")
    document = gateway.request("GET", "/v1/models?limit=1000", headers=VERSION).json()
    ids = [model["id"] for model in document["data"]]
    equal(ids, [model["id"] for model in openai_form["data"]], "the ids")
    equal((document["first_id"], document["last_id"], document["has_more"]), (ids[0], ids[-1], False), "the frame")
    require("claude-opus-5-5" in ids, "the exact alias is not listed")
    require(not any("*" in name for name in ids), "an alias with * is listed")
    for model in document["data"]:
        ModelInfo.model_validate_json(json.dumps(model), strict=True)


@check
def models_by_pages(gateway: Gateway) -> None:
    every = [model["id"] for model in gateway.request("GET", "/v1/models?limit=1000", headers=VERSION).json()["data"]]
    equal([model.id for model in gateway.client.models.list(limit=50)], every, "the ids through the SDK's paging")
    first = gateway.request("GET", "/v1/models", headers=VERSION).json()
    equal([model["id"] for model in first["data"]], every[:20], "the first page")
    equal(first["has_more"], True, "has_more")
    before = gateway.request("GET", f"/v1/models?limit=3&before_id={every[10]}", headers=VERSION).json()
    equal([model["id"] for model in before["data"]], every[7:10], "the page before the eleventh")
    equal(before["has_more"], True, "has_more backwards")


@check
def one_model(gateway: Gateway) -> None:
    equal(gateway.client.models.retrieve("qwen-plus").id, "qwen-plus", "id")
    response = gateway.request("GET", "/v1/models/no-such-model", headers=VERSION)
    equal(response.status_code, 404, "the status of an unknown model")
    equal(check_error(response.headers, response.content)["type"], "not_found_error", "the type")


@check
def models_need_a_key(gateway: Gateway) -> None:
    response = gateway.request("GET", "/v1/models", key=None, headers=VERSION)
    equal(response.status_code, 401, "the status")
    check_error(response.headers, response.content)


# The count of tokens


def count(gateway: Gateway, **parameters) -> int:
    return gateway.client.messages.count_tokens(model="qwen-plus", **parameters).input_tokens


@check
def tokens_are_counted_without_upstream(gateway: Gateway) -> None:
    before = gateway.emulator_statistics()["requests"]
    plain = count(gateway, messages=user("a" * 400))
    require(80 <= plain <= 140, f"400 letters are {plain} tokens")
    chinese = count(gateway, messages=user("你" * 300))
    require(150 <= chinese <= 260, f"300 characters are {chinese} tokens")
    equal(gateway.emulator_statistics()["requests"], before, "the number of upstream requests")
    response = gateway.post({"model": "qwen-plus", "messages": user("x")}, "/v1/messages/count_tokens?beta=true")
    equal(response.headers.get("x-gateway-token-count"), "estimate", "x-gateway-token-count")


@check
def tokens_of_system_and_tools_count(gateway: Gateway) -> None:
    plain = count(gateway, messages=user("hello"))
    system = count(gateway, messages=user("hello"), system="b" * 400)
    require(plain + 80 <= system <= plain + 140, f"a system text of 400 letters adds {system - plain}")
    tool = {"name": "f", "description": "c" * 400, "input_schema": {"type": "object", "properties": {}}}
    require(count(gateway, messages=user("hello"), tools=[tool]) >= plain + 90, "tools are not counted")


@check
def pictures_do_not_count_as_text(gateway: Gateway) -> None:
    picture = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA" * 100_000}}
    tokens = gateway.client.messages.count_tokens(model="qwen3-vl-plus", messages=user([picture])).input_tokens
    require(500 <= tokens <= 17_000, f"a picture of 400 kB is {tokens} tokens")


@check
def counting_refuses_what_messages_refuse(gateway: Gateway) -> None:
    for body, status in (({"model": "claude-unknown-9", "messages": user("x")}, 404), ({"messages": user("x")}, 400),
                         ({"model": "qwen-plus"}, 400), ("{", 400)):
        response = gateway.post(body, "/v1/messages/count_tokens")
        equal(response.status_code, status, f"the status of {shorten(body)}")
        check_error(response.headers, response.content)
