"""What every check uses: the registry, the clients, strict validation, streams read twice."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any

import httpx
import openai
from openai import OpenAI
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from checking import (  # noqa: F401 (the checks take all of it from here)
    CHECKS, KEY, CheckFailed, Service, check, equal, require, run_checks, shorten,
)

ERROR_MEMBERS = {"message", "type", "param", "code"}


def user(text: Any) -> list[dict]:
    """The shortest conversation."""
    return [{"role": "user", "content": text}]


@dataclass
class Streamed:
    """A stream as it was on the wire, and as the SDK's accumulator understood it."""

    chunks: list[dict]
    completion: Any
    headers: httpx.Headers
    ended_with_done: bool
    error: dict | None = None
    arrivals: list[float] = field(default_factory=list)

    @property
    def deltas(self) -> list[dict]:
        return [choice["delta"] for chunk in self.chunks for choice in chunk["choices"]]

    def text(self, index: int = 0, name: str = "content") -> str:
        return "".join(
            choice["delta"].get(name) or ""
            for chunk in self.chunks
            for choice in chunk["choices"]
            if choice["index"] == index
        )

    @property
    def finish_reasons(self) -> dict[int, str]:
        return {
            choice["index"]: choice["finish_reason"]
            for chunk in self.chunks
            for choice in chunk["choices"]
            if choice["finish_reason"]
        }


class Gateway(Service):
    """A running gateway as OpenAI's client sees it."""

    def __init__(self, base_url: str, emulator_url: str, timeout: float = 30) -> None:
        super().__init__(base_url, emulator_url, timeout)
        self.client = self.make_client()

    def make_client(self, key: str = KEY, retries: int = 0) -> OpenAI:
        return OpenAI(base_url=self.base_url, api_key=key, max_retries=retries, timeout=self.timeout)

    def post(self, body: Any, **options: Any) -> httpx.Response:
        """A chat request with any body at all."""
        if isinstance(body, (bytes, str)):
            headers = {"Content-Type": "application/json", **options.pop("headers", {})}
            return self.request("POST", "/v1/chat/completions", content=body, headers=headers, **options)
        return self.request("POST", "/v1/chat/completions", json=body, **options)

    def complete(self, **parameters: Any) -> tuple[ChatCompletion, httpx.Headers]:
        """A completion through the SDK, its JSON held against the SDK's types without any lenience."""
        parameters.setdefault("model", "qwen-plus")
        raw = self.client.chat.completions.with_raw_response.create(**parameters)
        document = json.loads(raw.content)
        check_completion(document)
        return raw.parse(), raw.headers

    def stream(self, key: str = KEY, headers: dict | None = None, **parameters: Any) -> Streamed:
        """A streamed completion: its bytes, then the same chunks through the SDK's accumulator."""
        parameters.setdefault("model", "qwen-plus")
        body = {**parameters, "stream": True}
        with self.http.stream(
            "POST",
            self.base_url + "/chat/completions",
            json=body,
            headers={"Authorization": f"Bearer {key}", "Accept": "application/json", **(headers or {})},
        ) as response:
            if response.status_code != 200:
                response.read()
                raise CheckFailed(f"status {response.status_code}: {shorten(response.text)}")
            require(
                response.headers.get("content-type", "").startswith("text/event-stream"),
                f"content-type is {response.headers.get('content-type')}",
            )
            require("content-length" not in response.headers, "a stream has a content-length")
            raw, arrivals = b"", []
            for piece in response.iter_raw():
                arrivals.append(time.monotonic())
                raw += piece
        streamed = read_stream(raw, response.headers)
        streamed.arrivals = arrivals
        wants_usage = (parameters.get("stream_options") or {}).get("include_usage") is True
        if streamed.error is None:
            check_stream(streamed, wants_usage)
            state = ChatCompletionStreamState(input_tools=parameters.get("tools") or openai.omit)
            for chunk in streamed.chunks:
                state.handle_chunk(ChatCompletionChunk.model_validate(chunk))
            streamed.completion = state.get_final_completion()
        return streamed

    def refused(self, error: type[Exception], status: int, code: str | None = None, **parameters: Any) -> Any:
        """Asks for what must be refused, and returns the SDK's exception."""
        parameters.setdefault("model", "qwen-plus")
        parameters.setdefault("messages", user("hello"))
        client = parameters.pop("client", self.client)
        try:
            client.chat.completions.create(**parameters)
        except openai.APIStatusError as raised:
            equal(type(raised), error, "the exception")
            equal(raised.status_code, status, "the status")
            if code is not None:
                equal(raised.code, code, "the code")
            check_error(raised.response)
            return raised
        raise CheckFailed("was not refused")

# What must hold of every answer


def check_completion(document: dict) -> None:
    ChatCompletion.model_validate(document, strict=True)
    equal(document["object"], "chat.completion", "object")
    require(document["id"], "the id is empty")
    require(type(document["created"]) is int, "created is not an integer")
    require(not document.get("error"), "a completion has an error")
    require(document["choices"], "there is no choice")
    for position, choice in enumerate(document["choices"]):
        equal(choice["index"], position, "the index of a choice")
        require("logprobs" in choice, "logprobs is absent, must be null")
        message = choice["message"]
        for name in ("content", "refusal"):
            require(name in message, f"message.{name} is absent, must be null")
        if "tool_calls" in message:
            require(message["tool_calls"], "tool_calls is empty, must be absent")
            equal(choice["finish_reason"], "tool_calls", "finish_reason with tool calls")
            ids = [call["id"] for call in message["tool_calls"]]
            equal(len(set(ids)), len(ids), "the number of different ids of tool calls")
            for call in message["tool_calls"]:
                json.loads(call["function"]["arguments"])
    if document.get("usage"):
        check_usage(document["usage"])


def check_usage(usage: dict) -> None:
    equal(usage["total_tokens"], usage["prompt_tokens"] + usage["completion_tokens"], "total_tokens")


def check_error(response: Any) -> dict:
    require(
        response.headers.get("content-type", "").startswith("application/json"),
        f"an error's content-type is {response.headers.get('content-type')}",
    )
    require(response.headers.get("x-request-id"), "x-request-id is missing")
    error = json.loads(response.content)["error"]
    require(ERROR_MEMBERS <= set(error), f"an error lacks {sorted(ERROR_MEMBERS - set(error))}")
    for name in ("message", "type"):
        require(isinstance(error[name], str) and error[name], f"error.{name} is not text")
    for name in ("param", "code"):
        require(error[name] is None or isinstance(error[name], str), f"error.{name} is neither text nor null")
    require(KEY not in response.text, "an error tells the key")
    return error


def read_stream(raw: bytes, headers: httpx.Headers) -> Streamed:
    """Takes the bytes of a stream apart, more strictly than any client does."""
    text = raw.decode("utf-8")
    require("\r" not in text, "a stream has carriage returns")
    require(text.endswith("\n\n"), "a stream does not end with an empty line")
    chunks, done, error = [], False, None
    for event in text[:-2].split("\n\n"):
        if event.startswith(":"):
            require("\n" not in event, "a comment shares its event with something else")
            continue
        require(not done, f"after [DONE] came {shorten(event)}")
        require(error is None, f"after an error came {shorten(event)}")
        require(event.startswith("data: ") and "\n" not in event, f"not one data line: {shorten(event)}")
        data = event[len("data: ") :]
        if data == "[DONE]":
            done = True
            continue
        document = json.loads(data)
        if document.get("error"):
            error = document["error"]
            require(ERROR_MEMBERS <= set(error), f"an error lacks {sorted(ERROR_MEMBERS - set(error))}")
            continue
        ChatCompletionChunk.model_validate(document, strict=True)
        chunks.append(document)
    require(not (done and error), "a stream with an error ends with [DONE]")
    return Streamed(chunks=chunks, completion=None, headers=headers, ended_with_done=done, error=error)


def check_stream(streamed: Streamed, wants_usage: bool) -> None:
    """The rules that clients rely on; each is broken by some other gateway."""
    chunks = streamed.chunks
    require(streamed.ended_with_done, "[DONE] is missing")
    require(chunks, "there are no chunks")
    for name in ("id", "created", "model", "object"):
        equal(len({json.dumps(chunk[name]) for chunk in chunks}), 1, f"the number of different values of {name}")
    equal(chunks[0]["object"], "chat.completion.chunk", "object")
    require(type(chunks[0]["created"]) is int, "created is not an integer")

    with_usage = [position for position, chunk in enumerate(chunks) if chunk.get("usage")]
    if wants_usage:
        equal(with_usage, [len(chunks) - 1], "the positions of chunks with usage")
        equal(chunks[-1]["choices"], [], "the choices of the usage chunk")
        check_usage(chunks[-1]["usage"])
        for chunk in chunks[:-1]:
            require("usage" in chunk and chunk["usage"] is None, "usage is not null before the last chunk")
        chunks = chunks[:-1]
    else:
        equal(with_usage, [], "the positions of chunks with usage that was not asked for")
    require(all(chunk["choices"] for chunk in chunks), "a chunk without choices is not the usage chunk")

    seen: dict[int, dict] = {}
    for choice in (choice for chunk in chunks for choice in chunk["choices"]):
        index, delta = choice["index"], choice["delta"]
        if index not in seen:
            equal(index, len(seen), "the index of a new choice")
            equal(delta.get("role"), "assistant", "the role of a first delta")
            seen[index] = {"finish": None, "calls": {}}
        else:
            require(delta.get("role") is None, "role is repeated")
        state = seen[index]
        require(state["finish"] is None, "a choice goes on after its finish_reason")
        require("finish_reason" in choice, "finish_reason is absent, must be null")
        check_tool_call_deltas(delta.get("tool_calls"), state["calls"])
        if choice["finish_reason"] is not None:
            state["finish"] = choice["finish_reason"]
    for index, state in seen.items():
        require(state["finish"], f"choice {index} has no finish_reason")
        if state["calls"]:
            equal(state["finish"], "tool_calls", "finish_reason with tool calls")
        for arguments in state["calls"].values():
            json.loads(arguments)


def check_tool_call_deltas(deltas: list[dict] | None, calls: dict[int, str]) -> None:
    require(deltas is None or deltas, "tool_calls is empty, must be absent")
    for delta in deltas or []:
        index, function = delta["index"], delta.get("function") or {}
        if index not in calls:
            equal(index, len(calls), "the index of a new tool call")
            require(delta.get("id"), "the first delta of a tool call has no id")
            require(function.get("name"), "the first delta of a tool call has no name")
            equal(delta.get("type"), "function", "the type of a tool call")
            calls[index] = ""
        else:
            require(not delta.get("id"), "the id of a tool call is repeated")
            require(not function.get("name"), "the name of a tool call is repeated")
            require("type" not in delta or delta["type"] == "function", "the type of a tool call is overwritten")
        calls[index] += function.get("arguments") or ""
