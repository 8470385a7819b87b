"""Many at once, and clients that leave."""

from __future__ import annotations

import asyncio
import socket
from urllib.parse import urlsplit

from openai import AsyncOpenAI

from .harness import KEY, Gateway, check, require, shorten, user


@check
def a_hundred_streams_at_once(gateway: Gateway) -> None:
    async def one(client: AsyncOpenAI, number: int) -> None:
        mark = f"mark-{number:03d}-{number * 7919 % 1000:03d}"
        stream = await client.chat.completions.create(model="qwen-plus", messages=user(mark), stream=True)
        text = "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices])
        require(mark in text and text.count("mark-") == 1, f"stream {number} says {shorten(text)}")

    async def run() -> None:
        async with AsyncOpenAI(base_url=gateway.base_url, api_key=KEY, max_retries=0, timeout=60) as client:
            await asyncio.gather(*(one(client, number) for number in range(100)))

    asyncio.run(run())


@check
def two_hundred_callers_with_their_own_keys(gateway: Gateway) -> None:
    async def run() -> None:
        async with AsyncOpenAI(base_url=gateway.base_url, api_key=KEY, max_retries=0, timeout=60) as client:
            async def one(number: int) -> None:
                caller = client.with_options(api_key=f"sk-caller-{number:03d}")
                answer = await caller.chat.completions.create(model="qwen-plus", messages=user(f"caller {number:03d}."))
                require(f"caller {number:03d}." in answer.choices[0].message.content, "answers are mixed up")

            await asyncio.gather(*(one(number) for number in range(200)))

    gateway.reset_emulator()
    asyncio.run(run())
    hashes: dict[str, set[str]] = {}
    for request in gateway.emulator_requests():
        text = request["body"]["input"]["messages"][-1]["content"]
        hashes.setdefault(text, set()).add(request["authorization_hash"])
    require(all(len(found) == 1 for found in hashes.values()), "a caller's request carried two keys")
    require(len(set.union(*hashes.values())) == len(hashes), "two callers' requests carried one key")


@check
def a_client_that_leaves_a_stream(gateway: Gateway) -> None:
    gateway.wait_until(lambda: gateway.emulator_statistics()["open_streams"] == 0, "earlier streams end")
    stream = gateway.client.chat.completions.create(
        model="qwen-plus-emulator-slow-200", messages=user("a long tale " * 20), stream=True
    )
    next(iter(stream))
    require(gateway.emulator_statistics()["open_streams"] == 1, "the stream is not open upstream")
    stream.close()
    gateway.wait_until(lambda: gateway.emulator_statistics()["open_streams"] == 0, "the upstream stream ends", 2)


@check
def a_client_that_leaves_while_waiting(gateway: Gateway) -> None:
    """Neither a first event nor an answer has come when the client goes."""
    parts = urlsplit(gateway.root_url)
    for stream in ("true", "false"):
        body = (
            '{"model":"qwen-plus-emulator-silent","stream":%s,"messages":[{"role":"user","content":"x"}]}' % stream
        ).encode()
        connection = socket.create_connection((parts.hostname, parts.port), timeout=5)
        connection.sendall(
            b"POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer sk-test\r\n"
            b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        )
        gateway.wait_until(lambda: gateway.emulator_statistics()["open_requests"] == 1, "the request is upstream")
        connection.close()
        gateway.wait_until(
            lambda: gateway.emulator_statistics()["open_requests"] == 0, "the upstream request ends", 2
        )


@check
def many_clients_that_leave(gateway: Gateway) -> None:
    async def one(client: AsyncOpenAI) -> None:
        stream = await client.chat.completions.create(
            model="qwen-plus-emulator-slow-500", messages=user("a long tale " * 20), stream=True
        )
        await anext(aiter(stream))
        await stream.close()

    async def run() -> None:
        async with AsyncOpenAI(base_url=gateway.base_url, api_key=KEY, max_retries=0, timeout=60) as client:
            await asyncio.gather(*(one(client) for _ in range(50)))

    asyncio.run(run())
    gateway.wait_until(lambda: gateway.emulator_statistics()["open_streams"] == 0, "the upstream streams end", 2)
    completion, _ = gateway.complete(messages=user("still there?"))
    require("still there?" in completion.choices[0].message.content, "others are harmed")


@check
def a_silent_upstream_gets_its_client_comments(gateway: Gateway) -> None:
    """Only where the interval is short enough to wait for."""
    parts = urlsplit(gateway.root_url)
    body = b'{"model":"qwen-plus-emulator-silent-mid-stream","stream":true,"messages":[{"role":"user","content":"a b c d"}]}'
    with socket.create_connection((parts.hostname, parts.port), timeout=15) as connection:
        connection.sendall(
            b"POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer sk-test\r\n"
            b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        )
        received = b""
        while b"\n: " not in received and len(received) < 100_000:
            piece = connection.recv(65536)
            require(piece, f"the stream ended: {shorten(received[-200:])}")
            received += piece
    gateway.wait_until(lambda: gateway.emulator_statistics()["open_streams"] == 0, "the upstream stream ends", 2)
