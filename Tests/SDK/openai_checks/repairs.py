"""Reported repairs: each says what was changed, and strict callers are refused instead."""

from __future__ import annotations

import re

import openai

from .harness import Gateway, check, equal, require, shorten, user

ADJUSTMENT = re.compile(r"[^;,]+;from=[^;,]*;to=[^;,]*;reason=[^;,]+")

# Request fields, and the name that the repair is reported by.
REPAIRED = [
    ({"top_p": 0}, "top_p"),
    ({"temperature": 2.0}, "temperature"),
    ({"messages": [{"role": "developer", "content": "Be brief."}, {"role": "user", "content": "hello"}]}, "developer"),
    ({"response_format": {"type": "json_object"}}, "json"),
    ({"logit_bias": {"50256": -100}}, "logit_bias"),
    ({"top_logprobs": 20, "logprobs": True}, "top_logprobs"),
]


def body(fields: dict) -> dict:
    return {"model": "qwen-plus", "messages": user("hello"), **fields}


@check
def repairs_are_reported(gateway: Gateway) -> None:
    for fields, name in REPAIRED:
        response = gateway.post(body(fields))
        equal(response.status_code, 200, f"the status with {fields} ({shorten(response.text)})")
        header = response.headers.get("x-gateway-adjustments", "")
        if name == "logit_bias" and not header:
            continue  # Carried as it is, where the model knows it.
        require(name in header.lower(), f"{fields}: x-gateway-adjustments is {header!r}")
        for item in header.split(", "):
            require(ADJUSTMENT.fullmatch(item), f"an adjustment reads {item!r}")


@check
def repairs_are_reported_in_streams(gateway: Gateway) -> None:
    streamed = gateway.stream(messages=user("hello"), top_p=0)
    require("top_p" in streamed.headers.get("x-gateway-adjustments", ""), "the repair is not reported")


@check
def forced_choice_while_thinking_is_reported(gateway: Gateway) -> None:
    from .tools import CLOCK

    response = gateway.post(
        body({"enable_thinking": True, "tools": [CLOCK],
              "tool_choice": {"type": "function", "function": {"name": "get_time"}}})
    )
    equal(response.status_code, 200, f"the status ({shorten(response.text)})")
    require(response.headers.get("x-gateway-adjustments"), "the repair is not reported")


@check
def strict_callers_are_refused(gateway: Gateway) -> None:
    for fields, name in REPAIRED:
        given = gateway.post(body(fields)).headers.get("x-gateway-adjustments", "")
        before = gateway.emulator_statistics()["requests"]
        response = gateway.post(body(fields), headers={"x-gateway-strict": "true"})
        if not given:
            continue
        equal(response.status_code, 400, f"the status with {fields}")
        equal(gateway.emulator_statistics()["requests"], before, "the number of upstream requests")
        error = response.json()["error"]
        reason = given.split("reason=")[1].split(", ")[0]
        require(reason in error["message"], f"the refusal {error['message']!r} lacks the words {reason!r}")
        require(error["param"], "param is missing")


@check
def strict_through_the_sdk(gateway: Gateway) -> None:
    gateway.refused(openai.BadRequestError, 400, top_p=0, extra_headers={"x-gateway-strict": "true"})


@check
def strict_callers_are_served_where_nothing_is_repaired(gateway: Gateway) -> None:
    response = gateway.post(body({"temperature": 0.5}), headers={"x-gateway-strict": "true"})
    equal(response.status_code, 200, f"the status ({shorten(response.text)})")
    require("x-gateway-adjustments" not in response.headers, "something was adjusted")
