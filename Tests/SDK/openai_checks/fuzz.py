"""Wrong types in every field: refused with the field's name, never a failure of ours."""

from __future__ import annotations

import json
import random

from .harness import Gateway, check, check_error, equal, require, shorten, user

NUMBER, INTEGER, BOOLEAN, TEXT, ARRAY, OBJECT = 1.5, 3, True, "text", ["x"], {"x": 1}

# Values of the wrong type; null is never wrong, it means absent.
WRONG: dict[str, list] = {
    "model": [INTEGER, BOOLEAN, ARRAY, OBJECT],
    "messages": [INTEGER, BOOLEAN, TEXT, OBJECT, ARRAY, [INTEGER], [[]], [None]],
    "stream": [INTEGER, TEXT, ARRAY, OBJECT],
    "stream_options": [INTEGER, TEXT, ARRAY],
    "temperature": [BOOLEAN, TEXT, ARRAY, OBJECT],
    "top_p": [BOOLEAN, TEXT, ARRAY, OBJECT],
    "presence_penalty": [BOOLEAN, TEXT, ARRAY, OBJECT],
    "frequency_penalty": [BOOLEAN, TEXT, ARRAY, OBJECT],
    "max_tokens": [NUMBER, BOOLEAN, TEXT, ARRAY, OBJECT, -1],
    "max_completion_tokens": [NUMBER, BOOLEAN, TEXT, ARRAY, OBJECT, -1],
    "n": [NUMBER, BOOLEAN, TEXT, ARRAY, OBJECT, 0, -1],
    "seed": [NUMBER, BOOLEAN, TEXT, ARRAY, OBJECT],
    "stop": [BOOLEAN, OBJECT, [OBJECT], [[TEXT]]],
    "logprobs": [INTEGER, TEXT, ARRAY, OBJECT],
    "top_logprobs": [NUMBER, BOOLEAN, TEXT, ARRAY, OBJECT],
    "response_format": [INTEGER, BOOLEAN, TEXT, ARRAY, {"type": "nonsense"}],
    "tools": [INTEGER, BOOLEAN, TEXT, OBJECT, [INTEGER], [{"type": "function"}]],
    "tool_choice": [INTEGER, BOOLEAN, ARRAY, "nonsense"],
    "parallel_tool_calls": [INTEGER, TEXT, ARRAY, OBJECT],
    "enable_thinking": [INTEGER, TEXT, ARRAY, OBJECT],
    "enable_search": [INTEGER, TEXT, ARRAY, OBJECT],
}

TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}

WRONG_PARTS = [
    INTEGER, TEXT, [], {"type": "image_url"}, {"type": "image_url", "image_url": INTEGER}, {"type": "text"},
    {"type": "text", "text": INTEGER}, {"type": "nonsense", "nonsense": TEXT},
    {"type": "input_audio", "input_audio": {"data": INTEGER, "format": "wav"}}, {"type": INTEGER},
]


def request(name: str, value) -> dict:
    body = {"model": "qwen-plus", "messages": user("fuzz"), name: value}
    if name in ("tool_choice", "parallel_tool_calls"):
        body["tools"] = [TOOL]
    if name == "top_logprobs":
        body["logprobs"] = True
    return body


@check
def wrong_types_are_refused_by_name(gateway: Gateway) -> None:
    complaints = []
    for name, values in WRONG.items():
        for value in values:
            response = gateway.post(request(name, value))
            what = f"{name}={json.dumps(value)}"
            if response.status_code != 400:
                complaints.append(f"{what}: status {response.status_code}")
                continue
            param = check_error(response)["param"] or ""
            if not param.startswith(name):
                complaints.append(f"{what}: param {param!r}")
    require(not complaints, f"{len(complaints)} of them: " + "; ".join(complaints))


@check
def wrong_parts_are_refused_by_path(gateway: Gateway) -> None:
    complaints = []
    for part in WRONG_PARTS:
        body = {"model": "qwen-vl-plus", "messages": user([{"type": "text", "text": "fuzz"}, part])}
        response = gateway.post(body)
        if response.status_code != 400:
            complaints.append(f"{json.dumps(part)}: status {response.status_code}")
            continue
        param = check_error(response)["param"] or ""
        if not param.startswith("messages"):
            complaints.append(f"{json.dumps(part)}: param {param!r}")
    require(not complaints, "; ".join(complaints))


@check
def wrong_tool_calls_are_refused_by_path(gateway: Gateway) -> None:
    complaints = []
    for calls in (INTEGER, TEXT, OBJECT, [INTEGER], [{"id": "a"}], [{"id": INTEGER, "function": OBJECT}],
                  [{"id": "a", "type": "function", "function": {"name": "f", "arguments": {}}}]):
        messages = [*user("x"), {"role": "assistant", "content": None, "tool_calls": calls}, *user("y")]
        response = gateway.post({"model": "qwen-plus", "messages": messages})
        if response.status_code >= 500:
            complaints.append(f"{json.dumps(calls)}: status {response.status_code}")
        elif response.status_code == 400:
            param = check_error(response)["param"] or ""
            if not param.startswith("messages"):
                complaints.append(f"{json.dumps(calls)}: param {param!r}")
    require(not complaints, "; ".join(complaints))


@check
def any_value_anywhere_is_no_failure_of_ours(gateway: Gateway) -> None:
    """Seeded, so that a failure can be had again."""
    generator = random.Random(20_260_301)
    names = [*WRONG, "logit_bias", "metadata", "modalities", "audio", "user", "store", "service_tier", "prediction",
             "web_search_options", "reasoning_effort", "functions", "function_call", "search_options", "thinking_budget",
             "top_k", "repetition_penalty", "chat_template_kwargs", "extra_body", "translation_options", "verbosity"]
    values = [None, NUMBER, INTEGER, -1, BOOLEAN, False, TEXT, "", [], {}, ARRAY, OBJECT, [[]], [{}], [None], 1e308,
              10**30, {"type": None}, {"type": "function", "function": None}, "\u0000", "😀" * 10]
    for _ in range(400):
        body = {"model": "qwen-plus", "messages": user("fuzz")}
        for name in generator.sample(names, generator.randint(1, 4)):
            body[name] = generator.choice(values)
        response = gateway.post(body)
        require(response.status_code < 500, f"status {response.status_code} for {json.dumps(body)}: {shorten(response.text)}")
        if response.status_code >= 400:
            check_error(response)


@check
def broken_bytes_are_no_failure_of_ours(gateway: Gateway) -> None:
    generator = random.Random(7)
    whole = json.dumps({"model": "qwen-plus", "messages": user('a "quoted" 你好 \\ text'), "stop": ["x"], "n": 1},
                       ensure_ascii=False).encode()
    for _ in range(200):
        damaged = bytearray(whole)
        for _ in range(generator.randint(1, 3)):
            damaged[generator.randrange(len(damaged))] = generator.randrange(256)
        response = gateway.post(bytes(damaged[: generator.randint(1, len(damaged))]))
        require(response.status_code < 500, f"status {response.status_code} for {bytes(damaged)!r}")


@check
def deep_nesting_is_refused(gateway: Gateway) -> None:
    depth = 10_000
    body = '{"model":"qwen-plus","messages":[{"role":"user","content":"x"}],"y":' + "[" * depth + "]" * depth + "}"
    response = gateway.post(body)
    equal(response.status_code, 400, "the status")
    check_error(response)
