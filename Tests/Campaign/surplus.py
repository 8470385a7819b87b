"""Marked calls through a gateway whose upstream sends more than it was asked for, or less: nothing crosses, nothing is lost.

    python surplus.py --binary dashscope-gateway [--calls N] [--seed N]

What upstream does with a call is said in the call's own prompt, so that its caller knows what may become of it.
"""

import argparse
import asyncio
import collections
import json
import os
import random
import resource
import shutil
import signal
import tempfile
import time

import aiohttp
import processes
from clients import PATH
from processes import Gateway
from report import Report

STRANGE = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 147\r\n\r\n' + json.dumps({
    "output": {"choices": [{"message": {"role": "assistant", "content": "Somebody else's answer"},
                            "finish_reason": "stop"}]}, "request_id": "surplus"}).encode().ljust(147)
# What follows a complete answer in the same piece.
SURPLUS = {
    "clean": b"",
    "second": STRANGE,
    "third": STRANGE * 2,
    "garbage": b"\x00\x01 garbage \r\n\r\n",
    "blank": b"\r\n",
    "byte": b"H",
    "begun": STRANGE[:40],
    "headless": STRANGE[-147:],
}
# Answers that are no good answers: what may become of their call.
ERRORS = {
    "short": {400},
    "refused": {400},
    "empty": {500, 502},
    "unmodified": {500, 502},
    "cut": {502},
    "closes": {200, 502},
}
WEIGHTS = {"clean": 30, "second": 10, "third": 3, "garbage": 5, "blank": 3, "byte": 3, "begun": 4, "headless": 3,
           "short": 3, "refused": 3, "empty": 2, "unmodified": 2, "cut": 2, "closes": 2}


def event(text, finish, number):
    document = {"output": {"choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": finish}]},
                "usage": {"input_tokens": 1, "output_tokens": number, "total_tokens": 1 + number}, "request_id": "r"}
    return json.dumps(document).encode()


class Upstream:
    """Speaks HTTP/1.1 badly, on purpose."""

    def __init__(self):
        self.calls, self.strangers = collections.Counter(), []
        self.server = None
        self.writers, self.drops = set(), []

    async def start(self):
        self.server = await asyncio.start_server(self.serve, processes.HOST, 0, limit=1 << 20)
        self.url = f"http://{processes.HOST}:{self.server.sockets[0].getsockname()[1]}"

    async def end(self):
        self.server.close()

    def drop(self):
        """Cuts every connection at once, whatever is under way."""
        self.drops.append(time.monotonic())
        for each in list(self.writers):
            each.transport.abort()

    def was_dropped(self, began, ended):
        return any(began - 0.5 <= at <= ended for at in self.drops)

    async def serve(self, reader, writer):
        self.writers.add(writer)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                fields = dict(
                    line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:] if b":" in line
                )
                # Of the key only the case of its letters is lost.
                key = fields[b"authorization"].strip().decode().removeprefix("bearer ")
                body = json.loads(await reader.readexactly(int(fields[b"content-length"])))
                prompt = body["input"]["messages"][-1]["content"]
                _, deed, number = prompt.split("-")
                self.calls[prompt] += 1
                if key != f"sk-{number}":
                    self.strangers.append(f"{prompt} came with {key}")
                streams = fields.get(b"x-dashscope-sse", b"").strip() == b"enable"
                if not await self.answer(writer, prompt, deed, streams):
                    break
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            self.writers.discard(writer)
            writer.close()

    async def answer(self, writer, prompt, deed, streams):
        """Answers one call; whether the connection goes on."""
        text = f"Echo: {prompt}"
        refusal = b'{"code":"InvalidParameter","message":"no","request_id":"r"}'
        if deed == "closes":
            return False
        if deed == "refused":
            writer.write(whole(400, refusal) + STRANGE)
        elif deed == "short":
            # The length ends before the body does.
            writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: 40\r\n\r\n" + refusal)
        elif deed in ("empty", "unmodified"):
            writer.write((b"HTTP/1.1 204 No Content" if deed == "empty" else b"HTTP/1.1 304 Not Modified") + b"\r\n\r\n" + STRANGE)
        elif deed == "cut":
            writer.write(whole(200, event(text, "stop", 2))[:-20])
            await writer.drain()
            return False
        elif streams:
            chunks = b"".join(
                chunk(b"id:1\nevent:result\n:HTTP_STATUS/200\ndata:" + part + b"\n\n") for part in
                [event(text[:6], "null", 1), event(text[6:], "null", 2), event("", "stop", 2)]
            )
            start = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
            writer.write(start + chunks + b"0\r\n\r\n" + SURPLUS[deed])
        else:
            writer.write(whole(200, event(text, "stop", 2)) + SURPLUS[deed])
        await writer.drain()
        return True


def whole(status, body):
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def chunk(data):
    return b"%x\r\n%b\r\n" % (len(data), data)


class Callers:
    def __init__(self, url, upstream, seed):
        self.url, self.upstream, self.chance = url, upstream, random.Random(f"{seed}/surplus")
        self.numbers = 0
        self.counts, self.wrong = collections.Counter(), []

    async def work(self, session, calls):
        while self.numbers < calls:
            self.numbers += 1
            number = self.numbers
            deed = self.chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
            streams, leaves = self.chance.random() < 0.4, self.chance.random() < 0.02
            mark = f"mark-{deed}-{number}"
            try:
                if leaves:
                    async with asyncio.timeout(self.chance.random() * 0.01):
                        await self.call(session, mark, deed, number, streams)
                else:
                    async with asyncio.timeout(30):
                        await self.call(session, mark, deed, number, streams)
            except TimeoutError:
                if leaves:
                    self.counts["left"] += 1
                else:
                    self.wrong.append(f"{mark}: no answer")
            except (aiohttp.ClientError, ValueError, KeyError) as error:
                self.wrong.append(f"{mark}: {error!r}")

    async def call(self, session, mark, deed, number, streams):
        body = {"model": "qwen-plus", "messages": [{"role": "user", "content": mark}], "stream": streams}
        headers = {"authorization": f"Bearer sk-{number}"}
        began = time.monotonic()
        async with session.post(self.url + PATH, json=body, headers=headers) as answer:
            text, status = await answer.text(), answer.status
        said, ended = "", True
        if status == 200 and streams:
            lines = [line[6:] for line in text.splitlines() if line.startswith("data: ")]
            documents = [json.loads(line) for line in lines if line != "[DONE]"]
            ended = bool(lines) and lines[-1] == "[DONE]"
            if any("error" in each for each in documents):
                status = 502
            said = "".join(c["delta"].get("content") or "" for d in documents for c in d.get("choices", []))
        elif status == 200:
            said = json.loads(text)["choices"][0]["message"]["content"]
        self.counts[str(status)] += 1
        allowed = ERRORS.get(deed, {200})
        if status not in allowed and not (status == 502 and self.upstream.was_dropped(began, time.monotonic())):
            self.wrong.append(f"{mark}: {status} {text[:200]}")
        elif status == 200 and (said != f"Echo: {mark}" or not ended):
            self.wrong.append(f"{mark}: was told {said!r}")
        elif status != 200 and ("mark-" in text or "Somebody" in text) and mark not in text:
            self.wrong.append(f"{mark}: was told {text[:200]}")


async def disturb(upstream, gateway):
    """Reloads, and connections that are cut, while calls go on."""
    while True:
        await asyncio.sleep(0.7)
        gateway.send(signal.SIGHUP)
        await asyncio.sleep(0.7)
        upstream.drop()


async def check(report, binary, folder, calls, seed=1, width=48):
    """Makes the calls and reports."""
    upstream = Upstream()
    await upstream.start()
    gateway = Gateway(folder, binary, "surplus", {
        "upstream": {"baseURL": upstream.url, "retry": {"baseDelay": 0.01}, "breaker": {"consecutiveFailures": 0}}, "server": {"workers": 2}, "log": {"format": "json"},
    })
    try:
        await gateway.start()
        callers = Callers(f"http://{processes.HOST}:{gateway.plain}", upstream, seed)
        began = time.monotonic()
        disturbing = asyncio.create_task(disturb(upstream, gateway))
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector) as session:
            await asyncio.gather(*[callers.work(session, calls) for _ in range(width)])
        took = time.monotonic() - began
        disturbing.cancel()
        report.check(
            f"upstream sends too much: {callers.numbers} marked calls in {took:.0f} s, {len(upstream.drops)} cuts, "
            f"nothing crossed, nothing lost {dict(callers.counts)}", not callers.wrong, [f"{len(callers.wrong)} are wrong", *callers.wrong[:8]],
        )
        missing = sum(1 for number in [len(upstream.calls)] if number < calls * 0.9)
        report.check(f"upstream saw {len(upstream.calls)} of them, each with its own key",
                     not upstream.strangers and not missing, upstream.strangers[:8])
        report.check("the gateway ends with 0", await gateway.end() == 0, "it did not")
    finally:
        await gateway.end(seconds=5)
        await upstream.end()


async def run(options, folder):
    report = Report()
    await check(report, options.binary, folder, options.calls, options.seed)
    return report


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--calls", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    options = parser.parse_args()
    options.binary = os.path.abspath(options.binary)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    print(f"seed {options.seed}, {options.calls} calls", flush=True)
    folder = tempfile.mkdtemp(prefix="surplus-")
    try:
        status = asyncio.run(run(options, folder)).close()
    finally:
        shutil.rmtree(folder)
    raise SystemExit(status)


if __name__ == "__main__":
    main()
