"""What can be done wrong on the port that speaks TLS: garbage, streams reset at once, heads without an end."""

import asyncio
import contextlib
import random

import http2
import shapes
import wire
from clients import PATH
from processes import HOST, until
from slow import SLACK, TIMERS


class Encrypted:
    """Checks of a `Hostile` against its TLS listener."""

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
