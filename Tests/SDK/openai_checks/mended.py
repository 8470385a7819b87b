"""What once went wrong and must not again: arguments, ends, history, members that were lost, errors without a place."""

from __future__ import annotations

import gzip
import json
import time

import openai

from .harness import Gateway, check, check_error, equal, require, shorten, user
from .tools import CLOCK, WEATHER

TWO_CITIES = "The weather in Hangzhou and in Shanghai?"
MARK = {"type": "ephemeral"}
# What the emulator's model says for TWO_CITIES under the fault.
RECURSIVE = [{"a": {"a": 1}}, {"children": [{"children": []}]}]


def native(gateway: Gateway, **fields) -> dict:
    """The native body that a request becomes."""
    response = gateway.post({"model": "qwen-plus", "messages": user("hello"), **fields})
    equal(response.status_code, 200, f"the status ({shorten(response.text)})")
    return gateway.last_native_request()["body"]


def adjustments(gateway: Gateway, **fields) -> str:
    response = gateway.post({"model": "qwen-plus", "messages": user("hello"), **fields})
    equal(response.status_code, 200, f"the status ({shorten(response.text)})")
    return response.headers.get("x-gateway-adjustments", "")


def refusal(gateway: Gateway, **fields) -> dict:
    response = gateway.post({"model": "qwen-plus", "messages": user("hello"), **fields})
    equal(response.status_code, 400, f"the status ({shorten(response.text)})")
    return check_error(response)


# Tool calls and ends


@check
def fragments_that_begin_like_all_before(gateway: Gateway) -> None:
    tools = {"messages": user(TWO_CITIES), "tools": [WEATHER], "parallel_tool_calls": True}
    streamed = gateway.stream(model="qwen-plus-emulator-recursive-arguments", **tools)
    calls = streamed.completion.choices[0].message.tool_calls
    equal([json.loads(call.function.arguments) for call in calls], RECURSIVE, "streamed")
    # A model that only streams is folded.
    completion, _ = gateway.complete(model="qwen3-32b-emulator-recursive-arguments", **tools)
    calls = completion.choices[0].message.tool_calls
    equal([json.loads(call.function.arguments) for call in calls], RECURSIVE, "folded")


@check
def the_limit_inside_a_call_stays_length(gateway: Gateway) -> None:
    for model in ("qwen-plus", "qwen3-vl-plus", "qwen3-32b"):
        body = {"model": f"{model}-emulator-length-in-call", "messages": user("The weather in Hangzhou?"),
                "tools": [WEATHER]}
        choice = gateway.post(body).json()["choices"][0]
        equal(choice["finish_reason"], "length", f"{model}: finish_reason")
        arguments = choice["message"]["tool_calls"][0]["function"]["arguments"]
        require(arguments.startswith('{"city": "Han') and not arguments.endswith("}"), f"{model}: {arguments}")
        reasons = [chunk.choices[0].finish_reason
                   for chunk in gateway.client.chat.completions.create(**body, stream=True)]
        equal([reason for reason in reasons if reason], ["length"], f"{model}: finish_reason of the stream")


@check
def events_that_bring_nothing_are_skipped(gateway: Gateway) -> None:
    text = "a question that makes many events, one after the other"
    equal(gateway.stream(model="qwen-plus-emulator-null-output", messages=user(text)).text(), f"Echo: {text}", "streamed")
    completion, _ = gateway.complete(model="qwen3-32b-emulator-null-output", messages=user(text))
    equal(completion.choices[0].message.content, f"Echo: {text}", "folded")


@check
def half_a_surrogate_pair_does_not_cost_the_answer(gateway: Gateway) -> None:
    completion, _ = gateway.complete(model="qwen-plus-emulator-lone-surrogate", messages=user("hello"))
    equal(completion.choices[0].message.content, "Echo: hello \ufffd half a pair", "whole")
    streamed = gateway.stream(model="qwen-plus-emulator-lone-surrogate", messages=user("hello"))
    equal(streamed.text(), "Echo: hello \ufffd half a pair", "streamed")


@check
def the_end_does_not_wait_for_the_connection(gateway: Gateway) -> None:
    for fault in ("lingers", "lingers-without-usage", "late-usage"):
        started = time.monotonic()
        streamed = gateway.stream(model=f"qwen-plus-emulator-{fault}", messages=user("hello"),
                                  stream_options={"include_usage": True} if fault != "lingers-without-usage" else None)
        require(time.monotonic() - started < 5, f"{fault}: the end waited")
        equal(streamed.text(), "Echo: hello", f"{fault}: the text")
    started = time.monotonic()
    gateway.complete(model="qwen3-32b-emulator-lingers", messages=user("hello"))
    require(time.monotonic() - started < 5, "folded: the end waited")
    gateway.wait_until(lambda: gateway.emulator_statistics()["open_streams"] == 0, "the end of upstream's connections")


# History


def history(arguments: str) -> list[dict]:
    return user("x") + [
        {"role": "assistant", "content": None, "tool_calls": [
            {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": arguments}}]},
        {"role": "tool", "tool_call_id": "call_1", "content": "sun"}]


@check
def broken_arguments_in_history_are_repaired(gateway: Gateway) -> None:
    for model in ("qwen3-coder-plus", "qwen-plus"):
        for arguments in ('{"city": "Os', "not json", "null", " ", "[1]", '"x"'):
            header = adjustments(gateway, model=model, messages=history(arguments), tools=[WEATHER])
            require("arguments" in header, f"{model}, {arguments!r}: not reported: {header!r}")
            sent = gateway.last_native_request()["body"]["input"]["messages"][1]["tool_calls"][0]["function"]
            require(isinstance(json.loads(sent["arguments"]), dict), f"{arguments!r} went up as {sent['arguments']!r}")
    untouched = '{"city":  "Oslo"}'
    require("arguments" not in adjustments(gateway, messages=history(untouched), tools=[WEATHER]), "good ones reported")
    sent = gateway.last_native_request()["body"]["input"]["messages"][1]["tool_calls"][0]["function"]["arguments"]
    equal(sent, untouched, "good arguments")


@check
def strict_callers_hear_the_place_of_broken_arguments(gateway: Gateway) -> None:
    body = {"model": "qwen-plus", "messages": history("not json"), "tools": [WEATHER]}
    response = gateway.post(body, headers={"x-gateway-strict": "true"})
    equal(response.status_code, 400, "the status")
    equal(check_error(response)["param"], "messages[1].tool_calls[0].function.arguments", "param")
    older = user("x") + [{"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "not json"}},
                         {"role": "function", "name": "f", "content": "sun"}]
    require(adjustments(gateway, model="qwen3-coder-plus", messages=older), "the older form is not reported")


# Members


@check
def null_is_absent_inside_objects(gateway: Gateway) -> None:
    tool = {"type": "function", "function": {"name": "f", "description": None, "parameters": None, "strict": None}}
    sent = native(gateway, tools=[tool])["parameters"]["tools"][0]
    require(None not in sent["function"].values(), f"null went up: {sent}")
    native(gateway, messages=[{"role": "user", "content": "x", "name": None},
                              {"role": "assistant", "content": "y", "tool_calls": None, "function_call": None,
                               "refusal": None, "audio": None}, {"role": "user", "content": "z"}])
    native(gateway, model="qwen3-vl-plus", messages=user([
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png", "detail": None}},
        {"type": "text", "text": "x", "cache_control": None}]))
    native(gateway, stream_options=None, thinking=None, chat_template_kwargs={"enable_thinking": None})


@check
def members_are_carried_converted_or_reported(gateway: Gateway) -> None:
    tool = {"type": "function", "cache_control": MARK, "function": {**WEATHER["function"], "strict": False}}
    header = adjustments(gateway, tools=[tool])
    sent = gateway.last_native_request()["body"]["parameters"]["tools"][0]
    require("cache_control" in sent or "cache_control" in header, f"the marker is gone; reported: {header!r}")
    sent = native(gateway, thinking={"type": "enabled", "budget_tokens": 2_048}, stream=True)["parameters"]
    equal((sent.get("enable_thinking"), sent.get("thinking_budget")), (True, 2_048), "thinking.budget_tokens")
    sent = native(gateway, chat_template_kwargs={"enable_thinking": True, "thinking_budget": 300})["parameters"]
    equal((sent.get("enable_thinking"), sent.get("thinking_budget")), (True, 300), "chat_template_kwargs")


@check
def the_grammar_of_a_custom_tool_reaches_the_model(gateway: Gateway) -> None:
    grammar = {"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: NUMBER"}}
    tool = {"type": "custom", "custom": {"name": "p", "format": grammar}}
    require(adjustments(gateway, tools=[tool]), "it was not reported")
    require("start: NUMBER" in json.dumps(gateway.last_native_request()["body"]), "the grammar is gone")


@check
def parts_are_judged_by_their_type(gateway: Gateway) -> None:
    for model in ("qwen-plus", "qwen3-vl-plus"):
        response = gateway.post({"model": model, "messages": user([
            {"type": "text", "text": "x"}, {"type": "thinking", "thinking": "secret", "text": "secret"}])})
        if response.status_code == 400:
            require((check_error(response)["param"] or "").startswith("messages"), "the place is not named")
        else:
            require(response.headers.get("x-gateway-adjustments"), f"{model}: left out without a report")
            require("secret" not in response.text, f"{model}: it was read as text")


@check
def turns_of_calls_only(gateway: Gateway) -> None:
    for content in ("", None, []):
        messages = history('{"city": "Oslo"}')
        messages[1]["content"] = content
        sent = native(gateway, messages=messages, tools=[WEATHER])["input"]["messages"][1]["content"]
        equal(sent, "", f"text path, {content!r}")
        sent = native(gateway, model="qwen3-vl-plus", messages=messages, tools=[WEATHER])["input"]["messages"][1]["content"]
        equal(sent, [], f"multimodal path, {content!r}")


@check
def what_a_model_lacks_is_not_sent(gateway: Gateway) -> None:
    for model in ("deepseek-v4-pro", "glm-5.2"):
        header = adjustments(gateway, model=model, reasoning_effort="high", thinking_budget=2_000)
        sent = gateway.last_native_request()["body"]["parameters"]
        require(("reasoning_effort" in sent) != ("thinking_budget" in sent), f"{model}: {sent}")
        require("reasoning_effort" in header or "thinking_budget" in header, f"{model}: not reported: {header!r}")
    for model in ("qwen-long", "glm-5.2"):
        messages = [{"role": "system", "content": [{"type": "text", "text": "p", "cache_control": MARK}]}, *user("x")]
        require("cache_control" in adjustments(gateway, model=model, messages=messages), f"{model}: not reported")
        equal(gateway.last_native_request()["body"]["input"]["messages"][0]["content"], "p", f"{model}: the content")


# Errors that name their place


@check
def every_refusal_names_the_place(gateway: Gateway) -> None:
    equal(refusal(gateway, tools=[{"type": "web_search"}])["param"], "tools[0].type", "a built-in tool")
    choice = {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [
        {"type": "function", "function": {"name": "nothing"}}]}}
    param = refusal(gateway, tools=[WEATHER], tool_choice=choice)["param"] or ""
    require(param.startswith("tool_choice"), f"allowed_tools that match nothing: param is {param!r}")
    parts = [{"type": "image_url", "image_url": {"url": "https://example.com/emulator-unreachable.png"}}]
    error = refusal(gateway, model="qwen3-vl-plus", messages=user(parts))
    equal((error["param"], error["code"]), ("messages", "invalid_image_url"), "a picture that cannot be read")
    for stream in (False, True):
        body = {"model": "qwen-plus-emulator-code-400-InvalidURL", "messages": user("x"), "stream": stream}
        error = check_error(gateway.post(body))
        equal((error["param"], error["code"]), ("messages", "invalid_image_url"), "upstream's invalid URL")
    messages = user("x") + [{"role": "assistant", "content": "y"}, *user("z")]
    param = refusal(gateway, model="qwen-mt-plus", messages=messages)["param"] or ""
    require(param.startswith("messages"), f"turns on a translation model: param is {param!r}")


@check
def request_encodings_are_415_or_read(gateway: Gateway) -> None:
    body = gzip.compress(json.dumps({"model": "qwen-plus", "messages": user("hello")}).encode())
    response = gateway.post(body, headers={"Content-Encoding": "gzip"})
    require(response.status_code in (200, 415), f"the status is {response.status_code}")
    if response.status_code == 415:
        check_error(response)


@check
def a_prompt_that_is_too_long_is_told_in_known_words(gateway: Gateway) -> None:
    for stream in (False, True):
        error = gateway.refused(openai.BadRequestError, 400, "context_length_exceeded", stream=stream,
                                model="qwen-plus-emulator-context-too-long")
        message = error.response.json()["error"]["message"]
        require(message.startswith("Input tokens exceed the configured limit of 129024 tokens."), message)
        require("Range of input length should be [1, 129024]" in message, message)
        equal(error.param, "messages", "param")


@check
def models_of_another_kind_are_refused_without_a_call(gateway: Gateway) -> None:
    before = gateway.emulator_statistics()["requests"]
    for model in ("text-embedding-v4", "wan2.2-t2i-flash", "qwen3-tts-flash"):
        error = refusal(gateway, model=model)
        equal((error["param"], error["code"]), ("model", "model_not_supported"), f"{model}: param and code")
        require("not a chat model" in error["message"], f"{model}: {error['message']}")
    equal(gateway.emulator_statistics()["requests"], before, "the number of upstream requests")


# Kindnesses


@check
def small_kindnesses(gateway: Gateway) -> None:
    translation = {"translation_options": {"source_lang": "auto", "target_lang": "English"}}
    system = [{"role": "system", "content": "You translate."}, *user("你好")]
    require(adjustments(gateway, model="qwen-mt-plus", messages=system, **translation), "system on qwen-mt: no report")
    header = adjustments(gateway, seed=-1)
    require("seed" in header and "seed" not in gateway.last_native_request()["body"]["parameters"], f"seed: {header!r}")
    response = gateway.post('{"model":"qwen-plus","messages":[{"role":"user","content":"x"}],"max_tokens":1000.0}')
    equal(response.status_code, 200, f"1000.0: the status ({shorten(response.text)})")
    equal(gateway.last_native_request()["body"]["parameters"]["max_tokens"], 1_000, "1000.0")
    for name in ("dashscope/qwen-plus", "openai/qwen-plus"):
        equal(native(gateway, model=name)["model"], "qwen-plus", name)
    text = json.dumps({"model": "qwen-plus", "messages": user("hello")})
    equal(gateway.post(b"\xef\xbb\xbf" + text.encode()).status_code, 200, "the status with a byte-order mark")
    response = gateway.post('{"model":"qwen-plus","messages":[{"role":"user","content":"a \\ud83d b"}]}')
    equal(response.status_code, 200, f"half a surrogate pair: the status ({shorten(response.text)})")
    equal(response.json()["choices"][0]["message"]["content"], "Echo: a \ufffd b", "half a surrogate pair")


@check
def a_required_call_among_several_is_asked_for(gateway: Gateway) -> None:
    for stream in (False, True):
        body = {"model": "qwen-plus", "messages": user("Say anything"), "tools": [WEATHER, CLOCK],
                "tool_choice": "required", "stream": stream}
        response = gateway.post(body)
        require("tool_choice" in response.headers.get("x-gateway-adjustments", ""), "it was not reported")
        require('"tool_calls"' in response.text, f"no tool was called: {shorten(response.text, 400)}")
    sent = gateway.last_native_request()["body"]["input"]["messages"][0]
    equal(sent["role"], "system", "the role of the sentence")


@check
def parameters_as_a_list_become_a_schema(gateway: Gateway) -> None:
    tool = {"type": "function", "function": {"name": "f", "parameters": [
        {"name": "city", "type": "string", "description": "the city", "required": True}]}}
    require(adjustments(gateway, tools=[tool]), "it was not reported")
    sent = gateway.last_native_request()["body"]["parameters"]["tools"][0]["function"]["parameters"]
    equal((sent["type"], sent["properties"]["city"]["type"], sent["required"]), ("object", "string", ["city"]), "sent")


# Addresses


@check
def other_addresses_of_the_same_endpoints(gateway: Gateway) -> None:
    body = {"model": "qwen-plus", "messages": user("hello")}
    for path in ("/compatible-mode/v1/chat/completions", "//v1//chat/completions", "/v1/chat/completions"):
        response = gateway.request("POST", path, json=body)
        equal(response.status_code, 200, f"the status of {path}")
    equal(gateway.request("GET", "/compatible-mode/v1/models").json()["object"], "list", "the models there")
    for path in ("/chat/completions", "/v1/v1/chat/completions", "/openai/deployments/qwen-plus/chat/completions"):
        response = gateway.request("POST", path, json=body)
        equal(response.status_code, 404, f"the status of {path}")
        require("/v1/chat/completions" in check_error(response)["message"], f"{path}: the right address is not named")


@check
def every_answer_says_how_long_it_took(gateway: Gateway) -> None:
    answers = [gateway.post({"model": "qwen-plus", "messages": user("x")}), gateway.request("GET", "/v1/models"),
               gateway.post({"model": "qwen-plus-emulator-throttled", "messages": user("x")}),
               gateway.post({"model": "qwen-plus", "messages": user("x"), "stream": True}),
               gateway.post({"model": "qwen-plus"})]
    for response in answers:
        value = response.headers.get("openai-processing-ms", "")
        require(value.isdigit(), f"openai-processing-ms is {value!r} with status {response.status_code}")
