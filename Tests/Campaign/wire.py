"""Bytes to and from a port, without a client library that would put them right."""

import asyncio
import re

from processes import HOST

STATUS = re.compile(rb"HTTP/1\.[01] (\d{3}) ")


async def talk(port, data, quiet=0.6, first=8, limit=20):
    """Sends bytes and reads until the other side closes or is quiet; returns what came and whether it closed."""
    reader, writer = await asyncio.open_connection(HOST, port)
    received, closed = b"", False

    async def send():
        try:
            writer.write(data)
            await writer.drain()
        except OSError:
            pass

    sending = asyncio.create_task(send())
    try:
        async with asyncio.timeout(limit):
            while True:
                # The first answer may take its time; after it, silence is an end.
                async with asyncio.timeout(quiet if received else first):
                    piece = await reader.read(65_536)
                if not piece:
                    closed = True
                    break
                received += piece
    except (asyncio.TimeoutError, TimeoutError):
        pass
    except OSError:
        closed = True
    finally:
        sending.cancel()
        writer.close()
    return received, closed


def answers(received):
    """The statuses and bodies of the answers in what came, by their framing; what is no answer has status 0."""
    found = []
    while received:
        match = STATUS.match(received)
        end = received.find(b"\r\n\r\n")
        if not match or end < 0:
            found.append((0, received[:80]))
            break
        lines = received[:end].lower().split(b"\r\n")
        received = received[end + 4 :]
        status = int(match[1])
        body = b""
        if status != 100:
            length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), None)
            if length is not None:
                body, received = received[:length], received[length:]
            elif b"transfer-encoding: chunked" in lines:
                body, received = unchunk(received)
            found.append((status, body))
    return found


def unchunk(data):
    body = b""
    while data:
        line, _, data = data.partition(b"\r\n")
        size = int(line.split(b";")[0], 16)
        body += data[:size]
        data = data[size + 2 :]
        if size == 0:
            break
    return body, data


async def drip(port, data, seconds, pause=1.0):
    """Sends a byte at a time; returns how long the other side bore it and what it said."""
    loop = asyncio.get_running_loop()
    reader, writer = await asyncio.open_connection(HOST, port)
    began = loop.time()
    said, received = asyncio.create_task(reader.read(65_536)), b""
    try:
        for index in range(len(data)):
            if loop.time() - began > seconds:
                return None, received
            writer.write(data[index : index + 1])
            done, _ = await asyncio.wait({said}, timeout=pause)
            if done:
                # Refused with an answer, or closed.
                received = said.result()
                break
        return loop.time() - began, received
    except OSError:
        return loop.time() - began, received
    finally:
        said.cancel()
        writer.close()
