#!/usr/bin/env python3
"""Measures files that pass through the gateway, in either direction.

    scripts/measure-files.py [--binary PROGRAM] [--megabytes N] [--callers N]

Behind the gateway stands an nginx that gives DashScope's answers: it reads what is uploaded to its end and serves a video. Prints the
gateway's memory while files are uploaded to DashScope's storage, to the Files API and in parts, and while a video is fetched, by one
caller and by several at once, and the speed of a video's content beside another nginx in the same run. Needs nginx, curl, and disk for
everything that is uploaded at once.
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


POLICY = {
    "data": {
        "policy": "cG9saWN5", "signature": "c2lnbmF0dXJl", "upload_dir": "dashscope-instant/a/b", "upload_host": "BASE/storage",
        "expire_in_seconds": 300, "max_file_size_mb": 2048, "capacity_limit_mb": 999999999, "oss_access_key_id": "id",
        "x_oss_object_acl": "private", "x_oss_forbid_overwrite": "true",
    },
    "request_id": "r1",
}
FILE = {
    "id": "file-batch-1", "object": "file", "bytes": 8, "created_at": 1700000000, "filename": "a.jsonl", "purpose": "batch",
    "status": "processed",
}
# An answer for each path, BASE standing for the address of the upstream.
ANSWERS = {
    "/api/v1/uploads": POLICY,
    "/storage": {},
    "/compatible-mode/v1/files": FILE,
    "/api/v1/services/audio/asr/transcription": {"output": {"task_id": "t1", "task_status": "PENDING"}, "request_id": "r2"},
    "/api/v1/tasks/t1": {
        "output": {
            "task_id": "t1", "task_status": "SUCCEEDED",
            "results": [{"subtask_status": "SUCCEEDED", "file_url": "oss://a", "transcription_url": "BASE/transcript.json"}],
        },
        "usage": {"duration": 1}, "request_id": "r3",
    },
    "/transcript.json": {
        "properties": {"original_duration_in_milliseconds": 1000},
        "transcripts": [{"channel_id": 0, "text": "hello", "sentences": [{"begin_time": 0, "end_time": 1000, "text": "hello"}]}],
    },
    "/api/v1/services/aigc/video-generation/video-synthesis": {
        "output": {"task_id": "t2", "task_status": "PENDING"}, "request_id": "r4",
    },
    "/api/v1/tasks/t2": {
        "output": {"task_id": "t2", "task_status": "SUCCEEDED", "video_url": "BASE/film.mp4"},
        "usage": {"video_duration": 5, "video_ratio": "1280*720", "video_count": 1}, "request_id": "r5",
    },
}


class Programs:
    """The gateway, the upstream behind it, and an nginx in front of the same upstream."""

    def __init__(self, binary: str, folder: str, size: int) -> None:
        self.upstream_port, self.gateway_port, self.nginx_port = free_port(), free_port(), free_port()
        os.chmod(folder, 0o755)  # nginx's worker may be another user.
        with open(f"{folder}/film.mp4", "wb") as film:
            for _ in range(size // 1_000_000):
                film.write(os.urandom(1_000_000))
        base = f"http://127.0.0.1:{self.upstream_port}"
        answers = f"location /film.mp4 {{ root {folder}; }}\n"
        bodies = ""
        for number, (path, answer) in enumerate(ANSWERS.items()):
            text = json.dumps(answer).replace("BASE", base)
            # The request is read to its end before it is answered.
            answers += f"location = {path} {{ proxy_pass {base}/answers/{number}; proxy_method GET; proxy_pass_request_body off; "
            answers += "proxy_set_header Content-Length 0; }\n"
            bodies += f"location = /answers/{number} {{ default_type application/json; return 200 '{text}'; }}\n"
        proxied = f"location / {{ proxy_pass http://files; proxy_set_header Connection ''; proxy_max_temp_file_size 0; }}"
        self.start_nginx(folder, "upstream", self.upstream_port, answers + bodies)
        files = f"upstream files {{ server 127.0.0.1:{self.upstream_port}; keepalive 16; }}\n"
        self.start_nginx(folder, "nginx", self.nginx_port, proxied, files)
        for port in [self.upstream_port, self.nginx_port]:
            self.wait(port)
        self.environment = os.environ | {"DASHSCOPE_BASE_URL": base, "UPLOADS_DIRECTORY": folder}
        self.binary = binary
        self.gateway: subprocess.Popen | None = None

    def start_gateway(self) -> None:
        """A new gateway, so that each measurement begins with an idle one."""
        if self.gateway:
            self.gateway.terminate()
            self.gateway.wait()
            self.started.remove(self.gateway)
        self.gateway = subprocess.Popen(
            [self.binary, "serve", "--host", "127.0.0.1", "--port", str(self.gateway_port)],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.started.append(self.gateway)
        self.wait(self.gateway_port)

    def start_nginx(self, folder: str, name: str, port: int, locations: str, head: str = "") -> None:
        own = pathlib.Path(folder, name)
        own.mkdir(mode=0o777)
        own.chmod(0o777)
        temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        paths = "".join(f"{kind}_temp_path {own}/{kind}; " for kind in temporary)
        configuration = own / "nginx.conf"
        configuration.write_text(
            f"daemon off; pid {own}/pid; error_log {own}/errors; worker_processes 2; events {{}}\n"
            f"http {{ access_log off; client_max_body_size 0; proxy_http_version 1.1; {paths}\n{head}"
            f"server {{ listen 127.0.0.1:{port};\n{locations}}} }}\n"
        )
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.started = getattr(self, "started", [])
        self.started.append(subprocess.Popen(["nginx", "-c", str(configuration)], **quiet))

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


def upload(
    programs: Programs, path: str, field: str | None, value: str, name: str, size: int, part: str = "file"
) -> dict:
    head = f'--b0\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n' if field else ""
    head += f'--b0\r\nContent-Disposition: form-data; name="{part}"; filename="{name}"\r\n\r\n'
    # The gateway looks at the first bytes of media.
    start = b"RIFF\xff\xff\xff\x7fWAVEfmt " if name.endswith(".wav") else b""
    head = head.encode() + start
    end = b"\r\n--b0--\r\n"
    connection = programs.connect()
    connection.putrequest("POST", path)
    for header, text in KEY.items():
        connection.putheader(header, text)
    connection.putheader("Content-Type", "multipart/form-data; boundary=b0")
    connection.putheader("Content-Length", str(len(head) - len(start) + size + len(end)))
    connection.endheaders(head)
    piece, left = b'{"a":1}\n' * 8192, size - len(start)
    while left:
        sent = piece[: min(left, len(piece))]
        connection.send(sent)
        left -= len(sent)
    connection.send(end)
    answer = connection.getresponse()
    document = answer.read()
    assert answer.status == 200, (answer.status, document[:300])
    return json.loads(document)


def ask(programs: Programs, method: str, path: str, body: dict | None = None) -> dict:
    connection = programs.connect()
    connection.request(method, path, body and json.dumps(body), KEY | {"Content-Type": "application/json"})
    answer = connection.getresponse()
    document = json.loads(answer.read())
    assert answer.status == 200, document
    return document


def upload_in_parts(programs: Programs, size: int) -> None:
    """An upload by `/v1/uploads`, in parts of 50 MB."""
    body = {"filename": "a.jsonl", "purpose": "batch", "bytes": size, "mime_type": "application/jsonl"}
    begun = ask(programs, "POST", "/v1/uploads", body)
    parts = []
    for start in range(0, size, 50_000_000):
        length = min(50_000_000, size - start)
        part = upload(programs, f"/v1/uploads/{begun['id']}/parts", None, "", "part", length, "data")
        parts.append(part["id"])
    ask(programs, "POST", f"/v1/uploads/{begun['id']}/complete", {"part_ids": parts})


def make_video(programs: Programs) -> dict:
    video = ask(programs, "POST", "/v1/videos", {"model": "wan2.7-t2v", "prompt": "a river"})
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


def measure(programs: Programs, name: str, callers: int, action, prepare=lambda: None) -> None:
    programs.start_gateway()
    for _ in range(20):
        ask(programs, "GET", "/v1/models")
    prepare()
    before, peak, ended = programs.memory(), [0.0], threading.Event()

    def watch() -> None:
        while not ended.wait(0.02):
            peak[0] = max(peak[0], programs.memory())

    def act() -> None:
        try:
            action()
        except BaseException as error:
            failures.append(error)
            raise

    failures: list[BaseException] = []
    threads = [threading.Thread(target=act) for _ in range(callers)]
    watcher = threading.Thread(target=watch)
    watcher.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ended.set()
    watcher.join()
    if failures:
        raise SystemExit(f"{name}: {len(failures)} of {callers} calls failed: {failures[0]}")
    print(f"{name}, {callers} at once: {before:.1f} MiB before, {peak[0]:.1f} at most", flush=True)


def speed(url: str, headers: dict[str, str]) -> float:
    command = ["curl", "-sf", "-o", "/dev/null", "-w", "%{speed_download}", url]
    for header, text in headers.items():
        command += ["-H", f"{header}: {text}"]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout) / 1e6


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--binary", default=".build/release/dashscope-gateway")
    arguments.add_argument("--megabytes", type=int, default=200, help="size of an upload and of the video")
    arguments.add_argument("--callers", type=int, default=10)
    options = arguments.parse_args()
    size = options.megabytes * 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        programs = Programs(options.binary, folder, size)
        try:
            def storage() -> None:
                upload(programs, "/v1/audio/transcriptions", "model", "paraformer-v2", "a.wav", size)

            def files() -> None:
                upload(programs, "/v1/files", "purpose", "batch", "a.jsonl", size)

            for callers in [1, options.callers]:
                measure(programs, f"{options.megabytes} MB into the storage", callers, storage)
            measure(programs, f"{options.megabytes} MB to POST /v1/files", options.callers, files)
            parts = lambda: upload_in_parts(programs, size)  # noqa: E731
            measure(programs, f"{options.megabytes} MB in parts to /v1/uploads", options.callers, parts)
            for callers in [1, options.callers]:
                video = {}
                measure(
                    programs,
                    f"a video of {options.megabytes} MB",
                    callers,
                    lambda: fetch(programs, video),
                    lambda: video.update(make_video(programs)),
                )
            link = f"http://127.0.0.1:{programs.nginx_port}/film.mp4"
            ours = f"http://127.0.0.1:{programs.gateway_port}/v1/videos/{video['id']}/content"
            # The storage must not get the key.
            pairs = [(speed(ours, KEY), speed(link, {})) for _ in range(ROUNDS)]
            gateway, nginx = (statistics.median(column) for column in zip(*pairs))
            print(f"content of a video: {gateway:.0f} MB/s, nginx {nginx:.0f} MB/s, ratio {gateway / nginx:.2f}")
        finally:
            programs.stop()


if __name__ == "__main__":
    main()
