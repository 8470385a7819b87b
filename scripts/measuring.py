"""What the comparisons share: an upstream that costs little, the programs that are measured, load, processor time.

On core 0 stands what is measured, one thread each; on core 1 the upstream and the load. Processor time is read from
/proc/PID/task/*/schedstat, so it is the process's own, kernel part included, whatever else the machine does.
"""

from __future__ import annotations

import asyncio
import json
import os
import pathlib
import re
import socket
import subprocess
import time

QUESTION = "What is a gateway, and why would anyone translate? " * 9
NATIVE_PATH = "/api/v1/services/aigc/text-generation/generation"
EVENTS = 200
STREAMS = 100
PACED_MODEL = "qwen-plus-emulator-slow-20"
PACED_TEXT = "a river runs to the sea and the sea does not fill " * 12
KEY = {"Authorization": "Bearer sk-test", "Content-Type": "application/json"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def openai_request(stream: bool, model: str = "qwen-plus", text: str = QUESTION) -> str:
    messages = [{"role": "system", "content": "You are a helpful assistant."}, {"role": "user", "content": text}]
    return json.dumps({"model": model, "messages": messages, "temperature": 0.7, "stream": stream})


def native_request(stream: bool, model: str = "qwen-plus", text: str = QUESTION) -> str:
    messages = [{"role": "system", "content": "You are a helpful assistant."}, {"role": "user", "content": text}]
    parameters = {"result_format": "message", "temperature": 0.7}
    if stream:
        parameters["incremental_output"] = True
    return json.dumps({"model": model, "input": {"messages": messages}, "parameters": parameters})


def native_reply(text: str, finish: str | None, tokens: int) -> str:
    choice = {"finish_reason": finish or "null", "message": {"role": "assistant", "content": text}}
    usage = {"total_tokens": 40 + tokens, "input_tokens": 40, "output_tokens": tokens}
    return json.dumps({"output": {"choices": [choice]}, "usage": usage, "request_id": "0b1c2d3e-0000-9999"})


def write_upstream(folder: pathlib.Path, port: int) -> None:
    """nginx again, answering every POST with a file."""
    files = folder / "files"
    files.mkdir()
    (files / "reply").write_text(native_reply("word " * 160, "stop", 160))
    events = []
    for number in range(EVENTS):
        finish = "stop" if number == EVENTS - 1 else None
        events.append(f"id:{number + 1}\nevent:result\n:HTTP_STATUS/200\ndata:{native_reply(' word', finish, number + 1)}\n\n")
    (files / "stream").write_text("".join(events))
    (folder / "upstream.conf").write_text(f"""
daemon off; worker_processes 1; pid {folder}/upstream.pid; error_log {folder}/upstream.log error;
events {{ worker_connections 4096; }}
http {{
    access_log off; client_body_buffer_size 64k; keepalive_requests 100000000; sendfile on; tcp_nodelay on;
    client_body_temp_path {folder}/upstream-body;
    map $http_x_dashscope_sse $file {{ enable /stream; default /reply; }}
    map $http_x_dashscope_sse $kind {{ enable "text/event-stream;charset=UTF-8"; default application/json; }}
    server {{
        listen 127.0.0.1:{port}; root {files};
        # A file is not for POST: 405, which is then answered with the file.
        location / {{ try_files $file =404; error_page 405 =200 $file; types {{ }} default_type $kind; }}
        location = /reply {{ internal; error_page 405 =200 /reply; types {{ }} default_type application/json; }}
        location = /stream {{ internal; error_page 405 =200 /stream; types {{ }} default_type text/event-stream; }}
    }}
}}
""")


class Processes:
    """Programs started here, ended here, by their ids."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.started: list[subprocess.Popen] = []

    def start(self, name: str, core: int, command: list[str], port: int, **environment: str) -> subprocess.Popen:
        log = open(self.folder / f"{name}.out", "wb")
        prefix = ["taskset", "-c", str(core)] if (os.cpu_count() or 1) > 1 else []
        process = subprocess.Popen(
            prefix + command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env={**os.environ, **environment}
        )
        self.started.append(process)
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return process
            except OSError:
                if process.poll() is not None:
                    break
                time.sleep(0.05)
        raise SystemExit(f"{name} does not listen:\n" + (self.folder / f"{name}.out").read_text()[-2000:])

    def stop(self) -> None:
        for process in self.started:
            process.terminate()
        for process in self.started:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def family(process: subprocess.Popen) -> list[int]:
    """The process and its children: nginx works in one."""
    pids = [process.pid]
    children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children")
    if children.exists():
        pids += [int(pid) for pid in children.read_text().split()]
    return pids


def processor_seconds(process: subprocess.Popen) -> float:
    total = 0
    for pid in family(process):
        for entry in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat"):
            total += int(entry.read_text().split()[0])
    return total / 1e9


def run_wrk(folder: pathlib.Path, url: str, body: str, headers: dict, connections: int, seconds: float) -> tuple[float, int]:
    """Requests a second and how many there were; any reply but 200 ends the comparison."""
    script = folder / "load.lua"
    lines = ['wrk.method = "POST"', f"wrk.body = {lua_text(body)}"]
    lines += [f"wrk.headers[ {lua_text(name)} ] = {lua_text(value)}" for name, value in headers.items()]
    script.write_text("\n".join(lines) + "\n")
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "--timeout", "10s", "-s", str(script), url]
    if (os.cpu_count() or 1) > 1:
        command = ["taskset", "-c", "1", *command]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in output or "Socket errors" in output:
        raise SystemExit(f"{url} did not answer every request:\n{output}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])
    count = int(re.search(r"(\d+) requests in", output)[1])
    return rate, count


def lua_text(text: str) -> str:
    return "[==[" + text + "]==]"


async def paced_stream(port: int, path: str, body: bytes, headers: str, delay: float) -> int:
    """Reads one stream to its end and returns how many events it had."""
    await asyncio.sleep(delay)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: Bearer sk-test\r\n"
        f"{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body
    )
    events, tail = 0, b""
    while not tail.endswith(b"0\r\n\r\n"):
        piece = await reader.read(65536)
        if not piece:
            raise SystemExit("a paced stream was cut")
        text = tail[-4:] + piece
        events += text.count(b"data:") - tail[-4:].count(b"data:")
        tail = (tail + piece)[-16:]
    writer.close()
    return events


def measure_paced(process: subprocess.Popen, port: int, path: str, body: str, headers: str) -> tuple[float, int]:
    """Processor time in microseconds, and how many events there were, of streams that start spread over a second."""

    async def run() -> int:
        counts = await asyncio.gather(
            *(paced_stream(port, path, body.encode(), headers, number / STREAMS) for number in range(STREAMS))
        )
        return sum(counts)

    before = processor_seconds(process)
    events = asyncio.run(run())
    return (processor_seconds(process) - before) * 1e6, events
