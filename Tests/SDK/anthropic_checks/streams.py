"""Streams when something happens: silence, ends, damage, clients that leave."""

from __future__ import annotations

import json
import socket
import threading
import time
from urllib.parse import urlsplit

import anthropic

from .harness import KEY, Gateway, check, equal, require, shorten, user

LONG = "a b c d e f g h i j k l m n o p q r s t u v w x y z"


@check
def pieces_arrive_one_by_one(gateway: Gateway) -> None:
    streamed = gateway.stream(model="qwen-plus-emulator-slow-50", messages=user(LONG))
    require(len(set(streamed.arrivals)) > 3 and streamed.arrivals[-1] - streamed.arrivals[0] > 0.2,
            "the events came all at once")


@check
def silence_is_a_ping(gateway: Gateway) -> None:
    """Before upstream's first event and after it; the gateway of this suite pings each second."""
    streamed = gateway.stream(model="qwen-plus-emulator-slow-2500", messages=user("hi"), stop_sequences=["Echo"])
    kinds = [event["type"] for event in streamed.events]
    require("ping" in kinds, f"no ping in {kinds}")
    equal(kinds[0], "message_start", "the first event")
    equal(streamed.comments, 0, "the number of comments")


@check
def events_that_bring_nothing(gateway: Gateway) -> None:
    equal(gateway.stream(model="qwen-plus-emulator-null-output", messages=user(LONG)).text, f"Echo: {LONG}", "the text")


@check
def an_end_that_lingers(gateway: Gateway) -> None:
    for model in ("lingers", "lingers-without-usage", "late-usage"):
        started = time.monotonic()
        streamed = gateway.stream(model=f"qwen-plus-emulator-{model}", messages=user(LONG))
        require(time.monotonic() - started < 5, f"{model}: the end waited for the connection")
        equal(streamed.text, f"Echo: {LONG}", f"{model}: the text")
        if model != "lingers-without-usage":
            require(streamed.of("message_delta")[0]["usage"]["output_tokens"] > 0, f"{model}: the usage is lost")


@check
def other_framings_of_upstream(gateway: Gateway) -> None:
    for fault in ("no-blank-lines", "crlf", "comments", "data-in-two-lines", "usage-empty", "lone-surrogate"):
        streamed = gateway.stream(model=f"qwen-plus-emulator-{fault}", messages=user("hello"))
        require(streamed.text.startswith("Echo: hello"), f"{fault}: the text is {shorten(streamed.text)}")
    text = gateway.stream(model="qwen-plus-emulator-split-utf8", messages=user("hello")).text
    require("你好，世界 🌊" in text, f"the text is {shorten(text)}")


@check
def trouble_in_mid_stream_is_an_error_event(gateway: Gateway) -> None:
    for fault, kind in (("moderates-mid-stream", "invalid_request_error"), ("breaks-mid-stream", "api_error"),
                        ("ends-early", "api_error")):
        streamed = gateway.stream(model=f"qwen-plus-emulator-{fault}", messages=user(LONG))
        require(streamed.error is not None, f"{fault}: the stream looks complete")
        equal(streamed.error["type"], kind, f"{fault}: the type")
        require(streamed.text, f"{fault}: nothing came before the error")
        with gateway.client.messages.stream(
                **gateway.body(model=f"qwen-plus-emulator-{fault}", messages=user(LONG))) as stream:
            try:
                stream.until_done()
            except anthropic.APIStatusError as error:
                equal(error.type, kind, f"{fault}: the type in the SDK")
            else:
                require(False, f"{fault}: the SDK saw a whole answer")


@check
def a_stream_is_counted_and_recorded_once(gateway: Gateway) -> None:
    before = gateway.emulator_statistics()
    gateway.stream(messages=user("hello"))
    after = gateway.emulator_statistics()
    equal(after["requests"] - before["requests"], 1, "the number of upstream requests")


@check
def upstream_ends_when_the_client_leaves(gateway: Gateway) -> None:
    for stream in (True, False):
        before = gateway.emulator_statistics()["aborted_by_peer"]
        body = json.dumps(gateway.body(model="qwen-plus-emulator-slow-30000", stream=stream)).encode()
        address = urlsplit(gateway.root_url)
        with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
            connection.sendall(
                b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + KEY.encode()
                + b"\r\nContent-Type: application/json\r\nContent-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body)
            gateway.wait_until(lambda: gateway.emulator_statistics()["open_requests"] >= 1, "the call upstream")
        gateway.wait_until(lambda: gateway.emulator_statistics()["aborted_by_peer"] > before,
                           f"the end upstream, stream {stream}", seconds=2)


@check
def many_at_once(gateway: Gateway) -> None:
    texts: dict[int, str] = {}

    def ask(number: int) -> None:
        with gateway.client.messages.stream(**gateway.body(messages=user(f"number {number}"))) as stream:
            texts[number] = "".join(stream.text_stream)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    equal(texts, {number: f"Echo: number {number}" for number in range(40)}, "the answers")
