"""Text completions: through the SDK, whole and streamed, and through plain requests."""

from __future__ import annotations

import openai
from openai.types import Completion

from .harness import Gateway, check, check_error, equal, require


def strict(completion: Completion) -> Completion:
    """The object again, read by the SDK's types without any conversion."""
    return Completion.model_validate(completion.model_dump(), strict=True)


def refused(gateway: Gateway, param: str, **members: object) -> dict:
    response = gateway.request("POST", "/v1/completions", json={"model": "qwen-plus", "prompt": "a", **members})
    equal(response.status_code, 400, f"the status for {param}")
    error = check_error(response)
    equal(error["param"], param, "param")
    return error


@check
def a_text_completion(gateway: Gateway) -> None:
    answer = strict(gateway.client.completions.create(model="qwen-plus", prompt="Say hi", max_tokens=20))
    equal(answer.object, "text_completion", "object")
    require(answer.id.startswith("cmpl-"), "the id")
    equal([choice.text for choice in answer.choices], ["Echo: Say hi"], "the text")
    equal(answer.choices[0].finish_reason, "stop", "finish_reason")
    require("logprobs" in answer.choices[0].model_fields_set, "logprobs is not there")
    require(answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens, "usage")


@check
def a_list_of_prompts_times_n(gateway: Gateway) -> None:
    prompts = [f"prompt {number}" for number in range(12)]
    answer = strict(gateway.client.completions.create(model="qwen-plus", prompt=prompts, n=2, echo=True))
    equal([choice.index for choice in answer.choices], list(range(24)), "the order")
    for number, choice in enumerate(answer.choices):
        require(choice.text.startswith(f"prompt {number // 2}Echo: prompt {number // 2}"), choice.text)


@check
def a_stream_of_several_prompts(gateway: Gateway) -> None:
    stream = gateway.client.completions.create(
        model="qwen-plus", prompt=["one", "two"], n=2, stream=True, stream_options={"include_usage": True},
    )
    texts, reasons, usage, ids = {}, {}, None, set()
    for chunk in stream:
        ids.add(chunk.id)
        equal(chunk.object, "text_completion", "object")
        if not chunk.choices:
            usage = chunk.usage
        for choice in chunk.choices:
            texts[choice.index] = texts.get(choice.index, "") + choice.text
            if choice.finish_reason:
                reasons[choice.index] = choice.finish_reason
    equal(texts, {0: "Echo: one", 1: "Echo: one (choice 1)", 2: "Echo: two", 3: "Echo: two (choice 1)"}, "the texts")
    equal(reasons, dict.fromkeys(range(4), "stop"), "the reasons")
    require(usage is not None and usage.total_tokens > 0, "no usage")
    equal(len(ids), 1, "ids of one stream")


@check
def log_probabilities_in_the_older_form(gateway: Gateway) -> None:
    choice = strict(
        gateway.client.completions.create(model="qwen-plus", prompt="日本", echo=True, logprobs=2)
    ).choices[0]
    logprobs = choice.logprobs
    lengths = {len(values) for values in
               (logprobs.tokens, logprobs.token_logprobs, logprobs.top_logprobs, logprobs.text_offset)}
    equal(len(lengths), 1, "lists of one length")
    for token, offset, top in zip(logprobs.tokens, logprobs.text_offset, logprobs.top_logprobs):
        equal(choice.text[offset:offset + len(token)], token, "the token at its offset")
        require(token in top, "the token itself among the likeliest")


@check
def the_gap_of_a_text(gateway: Gateway) -> None:
    gateway.reset_emulator()
    answer = gateway.client.completions.create(model="qwen-coder-turbo", prompt="def f(", suffix="return x")
    equal(answer.choices[0].text, "/* from 6 to 8 characters */", "the text")
    native = gateway.last_native_request()["body"]
    equal(native["input"]["messages"],
          [{"role": "user", "content": "<|fim_prefix|>def f(<|fim_suffix|>return x<|fim_middle|>"}], "the message")
    refused(gateway, "suffix", suffix="x")


@check
def thinking_stays_out_of_the_text(gateway: Gateway) -> None:
    answer = gateway.client.completions.create(model="qwen3.6-plus", prompt="x")
    equal(answer.choices[0].text, "Echo: x", "the text")
    require(answer.choices[0].reasoning_content, "no reasoning beside it")
    text = "".join(
        choice.text for chunk in gateway.client.completions.create(model="qwen3.6-plus", prompt="x", stream=True)
        for choice in chunk.choices
    )
    equal(text, "Echo: x", "the text of the stream")


@check
def prompts_that_are_none_are_refused(gateway: Gateway) -> None:
    for prompt in (None, [], [1, 2], [[1, 2], [3]], "", 5, {}):
        refused(gateway, "prompt", prompt=prompt)
    refused(gateway, "prompt[1]", prompt=["a", ""])
    equal(refused(gateway, "prompt", prompt=["a"] * 129)["code"], "array_above_max_length", "code")
    refused(gateway, "n", n=5)
    refused(gateway, "tools", tools=[{"type": "function", "function": {"name": "f"}}])


@check
def an_error_of_upstream_names_the_prompt(gateway: Gateway) -> None:
    for stream in (False, True):
        try:
            list(gateway.client.completions.create(
                model="qwen-plus-emulator-moderated", prompt=["a", "b"], stream=stream,
            ))
        except openai.BadRequestError as error:
            equal(error.code, "content_filter", "code")
            require("prompt[" in error.message, "the message names no prompt")
        else:
            require(False, "nothing was refused")


@check
def repairs_of_completions_are_reported(gateway: Gateway) -> None:
    body = {"model": "qwen-plus", "prompt": "a", "best_of": 3, "frequency_penalty": 1, "user": "u"}
    header = gateway.request("POST", "/v1/completions", json=body).headers["x-gateway-adjustments"]
    require("best_of;from=3;to=1" in header and "frequency_penalty;" in header, header)
    response = gateway.request("POST", "/v1/completions", json=body, headers={"x-gateway-strict": "true"})
    equal(response.status_code, 400, "the status in strict mode")
