#!/usr/bin/env python3
"""Unfinished uploads: many clients send nearly all of a large body and then wait.

    uploads.py URL [--count 200] [--megabytes 30] [--seconds 20]

Meanwhile small requests must be answered. One JSON object tells how both fared.
"""

import argparse
import http.client
import json
import select
import socket
import threading
import time
import urllib.parse


def upload(host, port, number, options, results, begun):
    size = options.megabytes * 1_000_000
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer sk-invented-{number}\r\nX-Forwarded-For: 203.0.113.{number % 250}\r\nContent-Length: {size}\r\n\r\n"
    )
    sent = 0
    try:
        with socket.create_connection((host, port), timeout=10) as connection:
            connection.sendall(head.encode() + b'{"model":"qwen-plus","messages":[{"role":"user","content":"')
            connection.setblocking(False)
            deadline = time.monotonic() + options.seconds
            piece = b"a" * 65536
            # All but the last piece.
            while sent < size - 200_000 and time.monotonic() < deadline:
                readable, writable, _ = select.select([connection], [connection], [], 1)
                if readable:
                    answer = connection.recv(4096)
                    results.append("refused " + answer.split(b" ")[1].decode() if answer else "closed")
                    return
                if writable:
                    sent += connection.send(piece)
            begun.append(sent)
            while time.monotonic() < deadline:
                readable, _, _ = select.select([connection], [], [], 1)
                if readable:
                    answer = connection.recv(4096)
                    results.append("refused " + answer.split(b" ")[1].decode() if answer else "closed")
                    return
            results.append("held")
    except OSError as error:
        results.append(type(error).__name__)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--megabytes", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    parts = urllib.parse.urlsplit(options.url)
    results, begun = [], []
    threads = [
        threading.Thread(target=upload, args=(parts.hostname, parts.port, number, options, results, begun))
        for number in range(options.count)
    ]
    for thread in threads:
        thread.start()
    served, worst, others = 0, 0.0, []
    body = json.dumps({"model": "qwen-plus", "messages": [{"role": "user", "content": "Hello"}]})
    while any(thread.is_alive() for thread in threads):
        started = time.monotonic()
        try:
            connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
            headers = {"Authorization": "Bearer sk-of-another", "Content-Type": "application/json", "X-Forwarded-For": "198.51.100.9"}
            connection.request("POST", "/v1/chat/completions", body, headers)
            status = connection.getresponse().status
            connection.close()
            served += status == 200
            if status != 200:
                others.append(str(status))
        except (OSError, http.client.HTTPException) as error:
            others.append(type(error).__name__)
        worst = max(worst, time.monotonic() - started)
        time.sleep(0.2)
    for thread in threads:
        thread.join()
    kinds = {kind: results.count(kind) for kind in sorted(set(results))}
    print(json.dumps({"uploads": kinds, "megabytes": sum(begun) // 1_000_000, "served": served, "others": others[:5], "worst": round(worst, 2)}))


if __name__ == "__main__":
    main()
