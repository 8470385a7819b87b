"""Structured output, with the SDK's own helpers for it."""

from __future__ import annotations

import json
from typing import List, Literal

from pydantic import BaseModel

from .harness import Gateway, check, equal, require, shorten, user


class Step(BaseModel):
    explanation: str
    output: str


class Solution(BaseModel):
    steps: List[Step]
    answer: float
    confident: bool
    kind: Literal["exact", "rough"]


SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 18}},
    "required": ["name", "age"],
    "additionalProperties": False,
}


@check
def json_object(gateway: Gateway) -> None:
    completion, headers = gateway.complete(
        messages=user("Answer in JSON, please"), response_format={"type": "json_object"}
    )
    require(isinstance(json.loads(completion.choices[0].message.content), dict), "not an object")
    require("x-gateway-adjustments" not in headers, "adjusted without need")


@check
def missing_word_json_is_repaired(gateway: Gateway) -> None:
    completion, headers = gateway.complete(messages=user("Answer"), response_format={"type": "json_object"})
    require(isinstance(json.loads(completion.choices[0].message.content), dict), "not an object")
    require(headers.get("x-gateway-adjustments"), "the repair is not reported")


@check
def json_schema(gateway: Gateway) -> None:
    form = {"type": "json_schema", "json_schema": {"name": "person", "schema": SCHEMA, "strict": True}}
    completion, _ = gateway.complete(messages=user("A person, as JSON"), response_format=form)
    person = json.loads(completion.choices[0].message.content)
    equal(sorted(person), ["age", "name"], "the members")
    require(isinstance(person["age"], int) and person["age"] >= 18, f"age is {person['age']!r}")


@check
def json_schema_in_streams(gateway: Gateway) -> None:
    form = {"type": "json_schema", "json_schema": {"name": "person", "schema": SCHEMA}}
    streamed = gateway.stream(messages=user("A person, as JSON"), response_format=form)
    equal(sorted(json.loads(streamed.text())), ["age", "name"], "the members")


@check
def json_schema_on_models_without_schemas(gateway: Gateway) -> None:
    form = {"type": "json_schema", "json_schema": {"name": "person", "schema": SCHEMA}}
    body = {"model": "qwen2.5-72b-instruct", "messages": user("A person, as JSON"), "response_format": form}
    response = gateway.post(body)
    require(response.status_code in (200, 400), f"status {response.status_code}")
    if response.status_code == 200:
        json.loads(response.json()["choices"][0]["message"]["content"])


@check
def sdk_parses(gateway: Gateway) -> None:
    completion = gateway.client.chat.completions.parse(
        model="qwen-plus", messages=user("Solve 8x = 4, as JSON"), response_format=Solution
    )
    parsed = completion.choices[0].message.parsed
    require(isinstance(parsed, Solution), f"parsed is {shorten(parsed)}")


@check
def sdk_parses_streams(gateway: Gateway) -> None:
    with gateway.client.chat.completions.stream(
        model="qwen-plus", messages=user("Solve 8x = 4, as JSON"), response_format=Solution
    ) as stream:
        parsed = stream.get_final_completion().choices[0].message.parsed
    require(isinstance(parsed, Solution), f"parsed is {shorten(parsed)}")


@check
def plain_text_is_nothing_special(gateway: Gateway) -> None:
    completion, headers = gateway.complete(messages=user("words"), response_format={"type": "text"})
    require("words" in completion.choices[0].message.content, "no answer")
    require("x-gateway-adjustments" not in headers, "adjusted without need")
