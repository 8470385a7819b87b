"""What every check uses: the clients, strict validation, streams read twice."""

from __future__ import annotations

import json
import re
import time
import warnings
from dataclasses import dataclass, field
from typing import Any

import anthropic
import httpx2
from anthropic import Anthropic
from anthropic.types import Message, RawMessageStreamEvent
from pydantic import TypeAdapter

from checking import (  # noqa: F401 (the checks take all of it from here)
    KEY, CheckFailed, Service, check, equal, require, shorten,
)

EVENT = TypeAdapter(RawMessageStreamEvent)
COUNTERS = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens")
# The delta that belongs to a kind of block.
DELTAS = {
    "text": {"text_delta", "citations_delta"},
    "thinking": {"thinking_delta", "signature_delta"},
    "tool_use": {"input_json_delta"},
    "server_tool_use": {"input_json_delta"},
}
ERROR_TYPES = {
    400: "invalid_request_error", 401: "authentication_error", 402: "billing_error", 403: "permission_error",
    404: "not_found_error", 413: "request_too_large", 429: "rate_limit_error", 500: "api_error", 502: "api_error",
    504: "timeout_error", 529: "overloaded_error",
}
# Names of parameters that only versions of the API before the SDK's have are sent beside its own.
warnings.filterwarnings("ignore", module="anthropic")


def user(content: Any) -> list[dict]:
    """The shortest conversation."""
    return [{"role": "user", "content": content}]


def without_indexes(adjustments: str) -> str:
    """Indexes are no part of a name: `messages[*].role` is `messages.role`."""
    return re.sub(r"\[[^\]]*\]", "", adjustments)


def text_of(message: Any) -> str:
    return "".join(block.text for block in message.content if block.type == "text")


def kinds_of(message: Any) -> list[str]:
    return [block.type for block in message.content]


@dataclass
class Streamed:
    """A stream as it was on the wire, and as the SDK's accumulator understood it."""

    events: list[dict]
    headers: Any
    message: Any = None
    error: dict | None = None
    comments: int = 0
    arrivals: list[float] = field(default_factory=list)

    def of(self, kind: str) -> list[dict]:
        return [event for event in self.events if event["type"] == kind]

    @property
    def text(self) -> str:
        return "".join(self.deltas("text_delta", "text"))

    def deltas(self, kind: str, name: str) -> list[str]:
        return [event["delta"][name] for event in self.of("content_block_delta") if event["delta"]["type"] == kind]


class Gateway(Service):
    """A running gateway as Anthropic's client sees it."""

    def __init__(self, base_url: str, emulator_url: str, timeout: float = 30) -> None:
        super().__init__(base_url, emulator_url, timeout)
        self.client = self.make_client()

    def make_client(self, key: str = KEY, retries: int = 0, **options: Any) -> Anthropic:
        return Anthropic(base_url=self.root_url, api_key=key, max_retries=retries, timeout=self.timeout, **options)

    def body(self, **parameters: Any) -> dict:
        return {"model": "qwen-plus", "max_tokens": 4096, "messages": user("hello"), **parameters}

    def post(self, body: Any, path: str = "/v1/messages", **options: Any) -> Any:
        """A request with any body at all."""
        headers = {"anthropic-version": "2023-06-01", **options.pop("headers", {})}
        if isinstance(body, (bytes, str)):
            headers["Content-Type"] = "application/json"
            return self.request("POST", path, content=body, headers=headers, **options)
        return self.request("POST", path, json=body, headers=headers, **options)

    def create(self, **parameters: Any) -> tuple[Message, Any]:
        """A message through the SDK, its JSON held against the SDK's types without any lenience."""
        raw = self.client.messages.with_raw_response.create(**self.split(parameters))
        check_message(raw.http_response.content)
        equal(json.loads(raw.http_response.content)["model"], parameters.get("model", "qwen-plus"), "the model")
        return raw.parse(), raw.headers

    def split(self, parameters: dict) -> dict:
        """Puts what the SDK's method has no argument for into the body."""
        known = {"model", "max_tokens", "messages", "system", "thinking", "tools", "tool_choice", "stop_sequences",
                 "metadata", "output_config", "cache_control", "service_tier", "extra_headers"}
        given = self.body(**parameters)
        extra = {name: value for name, value in given.items() if name not in known}
        given = {name: value for name, value in given.items() if name in known}
        return {**given, "extra_body": extra} if extra else given

    def native(self, **parameters: Any) -> dict:
        """The native request that a message becomes."""
        self.create(**parameters)
        return self.last_native_request()["body"]

    def adjustments(self, **parameters: Any) -> str:
        response = self.post(self.body(**parameters))
        equal(response.status_code, 200, f"the status ({shorten(response.text)})")
        return without_indexes(response.headers.get("x-gateway-adjustments", ""))

    def stream(self, headers: dict | None = None, **parameters: Any) -> Streamed:
        """A streamed message: its bytes, then the same bytes through the SDK's decoder and accumulator."""
        body = self.body(**parameters, stream=True)
        all_headers = {"Authorization": f"Bearer {KEY}", "anthropic-version": "2023-06-01", **(headers or {})}
        with self.http.stream("POST", self.base_url + "/messages", json=body, headers=all_headers) as response:
            if response.status_code != 200:
                response.read()
                raise CheckFailed(f"status {response.status_code}: {shorten(response.text)}")
            content_type = response.headers.get("content-type", "")
            require(content_type.startswith("text/event-stream"), f"content-type is {content_type}")
            require(response.headers.get("request-id"), "request-id is missing")
            raw, arrivals = b"", []
            for piece in response.iter_raw():
                arrivals.append(time.monotonic())
                raw += piece
        streamed = read_stream(raw)
        streamed.headers, streamed.arrivals = response.headers, arrivals
        if streamed.error is None:
            check_grammar(streamed)
            equal(streamed.events[0]["message"]["model"], body["model"], "the model")
            streamed.message = replay(raw)
        return streamed

    def refused(self, error: type[Exception], status: int, **parameters: Any) -> Any:
        """Asks for what must be refused, and returns the SDK's exception."""
        client = parameters.pop("client", self.client)
        stream = parameters.pop("stream", False)
        try:
            if stream:
                with client.messages.stream(**self.split(parameters)) as events:
                    events.until_done()
            else:
                client.messages.create(**self.split(parameters))
        except anthropic.APIStatusError as raised:
            equal(type(raised).__name__, error.__name__, f"the exception ({shorten(str(raised))})")
            equal(raised.status_code, status, "the status")
            require(raised.request_id, "request-id is missing")
            check_error(raised.response.headers, raised.response.content if not stream else json.dumps(raised.body))
            equal(raised.type, ERROR_TYPES[status], "the type")
            return raised
        raise CheckFailed("was not refused")


def replay(raw: bytes) -> Message:
    """What the SDK makes of recorded bytes; its events must all come out."""
    def answer(_: Any) -> Any:
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=raw)

    client = Anthropic(api_key=KEY, max_retries=0, http_client=httpx2.Client(transport=httpx2.MockTransport(answer)))
    with client.messages.stream(model="qwen-plus", max_tokens=1, messages=user("x")) as stream:
        seen = [event.type for event in stream]
        require("message_stop" in seen, f"the SDK saw no end: {seen}")
        message = stream.get_final_message()
    check_message(message.to_json())
    return message


# What must hold of every answer


def check_message(raw: str | bytes) -> dict:
    """A whole message, also one that was put together from events."""
    Message.model_validate_json(raw, strict=True)
    document = json.loads(raw)
    require(document["id"].startswith("msg_"), f"the id is {document['id']}")
    for name in ("stop_reason", "stop_sequence"):
        require(name in document, f"{name} is absent, must be null")
    require(document["stop_reason"] is not None, "stop_reason is null")
    for block in document["content"]:
        check_block(block)
    kinds = [block["type"] for block in document["content"]]
    if document["stop_reason"] in ("tool_use", "end_turn", "stop_sequence"):
        equal(document["stop_reason"] == "tool_use", "tool_use" in kinds, "stop_reason tool_use, with blocks as seen")
    ids = [block["id"] for block in document["content"] if block["type"] == "tool_use"]
    equal(len(set(ids)), len(ids), "the number of different ids of tool_use blocks")
    check_usage(document["usage"])
    return document


def check_block(block: dict) -> None:
    kind = block["type"]
    if kind == "text":
        require(block["text"], "a text block is empty")
    elif kind == "thinking":
        require(block["signature"], "a thinking block has no signature")
    elif kind == "tool_use":
        require(isinstance(block["input"], dict), f"input is {shorten(block['input'])}, not an object")
        require(block["id"] and block["name"], "a tool_use block lacks id or name")


def check_usage(usage: dict) -> None:
    for name in COUNTERS:
        require(type(usage.get(name)) is int and usage[name] >= 0, f"usage.{name} is {usage.get(name)!r}")
    split = usage.get("cache_creation")
    if split:
        equal(split["ephemeral_5m_input_tokens"] + split["ephemeral_1h_input_tokens"],
              usage["cache_creation_input_tokens"], "the sum of cache_creation")


def check_error(headers: Any, content: str | bytes) -> dict:
    document = json.loads(content)
    equal(document.get("type"), "error", "the type of an error document")
    error = document["error"]
    for name in ("type", "message"):
        require(isinstance(error.get(name), str) and error[name], f"error.{name} is not text")
    require(KEY not in (content if isinstance(content, str) else content.decode()), "an error tells the key")
    require(headers.get("request-id"), "request-id is missing")
    return error


def read_stream(raw: bytes) -> Streamed:
    """Takes the bytes of a stream apart, more strictly than any client does."""
    text = raw.decode("utf-8")
    require("\r" not in text, "a stream has carriage returns")
    require(text.endswith("\n\n"), f"a stream does not end with an empty line: {shorten(text[-100:])}")
    streamed = Streamed(events=[], headers={})
    for event in text[:-2].split("\n\n"):
        if event.startswith(":"):
            streamed.comments += 1
            continue
        lines = event.split("\n")
        require(len(lines) == 2 and lines[0].startswith("event: ") and lines[1].startswith("data: "),
                f"not one event line and one data line: {shorten(event)}")
        require(streamed.error is None, f"after an error came {shorten(event)}")
        document = json.loads(lines[1][len("data: "):])
        equal(document["type"], lines[0][len("event: "):], "the type of an event")
        if document["type"] == "error":
            require(document["error"]["type"] and document["error"]["message"], "an error lacks type or message")
            streamed.error = document["error"]
            continue
        if document["type"] != "ping":
            EVENT.validate_json(lines[1][len("data: "):], strict=True)
        streamed.events.append(document)
    equal(streamed.comments, 0, "the number of comments")
    return streamed


def check_grammar(streamed: Streamed) -> None:
    """The rules that clients rely on; each is broken by some other gateway."""
    events = [event for event in streamed.events if event["type"] != "ping"]
    require(events, "there are no events")
    equal(streamed.events[0]["type"], "message_start", "the first event")
    kinds = [event["type"] for event in events]
    for kind in ("message_start", "message_delta", "message_stop"):
        equal(kinds.count(kind), 1, f"the number of {kind} events")
    equal(kinds[-2:], ["message_delta", "message_stop"], "the last events")
    started = events[0]["message"]
    equal(started["content"], [], "the content of message_start")
    equal((started["stop_reason"], started["stop_sequence"]), (None, None), "the end in message_start")
    check_usage(started["usage"])

    blocks: list[str] = []
    open_index, signatures, pieces = None, 0, ""
    for event in events[1:-2]:
        if event["type"] == "content_block_start":
            require(open_index is None, "a block starts while another is open")
            equal(event["index"], len(blocks), "the index of a new block")
            open_index, signatures, pieces = event["index"], 0, ""
            blocks.append(event["content_block"]["type"])
            if blocks[-1] in ("text", "thinking"):
                equal(event["content_block"].get(blocks[-1]), "", "the beginning of a block")
            if blocks[-1] == "tool_use":
                equal(event["content_block"]["input"], {}, "the input at the start of a tool_use block")
            continue
        equal(event.get("index"), open_index, f"the index of {event['type']}")
        if event["type"] == "content_block_delta":
            delta = event["delta"]
            require(delta["type"] in DELTAS.get(blocks[-1], set()), f"{delta['type']} in a block of {blocks[-1]}")
            equal(signatures, 0, "the number of signatures before the last delta of a block")
            if delta["type"] == "signature_delta":
                signatures += 1
            if delta["type"] == "text_delta":
                require(delta["text"], "a text_delta is empty")
            pieces += delta.get("text") or delta.get("partial_json") or ""
        else:
            equal(event["type"], "content_block_stop", "an event inside a block")
            if blocks[-1] == "thinking":
                equal(signatures, 1, "the number of signatures of a thinking block")
            if blocks[-1] == "text":
                require(pieces, "a text block is empty")
            if blocks[-1] == "tool_use" and pieces and events[-2]["delta"]["stop_reason"] != "max_tokens":
                require(isinstance(json.loads(pieces), dict), f"input is no object: {shorten(pieces)}")
            open_index = None
    require(open_index is None, "a block is open at the end")

    final = events[-2]["usage"]
    check_usage(final)
    for name in COUNTERS[:3]:
        if started["usage"]["input_tokens"]:
            require(final[name] >= 0, f"usage.{name} is negative at the end")
