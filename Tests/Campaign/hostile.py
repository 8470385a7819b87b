"""Hostile input against one gateway with the emulator behind it, and what must be left of it afterwards: nothing.

    python hostile.py --binary dashscope-gateway [--idle N]
"""

import argparse
import asyncio
import contextlib
import logging
import resource
import shutil
import ssl
import tempfile
import time

import aiohttp
import shapes
import wire
from clients import PATH, key_hash
from encrypted import Encrypted
from processes import HOST, Authority, Emulator, Gateway, Samples, free_ports, until
from report import Report
from slow import TIMERS, Slow


class Hostile(Slow, Encrypted):
    """Knows one gateway with its emulator, and holds the checks."""

    def __init__(self, report, emulator, gateway, authority):
        self.report, self.emulator, self.gateway = report, emulator, gateway
        self.port = gateway.plain
        self.context = ssl.create_default_context(cafile=authority.certificate)

    # Everybody else.

    async def ask(self, session, mark):
        """An ordinary request; raises where its answer is not right."""
        body = {"model": "qwen-plus", "messages": [{"role": "user", "content": mark}]}
        headers = {"authorization": f"Bearer sk-{mark}"}
        began = time.monotonic()
        async with session.post(f"http://{HOST}:{self.port}{PATH}", json=body, headers=headers) as answer:
            document = await answer.json()
            if answer.status != 200 or document["choices"][0]["message"]["content"] != f"Echo: {mark}":
                raise RuntimeError(f"{answer.status} {str(document)[:200]}")
        return time.monotonic() - began

    @contextlib.asynccontextmanager
    async def others(self, name):
        """Ordinary requests go on while something else happens; none may fail or wait for long."""
        times, problems, over = [], [], asyncio.Event()

        async def one(number):
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(20)) as session:
                while not over.is_set():
                    try:
                        times.append(await self.ask(session, f"other-{number}-{len(times)}"))
                    except (aiohttp.ClientError, asyncio.TimeoutError, RuntimeError) as error:
                        problems.append(repr(error))
                    await asyncio.sleep(0.05)

        tasks = [asyncio.create_task(one(number)) for number in range(4)]
        yield
        over.set()
        await asyncio.gather(*tasks)
        slowest = max(times, default=0)
        self.report.check(
            f"{name}: {len(times)} other requests go on, the slowest in {slowest:.2f} s",
            times and not problems and slowest < 10, problems or "none, or too slow",
        )

    async def metric(self, name):
        return Samples(await self.gateway.metrics()).sum(name)

    # Shapes.

    async def check_shapes(self):
        gate = asyncio.Semaphore(16)

        async def one(name, data, wanted):
            async with gate:
                received, _ = await wire.talk(self.port, data)
            found = wire.answers(received)
            statuses = [status for status, _ in found]
            said = b" ".join(body for _, body in found)
            shown = f"answered {statuses}, wanted one of {wanted}: {received[:120]!r}"
            return name, statuses in wanted and shapes.SMUGGLED_PROMPT.encode() not in said, shown

        results = await asyncio.gather(*[one(*shape) for shape in shapes.shapes()])
        for name, holds, shown in results:
            self.report.check(f"shape: {name}", holds, shown)
        seen = await self.emulator.ask("requests")
        hashes = [entry["authorization_hash"] for entry in seen["requests"]]
        smuggled = key_hash(shapes.SMUGGLED_KEY)
        self.report.check("shapes: honest requests reached upstream", key_hash("sk-hostile") in hashes, "none did")
        self.report.check("shapes: no smuggled request reached upstream", smuggled not in hashes,
                          f"{hashes.count(smuggled)} did")

    # Large ones.

    async def check_bombs(self):
        one = shapes.head(b"X-Bomb: " + b"a" * (1 << 20), start=shapes.HEALTH)
        many = shapes.head(*[f"X-Bomb-{index}: {'a' * 60}" for index in range(20_000)], start=shapes.HEALTH)
        target = shapes.head(start="GET /" + "a" * (1 << 20) + " HTTP/1.1")
        for name, data, count in (("one header of 1 MB", one, 60), ("20,000 headers", many, 30),
                                  ("a target of 1 MB", target, 30)):
            results = await asyncio.gather(*[wire.talk(self.port, data) for _ in range(count)])
            statuses = {status for received, _ in results for status, _ in wire.answers(received)}
            self.report.check(f"{name}: 431 or closed", statuses <= {431, 400, 414} and all(c for _, c in results),
                              f"{statuses}")

    async def check_documents(self):
        deep = b"[" * 10_000 + b"]" * 10_000
        objects = b'{"a":' * 10_000 + b"1" + b"}" * 10_000
        message = b'{"model":"qwen-plus","messages":[{"role":"user","content":"x"}],"tools":%b}'
        for name, body in (
            ("JSON 10,000 deep", deep), ("objects 10,000 deep", objects), ("10,000 deep in a field", message % deep),
            ("10,000 open brackets", message % (b"[" * 10_000)), ("a million quotes", b'"' * 1_000_000),
        ):
            data = shapes.head(f"Content-Length: {len(body)}") + body
            received, _ = await wire.talk(self.port, data)
            statuses = [status for status, _ in wire.answers(received)]
            self.report.check(f"{name}: 400", statuses == [400], f"{statuses} {received[-200:]!r}")
        large = b"x" * 100_000_000
        for name, data in (
            ("100 MB with a length", shapes.head(f"Content-Length: {len(large)}") + large),
            ("100 MB in chunks", shapes.head(shapes.CHUNKED) + shapes.chunk(b"[" + large[:-2] + b"]") + shapes.END),
        ):
            received, closed = await wire.talk(self.port, data)
            statuses = [status for status, _ in wire.answers(received)]
            self.report.check(f"{name}: 413, closed", statuses == [413] and closed, f"{statuses}, closed {closed}")

    # Afterwards.

    async def check_end(self, start):
        async with aiohttp.ClientSession() as session:
            await self.ask(session, "still-here")
        self.report.check("afterwards: the gateway answers", True)

        async def still():
            stats = await self.emulator.ask("stats")
            return await self.metric("gateway_open_connections") <= 1 and stats["open_requests"] == 0

        try:
            await until(still, 30, "rest")
            at_rest = ""
        except RuntimeError:
            at_rest = f"{await self.metric('gateway_open_connections')} connections, {await self.emulator.ask('stats')}"
        self.report.check("afterwards: no connection, no stream, no call is open", not at_rest, at_rest)
        descriptors, resident = start
        idle = await self.metric("gateway_upstream_connections")
        now = self.gateway.descriptors()
        self.report.check(f"afterwards: descriptors are back ({descriptors} → {now}, {idle} to upstream)",
                          now - idle <= descriptors + 2, "they are not")
        memory, bound = self.gateway.resident(), 2 * resident + (96 << 20)
        self.report.check(
            f"afterwards: memory is back ({resident >> 20} → {memory >> 20} MiB, at most {bound >> 20})",
            memory <= bound, "it is not",
        )
        leaked = await self.metric("gateway_permits_leaked_total")
        self.report.check("afterwards: no permit is lost", leaked == 0, f"{leaked}")
        self.report.check("afterwards: it ends with 0", await self.gateway.end() == 0, "it did not")


async def run(options, folder):
    report = Report()
    authority = Authority(folder)
    authority.issue("gateway", 1)
    emulator = Emulator(folder, options.binary, free_ports(1)[0])
    gateway = Gateway(folder, options.binary, "gateway", {
        "upstream": {"baseURL": emulator.url}, "server": TIMERS | {"workers": 2}, "log": {"format": "json"},
    }, tls=True)
    try:
        await emulator.start()
        await gateway.start()
        hostile = Hostile(report, emulator, gateway, authority)
        async with aiohttp.ClientSession() as session:
            await hostile.ask(session, "first")
        start = gateway.descriptors(), gateway.resident()
        await hostile.check_shapes()
        await hostile.check_drip(400)
        await hostile.check_bombs()
        await hostile.check_documents()
        await hostile.check_stopped_readers(8)
        await hostile.check_tls()
        await hostile.check_http2()
        await hostile.check_idle(options.idle)
        await hostile.check_end(start)
    finally:
        await gateway.end(seconds=5)
        await emulator.end(seconds=5)
    return report


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--idle", type=int, default=10_000)
    options = parser.parse_args()
    # Writing to a connection that was cut is what this program does.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    options.idle = min(options.idle, hard - 500)
    print(f"at most {hard} descriptors: {options.idle} idle connections", flush=True)
    folder = tempfile.mkdtemp(prefix="hostile-")
    status = 1
    try:
        status = asyncio.run(run(options, folder)).close()
    finally:
        if status == 0:
            shutil.rmtree(folder)
        else:
            print(f"logs: {folder}")
    raise SystemExit(status)


if __name__ == "__main__":
    main()
