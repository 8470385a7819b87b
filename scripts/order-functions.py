#!/usr/bin/env python3
"""Writes the order in which the linker lays the functions of the release program: those that requests run come first, together.

    scripts/order-functions.py PROGRAM FILE         writes FILE
    scripts/order-functions.py PROGRAM FILE --check fails where FILE or PROGRAM does not follow it any more

Runs PROGRAM under callgrind, with the emulator as its upstream, and asks it for what most callers ask for. A function that is missing in
the file costs memory, and nothing else; a name that the program no longer has is ignored. scripts/order-functions.sh calls this.
"""

import argparse
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

from measuring import free_port

# The share of what requests run that the file must name, and how many times its size in memory its pages may take.
ENOUGH, SPREAD = 0.9, 2.5
PAGE = 4096
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
TOOL = {
    "name": "weather",
    "description": "Tells the weather.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
KEY = {"Authorization": "Bearer sk-order", "Content-Type": "application/json"}


def chat(**members: object) -> dict:
    question = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Name three colours. \u989c\u8272 \"\n\""}]
    return {"model": "qwen-plus", "messages": question, "temperature": 0.7} | members


def requests() -> list[tuple[str, str, object]]:
    """What most callers ask for; then what they do wrong."""
    tools = [{"type": "function", "function": TOOL}]
    picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}
    seen = [{"role": "user", "content": [{"type": "text", "text": "What is this?"}, picture]}]
    called = [
        {"role": "user", "content": "What is the weather in Paris?"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Paris"}'}}],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": "sunny"},
    ]
    message = {"model": "qwen-plus", "max_tokens": 100, "messages": [{"role": "user", "content": "Name three colours."}]}
    answer = {"model": "qwen-plus", "input": "Name three colours."}
    completions, messages, responses = "/v1/chat/completions", "/v1/messages", "/v1/responses"
    usage = {"stream": True, "stream_options": {"include_usage": True}}
    return [
        ("GET", "/health", None),
        ("GET", "/ready", None),
        ("GET", "/v1/models", None),
        ("POST", completions, chat()),
        ("POST", completions, chat(**usage, max_tokens=500, top_p=0.9, stop=["END"], seed=7, presence_penalty=0.5)),
        ("POST", completions, chat(stream=True, tools=tools, tool_choice="auto", parallel_tool_calls=True)),
        ("POST", completions, chat(tools=tools)),
        ("POST", completions, chat(messages=called, tools=tools)),
        ("POST", completions, chat(model="qwen3-32b", enable_thinking=True, stream=True)),
        ("POST", completions, chat(response_format={"type": "json_object"}, messages=[{"role": "user", "content": "JSON, please"}])),
        ("POST", completions, chat(model="qwen-vl-max", messages=seen)),
        ("POST", completions, chat(model="qwen-vl-max", messages=seen, stream=True)),
        ("POST", completions, chat(messages=[{"role": "user", "content": "word " * 40_000}])),
        ("POST", messages, message),
        ("POST", messages, message | {"stream": True, "system": "Be brief."}),
        ("POST", responses, answer),
        ("POST", responses, answer | {"stream": True, "store": False}),
        ("POST", "/v1/embeddings", {"model": "text-embedding-v4", "input": ["one", "two"]}),
        ("GET", "/v1/nothing", None),
        ("POST", completions, chat(temperature="warm")),
        ("POST", completions, chat(model="no-such-model")),
    ]


MISTAKES = 3


def wait(port: int, process: subprocess.Popen, seconds: float = 180) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"nothing listens on port {port}")


def ask(port: int, times: int) -> None:
    for _ in range(times):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
        calls = requests()
        for number, (method, path, body) in enumerate(calls):
            connection.request(method, path, None if body is None else json.dumps(body), KEY)
            reply = connection.getresponse()
            answer = reply.read()
            if (reply.status == 200) == (number >= len(calls) - MISTAKES):
                sys.exit(f"{method} {path}, request {number}: {reply.status} {answer[:300]!r}")
        connection.close()
        # A client that leaves in the middle of its answer.
        with socket.create_connection(("127.0.0.1", port)) as leaving:
            body = json.dumps(chat(stream=True, model="qwen-plus-emulator-slow-20")).encode()
            head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer sk-order\r\nContent-Length: {len(body)}\r\n\r\n"
            leaving.sendall(head.encode() + body)
            leaving.recv(1000)


def functions(dump: pathlib.Path) -> set[str]:
    """The names of all functions that ran, of the program and its libraries."""
    names, known = set(), {}
    for line in dump.read_text(errors="replace").splitlines():
        found = re.match(r"(c?)fn=\((\d+)\)(?: (.*))?$", line)
        if not found:
            continue
        called, number, name = found.groups()
        if name:
            known[number] = re.sub(r"'\d+$", "", name)
        if not called:
            names.add(known[number])
    return names


def symbols(program: str) -> dict[str, range]:
    """The program's functions and where each lies in memory."""
    lines = subprocess.run(["nm", "--print-size", program], capture_output=True, text=True, check=True).stdout.splitlines()
    found = [parts for parts in map(str.split, lines) if len(parts) == 4 and parts[2] in "tTwW"]
    return {name: range(int(start, 16), int(start, 16) + int(size, 16)) for start, size, _, name in found}


def observe(program: str, folder: pathlib.Path) -> tuple[set[str], set[str]]:
    """What runs until the program listens, and what requests run."""
    upstream, port = free_port(), free_port()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    emulator = subprocess.Popen([program, "emulate", "--port", str(upstream)], **quiet)
    dump = folder / "dump"
    command = ["valgrind", "--tool=callgrind", "--quiet", "--demangle=no", f"--callgrind-out-file={dump}"]
    command += [program, "serve", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    environment = os.environ | {"DASHSCOPE_BASE_URL": f"http://127.0.0.1:{upstream}"}
    gateway = subprocess.Popen(command, env=environment, **quiet)
    try:
        wait(upstream, emulator)
        wait(port, gateway)
        subprocess.run(["callgrind_control", "--dump", str(gateway.pid)], check=True, **quiet)
        ask(port, 2)
        subprocess.run(["callgrind_control", "--dump", str(gateway.pid)], check=True, **quiet)
    finally:
        for process in [gateway, emulator]:
            process.send_signal(signal.SIGTERM)
        for process in [gateway, emulator]:
            process.wait(60)
    return functions(folder / "dump.1"), functions(folder / "dump.2")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("program")
    arguments.add_argument("file", type=pathlib.Path)
    arguments.add_argument("--check", action="store_true")
    options = arguments.parse_args()
    places = symbols(options.program)
    with tempfile.TemporaryDirectory() as folder:
        start, asked = observe(options.program, pathlib.Path(folder))
    asked &= places.keys()
    start = (start & places.keys()) - asked
    size = sum(len(places[name]) for name in asked)
    pages = {page for name in asked for page in range(places[name].start // PAGE, (places[name].stop - 1) // PAGE + 1)}
    print(f"requests run {len(asked)} functions of {size // 1024} KiB, in pages of {len(pages) * PAGE // 1024} KiB")
    print(f"the start runs {len(start)} others")
    if options.check:
        listed = set(options.file.read_text().split())
        share = len(asked & listed) / len(asked)
        print(f"{options.file} names {share:.3f} of what requests run")
        if share < ENOUGH:
            sys.exit("the list has grown old; scripts/order-functions.sh writes it anew")
        if len(pages) * PAGE > SPREAD * size:
            # The compiler keeps objects whose code is the same, also where this flag is new.
            sys.exit("the linker has not followed the list; a build folder older than the list has to be removed")
    else:
        options.file.write_text("".join(f"{name}\n" for name in sorted(asked) + sorted(start)))


main()
