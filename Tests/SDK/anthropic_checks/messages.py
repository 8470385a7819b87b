"""Single messages: text, system, pictures, limits, structured output, the cache, names."""

from __future__ import annotations

import base64
import json
from typing import List, Literal

import anthropic
from pydantic import BaseModel

from .harness import KEY, Gateway, check, equal, kinds_of, require, shorten, text_of, user

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(24)).decode()
PICTURE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}}
MARK = {"type": "ephemeral"}
LONG = "word " * 1_200


@check
def a_large_picture_goes_through_the_storage(gateway: Gateway) -> None:
    data = base64.b64encode(bytes(range(256)) * 4_000).decode()
    picture = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}}
    gateway.create(model="qwen3-vl-plus", messages=user([picture, {"type": "text", "text": "What?"}]))
    native = gateway.last_native_request()
    link = native["body"]["input"]["messages"][0]["content"][0]["image"]
    require(link.startswith("oss://"), f"the picture is {shorten(link)}")
    equal(native["headers"]["x-dashscope-ossresourceresolve"], "enable", "the header")


@check
def text_whole(gateway: Gateway) -> None:
    message, headers = gateway.create(messages=user("hello"))
    equal(text_of(message), "Echo: hello", "the text")
    equal(message.stop_reason, "end_turn", "stop_reason")
    require(message.usage.input_tokens > 0 and message.usage.output_tokens > 0, f"usage is {message.usage}")
    require("x-gateway-adjustments" not in headers, f"adjusted: {headers.get('x-gateway-adjustments')}")


@check
def text_streamed(gateway: Gateway) -> None:
    question = "Hello — 你好 🌊, a question of some length"
    streamed = gateway.stream(messages=user(question))
    equal(streamed.text, f"Echo: {question}", "the text on the wire")
    equal(text_of(streamed.message), f"Echo: {question}", "the text in the SDK")
    equal(streamed.message.stop_reason, "end_turn", "stop_reason")
    require(streamed.events[0]["message"]["usage"]["input_tokens"] > 0, "message_start has no input tokens")


@check
def whole_and_streamed_agree(gateway: Gateway) -> None:
    for parameters in ({}, {"model": "qwen3-vl-plus"}, {"thinking": {"type": "adaptive"}}, {"max_tokens": 2}):
        whole, _ = gateway.create(messages=user("the same question"), **parameters)
        streamed = gateway.stream(messages=user("the same question"), **parameters).message
        equal(text_of(streamed), text_of(whole), "the text")
        equal(kinds_of(streamed), kinds_of(whole), "the kinds of blocks")
        equal(streamed.stop_reason, whole.stop_reason, "stop_reason")
        equal(streamed.usage.input_tokens, whole.usage.input_tokens, "input_tokens")


@check
def the_sdk_streams(gateway: Gateway) -> None:
    with gateway.client.messages.stream(**gateway.body(messages=user("one two three"))) as stream:
        equal("".join(stream.text_stream), "Echo: one two three", "the text")
        require(stream.request_id, "request-id is missing")


@check
def system_as_text_and_blocks(gateway: Gateway) -> None:
    body = gateway.native(system="Be brief.")
    equal(body["input"]["messages"][0], {"role": "system", "content": "Be brief."}, "the system message")
    blocks = [{"type": "text", "text": "Be brief."}, {"type": "text", "text": "Be kind."}]
    equal(gateway.native(system=blocks)["input"]["messages"][0]["content"], "Be brief.\n\nBe kind.", "joined blocks")


@check
def the_billing_block_is_left_out(gateway: Gateway) -> None:
    blocks = [{"type": "text", "text": "x-anthropic-billing-header: cc_version=2.1.332; cch=1234;"},
              {"type": "text", "text": "Be brief.", "cache_control": MARK}]
    body = gateway.native(system=blocks)
    require("billing" not in json.dumps(body), "the billing block went upstream")
    require("x-gateway-adjustments" not in gateway.post(gateway.body(system=blocks)).headers, "it was reported")


@check
def native_parameters(gateway: Gateway) -> None:
    body = gateway.native(temperature=0.3, top_p=0.7, top_k=20, stop_sequences=["three"], messages=user("one two three"))
    parameters = body["parameters"]
    equal([parameters.get(name) for name in ("temperature", "top_p", "top_k", "stop", "max_tokens")],
          [0.3, 0.7, 20, ["three"], 4096], "the native parameters")


@check
def stop_sequences(gateway: Gateway) -> None:
    message, _ = gateway.create(messages=user("one two three"), stop_sequences=["two"])
    equal(text_of(message).rstrip(), "Echo: one", "the text")
    require(message.stop_reason in ("end_turn", "stop_sequence"), f"stop_reason is {message.stop_reason}")
    if message.stop_reason == "stop_sequence":
        equal(message.stop_sequence, "two", "stop_sequence")


@check
def limits(gateway: Gateway) -> None:
    message, _ = gateway.create(messages=user("a long question"), max_tokens=2)
    equal((text_of(message), message.stop_reason), ("Echo: a ", "max_tokens"), "the cut answer")
    equal(gateway.stream(messages=user("a long question"), max_tokens=2).message.stop_reason, "max_tokens", "streamed")
    message, _ = gateway.create(max_tokens=0)
    equal((message.content, message.stop_reason), ([], "max_tokens"), "the answer of no tokens")


@check
def large_limits_are_clamped(gateway: Gateway) -> None:
    response = gateway.post(gateway.body(max_tokens=128_000))
    equal(response.status_code, 200, f"the status ({shorten(response.text)})")
    require("max_tokens" in response.headers.get("x-gateway-adjustments", ""), "it was not reported")
    equal(gateway.last_native_request()["body"]["parameters"]["max_tokens"], 32_768, "max_tokens")
    # A name that only upstream knows: the limit is learned from its refusal.
    response = gateway.post(gateway.body(model="qwen-novel-1", max_tokens=128_000))
    equal(response.status_code, 200, f"the status of an unknown model ({shorten(response.text)})")
    equal(gateway.last_native_request()["body"]["parameters"]["max_tokens"], 8_192, "the learned max_tokens")


@check
def pictures(gateway: Gateway) -> None:
    url = {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}
    message, _ = gateway.create(model="qwen3-vl-plus", messages=user([PICTURE, url, {"type": "text", "text": "What?"}]))
    equal(text_of(message), "Received image image/png of 32 bytes; image at https://example.com/a.png. Echo: What?",
          "the text")
    error = gateway.refused(anthropic.BadRequestError, 400, messages=user([{"type": "text", "text": "x"}, PICTURE]))
    require("messages.0.content.1" in str(error.api_message), f"the place is not named: {error.api_message}")


@check
def documents_of_text(gateway: Gateway) -> None:
    document = {"type": "document", "title": "Notes", "context": "of May",
                "source": {"type": "text", "media_type": "text/plain", "data": "The sky is blue."}}
    message, _ = gateway.create(messages=user([document, {"type": "text", "text": "What colour?"}]))
    text = text_of(message)
    for part in ("Notes", "of May", "The sky is blue.", "What colour?"):
        require(part in text, f"{part!r} is not in {shorten(text)}")
    pdf = {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="}}
    gateway.refused(anthropic.BadRequestError, 400, messages=user([pdf]))


# Structured output


class Step(BaseModel):
    explanation: str
    output: str


class Solution(BaseModel):
    steps: List[Step]
    answer: float
    kind: Literal["exact", "rough"]


@check
def structured_output(gateway: Gateway) -> None:
    parsed = gateway.client.messages.parse(**gateway.body(messages=user("Solve it")), output_format=Solution)
    require(isinstance(parsed.parsed_output, Solution), f"parsed_output is {shorten(parsed.parsed_output)}")
    with gateway.client.messages.stream(**gateway.body(messages=user("Solve it")), output_format=Solution) as stream:
        require(isinstance(stream.get_final_message().parsed_output, Solution), "nothing was parsed in a stream")


@check
def structured_output_in_both_spellings(gateway: Gateway) -> None:
    schema = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"],
              "additionalProperties": False}
    form = {"type": "json_schema", "schema": schema}
    for parameters in ({"output_config": {"format": form}}, {"output_format": form}):
        body = gateway.native(messages=user("Anna"), **parameters)
        sent = body["parameters"]["response_format"]
        equal((sent["type"], sent["json_schema"]["schema"]), ("json_schema", schema), "response_format")


# The cache


def usage_of(message) -> tuple[int, int, int]:
    usage = message.usage
    return usage.input_tokens, usage.cache_creation_input_tokens, usage.cache_read_input_tokens


@check
def the_cache_is_counted_once(gateway: Gateway) -> None:
    gateway.reset_emulator()
    system = [{"type": "text", "text": LONG, "cache_control": MARK}]
    first, headers = gateway.create(system=system)
    require("x-gateway-adjustments" not in headers, "a marker was reported")
    second, _ = gateway.create(system=system)
    (input_1, created_1, read_1), (input_2, created_2, read_2) = usage_of(first), usage_of(second)
    require(created_1 >= 1_024 and read_1 == 0, f"the first call: {first.usage}")
    equal((created_2, read_2), (0, created_1), "written and read of the second call")
    equal(input_2, input_1, "input_tokens, which holds neither")
    streamed = gateway.stream(system=system)
    equal(usage_of(streamed.message), (input_2, 0, read_2), "usage of the stream")
    start = streamed.events[0]["message"]["usage"]
    equal((start["input_tokens"], start["cache_creation_input_tokens"], start["cache_read_input_tokens"]),
          (input_2, 0, read_2), "usage of message_start")


@check
def markers_reach_the_model(gateway: Gateway) -> None:
    body = gateway.native(system=[{"type": "text", "text": "a"}, {"type": "text", "text": "b", "cache_control": MARK}])
    parts = body["input"]["messages"][0]["content"]
    equal([(part["text"], "cache_control" in part) for part in parts], [("a", False), ("b", True)], "the parts")
    body = gateway.native(cache_control=MARK, messages=user("the question"))
    require(body["input"]["messages"][-1]["content"][-1].get("cache_control"), "the marker at the top is lost")
    many = [{"type": "text", "text": str(number), "cache_control": MARK} for number in range(6)]
    parts = gateway.native(system=many)["input"]["messages"][0]["content"]
    equal([part["text"] for part in parts if part.get("cache_control")], ["2", "3", "4", "5"], "the last four markers")
    body = gateway.native(model="qwen-long", system=[{"type": "text", "text": "a", "cache_control": MARK}])
    equal(body["input"]["messages"][0]["content"], "a", "what a model of strings gets")


# Names


@check
def aliases(gateway: Gateway) -> None:
    message, _ = gateway.create(model="claude-haiku-4-5-20251001")
    equal(message.model, "claude-haiku-4-5-20251001", "the name in the answer")
    equal(gateway.last_native_request()["body"]["model"], "qwen-flash", "the model of the prefix")
    gateway.create(model="claude-opus-5-5")
    equal(gateway.last_native_request()["body"]["model"], "qwen3-max", "the model of the exact name")


@check
def unknown_claude_names_are_404_without_a_call(gateway: Gateway) -> None:
    before = gateway.emulator_statistics()["requests"]
    for stream in (False, True):
        error = gateway.refused(anthropic.NotFoundError, 404, model="claude-sonnet-5-5", stream=stream)
        require("claude-sonnet-5-5" in error.api_message and "alias" in error.api_message,
                f"the message is {error.api_message}")
    equal(gateway.emulator_statistics()["requests"], before, "the number of upstream requests")


@check
def unknown_fields_are_reported_not_refused(gateway: Gateway) -> None:
    response = gateway.post(gateway.body(never_heard_of=1, container="c", service_tier="auto", metadata={"user_id": "u"}))
    equal(response.status_code, 200, f"the status ({shorten(response.text)})")
    header = response.headers.get("x-gateway-adjustments", "")
    require("never_heard_of" in header and "container" in header, f"x-gateway-adjustments is {header!r}")
    for name in ("metadata", "service_tier"):
        require(name not in header, f"{name} is reported, but every call has it")
    sent = json.dumps(gateway.last_native_request()["body"])
    for name in ("never_heard_of", "container", "metadata", KEY):
        require(name not in sent, f"{name} went upstream")
    strict = gateway.post(gateway.body(never_heard_of=1), headers={"x-gateway-strict": "true"})
    equal(strict.status_code, 400, "the status for a strict caller")


@check
def parameters_of_dashscope_are_carried(gateway: Gateway) -> None:
    parameters = gateway.native(enable_search=True, seed=7, repetition_penalty=1.1)["parameters"]
    equal([parameters.get(name) for name in ("enable_search", "seed", "repetition_penalty")], [True, 7, 1.1], "carried")
