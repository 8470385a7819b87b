"""What the operator's settings change: usage unasked, no comments, keys that are tried.

These run against a gateway with STREAM_ALWAYS_INCLUDE_USAGE=true, STREAM_KEEP_ALIVE_INTERVAL=0 and MODELS_VERIFY_KEYS=true.
"""

from __future__ import annotations

import openai

from .harness import KEY, Gateway, check, equal, require, shorten, user


def wire(gateway: Gateway, **fields) -> str:
    body = {"model": "qwen-plus", "messages": user("hello"), "stream": True, **fields}
    response = gateway.post(body)
    equal(response.status_code, 200, f"the status ({shorten(response.text)})")
    return response.text


@check
def usage_comes_unasked(gateway: Gateway) -> None:
    for fields in ({}, {"stream_options": {}}, {"stream_options": None}):
        text = wire(gateway, **fields)
        require('"usage":{' in text.replace(" ", ""), f"no usage with {fields}: {shorten(text[-300:])}")
        require(text.rstrip().endswith("data: [DONE]"), "the end is missing")
    stream = gateway.client.chat.completions.create(model="qwen-plus", messages=user("hello"), stream=True)
    require(any(chunk.usage for chunk in stream), "the SDK sees no usage")


@check
def silence_is_silent(gateway: Gateway) -> None:
    text = wire(gateway, model="qwen-plus-emulator-slow-1500")
    comments = [line for line in text.split("\n") if line.startswith(":")]
    equal(comments, [], "the comments")


@check
def a_wrong_key_is_not_shown_the_models(gateway: Gateway) -> None:
    try:
        gateway.make_client("sk-invalid").models.list()
    except openai.AuthenticationError as error:
        equal(error.status_code, 401, "the status")
    else:
        require(False, "a wrong key sees the models")


@check
def a_right_key_is_tried_once(gateway: Gateway) -> None:
    require(list(gateway.client.models.list()), "no models")
    before = gateway.emulator_statistics()["requests"]
    for _ in range(3):
        gateway.client.models.list()
        gateway.client.models.retrieve("qwen-plus")
    equal(gateway.emulator_statistics()["requests"], before, "the number of upstream requests for a known key")
    gateway.make_client(KEY + "-other").models.list()
    require(gateway.emulator_statistics()["requests"] <= before + 1, "another key cost more than one call")
