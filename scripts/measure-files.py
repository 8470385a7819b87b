#!/usr/bin/env python3
"""Measures files that pass through the gateway, in either direction, with the emulator behind it.

    scripts/measure-files.py [--binary PROGRAM] [--megabytes N] [--callers N]

Prints the gateway's memory while files are uploaded to DashScope's storage and to the Files API and while a video is fetched, by one
caller and by several at once, and the speed of a video's content beside nginx in the same run (needs nginx and curl).
"""

import argparse
import http.client
import json
import os
import pathlib
import socket
import statistics
import subprocess
import tempfile
import threading
import time

KEY = {"Authorization": "Bearer sk-measure"}
ROUNDS = 7


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Programs:
    """The gateway, the emulator behind it, and an nginx in front of the same emulator."""

    def __init__(self, binary: str, folder: str) -> None:
        self.emulator_port, self.gateway_port, self.nginx_port = free_port(), free_port(), free_port()
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.started = [
            subprocess.Popen([binary, "emulate", "--host", "127.0.0.1", "--port", str(self.emulator_port)], **quiet)
        ]
        environment = os.environ | {"DASHSCOPE_BASE_URL": f"http://127.0.0.1:{self.emulator_port}"}
        self.gateway = subprocess.Popen(
            [binary, "serve", "--host", "127.0.0.1", "--port", str(self.gateway_port)], env=environment, **quiet
        )
        self.started.append(self.gateway)
        configuration = pathlib.Path(folder, "nginx.conf")
        paths = "".join(
            f"{name}_temp_path {folder}/{name}; " for name in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        )
        configuration.write_text(
            f"daemon off; pid {folder}/pid; error_log {folder}/errors; worker_processes 2; events {{}}\n"
            f"http {{ access_log off; {paths} upstream files {{ server 127.0.0.1:{self.emulator_port}; keepalive 16; }}\n"
            f"server {{ listen 127.0.0.1:{self.nginx_port}; location / {{ proxy_pass http://files; proxy_http_version 1.1;\n"
            'proxy_set_header Connection ""; proxy_max_temp_file_size 0; } } }\n'
        )
        self.started.append(subprocess.Popen(["nginx", "-c", str(configuration)], **quiet))
        for port in [self.emulator_port, self.gateway_port, self.nginx_port]:
            self.wait(port)

    @staticmethod
    def wait(port: int) -> None:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)
        raise SystemExit(f"nothing listens on port {port}")

    def memory(self) -> float:
        """Resident memory of the gateway in MiB."""
        for line in pathlib.Path(f"/proc/{self.gateway.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        raise SystemExit("the gateway has ended")

    def stop(self) -> None:
        for program in self.started:
            program.terminate()
            program.wait()

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.gateway_port, timeout=300)


def upload(programs: Programs, path: str, field: str, value: str, name: str, size: int) -> None:
    head = (
        f'--b0\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
        f'--b0\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    ).encode()
    end = b"\r\n--b0--\r\n"
    connection = programs.connect()
    connection.putrequest("POST", path)
    for header, text in KEY.items():
        connection.putheader(header, text)
    connection.putheader("Content-Type", "multipart/form-data; boundary=b0")
    connection.putheader("Content-Length", str(len(head) + size + len(end)))
    connection.endheaders(head)
    piece, left = b'{"a":1}\n' * 8192, size
    while left:
        part = piece[: min(left, len(piece))]
        connection.send(part)
        left -= len(part)
    connection.send(end)
    answer = connection.getresponse()
    assert answer.status == 200, (answer.status, answer.read()[:300])


def ask(programs: Programs, method: str, path: str, body: dict | None = None) -> dict:
    connection = programs.connect()
    connection.request(method, path, body and json.dumps(body), KEY | {"Content-Type": "application/json"})
    answer = connection.getresponse()
    document = json.loads(answer.read())
    assert answer.status == 200, document
    return document


def make_video(programs: Programs) -> dict:
    """A video of the largest size that the emulator makes."""
    video = ask(programs, "POST", "/v1/videos", {"model": "wan2.7-t2v", "prompt": "emulator-film-64"})
    while video["status"] != "completed":
        video = ask(programs, "GET", f"/v1/videos/{video['id']}")
    return video


def fetch(programs: Programs, video: dict) -> None:
    connection = programs.connect()
    connection.request("GET", f"/v1/videos/{video['id']}/content", headers=KEY)
    answer = connection.getresponse()
    assert answer.status == 200
    while answer.read(1 << 18):
        pass


def measure(programs: Programs, name: str, callers: int, action) -> None:
    before, peak, ended = programs.memory(), [0.0], threading.Event()

    def watch() -> None:
        while not ended.wait(0.02):
            peak[0] = max(peak[0], programs.memory())

    threads = [threading.Thread(target=action) for _ in range(callers)]
    watcher = threading.Thread(target=watch)
    watcher.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ended.set()
    watcher.join()
    print(f"{name}, {callers} at once: {before:.1f} MiB before, {peak[0]:.1f} at most", flush=True)


def speed(url: str, headers: dict[str, str]) -> float:
    command = ["curl", "-sf", "-o", "/dev/null", "-w", "%{speed_download}", url]
    for header, text in headers.items():
        command += ["-H", f"{header}: {text}"]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout) / 1e6


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--binary", default=".build/release/dashscope-gateway")
    arguments.add_argument("--megabytes", type=int, default=90, help="size of an upload; the emulator holds all of them")
    arguments.add_argument("--callers", type=int, default=10)
    options = arguments.parse_args()
    size = options.megabytes * 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        programs = Programs(options.binary, folder)
        try:
            def storage() -> None:
                upload(programs, "/v1/audio/transcriptions", "model", "paraformer-v2", "a.wav", size)

            def files() -> None:
                upload(programs, "/v1/files", "purpose", "batch", "a.jsonl", size)

            upload(programs, "/v1/audio/transcriptions", "model", "paraformer-v2", "a.wav", 1000)
            for callers in [1, options.callers]:
                measure(programs, f"{options.megabytes} MB into the storage", callers, storage)
            measure(programs, f"{options.megabytes} MB to POST /v1/files", options.callers, files)
            video = make_video(programs)
            for callers in [1, options.callers]:
                measure(programs, "a video of 67 MB", callers, lambda: fetch(programs, video))
            link = video["url"].replace(f":{programs.emulator_port}/", f":{programs.nginx_port}/")
            ours = f"http://127.0.0.1:{programs.gateway_port}/v1/videos/{video['id']}/content"
            # The storage must not get the key.
            pairs = [(speed(ours, KEY), speed(link, {})) for _ in range(ROUNDS)]
            gateway, nginx = (statistics.median(column) for column in zip(*pairs))
            print(f"content of a video: {gateway:.0f} MB/s, nginx {nginx:.0f} MB/s, ratio {gateway / nginx:.2f}")
        finally:
            programs.stop()


if __name__ == "__main__":
    main()
