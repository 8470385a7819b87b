"""Clients that hold what they were given: a byte a second, no reading, thousands of idle connections."""

import asyncio
import contextlib
import json
import socket
import time

import shapes
import wire
from processes import HOST, until

# Short, so that those who dawdle are cut while somebody watches.
TIMERS = {"headerTimeout": 2, "bodyTimeout": 5, "writeStallTimeout": 3, "keepAliveTimeout": 120}
SLACK = 4


class Slow:
    """Checks of a `Hostile` that take long."""

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
