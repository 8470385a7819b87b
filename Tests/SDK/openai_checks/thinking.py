"""Thinking: the thoughts beside the answer, in both modes and on both native paths."""

from __future__ import annotations

from .harness import Gateway, check, equal, require, shorten, user

MODELS = ("qwen-plus", "qwen3-32b", "qwen3-vl-plus", "qwen3.5-plus")


@check
def thoughts_come_with_whole_answers(gateway: Gateway) -> None:
    for model in MODELS:
        completion, _ = gateway.complete(model=model, messages=user("think"), extra_body={"enable_thinking": True})
        message = completion.choices[0].message
        require(getattr(message, "reasoning_content", None), f"{model}: no reasoning_content")
        require("think" in message.content, f"{model}: content is {shorten(message.content)}")
        require("I think about it" not in message.content, f"{model}: thoughts are mixed with the answer")


@check
def thoughts_come_in_streams(gateway: Gateway) -> None:
    for model in MODELS:
        streamed = gateway.stream(model=model, messages=user("think"), enable_thinking=True)
        thoughts = streamed.text(name="reasoning_content")
        require("I think about it" in thoughts, f"{model}: the thoughts are {shorten(thoughts)}")
        require("think" in streamed.text(), f"{model}: the text is {shorten(streamed.text())}")
        kinds = ["thought" if delta.get("reasoning_content") else "text" for delta in streamed.deltas
                 if delta.get("reasoning_content") or delta.get("content")]
        equal(kinds, sorted(kinds, key=lambda kind: kind == "text"), f"{model}: the order")


@check
def no_thoughts_unasked(gateway: Gateway) -> None:
    completion, _ = gateway.complete(messages=user("plain"))
    require(not getattr(completion.choices[0].message, "reasoning_content", None), "thoughts came unasked")
    completion, _ = gateway.complete(model="qwen3-32b", messages=user("plain"), extra_body={"enable_thinking": False})
    require(not getattr(completion.choices[0].message, "reasoning_content", None), "thoughts came though switched off")


@check
def reasoning_tokens_are_counted(gateway: Gateway) -> None:
    completion, _ = gateway.complete(messages=user("think"), extra_body={"enable_thinking": True})
    details = completion.usage.completion_tokens_details
    require(details and details.reasoning_tokens > 0, "reasoning_tokens are missing")
    require(details.reasoning_tokens < completion.usage.completion_tokens, "more thoughts than tokens")


@check
def thinking_budget_goes_upstream(gateway: Gateway) -> None:
    gateway.complete(messages=user("think"), extra_body={"enable_thinking": True, "thinking_budget": 50})
    equal(gateway.last_native_request()["body"]["parameters"].get("thinking_budget"), 50, "thinking_budget")


@check
def reasoning_effort_switches_thinking(gateway: Gateway) -> None:
    completion, _ = gateway.complete(messages=user("think"), reasoning_effort="high")
    require(getattr(completion.choices[0].message, "reasoning_content", None), "no thoughts with high effort")
    completion, _ = gateway.complete(model="qwen3-32b", messages=user("think"), reasoning_effort="none")
    require(not getattr(completion.choices[0].message, "reasoning_content", None), "thoughts without effort")


@check
def earlier_thoughts_are_taken(gateway: Gateway) -> None:
    messages = [*user("one"), {"role": "assistant", "content": "1", "reasoning_content": "easy"}, *user("two")]
    completion, _ = gateway.complete(messages=messages)
    require("two" in completion.choices[0].message.content, "no answer")
