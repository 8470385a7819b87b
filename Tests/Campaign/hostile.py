"""Hostile input against one gateway with the emulator behind it, and what must be left of it afterwards: nothing.

    python hostile.py --binary dashscope-gateway [--idle N]
"""

import argparse
import asyncio
import contextlib
import json
import logging
import os
import random
import resource
import shutil
import socket
import ssl
import tempfile
import time

import aiohttp
import http2
import shapes
import wire
from clients import PATH, key_hash
from processes import HOST, Authority, Emulator, Gateway, Samples, free_ports, until
from report import Report

# Short, so that those who dawdle are cut while somebody watches.
TIMERS = {"headerTimeout": 2, "bodyTimeout": 5, "writeStallTimeout": 3, "keepAliveTimeout": 120}
SLACK = 4


class Hostile:
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

    # Slow ones.

    async def check_drip(self, clients):
        head = shapes.head("Content-Length: 4000")
        body = asyncio.gather(*[self.drip_body(head) for _ in range(clients // 2)])
        heads = asyncio.gather(*[wire.drip(self.port, head, 20) for _ in range(clients // 2)])
        async with self.others("a byte a second"):
            heads, bodies = await heads, await body
        bound = TIMERS["headerTimeout"] + SLACK
        late = [seconds for seconds, _ in heads if seconds is None or seconds > bound]
        self.report.check(f"{len(heads)} heads of a byte a second are cut", not late, f"{len(late)} after {bound} s")
        bound = TIMERS["bodyTimeout"] + SLACK
        late = [seconds for seconds, _ in bodies if seconds is None or seconds > bound]
        self.report.check(f"{len(bodies)} bodies of a byte a second are cut", not late, f"{len(late)} after {bound} s")
        told = sum(1 for _, received in bodies if received.startswith(b"HTTP/1.1 408 "))
        self.report.check("and told with 408", told == len(bodies), f"{told} of {len(bodies)} were")

    async def drip_body(self, head):
        """The head at once, the body a byte a second."""
        reader, writer = await asyncio.open_connection(HOST, self.port)
        writer.write(head)
        began, received = time.monotonic(), b""
        answer = asyncio.create_task(reader.read(4096))
        try:
            while not answer.done() and time.monotonic() - began < 20:
                writer.write(b" ")
                await asyncio.wait({answer}, timeout=1)
            received = answer.result() if answer.done() else b""
            return (time.monotonic() - began if answer.done() else None), received
        except OSError:
            return time.monotonic() - began, received
        finally:
            answer.cancel()
            writer.close()

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

    # Those who do not read.

    async def check_stopped_readers(self, count):
        body = json.dumps({
            "model": "emulator-fast-30000", "stream": True, "messages": [{"role": "user", "content": "x"}],
        }).encode()
        before = self.gateway.resident()
        connections = []
        for _ in range(count):
            own = socket.socket()
            own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
            own.connect((HOST, self.port))
            _, writer = await asyncio.open_connection(sock=own, limit=1024)
            writer.transport.pause_reading()
            writer.write(shapes.head(f"Content-Length: {len(body)}") + body)
            connections.append(writer)
        peak = began = 0

        async def gone():
            nonlocal peak, began
            peak = max(peak, self.gateway.resident() - before)
            # The emulator takes its time to make so much.
            if not began and await self.metric("gateway_streams_active") == count:
                began = time.monotonic()
            return await self.metric("gateway_open_connections") <= 1

        try:
            await until(gone, 40, "readers that stop are cut")
            cut = ""
        except RuntimeError as error:
            cut = str(error)
        grown = peak
        self.report.check(f"{count} readers that stop are cut, {time.monotonic() - began:.0f} s after the last stream began",
                          began and not cut, cut or "not all began")
        bound = count << 20
        self.report.check(f"their streams are held back ({grown >> 10} KiB for {count})", grown < bound + (16 << 20),
                          "memory grew")
        for writer in connections:
            writer.transport.abort()

    # TLS and HTTP/2.

    async def check_tls(self):
        chance = random.Random(1)
        record = b"\x16\x03\x01"
        attempts = [chance.randbytes(500) for _ in range(100)]
        attempts += [record + chance.randbytes(2) + chance.randbytes(400) for _ in range(100)]
        attempts += [b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n", record + b"\xff\xff" + b"\x01" * 70_000, b"\x80\x2e\x01"]
        results = await asyncio.gather(*[wire.talk(self.gateway.secure, data, first=14) for data in attempts])
        served = [received for received, _ in results if b"HTTP/" in received]
        self.report.check(f"{len(attempts)} times garbage for TLS is served nothing", not served, served)
        open_ones = sum(1 for _, closed in results if not closed)
        self.report.check("and its connections are closed", open_ones == 0, f"{open_ones} were open after 14 s")

    async def check_http2(self):
        context = self.context
        context.set_alpn_protocols(["h2"])
        async with self.others("streams opened and reset at once"):
            resets = await self.reset_rapidly(context)

        async def ended():
            return (await self.emulator.ask("stats"))["open_requests"] <= 1

        try:
            await until(ended, 5, "upstream's calls end")
            left = ""
        except RuntimeError as error:
            left = str(error)
        self.report.check(f"{resets} streams opened and reset at once leave no call open", resets > 0 and not left,
                          left or "none was sent")
        closed = await self.continue_endlessly(context)
        self.report.check("a head without an end is cut", closed, "16 MB of it were taken")
        connection = await http2.Connection().open(HOST, self.gateway.secure, context)
        stream, answer = await connection.request("GET", "localhost", "/health", [], b"")
        status = (await answer.next())[":status"]
        await connection.close()
        self.report.check("HTTP/2 still answers", status == "200", status)

    async def reset_rapidly(self, context):
        """Opens streams and takes them back before they are answered, over and over."""
        sent = 0
        body = shapes.chat("reset")
        headers = [("authorization", "Bearer sk-reset"), ("content-type", "application/json")]
        for _ in range(4):
            connection = await http2.Connection().open(HOST, self.gateway.secure, context)
            with contextlib.suppress(http2.ConnectionLost):
                for _ in range(2_000):
                    stream, _ = await connection.request("POST", "localhost", PATH, headers, body)
                    connection.forget(stream, ended=False)
                    sent += 1
                    if sent % 50 == 0:
                        await asyncio.sleep(0)
            await connection.close()
        return sent

    async def continue_endlessly(self, context):
        """HEADERS without an end, and CONTINUATION after CONTINUATION: true where the connection is closed."""
        reader, writer = await asyncio.open_connection(HOST, self.gateway.secure, ssl=context, server_hostname="localhost")
        frame = lambda kind, flags, payload: (  # noqa: E731
            len(payload).to_bytes(3, "big") + bytes([kind, flags]) + (1).to_bytes(4, "big") + payload
        )
        # A literal header field without indexing: a short name and a value.
        field = b"\x00\x01a\x7f\x81\x3e" + b"b" * 8_000
        writer.write(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0" + frame(1, 0, b"\x82"))
        answer = asyncio.create_task(self.read_to_end(reader))
        try:
            for _ in range(2_000):
                writer.write(frame(9, 0, field))
                await writer.drain()
                if answer.done():
                    return True
            await asyncio.wait({answer}, timeout=TIMERS["headerTimeout"] + SLACK)
            return answer.done()
        except OSError:
            return True
        finally:
            answer.cancel()
            writer.close()

    async def read_to_end(self, reader):
        with contextlib.suppress(OSError):
            while await reader.read(65_536):
                pass

    # Many.

    async def check_idle(self, count):
        """Connections that asked once and stay: others must not notice."""
        writers, refused = [], 0
        request = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
        gate = asyncio.Semaphore(200)

        async def one():
            nonlocal refused
            async with gate:
                try:
                    reader, writer = await asyncio.open_connection(HOST, self.port)
                    writer.write(request)
                    if not (await reader.readuntil(b"}\n")).startswith(b"HTTP/1.1 200 "):
                        raise ConnectionError("refused")
                    writers.append((reader, writer))
                except (OSError, asyncio.IncompleteReadError):
                    refused += 1

        before = self.gateway.resident()
        async with self.others(f"{count} idle connections"):
            await asyncio.gather(*[one() for _ in range(count)])
            held = await self.metric("gateway_open_connections")
            grown = self.gateway.resident() - before
            await asyncio.sleep(2)
        each = grown / max(1, len(writers)) / 1024
        self.report.check(f"{held} connections are held, {each:.1f} KiB each", refused == 0 and held >= count,
                          f"{refused} refused, {held} of {count} held")
        # One after the other they are still good.
        sample = writers[:: max(1, len(writers) // 50)]
        good = 0
        for reader, writer in sample:
            writer.write(request)
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                good += (await reader.readuntil(b"}\n")).startswith(b"HTTP/1.1 200 ")
        self.report.check("idle connections still serve", good == len(sample), f"{good} of {len(sample)}")
        for _, writer in writers:
            writer.transport.abort()

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
