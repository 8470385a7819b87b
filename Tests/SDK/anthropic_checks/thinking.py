"""Thinking: switched on and off, its budget, its history, what is shown of it."""

from __future__ import annotations

from .harness import Gateway, check, equal, kinds_of, require, text_of, user

ENABLED = {"type": "enabled", "budget_tokens": 2_048}


def sent(gateway: Gateway, **parameters) -> dict:
    return gateway.native(**parameters)["parameters"]


@check
def thinking_comes_first_with_a_signature(gateway: Gateway) -> None:
    for model in ("qwen-plus", "qwen3.5-plus", "qwen3-max"):
        for message in (gateway.create(model=model, thinking=ENABLED)[0],
                        gateway.stream(model=model, thinking=ENABLED).message):
            equal(kinds_of(message), ["thinking", "text"], f"the kinds on {model}")
            require("hello" in message.content[0].thinking, "the thinking is lost")
            equal(text_of(message), "Echo: hello", "the text")
            require(message.usage.output_tokens_details.thinking_tokens > 0, f"usage is {message.usage}")


@check
def absent_means_off(gateway: Gateway) -> None:
    equal(sent(gateway, model="qwen3.5-plus").get("enable_thinking"), False, "a model that thinks by default")
    require("enable_thinking" not in sent(gateway, model="qwen-plus"), "a model that does not was told so")
    require("enable_thinking" not in sent(gateway, model="qwen-max"), "a model that cannot was told so")
    message, headers = gateway.create(model="deepseek-r1")
    equal(kinds_of(message), ["thinking", "text"], "a model that always thinks")
    require("x-gateway-adjustments" not in headers, "it was reported")


@check
def every_kind_of_thinking(gateway: Gateway) -> None:
    parameters = sent(gateway, thinking=ENABLED)
    equal((parameters["enable_thinking"], parameters["thinking_budget"]), (True, 2_048), "enabled")
    parameters = sent(gateway, thinking={"type": "adaptive"})
    equal((parameters["enable_thinking"], parameters.get("thinking_budget")), (True, None), "adaptive")
    for kind in ("disabled", "between_tools"):
        equal(sent(gateway, model="qwen3.5-plus", thinking={"type": kind})["enable_thinking"], False, kind)
    require("thinking" in gateway.adjustments(model="qwen-max", thinking=ENABLED), "a model that cannot: not reported")


@check
def the_budget_is_kept(gateway: Gateway) -> None:
    message, _ = gateway.create(thinking={"type": "enabled", "budget_tokens": 3})
    require(len(message.content[0].thinking) <= 12, f"three tokens are {message.content[0].thinking!r}")


@check
def limits_over_thinking(gateway: Gateway) -> None:
    parameters = sent(gateway, model="qwen3.5-plus", thinking=ENABLED, max_tokens=4_000)
    equal((parameters.get("max_completion_tokens"), parameters.get("max_tokens")), (4_000, None), "where it is known")
    parameters = sent(gateway, thinking=ENABLED, max_tokens=4_000)
    equal(parameters.get("max_tokens"), 4_000, "where it is not")


@check
def effort(gateway: Gateway) -> None:
    high = {"output_config": {"effort": "high"}}
    require("enable_thinking" not in sent(gateway, **high), "effort alone switched thinking on")
    parameters = sent(gateway, model="deepseek-v4-pro", thinking=ENABLED, output_config={"effort": "max"})
    equal((parameters.get("reasoning_effort"), parameters.get("thinking_budget")), ("max", None), "effort, no budget")


@check
def history_is_left_out_whatever_its_signature(gateway: Gateway) -> None:
    message, _ = gateway.create(thinking=ENABLED)
    for signature in (message.content[0].signature, "", "made up"):
        content = [{"type": "thinking", "thinking": "secret words", "signature": signature},
                   {"type": "redacted_thinking", "data": "abc"}, {"type": "text", "text": "first"}]
        messages = user("one") + [{"role": "assistant", "content": content}, *user("two")]
        body = gateway.native(messages=messages, thinking=ENABLED)
        equal(body["input"]["messages"][1], {"role": "assistant", "content": "first"}, "the native turn")


@check
def omitted_thinking(gateway: Gateway) -> None:
    omitted = {"type": "adaptive", "display": "omitted"}
    message, _ = gateway.create(thinking=omitted)
    equal((message.content[0].type, message.content[0].thinking), ("thinking", ""), "the whole answer")
    streamed = gateway.stream(thinking=omitted)
    equal("".join(streamed.deltas("thinking_delta", "thinking")), "", "the thinking in a stream")
    equal(kinds_of(streamed.message), ["thinking", "text"], "the kinds in a stream")


@check
def thinking_before_a_call(gateway: Gateway) -> None:
    from .tools import WEATHER, calls_of

    for message in (gateway.create(messages=user("The weather in Oslo?"), tools=[WEATHER], thinking=ENABLED)[0],
                    gateway.stream(messages=user("The weather in Oslo?"), tools=[WEATHER], thinking=ENABLED).message):
        equal(kinds_of(message), ["thinking", "tool_use"], "the kinds")
        equal(calls_of(message)[0].input, {"city": "Oslo"}, "the input")


@check
def models_that_only_stream(gateway: Gateway) -> None:
    for model in ("qwq-plus", "qwen3-32b"):
        message, _ = gateway.create(model=model, thinking={"type": "adaptive"})
        equal(kinds_of(message), ["thinking", "text"], f"the kinds on {model}")


@check
def a_second_round_of_thinking_is_another_block(gateway: Gateway) -> None:
    streamed = gateway.stream(model="qwen3-max-emulator-second-thought", thinking=ENABLED,
                              messages=user("a question of some length, for several pieces"))
    equal(kinds_of(streamed.message), ["thinking", "text", "thinking", "text"], "the kinds")
    equal(streamed.message.content[2].thinking, " I think again.", "the second thought")
