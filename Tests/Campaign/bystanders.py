"""Callers who mean no harm while somebody else does: other addresses, other keys, every sort of request."""

import asyncio
import json
import time

import aiohttp
from clients import PATH


class Bystanders:
    """Asks on four ways at once and keeps what came of it."""

    def __init__(self, url, sources, pause=0.03):
        self.url, self.sources, self.pause = url, sources, pause
        self.times, self.failures = [], []
        self.over = asyncio.Event()
        self.tasks = []

    def begin(self):
        ways = [self.anew, self.kept, self.streams, self.health]
        self.tasks = [asyncio.create_task(self.run(way, source)) for way, source in zip(ways, self.sources)]

    async def end(self):
        self.over.set()
        await asyncio.gather(*self.tasks)

    @property
    def p99(self):
        return sorted(self.times)[int(len(self.times) * 0.99)] if self.times else float("inf")

    async def run(self, way, source):
        timeout = aiohttp.ClientTimeout(10)
        connector = aiohttp.TCPConnector(local_addr=(source, 0), force_close=way == self.anew)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            number = 0
            while not self.over.is_set():
                number += 1
                began = time.monotonic()
                try:
                    await way(session, f"{way.__name__}-{number}")
                except (aiohttp.ClientError, asyncio.TimeoutError, ValueError, KeyError) as error:
                    self.failures.append(f"{way.__name__}: {error!r}")
                    # A gateway that is gone would be asked a thousand times.
                    await asyncio.sleep(0.2)
                self.times.append(time.monotonic() - began)
                await asyncio.sleep(self.pause)

    async def anew(self, session, mark):
        await self.ask(session, mark)

    async def kept(self, session, mark):
        await self.ask(session, mark)

    async def ask(self, session, mark):
        async with session.post(self.url + PATH, json=body(mark), headers=headers(mark)) as answer:
            text = await answer.text()
            if answer.status != 200 or json.loads(text)["choices"][0]["message"]["content"] != f"Echo: {mark}":
                raise ValueError(f"{answer.status} {text[:200]}")

    async def streams(self, session, mark):
        said = ""
        async with session.post(self.url + PATH, json=body(mark, stream=True), headers=headers(mark)) as answer:
            text = await answer.text()
            if answer.status != 200:
                raise ValueError(f"{answer.status} {text[:200]}")
        events = [line[6:] for line in text.splitlines() if line.startswith("data: ")]
        for event in events[:-1]:
            for choice in json.loads(event)["choices"]:
                said += choice["delta"].get("content") or ""
        if said != f"Echo: {mark}" or events[-1] != "[DONE]":
            raise ValueError(f"a stream said {said!r}")

    async def health(self, session, mark):
        async with session.get(f"{self.url}/health") as answer:
            if answer.status != 200:
                raise ValueError(f"/health says {answer.status}")


def body(mark, **more):
    return {"model": "qwen-plus", "messages": [{"role": "user", "content": mark}]} | more


def headers(mark):
    # A key for each way, as an application has one.
    return {"authorization": f"Bearer sk-bystander-{mark.split('-')[0]}"}
