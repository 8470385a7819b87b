#!/usr/bin/env python3
"""The clients of the deployment checks: bounded load, timed streams, and a server that tells what it was sent.

Only the standard library, and only addresses of this machine. Every command prints one JSON object.
"""

import argparse
import collections
import http.client
import http.server
import json
import os
import select
import ssl
import subprocess
import threading
import time
import urllib.parse


def connect(url, source=None, timeout=30, cafile=None):
    parts = urllib.parse.urlsplit(url)
    address = (source, 0) if source else None
    if parts.scheme == "https":
        context = ssl.create_default_context(cafile=cafile)
        return http.client.HTTPSConnection(
            parts.hostname, parts.port, timeout=timeout, source_address=address, context=context
        )
    return http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout, source_address=address)


def chat(model, stream, text="Say: one two three four five six seven eight nine ten"):
    return json.dumps({"model": model, "stream": stream, "messages": [{"role": "user", "content": text}]})


HEADERS = {"Authorization": "Bearer sk-deploy-test", "Content-Type": "application/json"}


def stream(options):
    """One streamed completion: when the first event and the last byte came."""
    connection = connect(options.url, options.source, timeout=120)
    started = time.monotonic()
    connection.request("POST", "/v1/chat/completions", chat(options.model, True), HEADERS)
    response = connection.getresponse()
    first, events, done = None, 0, False
    try:
        for line in response:
            if line.startswith(b"data:"):
                first = first or time.monotonic() - started
                events += 1
                done = line.strip() == b"data: [DONE]"
    except (http.client.HTTPException, OSError):
        done = False
    return {
        "status": response.status,
        "first": round(first or -1, 3),
        "total": round(time.monotonic() - started, 3),
        "events": events,
        "done": done,
    }


def post(options):
    """Several completions on one kept connection, as fast as it goes."""
    connection = connect(options.url, options.source)
    statuses, bodies = collections.Counter(), {}
    for _ in range(options.count):
        connection.request("POST", "/v1/chat/completions", chat(options.model, False), HEADERS)
        response = connection.getresponse()
        body = response.read().decode("utf-8", "replace")
        statuses[str(response.status)] += 1
        bodies[str(response.status)] = {"body": body, "headers": dict(response.getheaders())}
    return {"statuses": statuses, "last": bodies}


def load(options):
    """Requests from several addresses until the stop file is there, the count or the time is over."""
    statuses, lock = collections.Counter(), threading.Lock()
    deadline = time.monotonic() + options.seconds

    def client(number):
        # An address each, so that a limit for each address is not what is measured.
        source = f"127.0.1.{number + 1}"
        connection = None
        for turn in range(options.count):
            if time.monotonic() > deadline or (options.stop_file and os.path.exists(options.stop_file)):
                break
            try:
                if connection is None or options.new_connections:
                    if connection is not None:
                        connection.close()
                    connection = connect(options.url, source)
                if options.method == "GET":
                    connection.request("GET", options.path, headers=HEADERS)
                else:
                    connection.request("POST", "/v1/chat/completions", chat(options.model, turn % 2 == 1), HEADERS)
                response = connection.getresponse()
                body = response.read()
                result = str(response.status)
                if options.method == "POST" and turn % 2 == 1 and response.status == 200 and b"[DONE]" not in body:
                    result = "cut"
            except (http.client.HTTPException, OSError) as error:
                result, connection = type(error).__name__, None
            with lock:
                statuses[result] += 1
            time.sleep(options.pause)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(options.connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"requests": sum(statuses.values()), "statuses": statuses}


def through(options):
    """Requests and long streams without a pause, until the stop file is there: what failed, and the longest wait for an answer."""
    statuses, lock, worst = collections.Counter(), threading.Lock(), {"request": 0.0, "stream": 0.0, "machine": 0.0}
    errors = []

    def ask(connection, model, streamed):
        started = time.monotonic()
        connection.request("POST", "/v1/chat/completions", chat(model, streamed), HEADERS)
        response = connection.getresponse()
        waited = time.monotonic() - started
        body = response.read()
        result = str(response.status)
        if streamed and response.status == 200:
            result = "whole" if b"data: [DONE]" in body else f"cut: {body[-300:].decode(errors='replace').strip()}"
        return waited, result, (response.getheader("Connection") or "").lower() == "close"

    def client(number, streamed):
        connection = None
        while not os.path.exists(options.stop_file):
            started, waited = time.monotonic(), 0.0
            try:
                # What the server has closed meanwhile is not used again, as every HTTP library has it.
                if connection is not None and select.select([connection.sock], [], [], 0)[0]:
                    connection.close()
                    connection = None
                if connection is None:
                    connection = connect(options.url, f"127.0.1.{number + 1}" if options.sources else None, timeout=120)
                model = options.model if streamed else "qwen-plus"
                waited, result, closing = ask(connection, model, streamed)
                # Every second client takes a new connection for each request.
                if closing or number % 2 == 0:
                    connection.close()
                    connection = None
            except (http.client.HTTPException, OSError) as error:
                result, connection = type(error).__name__, None
                waited = time.monotonic() - started
            with lock:
                statuses[result] += 1
                kind = "stream" if streamed else "request"
                worst[kind] = max(worst[kind], waited)
                if result not in ("200", "whole") and len(errors) < 5:
                    errors.append({"kind": kind, "result": result, "after": round(waited, 2)})
            time.sleep(options.pause)

    def watch():
        # How late this program itself runs: what a busy machine adds to every wait.
        while not os.path.exists(options.stop_file):
            started = time.monotonic()
            time.sleep(0.01)
            late = time.monotonic() - started - 0.01
            worst["machine"] = max(worst["machine"], late)

    threads = [threading.Thread(target=client, args=(number, number < options.streams)) for number in range(options.connections)]
    threads.append(threading.Thread(target=watch))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    good = statuses["200"] + statuses["whole"]
    return {
        "requests": statuses["200"],
        "streams": statuses["whole"],
        "failed": sum(statuses.values()) - good,
        "worst_request": round(worst["request"], 2),
        "worst_stream": round(worst["stream"], 2),
        "machine_late": round(worst["machine"], 2),
        "errors": errors,
    }


def parts(options):
    """A file in parts that are larger together than a small /tmp: what a command says of their place, and what became of it."""
    size = options.megabytes * 500_000
    calls = 0

    def call(path, body, kind="application/json"):
        nonlocal calls
        calls += 1
        headers = {**HEADERS, "Content-Type": kind}
        if options.addresses:
            headers["X-Forwarded-For"] = f"198.51.100.{calls}"
        connection = connect(options.url, timeout=120)
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else {}

    wanted = {"filename": "notes.txt", "purpose": "user_data", "bytes": 2 * size, "mime_type": "text/plain"}
    begun, upload = call("/v1/uploads", json.dumps(wanted))
    if begun != 200:
        return {"begun": begun, "answer": upload}
    path, statuses, identifiers = f"/v1/uploads/{upload['id']}", [], []
    head = b'--edge\r\nContent-Disposition: form-data; name="data"; filename="part"\r\n\r\n'
    for letter in (b"a", b"b"):
        status, part = call(
            f"{path}/parts", head + letter * size + b"\r\n--edge--\r\n", "multipart/form-data; boundary=edge"
        )
        statuses.append(status)
        identifiers.append(part.get("id"))
    where = ""
    if options.where:
        where = subprocess.run(options.where, shell=True, capture_output=True, text=True, check=False).stdout
    status, done = call(f"{path}/complete", json.dumps({"part_ids": identifiers}))
    file = (done.get("file") or {}).get("bytes")
    return {"parts": statuses, "where": " ".join(where.split()), "complete": status, "whole": file == 2 * size}


def echo(options):
    """A server that answers with the headers it was sent."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            body = json.dumps({name.lower(): value for name, value in self.headers.items()}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    http.server.ThreadingHTTPServer(("127.0.0.1", options.port), Handler).serve_forever()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("stream", "post", "load", "through"):
        command = commands.add_parser(name)
        command.add_argument("url")
        command.add_argument("--model", default="qwen-plus")
        command.add_argument("--source")
        command.add_argument("--count", type=int, default=1)
        if name == "load":
            command.add_argument("--method", choices=("GET", "POST"), default="GET")
            command.add_argument("--path", default="/v1/models")
            command.add_argument("--connections", type=int, default=8)
            command.add_argument("--seconds", type=float, default=20)
            command.add_argument("--pause", type=float, default=0)
            command.add_argument("--stop-file")
            command.add_argument("--new-connections", action="store_true")
        if name == "through":
            command.add_argument("--connections", type=int, default=10)
            command.add_argument("--streams", type=int, default=4)
            command.add_argument("--pause", type=float, default=0.02)
            command.add_argument("--stop-file", required=True)
            command.add_argument("--sources", action="store_true", help="an address of its own for each client")
    command = commands.add_parser("parts")
    command.add_argument("url")
    command.add_argument("--megabytes", type=int, default=40)
    command.add_argument("--addresses", action="store_true", help="a client's address of its own for each call")
    command.add_argument("--where", help="a command that tells where the parts lie")
    commands.add_parser("echo").add_argument("port", type=int)
    options = parser.parse_args()
    result = globals()[options.command](options)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
