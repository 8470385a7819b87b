#!/usr/bin/env python3
"""Drives a running gateway's Responses API with the official openai SDK; the emulator of DashScope stands behind it.

    responses_suite.py --base-url http://127.0.0.1:8000/v1 --emulator-url http://127.0.0.1:8001 [--only PATTERN…]

Every response and event is validated against the SDK's types in strict mode, and every stream passes through the SDK's
accumulator. Prints a line a check and `N passed, N failed`; exit status 0 when all passed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from typing import Any

import openai
from openai import AsyncOpenAI, OpenAI
from openai.types.responses import CompactedResponse, Response, ResponseStreamEvent
from pydantic import BaseModel, TypeAdapter

from checking import CHECKS, KEY, Service, check, equal, require, run_checks, shorten

PIXEL = (
    "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
WEATHER = {
    "type": "function", "name": "get_weather", "description": "The weather of a city.", "strict": False,
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
PATCH = {
    "type": "custom", "name": "apply_patch", "description": "Edits files.",
    "format": {"type": "grammar", "syntax": "lark", "definition": 'start: "x"'},
}
EVENT = TypeAdapter(ResponseStreamEvent)


class Gateway(Service):
    """The gateway with the SDK's clients."""

    def __init__(self, base_url: str, emulator_url: str) -> None:
        super().__init__(base_url, emulator_url)
        self.client = OpenAI(api_key=KEY, base_url=self.base_url, max_retries=0, timeout=self.timeout)

    def create(self, model: str = "qwen-plus", **parameters: Any) -> tuple[Response, Any]:
        """A whole response, validated in strict mode, and its headers."""
        raw = self.client.responses.with_raw_response.create(model=model, **parameters)
        Response.model_validate_json(raw.text, strict=True)
        return raw.parse(), raw.headers

    def events(self, model: str = "qwen-plus", **parameters: Any) -> list[dict]:
        """The events of a stream, each validated in strict mode, with the order that the reference asks for."""
        events = []
        body = {"model": model, "stream": True, **parameters}
        with self.http.stream("POST", self.base_url + "/responses", json=body,
                              headers={"Authorization": f"Bearer {KEY}"}) as answer:
            equal(answer.status_code, 200, "the status")
            name = None
            for line in answer.iter_lines():
                if line.startswith("event: "):
                    name = line[7:]
                elif line.startswith("data: "):
                    event = json.loads(line[6:])
                    equal(event["type"], name, "the name of the event")
                    EVENT.validate_json(line[6:], strict=True)
                    events.append(event)
        equal([event["sequence_number"] for event in events], list(range(len(events))), "the numbers")
        equal(events[0]["type"], "response.created", "the first event")
        return events

    def stream(self, model: str = "qwen-plus", **parameters: Any) -> Response:
        """The response that the SDK's accumulator makes of a stream."""
        with self.client.responses.stream(model=model, **parameters) as stream:
            for _ in stream:
                pass
            return stream.get_final_response()


def types(events: list[dict]) -> list[str]:
    return [event["type"].removeprefix("response.") for event in events]


def calls(response: Response, kind: str = "function_call") -> list[Any]:
    return [item for item in response.output if item.type == kind]


# Text

@check
def a_whole_answer(gateway: Gateway) -> None:
    response, headers = gateway.create(input="How are you, Qwen?", instructions="Be brief.", metadata={"a": "b"})
    require("How are you, Qwen?" in response.output_text, f"the text is {shorten(response.output_text)}")
    equal(response.status, "completed", "status")
    equal(response.metadata, {"a": "b"}, "metadata")
    equal(response.instructions, "Be brief.", "instructions")
    require(response.usage and response.usage.total_tokens > 0, "usage is empty")
    require(headers.get("x-request-id"), "x-request-id is missing")
    require("x-gateway-adjustments" not in headers, f"adjusted: {headers.get('x-gateway-adjustments')}")
    messages = gateway.last_native_request()["body"]["input"]["messages"]
    equal([message["role"] for message in messages], ["system", "user"], "the roles")


@check
def a_stream(gateway: Gateway) -> None:
    events = gateway.events(input="Tell me something.")
    order = list(dict.fromkeys(types(events)))
    equal(order, ["created", "in_progress", "output_item.added", "content_part.added", "output_text.delta",
                  "output_text.done", "content_part.done", "output_item.done", "completed"], "the order")
    response = gateway.stream(input="Tell me something.")
    require("Tell me something." in response.output_text, "the text is not there")


@check
def the_async_client(gateway: Gateway) -> None:
    async def run() -> str:
        async with AsyncOpenAI(api_key=KEY, base_url=gateway.base_url, max_retries=0) as client:
            text = ""
            async for event in await client.responses.create(model="qwen-plus", input="async", stream=True):
                if event.type == "response.output_text.delta":
                    text += event.delta
            return text
    require("async" in asyncio.run(run()), "the text is not there")


@check
def items_of_every_role(gateway: Gateway) -> None:
    gateway.create(input=[
        {"role": "developer", "content": "D"},
        {"role": "user", "content": [{"type": "input_text", "text": "one"}]},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "two", "annotations": []}]},
        {"role": "user", "content": "three"},
    ])
    messages = gateway.last_native_request()["body"]["input"]["messages"]
    equal([(m["role"], m["content"]) for m in messages],
          [("system", "D"), ("user", "one"), ("assistant", "two"), ("user", "three")], "the messages")


@check
def thoughts_are_a_reasoning_item(gateway: Gateway) -> None:
    parameters = dict(model="qwen3-max", input="Think.", reasoning={"effort": "high", "summary": "auto"},
                      include=["reasoning.encrypted_content"], store=False)
    response = gateway.stream(**parameters)
    reasoning = calls(response, "reasoning")
    require(reasoning and reasoning[0].summary[0].text, "no thoughts")
    require(reasoning[0].encrypted_content, "no sealed copy")
    kinds = types(gateway.events(**parameters))
    require(kinds.index("reasoning_summary_text.delta") < kinds.index("output_text.delta"), "thoughts come late")
    gateway.create(model="qwen3-max", extra_body={"preserve_thinking": True},
                   input=[{"role": "user", "content": "Think."}, *[item.model_dump() for item in response.output],
                          {"role": "user", "content": "Again."}])
    messages = gateway.last_native_request()["body"]["input"]["messages"]
    equal(messages[1].get("reasoning_content"), reasoning[0].summary[0].text, "the thoughts of the turn before")


@check
def an_image(gateway: Gateway) -> None:
    part = {"type": "input_image", "image_url": PIXEL, "detail": "auto"}
    gateway.create(model="qwen3-vl-plus", input=[{"role": "user", "content": [part, {"type": "input_text", "text": "?"}]}])
    content = gateway.last_native_request()["body"]["input"]["messages"][0]["content"]
    equal(content, [{"image": PIXEL}, {"text": "?"}], "the content")
    try:
        gateway.create(model="qwen-max", input=[{"role": "user", "content": [part]}])
        require(False, "a model that does not see took an image")
    except openai.BadRequestError as error:
        equal(error.param, "input[0].content[0]", "param")


@check
def an_answer_that_was_cut(gateway: Gateway) -> None:
    parameters = dict(input="A sentence that is longer than four tokens, certainly.", max_output_tokens=4)
    response, _ = gateway.create(**parameters)
    equal(response.status, "incomplete", "status")
    equal(response.incomplete_details.reason, "max_output_tokens", "reason")
    equal(types(gateway.events(**parameters))[-1], "incomplete", "the last event")


# Formats

class Person(BaseModel):
    name: str
    age: int


@check
def a_parsed_answer(gateway: Gateway) -> None:
    response = gateway.client.responses.parse(model="qwen-plus", input="Invent a person as json.", text_format=Person)
    require(isinstance(response.output_parsed, Person), f"parsed is {shorten(response.output_parsed)}")
    streamed = gateway.stream(input="Invent a person as json.", text_format=Person)
    require(isinstance(streamed.output_parsed, Person), "the stream was not parsed")


# Tools

@check
def a_loop_of_tools(gateway: Gateway) -> None:
    for make in (lambda **p: gateway.create(**p)[0], gateway.stream):
        items: list[Any] = [{"role": "user", "content": "Weather in Hangzhou and Shanghai?"}]
        response = make(input=items, tools=[WEATHER])
        made = calls(response)
        equal(len(made), 2, "calls")
        require(len({call.call_id for call in made} | {call.id for call in made}) == 4, "ids are not distinct")
        items += [item.model_dump() for item in response.output]
        for call in made:
            require(json.loads(call.arguments)["city"], "no city")
            items.append({"type": "function_call_output", "call_id": call.call_id, "output": "rain"})
        response = make(input=items, tools=[WEATHER])
        require("rain" in response.output_text, f"the text is {shorten(response.output_text)}")


@check
def the_events_of_a_call(gateway: Gateway) -> None:
    events = gateway.events(input="Weather in Oslo?", tools=[WEATHER], tool_choice={"type": "function", "name": "get_weather"})
    done = [event for event in events if event["type"] == "response.function_call_arguments.done"]
    deltas = [event for event in events if event["type"] == "response.function_call_arguments.delta"]
    equal(done[0]["name"], "get_weather", "name")
    equal("".join(event["delta"] for event in deltas), done[0]["arguments"], "the arguments")


@check
def a_custom_tool(gateway: Gateway) -> None:
    text = '*** Begin Patch\n+"ä" \\ 🌊'
    script = "@call apply_patch " + json.dumps({"input": text}, ensure_ascii=False)
    parameters = dict(input=script, tools=[PATCH])
    response = gateway.stream(**parameters)
    made = calls(response, "custom_tool_call")
    equal([(call.name, call.input) for call in made], [("apply_patch", text)], "the calls")
    kinds = types(gateway.events(**parameters))
    require("custom_tool_call_input.delta" in kinds and "custom_tool_call_input.done" in kinds, "no events of its own")
    items = [{"role": "user", "content": script}, made[0].model_dump(),
             {"type": "custom_tool_call_output", "call_id": made[0].call_id, "output": "done"}]
    gateway.create(input=items, tools=[PATCH])
    sent = gateway.last_native_request()["body"]["input"]["messages"][1]["tool_calls"][0]["function"]["arguments"]
    equal(json.loads(sent), {"input": text}, "what goes up again")


@check
def a_namespace(gateway: Gateway) -> None:
    tools = [{"type": "namespace", "name": "agents", "description": "Agents.", "tools": [WEATHER]}]
    answer = gateway.request("POST", "/v1/responses", json={
        "model": "qwen-plus", "tools": tools, "input": '@call agents__get_weather {"city": "Oslo"}'}).json()
    call = answer["output"][0]
    equal((call["namespace"], call["name"]), ("agents", "get_weather"), "the call")


@check
def a_web_search(gateway: Gateway) -> None:
    parameters = dict(input="Search the web for news.", tools=[{"type": "web_search"}],
                      include=["web_search_call.action.sources"])
    response = gateway.stream(**parameters)
    equal(response.output[0].type, "web_search_call", "the first item")
    annotations = [a for item in response.output if item.type == "message" for part in item.content for a in part.annotations]
    require(annotations and annotations[0].type == "url_citation" and annotations[0].url, "no citations")
    kinds = types(gateway.events(**parameters))
    require("web_search_call.completed" in kinds and "output_text.annotation.added" in kinds, "events are missing")


@check
def tools_that_nothing_runs_never_fail(gateway: Gateway) -> None:
    response, headers = gateway.create(input="Hi", tools=[
        {"type": "code_interpreter", "container": {"type": "auto"}}, {"type": "image_generation"},
        {"type": "mcp", "server_label": "x", "server_url": "https://example.com"}])
    equal(response.status, "completed", "status")
    require("tools[*]" in headers["x-gateway-adjustments"], "not reported")


# The store

@check
def a_response_is_continued_read_and_forgotten(gateway: Gateway) -> None:
    for make in (lambda **p: gateway.create(**p)[0], gateway.stream):
        first = make(input="My name is Ada.")
        require(first.store, "not stored")
        second = make(input="And?", previous_response_id=first.id)
        equal(second.previous_response_id, first.id, "previous_response_id")
        messages = gateway.last_native_request()["body"]["input"]["messages"]
        equal([message["role"] for message in messages], ["user", "assistant", "user"], "the roles")
        read = gateway.client.responses.retrieve(first.id)
        equal(read.output_text, first.output_text, "the text")
        items = gateway.client.responses.input_items.list(first.id)
        equal(items.data[0].content[0].text, "My name is Ada.", "the input")
        gateway.client.responses.delete(first.id)
        for ask in (lambda: gateway.client.responses.retrieve(first.id),
                    lambda: OpenAI(api_key="sk-other", base_url=gateway.base_url).responses.retrieve(second.id)):
            try:
                ask()
                require(False, "it is still there")
            except openai.NotFoundError:
                pass
        try:
            make(input="x", previous_response_id=first.id)
            require(False, "a response that is gone was continued")
        except openai.BadRequestError as error:
            equal(error.code, "previous_response_not_found", "code")


@check
def a_loop_of_tools_over_stored_responses(gateway: Gateway) -> None:
    response = gateway.stream(input="Weather in Oslo?", tools=[WEATHER])
    outputs = [{"type": "function_call_output", "call_id": call.call_id, "output": "snow"} for call in calls(response)]
    response = gateway.stream(input=outputs, tools=[WEATHER], previous_response_id=response.id)
    require("snow" in response.output_text, f"the text is {shorten(response.output_text)}")


@check
def nothing_is_kept_against_the_wish(gateway: Gateway) -> None:
    response, _ = gateway.create(input="x", store=False)
    equal(response.store, False, "store")
    try:
        gateway.client.responses.retrieve(response.id)
        require(False, "it was kept")
    except openai.NotFoundError:
        pass


@check
def a_conversation(gateway: Gateway) -> None:
    conversations = gateway.client.conversations
    conversation = conversations.create(metadata={"a": "b"}, items=[{"type": "message", "role": "user", "content": "one"}])
    equal(conversation.metadata, {"a": "b"}, "metadata")
    gateway.create(input="two", conversation=conversation.id)
    gateway.create(input="three", conversation={"id": conversation.id})
    messages = gateway.last_native_request()["body"]["input"]["messages"]
    equal([m["content"] for m in messages if m["role"] == "user"], ["one", "two", "three"], "what the user said")
    items = conversations.items.list(conversation.id, order="asc", limit=2)
    equal(len(items.data), 2, "items of a page")
    roles = [item.role for item in conversations.items.list(conversation.id, order="asc", limit=2)]
    equal(roles, ["user", "user", "assistant", "user", "assistant"], "the roles of all pages")
    conversations.update(conversation.id, metadata={"c": "d"})
    equal(conversations.retrieve(conversation.id).metadata, {"c": "d"}, "metadata")
    require(conversations.delete(conversation.id).deleted, "not deleted")


# Errors

@check
def a_compacted_conversation(gateway: Gateway) -> None:
    raw = gateway.client.responses.with_raw_response.compact(model="qwen-plus", input=[
        {"role": "user", "content": "The word is lighthouse."}, {"role": "assistant", "content": "I keep it in mind."}])
    CompactedResponse.model_validate_json(raw.text, strict=True)
    compacted = raw.parse()
    equal([item.type for item in compacted.output], ["compaction"], "the items")
    require(compacted.usage.total_tokens > 0, "usage is empty")
    _, headers = gateway.create(input=[*[item.model_dump(exclude_none=True) for item in compacted.output],
                                       {"role": "user", "content": "Which word?"}])
    require("x-gateway-adjustments" not in headers, f"adjusted: {headers.get('x-gateway-adjustments')}")
    messages = gateway.last_native_request()["body"]["input"]["messages"]
    require("<conversation-summary>" in messages[0]["content"], f"the first message is {shorten(str(messages[0]))}")


# In the background

def wait_for_end(gateway: Gateway, response_id: str) -> Response:
    for _ in range(200):
        raw = gateway.client.responses.with_raw_response.retrieve(response_id)
        Response.model_validate_json(raw.text, strict=True)
        response = raw.parse()
        if response.status not in ("queued", "in_progress"):
            return response
        time.sleep(0.05)
    raise AssertionError("the response never ended")


@check
def a_response_in_the_background(gateway: Gateway) -> None:
    begun, _ = gateway.create(input="in the background", background=True)
    equal(begun.status, "queued", "the first status")
    equal(begun.output, [], "the first output")
    response = wait_for_end(gateway, begun.id)
    equal(response.status, "completed", "the last status")
    require("in the background" in response.output_text, f"the text is {shorten(response.output_text)}")
    require(response.usage and response.usage.total_tokens > 0, "usage is empty")
    follow_up, _ = gateway.create(input="and then?", previous_response_id=begun.id)
    equal(follow_up.previous_response_id, begun.id, "the response before")


@check
def a_stream_in_the_background_goes_on(gateway: Gateway) -> None:
    seen = []
    with gateway.client.responses.create(model="qwen-plus-emulator-slow-50", input="a stream of several words",
                                         background=True, stream=True) as stream:
        for event in stream:
            seen.append(event)
            if event.type == "response.output_text.delta":
                break
    equal([event.type for event in seen[:3]],
          ["response.created", "response.queued", "response.in_progress"], "the first events")
    rest = list(gateway.client.responses.retrieve(seen[0].response.id, stream=True,
                                                  starting_after=seen[-1].sequence_number))
    equal([event.sequence_number for event in seen + rest], list(range(len(seen) + len(rest))), "the numbers")
    for event in seen + rest:
        EVENT.validate_json(event.to_json(), strict=True)
    equal(rest[-1].type, "response.completed", "the last event")
    text = "".join(event.delta for event in seen + rest if event.type == "response.output_text.delta")
    equal(rest[-1].response.output_text, text, "the text")
    again = list(gateway.client.responses.retrieve(seen[0].response.id, stream=True))
    equal([event.to_json() for event in again], [event.to_json() for event in seen + rest], "the events from the store")


@check
def a_response_is_cancelled(gateway: Gateway) -> None:
    begun, _ = gateway.create("qwen-plus-emulator-slow-500", input="a story of many words that takes its time",
                              background=True)
    raw = gateway.client.responses.with_raw_response.cancel(begun.id)
    Response.model_validate_json(raw.text, strict=True)
    equal(raw.parse().status, "cancelled", "the status")
    equal(gateway.client.responses.retrieve(begun.id).status, "cancelled", "the status later")
    equal(gateway.client.responses.cancel(begun.id).status, "cancelled", "the status after a second cancel")
    whole, _ = gateway.create(input="not in the background")
    try:
        gateway.client.responses.cancel(whole.id)
    except openai.BadRequestError:
        return
    raise AssertionError("a response with a client was cancelled")


@check
def errors_have_their_class(gateway: Gateway) -> None:
    for model, kind in (("emulator-throttled", openai.RateLimitError), ("emulator-unknown-model", openai.NotFoundError),
                        ("emulator-500", openai.InternalServerError)):
        try:
            gateway.create(model=model, input="x")
            require(False, f"{model} answered")
        except kind:
            pass


@check
def a_stream_that_breaks_has_failed(gateway: Gateway) -> None:
    events = gateway.events(model="emulator-breaks-mid-stream", input="A long enough sentence to break in the middle.")
    equal(events[-1]["type"], "response.failed", "the last event")
    equal(events[-1]["response"]["error"]["code"], "server_error", "the code")


@check
def tokens_are_counted(gateway: Gateway) -> None:
    counted = gateway.request("POST", "/v1/responses/input_tokens", json={"model": "qwen-plus", "input": "12345678"})
    equal(counted.json(), {"object": "response.input_tokens", "input_tokens": 9}, "the answer")


def main() -> int:
    parser = argparse.ArgumentParser(description="Drive the Responses API with the official openai SDK.")
    parser.add_argument("--base-url", default="http://127.0.0.1:8000/v1", help="the gateway's API")
    parser.add_argument("--emulator-url", default="http://127.0.0.1:8001", help="the emulator behind the gateway")
    parser.add_argument("--only", action="append", default=[], metavar="PATTERN", help="checks whose names match")
    parser.add_argument("--verbose", action="store_true", help="print where a check failed")
    arguments = parser.parse_args()
    failed = run_checks(Gateway(arguments.base_url, arguments.emulator_url), arguments.only, arguments.verbose)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
