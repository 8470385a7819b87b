"""A small HTTP/2 client: streams on one connection that goes on with them after GOAWAY, as the RFC asks."""

import asyncio

import h2.config
import h2.connection
import h2.events
import h2.exceptions

GOAWAY = 0x7


class ConnectionLost(Exception):
    """The connection ended before the answer."""


class Answer:
    """The events of one stream, in order."""

    def __init__(self):
        self.queue = asyncio.Queue()

    async def next(self):
        event = await self.queue.get()
        if isinstance(event, Exception):
            raise event
        return event


class Connection:
    """One connection; `open` it, then `request` on it as often as it `takes` any."""

    def __init__(self):
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True, header_encoding="utf-8"))
        self.answers = {}
        self.buffer = b""
        self.is_lost = False
        self.is_going = False
        self.room = asyncio.Event()
        self.requests = 0

    @property
    def takes(self):
        return not self.is_lost and not self.is_going

    async def open(self, host, port, context):
        self.reader, self.writer = await asyncio.open_connection(host, port, ssl=context, server_hostname="localhost")
        if self.writer.get_extra_info("ssl_object").selected_alpn_protocol() != "h2":
            raise ConnectionLost("the server does not speak HTTP/2")
        self.h2.initiate_connection()
        self._send()
        self.task = asyncio.create_task(self._read())
        return self

    def _send(self):
        data = self.h2.data_to_send()
        if data and not self.writer.is_closing():
            self.writer.write(data)

    async def close(self):
        self.is_lost = True
        self.task.cancel()
        self.writer.close()

    async def _read(self):
        try:
            while data := await self.reader.read(65_536):
                for event in self.h2.receive_data(self._without_goaway(data)):
                    self._dispatch(event)
                self._send()
        except (OSError, h2.exceptions.ProtocolError):
            pass
        finally:
            self.is_lost = True
            self.room.set()
            for answer in self.answers.values():
                answer.queue.put_nowait(ConnectionLost("the connection ended"))

    def _without_goaway(self, data):
        # The library takes GOAWAY for the end; running streams are answered after it.
        self.buffer += data
        kept = b""
        while len(self.buffer) >= 9:
            size = 9 + int.from_bytes(self.buffer[:3], "big")
            if len(self.buffer) < size:
                break
            if self.buffer[3] == GOAWAY:
                self.is_going = True
                last = int.from_bytes(self.buffer[9:13], "big") & 0x7FFF_FFFF
                for stream, answer in self.answers.items():
                    if stream > last:
                        answer.queue.put_nowait(ConnectionLost("not taken any more"))
            else:
                kept += self.buffer[:size]
            self.buffer = self.buffer[size:]
        return kept

    def _dispatch(self, event):
        if isinstance(event, h2.events.WindowUpdated):
            self.room.set()
        stream = getattr(event, "stream_id", None)
        answer = self.answers.get(stream)
        if isinstance(event, h2.events.DataReceived):
            self.h2.acknowledge_received_data(event.flow_controlled_length, stream)
            if answer:
                answer.queue.put_nowait(event.data)
        elif answer is None:
            return
        elif isinstance(event, h2.events.ResponseReceived):
            answer.queue.put_nowait(dict(event.headers))
        elif isinstance(event, h2.events.StreamEnded):
            answer.queue.put_nowait(None)
        elif isinstance(event, h2.events.StreamReset):
            answer.queue.put_nowait(ConnectionLost(f"stream reset with {event.error_code}"))

    async def request(self, method, authority, path, headers, body):
        """Sends a request; returns the stream's number and its answer: headers first, data, then None."""
        if not self.takes:
            raise ConnectionLost("the connection is going")
        self.requests += 1
        stream = self.h2.get_next_available_stream_id()
        answer = self.answers[stream] = Answer()
        pseudo = [(":method", method), (":scheme", "https"), (":authority", authority), (":path", path)]
        self.h2.send_headers(stream, pseudo + headers, end_stream=not body)
        offset = 0
        try:
            while offset < len(body) and not self.is_lost:
                size = min(self.h2.local_flow_control_window(stream), self.h2.max_outbound_frame_size)
                if size <= 0:
                    self._send()
                    self.room.clear()
                    await self.room.wait()
                    continue
                piece = body[offset : offset + size]
                offset += len(piece)
                self.h2.send_data(stream, piece, end_stream=offset == len(body))
        except h2.exceptions.ProtocolError:
            # Answered before all of it was sent; the answer is in the queue.
            pass
        except asyncio.CancelledError:
            self.forget(stream, ended=False)
            raise
        self._send()
        return stream, answer

    def forget(self, stream, ended):
        """The client is done with a stream; one that goes on is reset."""
        self.answers.pop(stream, None)
        if not ended and not self.is_lost:
            try:
                self.h2.reset_stream(stream, 8)
                self._send()
            except h2.exceptions.ProtocolError:
                pass


class Pool:
    """A few connections at a time, each renewed after some requests, so that new ones are made all the time."""

    def __init__(self, host, port, context, connections=3, requests=25):
        self.place = (host, port, context)
        self.connections = [None] * connections
        self.requests = requests
        self.turn = 0
        self.locks = [asyncio.Lock() for _ in range(connections)]
        self.old = []

    async def lend(self):
        self.turn = (self.turn + 1) % len(self.connections)
        index = self.turn
        async with self.locks[index]:
            present = self.connections[index]
            if present is None or not present.takes or present.requests >= self.requests:
                if present:
                    self.old.append(present)
                self.connections[index] = None
                self.connections[index] = await Connection().open(*self.place)
        # What is not used any more is closed by us.
        for each in [each for each in self.old if not each.answers]:
            self.old.remove(each)
            await each.close()
        return self.connections[index]

    async def close(self):
        for each in self.old + self.connections:
            if each:
                await each.close()
