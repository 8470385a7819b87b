#!/usr/bin/env python3
"""The measuring part of compare-nginx.sh; see there.

On core 0 stands what is measured, the gateway or nginx, one thread each; on core 1 the upstream and the load. Rounds
alternate between the two, the figure is the median of the rounds. Processor time is read from /proc/PID/task/*/schedstat,
so it is the process's own, kernel part included, whatever else the machine does.

Three kinds of work:
- requests: a request of 0.7 KB, a reply of 1 KB, 64 kept connections, as fast as it goes;
- burst: streams of 200 events of 0.2 KB that upstream sends at once, 32 connections, as fast as it goes;
- paced: 100 streams of 50 events a second, from the emulator, as models send them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

QUESTION = "What is a gateway, and why would anyone translate? " * 9
NATIVE_PATH = "/api/v1/services/aigc/text-generation/generation"
EVENTS = 200
STREAMS = 100


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


def write_passthrough(folder: pathlib.Path, port: int, fast: int, paced: int) -> None:
    (folder / "passthrough.conf").write_text(f"""
daemon off; worker_processes 1; pid {folder}/passthrough.pid; error_log {folder}/passthrough.log error;
events {{ worker_connections 4096; }}
http {{
    access_log {folder}/passthrough-access.log; keepalive_requests 100000000; tcp_nodelay on;
    client_body_buffer_size 64k; client_body_temp_path {folder}/passthrough-body; proxy_temp_path {folder}/passthrough-temp;
    upstream fast {{ server 127.0.0.1:{fast}; keepalive 256; keepalive_requests 100000000; }}
    upstream paced {{ server 127.0.0.1:{paced}; keepalive 256; keepalive_requests 100000000; }}
    server {{
        listen 127.0.0.1:{port};
        proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off;
        location /fast {{ proxy_pass http://fast{NATIVE_PATH}; }}
        location /paced {{ proxy_pass http://paced{NATIVE_PATH}; }}
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


def measure_paced(process: subprocess.Popen, port: int, path: str, body: str, headers: str) -> float:
    """Processor time an event, in microseconds, with streams that start spread over a second."""

    async def run() -> int:
        counts = await asyncio.gather(
            *(paced_stream(port, path, body.encode(), headers, number / STREAMS) for number in range(STREAMS))
        )
        return sum(counts)

    before = processor_seconds(process)
    events = asyncio.run(run())
    return (processor_seconds(process) - before) / events * 1e6


def check_gateway(port: int) -> None:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/chat/completions", data=openai_request(True).encode(),
        headers={"Authorization": "Bearer sk-test", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        text = response.read().decode()
    if text.count('" word"') < EVENTS - 1 or "data: [DONE]" not in text:
        raise SystemExit(f"the gateway's stream is not whole:\n{text[:1000]}")


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare the gateway with nginx passthrough.")
    parser.add_argument("--gateway", required=True, help="the program")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each measurement (default: 3)")
    parser.add_argument("--seconds", type=float, default=4, help="length of a measurement (default: 4)")
    parser.add_argument("--operability", action="store_true",
                        help="compare the gateway with itself: without records and limits, as it comes, with all limits")
    arguments = parser.parse_args()
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    if (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {1})

    with tempfile.TemporaryDirectory(prefix="compare-") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)  # nginx's worker may be another user.
        processes = Processes(folder)
        fast, paced, pass_port = free_port(), free_port(), free_port()
        gateway_port, paced_gateway_port = free_port(), free_port()
        write_upstream(folder, fast)
        write_passthrough(folder, pass_port, fast, paced)
        gateway = str(pathlib.Path(arguments.gateway).resolve())
        serve = [gateway, "serve", "--host", "127.0.0.1", "--workers", "1", "--port"]
        log = {"LOG_FILE": str(folder / "gateway-access.log")}
        try:
            processes.start("upstream", 1, [nginx, "-p", str(folder), "-c", str(folder / "upstream.conf")], fast)
            processes.start("emulator", 1, [gateway, "emulate", "--port", str(paced)], paced)
            nginx_process = processes.start(
                "nginx", 0, [nginx, "-p", str(folder), "-c", str(folder / "passthrough.conf")], pass_port)
            gateway_process = processes.start(
                "gateway", 0, [*serve, str(gateway_port)], gateway_port,
                DASHSCOPE_BASE_URL=f"http://127.0.0.1:{fast}", **log)
            paced_gateway = processes.start(
                "gateway-paced", 0, [*serve, str(paced_gateway_port)], paced_gateway_port,
                DASHSCOPE_BASE_URL=f"http://127.0.0.1:{paced}", **log)
            check_gateway(gateway_port)
            if arguments.operability:
                measure_operability(arguments, folder, processes, serve, fast, log)
                return 0
            measure(arguments, folder, nginx_process, gateway_process, paced_gateway,
                    pass_port, gateway_port, paced_gateway_port)
        finally:
            processes.stop()
    return 0


ALL_LIMITS = {
    f"LIMITS_{scope}_{name}": "900000000"
    for scope in ("CALLER", "ADDRESS", "OVERALL")
    for name in ("REQUESTS_PER_MINUTE", "TOKENS_PER_MINUTE", "CONCURRENT_REQUESTS")
} | {
    "ACCESS_ALLOW": "127.0.0.0/8,10.0.0.0/8", "ACCESS_DENY": "203.0.113.0/24", "SERVER_TRUSTED_PROXIES": "10.0.0.0/8",
    "SERVER_VERSION_HEADER": "full",
}


def measure_operability(arguments, folder, processes, serve, fast, log) -> None:
    """What records and limits cost: processor time a request of three gateways, in turn."""
    upstream = {"DASHSCOPE_BASE_URL": f"http://127.0.0.1:{fast}"}
    settings = {
        "no records, no limits": {"LOG_REQUESTS": "false"},
        "as it comes": log,
        "all limits": log | ALL_LIMITS,
    }
    sides = {}
    for number, (name, environment) in enumerate(settings.items()):
        port = free_port()
        process = processes.start(
            f"gateway-{number}", 0, [*serve, str(port)], port, **upstream, **environment)
        sides[name] = (process, f"http://127.0.0.1:{port}/v1/chat/completions")
    headers = {"Authorization": "Bearer sk-test", "Content-Type": "application/json"}
    spent: dict[str, list[float]] = {name: [] for name in settings}
    for round_number in range(arguments.rounds + 1):
        for name, (process, url) in sides.items():
            before = processor_seconds(process)
            _, count = run_wrk(folder, url, openai_request(False), headers, 64, arguments.seconds if round_number else 1)
            if round_number:
                spent[name].append((processor_seconds(process) - before) / count * 1e6)
    base = statistics.median(next(iter(spent.values())))
    print(f"{'':<30}{'µs a request':>14}{'ratio':>9}")
    for name, values in spent.items():
        print(f"{name:<30}{statistics.median(values):>14,.1f}{statistics.median(values) / base:>9.2f}")


def measure(arguments, folder, nginx, gateway, paced_gateway, pass_port, gateway_port, paced_gateway_port) -> None:
    key = {"Authorization": "Bearer sk-test", "Content-Type": "application/json"}
    sides = {
        "nginx": (nginx, f"http://127.0.0.1:{pass_port}/fast", native_request),
        "gateway": (gateway, f"http://127.0.0.1:{gateway_port}/v1/chat/completions", openai_request),
    }
    rows: dict[str, dict[str, list[float]]] = {}

    def note(row: str, side: str, value: float) -> None:
        rows.setdefault(row, {"nginx": [], "gateway": []})[side].append(value)

    for stream, connections in ((False, 64), (True, 32)):
        for round_number in range(arguments.rounds + 1):
            for side, (process, url, make) in sides.items():
                headers = {**key, **({"X-DashScope-SSE": "enable"} if stream else {})}
                before = processor_seconds(process)
                # The first round warms up.
                seconds = arguments.seconds if round_number else 1
                rate, count = run_wrk(folder, url, make(stream), headers, connections, seconds)
                spent = processor_seconds(process) - before
                if round_number == 0:
                    continue
                if stream:
                    note("burst: events/s", side, rate * EVENTS)
                    note("burst: µs of processor time an event", side, spent / count / EVENTS * 1e6)
                else:
                    note("requests/s", side, rate)
                    note("µs of processor time a request", side, spent / count * 1e6)

    model, text = "qwen-plus-emulator-slow-20", "a river runs to the sea and the sea does not fill " * 12
    for _ in range(max(1, arguments.rounds - 1)):
        note("paced: µs of processor time an event", "nginx", measure_paced(
            nginx, pass_port, "/paced", native_request(True, model, text), "X-DashScope-SSE: enable\r\n"))
        note("paced: µs of processor time an event", "gateway", measure_paced(
            paced_gateway, paced_gateway_port, "/v1/chat/completions", openai_request(True, model, text), ""))

    print(f"{'':<40}{'nginx':>12}{'gateway':>12}{'ratio':>9}")
    for row, values in rows.items():
        base, own = statistics.median(values["nginx"]), statistics.median(values["gateway"])
        print(f"{row:<40}{base:>12,.1f}{own:>12,.1f}{own / base:>9.2f}")
    print("\nnginx passes bytes on, the gateway translates; one thread each, on one core, both with an access log.")


if __name__ == "__main__":
    sys.exit(main())
