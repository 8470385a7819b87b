"""Requests that two readers of HTTP could understand differently, and what must come of each."""

import json

from clients import PATH

SMUGGLED_KEY, SMUGGLED_PROMPT = "sk-smuggled", "smuggled"


def chat(prompt):
    return json.dumps({"model": "qwen-plus", "messages": [{"role": "user", "content": prompt}]}).encode()


def head(*lines, start=f"POST {PATH} HTTP/1.1", key="sk-hostile", host=True):
    fixed = ([b"Host: gateway"] if host else []) + ([f"Authorization: Bearer {key}".encode()] if key else [])
    own = [line if isinstance(line, bytes) else line.encode() for line in lines]
    return b"\r\n".join([start.encode() if isinstance(start, str) else start, *fixed, *own]) + b"\r\n\r\n"


BODY = chat("visible")
SMUGGLED_BODY = chat(SMUGGLED_PROMPT)
SMUGGLED = head(f"Content-Length: {len(SMUGGLED_BODY)}", key=SMUGGLED_KEY) + SMUGGLED_BODY
LENGTH = f"Content-Length: {len(BODY)}"
CHUNKED = "Transfer-Encoding: chunked"
HEALTH = "GET /health HTTP/1.1"


def chunk(data, extension=b""):
    return b"%x%b\r\n%b\r\n" % (len(data), extension, data)


END = b"0\r\n\r\n"
REFUSED = [[400]]
# Refused, or closed without a word.
DROPPED = [[400], []]
EITHER = [[200], [400]]


def shapes():
    """(name, bytes, statuses that may come back): any answer beyond these is to a smuggled request."""
    inner = len(BODY) + len(SMUGGLED)
    yield "two different lengths", head(LENGTH, f"Content-Length: {inner}") + BODY + SMUGGLED, REFUSED
    yield "the longer length first", head(f"Content-Length: {inner}", LENGTH) + BODY + SMUGGLED, REFUSED
    yield "two equal lengths", head(LENGTH, LENGTH) + BODY + SMUGGLED, REFUSED
    yield "a list of lengths", head(f"{LENGTH}, {len(BODY)}") + BODY + SMUGGLED, REFUSED
    for value in ("+5", "-5", "0x5", "5 5", "5;", "", "1e3", "99999999999999999999"):
        yield f"length {value!r}", head(f"Content-Length: {value}") + SMUGGLED, REFUSED + [[413]]
    yield "length and chunked", head("Content-Length: 4", CHUNKED) + END + SMUGGLED, REFUSED
    yield "chunked and length", head(CHUNKED, f"Content-Length: {inner}") + chunk(BODY) + END + SMUGGLED, REFUSED
    yield "chunked twice", head(CHUNKED, CHUNKED) + chunk(BODY) + END + SMUGGLED, REFUSED
    for value in (b"xchunked", b"chunked, identity", b"identity", b"gzip, chunked", b"\x0bchunked", b"chunked\x00",
                  b'"chunked"', b"chunked;q=1", b"", b"chunked\xa0"):
        yield f"coding {value!r}", head(b"Transfer-Encoding: " + value) + END + SMUGGLED, REFUSED + [[501]]
    yield "chunked in HTTP/1.0", head(CHUNKED, start=f"POST {PATH} HTTP/1.0") + chunk(BODY) + END + SMUGGLED, REFUSED
    yield "blank before the colon", head(f"Content-Length : {inner}") + BODY + SMUGGLED, REFUSED
    yield "blank before chunked's colon", head("Content-Length: 5", "Transfer-Encoding : chunked") + END + SMUGGLED, REFUSED
    yield "tab before the colon", head(f"Content-Length\t: {inner}") + BODY + SMUGGLED, REFUSED
    yield "odd byte in a name", head(b"Content\xa0Length: 5", LENGTH) + BODY, REFUSED
    yield "NUL in a name", head(b"X-A\x00: 5", LENGTH) + BODY + SMUGGLED, REFUSED
    yield "NUL in a value", head(b"X-A: a\x00b", LENGTH) + BODY + SMUGGLED, REFUSED
    yield "line without a colon", head("X-A", LENGTH) + BODY + SMUGGLED, REFUSED
    yield "empty name", head(": a", LENGTH) + BODY + SMUGGLED, REFUSED
    # The fold may be refused or read as a blank; the length behind it must not be lost.
    yield "folded header", head("X-A: a\r\n b", LENGTH) + BODY, EITHER
    yield "length hidden in a fold", head(f"X-A: a\r\n {LENGTH}") + SMUGGLED, REFUSED
    yield "folded coding", head("Transfer-Encoding:\r\n chunked", "Content-Length: 5") + END + SMUGGLED, REFUSED
    yield "first header folded", head(" X-A: a", LENGTH, start=f"POST {PATH} HTTP/1.1", host=False) + BODY, REFUSED
    yield "bare CR in a value", head(b"X-A: a\rContent-Length: 5", LENGTH) + BODY + SMUGGLED, REFUSED
    yield "bare CR for line ends", head(LENGTH).replace(b"\r\n", b"\r") + BODY + SMUGGLED, DROPPED
    yield "bare LF for line ends", head(LENGTH).replace(b"\r\n", b"\n") + BODY, EITHER
    yield "LF CR for line ends", head(LENGTH).replace(b"\r\n", b"\n\r") + BODY + SMUGGLED, REFUSED
    # Chunks.
    yield "chunks", head(CHUNKED) + chunk(BODY[:9]) + chunk(BODY[9:]) + END, [[200]]
    yield "chunk extension", head(CHUNKED) + chunk(BODY, b";a=b;c") + END, [[200]]
    yield "quoted chunk extension", head(CHUNKED) + chunk(BODY, b';a="b\\"c"') + END, EITHER
    yield "line feed in an extension", head(CHUNKED) + chunk(BODY, b";a\nb") + END + SMUGGLED, REFUSED
    yield "carriage return in an extension", head(CHUNKED) + chunk(BODY, b";a\rb") + END + SMUGGLED, REFUSED
    yield "endless extension", head(CHUNKED) + chunk(BODY, b";" + b"a" * 200_000) + END, [[400], [413], [431], [200]]
    yield "trailer with a length", head(CHUNKED) + chunk(BODY) + b"0\r\nContent-Length: 5\r\n\r\n", EITHER
    # A size that fits into 64 bits is waited for as any body is; what follows belongs to it.
    for size in (b"FFFFFFFFFFFFFFFF", b"FFFFFFFFFFFFFFFF1", b"7FFFFFFFFFFFFFFF", b"-5", b"0x5", b"+5", b"5_0", b"", b" 5"):
        yield f"chunk size {size!r}", head(CHUNKED) + size + b"\r\nhello\r\n" + END + SMUGGLED, REFUSED + [[413], [408]]
    yield "chunk longer than it says", head(CHUNKED) + b"2\r\nhello\r\n" + END + SMUGGLED, REFUSED
    yield "chunk ended by LF", head(CHUNKED) + b"%x\n%b\n0\n\n" % (len(BODY), BODY) + SMUGGLED, REFUSED
    yield "last chunk with a sign", head(CHUNKED) + chunk(BODY) + b"-0\r\n\r\n" + SMUGGLED, REFUSED
    # Targets and hosts.
    yield "absolute target", head(LENGTH, start=f"POST http://gateway{PATH} HTTP/1.1") + BODY, [[200]]
    yield "absolute target of another host", head(LENGTH, start=f"POST http://evil{PATH} HTTP/1.1") + BODY, EITHER
    yield "authority as target", head(LENGTH, start="CONNECT evil:443 HTTP/1.1") + SMUGGLED, [[400], [405], [404]]
    yield "blank in the target", head(start="GET /hea lth HTTP/1.1") + SMUGGLED, REFUSED
    yield "NUL in the target", head(start=b"GET /health\x00 HTTP/1.1") + SMUGGLED, REFUSED
    yield "no slash", head(start="GET health HTTP/1.1") + SMUGGLED, REFUSED
    yield "two hosts", head("Host: evil", LENGTH) + BODY + SMUGGLED, REFUSED
    yield "no host", head(LENGTH, host=False) + BODY + SMUGGLED, REFUSED
    # Versions and methods.
    yield "HTTP/0.9", b"GET /health\r\n", DROPPED
    yield "HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", DROPPED + [[505]]
    for version in ("HTTP/3.0", "HTTP/1.10", "http/1.1", "HTTP/1", "XTTP/1.1"):
        yield f"version {version}", head(start=f"GET /health {version}") + SMUGGLED, DROPPED + [[505]]
    yield "method in small letters", head(LENGTH, start=f"post {PATH} HTTP/1.1") + BODY, [[400], [404], [405], [501]]
    yield "garbage", bytes(range(256)) * 8, DROPPED
    # Bodies nobody wants must not be taken for requests.
    yield "body of a GET", head(f"Content-Length: {len(SMUGGLED)}", start=HEALTH) + SMUGGLED, [[200]]
    yield "chunked body of a GET", head(CHUNKED, start=HEALTH) + chunk(SMUGGLED) + END, [[200]]
    yield "body without a key", head(f"Content-Length: {len(SMUGGLED)}", key=None) + SMUGGLED, [[401]]
    yield "body of no path", head(f"Content-Length: {len(SMUGGLED)}", start="POST /x HTTP/1.1") + SMUGGLED, [[404]]
    yield "body too large", head("Content-Length: 100000000") + SMUGGLED, [[413]]
    # The wish is not granted; what follows is a request like any other, answered or not.
    wish = head("Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
                start=HEALTH)
    yield "wish for another protocol", wish + head(start=HEALTH), [[200], [200, 200]]
    # Pipelines are answered in order, up to what is no request.
    yield "pipelined garbage", head(LENGTH) + BODY + b"\x00\x01garbage\r\n\r\n" + SMUGGLED, [[200, 400]]
    yield "two requests", head(LENGTH) + BODY + head(start=HEALTH), [[200, 200]]
    yield "request after close", head(LENGTH, "Connection: close") + BODY + SMUGGLED, [[200]]
