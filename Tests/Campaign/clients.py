"""Sends the requests of a plan and judges the answers: each must carry its request's mark and nothing else."""

import asyncio
import contextlib
import dataclasses
import json
import ssl
import time

import aiohttp
import http2
from plan import LEFT, LOST, NOT_CONNECTED
from processes import HOST

PATH = "/v1/chat/completions"
CUT, NO_ANSWER = "cut without a word", "no answer"


def key_hash(key):
    """How the emulator names a key: FNV-1a over the header's value."""
    value = f"Bearer {key}".encode()
    result = 0xCBF2_9CE4_8422_2325 ^ len(value)
    for byte in value[:4096] + value[-4096:]:
        result = ((result ^ byte) * 0x100_0000_01B3) & 0xFFFF_FFFF_FFFF_FFFF
    return f"{result:x}"


@dataclasses.dataclass
class Outcome:
    """What became of a request; `wrong` says why its answer is not its own."""

    request: object
    began: float
    ended: float = 0
    kind: str = NO_ANSWER
    status: int | None = None
    request_id: str | None = None
    wrong: str | None = None
    detail: str = ""


def body_of(request):
    """The OpenAI request, as bytes."""
    if request.kind.form == "broken-json":
        return b'{"model":"qwen-plus","messages":[{"role":"user","content":"' + request.prompt.encode() + b'"}'
    messages = [{"role": "user", "content": request.prompt}]
    if request.size:
        messages.insert(0, {"role": "system", "content": "0123456789 " * (request.size // 11)})
    body = {"model": request.kind.model, "messages": messages, "stream": request.streams}
    if request.kind.form == "bad-value":
        body["temperature"] = "hot"
    if request.kind.name == "tools":
        parameters = {"type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"]}
        body["tools"] = [{"type": "function", "function": {"name": f"find_{request.mark}", "parameters": parameters}}]
    return json.dumps(body).encode()


def headers_of(request):
    headers = {"content-type": "application/json", "traceparent": f"00-{request.trace}-00000000000000a1-01"}
    if request.kind.form != "no-key":
        headers["authorization"] = f"Bearer {request.key}"
    return headers


def expected_text(request):
    text = f"Echo: {request.prompt}"
    if request.kind.name == "names-key":
        return f"Key {key_hash(request.key)}. {text}"
    if request.kind.name == "megabyte":
        return "0123456789abcdef" * (1 << 16) + text
    return text


class Reading:
    """Puts an answer together and judges it."""

    def __init__(self, request, outcome):
        self.request, self.outcome = request, outcome
        self.raw = bytearray()
        self.text, self.reasoning, self.tool = "", "", ""
        self.done, self.error = False, None
        self.type = ""

    def head(self, status, headers):
        self.outcome.status = status
        self.outcome.request_id = headers.get("x-request-id")
        self.type = headers.get("content-type", "")

    def receive(self, data):
        self.raw += data
        if not self.type.startswith("text/event-stream"):
            return
        while (end := self.raw.find(b"\n\n")) >= 0:
            event = bytes(self.raw[:end])
            del self.raw[: end + 2]
            if event.startswith(b"data: "):
                self.event(event[6:])

    def event(self, data):
        if data == b"[DONE]":
            self.done = True
            return
        document = json.loads(data)
        if "error" in document:
            self.error = document["error"]
        for choice in document.get("choices", []):
            self.message(choice["delta"])

    def message(self, message):
        self.text += message.get("content") or ""
        self.reasoning += message.get("reasoning_content") or ""
        for call in message.get("tool_calls") or []:
            self.tool += call["function"].get("name") or ""

    def end(self):
        """The answer is complete."""
        status = self.outcome.status
        if self.type.startswith("text/event-stream"):
            if self.error:
                self.outcome.kind = "event " + self.name(self.error)
                return self.judge(whole=False)
            self.outcome.kind = "ok" if self.done else CUT
            return self.judge(whole=self.done)
        if not self.type.startswith("application/json"):
            # nginx speaks HTML; the gateway never does.
            self.outcome.kind = f"nginx {status}"
            return
        document = json.loads(self.raw)
        if status == 200:
            self.outcome.kind = "ok"
            self.message(document["choices"][0]["message"])
            return self.judge(whole=True)
        self.error = document["error"]
        self.outcome.kind = f"{status} {self.name(self.error)}"

    def name(self, error):
        upstream = error.get("upstream_code")
        return f"{error['code']}/{upstream}" if upstream else str(error["code"])

    def judge(self, whole):
        """Compares with what this request, and no other, must be answered."""
        request, text = self.request, self.text
        if request.kind.name == "tools":
            name = f"find_{request.mark}"
            if (whole and self.tool != name) or not name.startswith(self.tool) or text:
                self.outcome.wrong = f"calls {self.tool!r}, says {text[:80]!r}"
            return
        wanted = expected_text(request)
        if (whole and text != wanted) or not wanted.startswith(text):
            self.outcome.wrong = f"{len(text)} characters: {text[:60]!r} … {text[-60:]!r}"
        if request.kind.name == "thinking" and whole and request.mark not in self.reasoning:
            self.outcome.wrong = f"reasoning {self.reasoning[:80]!r}"


class Clients:
    """The ways to the gateways: through nginx, and to one of them by TLS with HTTP/1.1 and HTTP/2."""

    def __init__(self, nginx_port, tls_port, authority):
        self.nginx = f"http://{HOST}:{nginx_port}"
        self.tls = f"https://localhost:{tls_port}"
        self.authority = ssl.create_default_context(cafile=authority)
        context = ssl.create_default_context(cafile=authority)
        context.set_alpn_protocols(["h2"])
        self.http2 = http2.Pool(HOST, tls_port, context)
        # A new connection for each request: nginx's reload would close idle ones under a request.
        self.through_nginx = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, force_close=True), timeout=aiohttp.ClientTimeout(total=None)
        )
        self.by_tls = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ssl=self.authority, family=2, keepalive_timeout=5),
            timeout=aiohttp.ClientTimeout(total=None),
        )

    async def close(self):
        await self.through_nginx.close()
        await self.by_tls.close()
        await self.http2.close()

    async def run(self, request, patience=90):
        """Sends one request and sees it to its end, or leaves when the plan says so."""
        outcome = Outcome(request, time.monotonic())
        before = request.leave[1] if request.leave and request.leave[0] == "before" else None
        task = asyncio.create_task(self.exchange(request, outcome))
        done, _ = await asyncio.wait({task}, timeout=patience if before is None else before)
        if not done:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            # Patience lost is no leaving: the ledger will complain.
            outcome.kind = NO_ANSWER if before is None else LEFT
        elif task.exception():
            outcome.kind, outcome.detail = self.failure(task.exception())
        outcome.ended = time.monotonic()
        return outcome

    def failure(self, error):
        if isinstance(error, (aiohttp.ClientConnectorError, ConnectionRefusedError)):
            return NOT_CONNECTED, repr(error)
        if isinstance(error, (aiohttp.ClientError, http2.ConnectionLost, OSError)):
            return LOST, repr(error)
        return "client failed", repr(error)

    async def exchange(self, request, outcome):
        reading = Reading(request, outcome)
        limit = request.leave[1] if request.leave and request.leave[0] == "after" else None
        pieces = self.over_http2(request, reading) if request.via == "http2" else self.over_http1(request, reading)
        count = 0
        async with contextlib.aclosing(pieces):
            async for piece in pieces:
                reading.receive(piece)
                count += 1
                if limit is not None and count >= limit and not reading.done and not reading.error:
                    outcome.kind = LEFT
                    return reading.judge(whole=False) if reading.text or reading.tool else None
        reading.end()

    async def over_http1(self, request, reading):
        session, address = (self.through_nginx, self.nginx) if request.via == "nginx" else (self.by_tls, self.tls)
        async with session.post(address + PATH, data=body_of(request), headers=headers_of(request)) as answer:
            reading.head(answer.status, {name.lower(): value for name, value in answer.headers.items()})
            async for piece in answer.content.iter_any():
                yield piece

    async def over_http2(self, request, reading):
        connection = await self.http2.lend()
        body = body_of(request)
        headers = list(headers_of(request).items()) + [("content-length", str(len(body)))]
        stream, ended = None, False
        try:
            stream, answer = await connection.request("POST", "localhost", PATH, headers, body)
            head = await answer.next()
            reading.head(int(head[":status"]), head)
            while (piece := await answer.next()) is not None:
                yield piece
            ended = True
        finally:
            if stream is not None:
                connection.forget(stream, ended)
