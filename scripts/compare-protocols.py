#!/usr/bin/env python3
"""The measuring part of `compare-nginx.sh --protocols`: Messages and Responses beside chat completions; see measuring.py.

The same conversation by each protocol in turn, the same replies of upstream, one gateway, and a second one whose store is a
file; the figure is the median of the rounds. A chunk is an event of upstream: protocols differ in how many events they make of it.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import urllib.request

from measuring import (
    EVENTS, KEY, PACED_MODEL, PACED_TEXT, QUESTION, Processes, free_port, measure_paced, openai_request, processor_seconds,
    run_wrk, write_upstream,
)


def messages_request(stream: bool, model: str = "qwen-plus", text: str = QUESTION) -> str:
    messages = [{"role": "user", "content": text}]
    return json.dumps({"model": model, "max_tokens": 4096, "system": "You are a helpful assistant.", "messages": messages,
                       "temperature": 0.7, "stream": stream})


def responses_request(stream: bool, model: str = "qwen-plus", text: str = QUESTION, store: bool = False) -> str:
    items = [{"role": "user", "content": text}]
    return json.dumps({"model": model, "instructions": "You are a helpful assistant.", "input": items,
                       "temperature": 0.7, "stream": stream, "store": store})


def stored_request(stream: bool, model: str = "qwen-plus", text: str = QUESTION) -> str:
    return responses_request(stream, model, text, store=True)


# What a whole stream holds: pieces of text, and an end.
PROTOCOLS = {
    "chat": ("/v1/chat/completions", openai_request, '"content":" word"', "data: [DONE]"),
    "Messages": ("/v1/messages", messages_request, '"text":" word"', "event: message_stop"),
    "Responses": ("/v1/responses", responses_request, '"delta":" word"', "event: response.completed"),
    "Responses, stored": ("/v1/responses", stored_request, '"delta":" word"', "event: response.completed"),
    "Responses, in SQLite": ("/v1/responses", stored_request, '"delta":" word"', "event: response.completed"),
}


def check(port: int) -> None:
    for name, (path, make, piece, end) in PROTOCOLS.items():
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=make(True).encode(), headers=KEY)
        with urllib.request.urlopen(request, timeout=10) as response:
            text = response.read().decode()
        if text.count(piece) != EVENTS or end not in text:
            raise SystemExit(f"the stream of {name} is not whole:\n{text[:1000]}")


def measure(folder: pathlib.Path, processes: Processes, arguments: argparse.Namespace) -> dict[str, dict[str, list[float]]]:
    """The figures of each protocol, round after round."""
    gateway = str(pathlib.Path(arguments.gateway).resolve())
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    fast, paced, port, paced_port, file_port, paced_file_port = (free_port() for _ in range(6))
    write_upstream(folder, fast)
    serve = [gateway, "serve", "--host", "127.0.0.1", "--workers", "1", "--port"]
    log = {"LOG_FILE": str(folder / "gateway-access.log")}
    processes.start("upstream", 1, [nginx, "-p", str(folder), "-c", str(folder / "upstream.conf")], fast)
    processes.start("emulator", 1, [gateway, "emulate", "--port", str(paced)], paced)
    def start(name: str, own: int, upstream: int, **environment: str) -> tuple[subprocess.Popen, int]:
        base = f"http://127.0.0.1:{upstream}"
        return processes.start(name, 0, [*serve, str(own)], own, DASHSCOPE_BASE_URL=base, **log, **environment), own

    plain, plain_paced = start("gateway", port, fast), start("gateway-paced", paced_port, paced)
    filed = start("gateway-file", file_port, fast, STORE_URL=f"sqlite:{folder}/store.db")
    filed_paced = start("gateway-file-paced", paced_file_port, paced, STORE_URL=f"sqlite:{folder}/paced.db")
    check(port)
    rows: dict[str, dict[str, list[float]]] = {}
    for row, stream, connections, unit in (("a request", False, 64, 1), ("a chunk, at full speed", True, 32, EVENTS)):
        for number in range(arguments.rounds + 1):
            for name, (path, make, _, _) in PROTOCOLS.items():
                process, own = filed if "SQLite" in name else plain
                before = processor_seconds(process)
                # The first round warms up.
                seconds = arguments.seconds if number else 1
                _, count = run_wrk(folder, f"http://127.0.0.1:{own}{path}", make(stream), KEY, connections, seconds)
                if not count:
                    raise SystemExit(f"{row} of {name}: no answer in {seconds} s")
                spent = (processor_seconds(process) - before) * 1e6 / count / unit
                if number:
                    rows.setdefault(row, {}).setdefault(name, []).append(spent)
    for _ in range(arguments.rounds):
        chunks = 0
        for name, (path, make, _, _) in PROTOCOLS.items():
            process, own = filed_paced if "SQLite" in name else plain_paced
            spent, events = measure_paced(process, own, path, make(True, PACED_MODEL, PACED_TEXT), "")
            chunks = chunks or events
            rows.setdefault("a chunk of 50 a second", {}).setdefault(name, []).append(spent / chunks)
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare the gateway's protocols with each other.")
    parser.add_argument("--gateway", required=True, help="the program")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each measurement (default: 5)")
    parser.add_argument("--seconds", type=float, default=2, help="length of a measurement (default: 2)")
    arguments = parser.parse_args()
    if (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {1})
    with tempfile.TemporaryDirectory(prefix="compare-") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)  # nginx's worker may be another user.
        processes = Processes(folder)
        try:
            rows = measure(folder, processes, arguments)
        finally:
            processes.stop()
    print(f"{'µs of processor time':<26}" + "".join(f"{name:>25}" for name in PROTOCOLS))
    for row, values in rows.items():
        text = f"{row:<26}"
        for name, figures in values.items():
            ratio = statistics.median(own / chat for own, chat in zip(figures, values["chat"]))
            text += f"{f'{statistics.median(figures):,.1f} ({ratio:.2f})':>25}"
        print(text)
    print("\nIn brackets: the median of the rounds' ratios to chat. One thread, on one core, with a record for each request.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
