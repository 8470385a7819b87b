#!/usr/bin/env python3
"""The measuring part of compare-nginx.sh; see there, and measuring.py.

Rounds alternate between the gateway and nginx, the figure is the median of the rounds.

Three kinds of work:
- requests: a request of 0.7 KB, a reply of 1 KB, 64 kept connections, as fast as it goes;
- burst: streams of 200 events of 0.2 KB that upstream sends at once, 32 connections, as fast as it goes;
- paced: 100 streams of 50 events a second, from the emulator, as models send them.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import shutil
import statistics
import sys
import tempfile
import urllib.request

from measuring import (
    EVENTS, KEY, NATIVE_PATH, PACED_MODEL, PACED_TEXT, Processes, free_port, measure_paced, native_request, openai_request,
    processor_seconds, run_wrk, write_upstream,
)


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
    spent: dict[str, list[float]] = {name: [] for name in settings}
    for round_number in range(arguments.rounds + 1):
        for name, (process, url) in sides.items():
            before = processor_seconds(process)
            _, count = run_wrk(folder, url, openai_request(False), KEY, 64, arguments.seconds if round_number else 1)
            if round_number:
                spent[name].append((processor_seconds(process) - before) / count * 1e6)
    base = statistics.median(next(iter(spent.values())))
    print(f"{'':<30}{'µs a request':>14}{'ratio':>9}")
    for name, values in spent.items():
        print(f"{name:<30}{statistics.median(values):>14,.1f}{statistics.median(values) / base:>9.2f}")


def measure(arguments, folder, nginx, gateway, paced_gateway, pass_port, gateway_port, paced_gateway_port) -> None:
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
                headers = {**KEY, **({"X-DashScope-SSE": "enable"} if stream else {})}
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

    for _ in range(max(1, arguments.rounds - 1)):
        for side, process, port, path, make, headers in (
            ("nginx", nginx, pass_port, "/paced", native_request, "X-DashScope-SSE: enable\r\n"),
            ("gateway", paced_gateway, paced_gateway_port, "/v1/chat/completions", openai_request, ""),
        ):
            spent, events = measure_paced(process, port, path, make(True, PACED_MODEL, PACED_TEXT), headers)
            note("paced: µs of processor time an event", side, spent / events)

    print(f"{'':<40}{'nginx':>12}{'gateway':>12}{'ratio':>9}")
    for row, values in rows.items():
        base, own = statistics.median(values["nginx"]), statistics.median(values["gateway"])
        print(f"{row:<40}{base:>12,.1f}{own:>12,.1f}{own / base:>9.2f}")
    print("\nnginx passes bytes on, the gateway translates; one thread each, on one core, both with an access log.")


if __name__ == "__main__":
    sys.exit(main())
