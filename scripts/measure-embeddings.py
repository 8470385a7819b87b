#!/usr/bin/env python3
"""Measures one large request for embeddings beside nginx, which only passes on what upstream sends.

    scripts/measure-embeddings.py [--binary PROGRAM] [--strings N] [--rounds N]

The gateway divides the strings into upstream's calls of ten, reads the numbers of each reply and writes them as base64. nginx passes the
same calls and replies on. Upstream is an nginx that serves a file: ten embeddings of 1,024 dimensions. Printed are the processor time of
both, and the largest growth of the gateway's memory beside the size of its answer. Needs nginx.
"""

import argparse
import base64
import http.client
import json
import pathlib
import random
import shutil
import statistics
import struct
import tempfile

from measuring import Processes, free_port, processor_seconds

KEY = {"Authorization": "Bearer sk-measure", "Content-Type": "application/json"}
DIMENSIONS, CALL = 1024, 10
NATIVE = "/api/v1/services/embeddings/text-embedding/text-embedding"


def write_upstream(folder: pathlib.Path, port: int, proxy: int) -> list[float]:
    """Writes the reply and the two nginx; returns the numbers of the first embedding."""
    chance = random.Random(1)
    rows = [[round(chance.uniform(-0.2, 0.2), 17) for _ in range(DIMENSIONS)] for _ in range(CALL)]
    reply = {
        "status_code": 200, "request_id": "00000000-0000-0000-0000-000000000000", "code": "", "message": "",
        "output": {"embeddings": [{"embedding": row, "text_index": index} for index, row in enumerate(rows)]},
        "usage": {"total_tokens": 40},
    }
    (folder / "reply").write_text(json.dumps(reply))
    paths = "".join(f"{name}_temp_path {folder}/{name}; " for name in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"])
    head = "daemon off; error_log {0}/{1}.log; pid {0}/{1}.pid; worker_processes 1; events {{}}\nhttp {{ access_log off; " + paths.replace(
        "{", "{{").replace("}", "}}")
    settings = "keepalive_requests 1000000; client_max_body_size 64m; sendfile on;\n"
    (folder / "upstream.conf").write_text(
        head.format(folder, "upstream") + settings + f"server {{ listen 127.0.0.1:{port}; root {folder}; error_page 405 =200 /reply;\n"
        "location / { try_files /reply =404; types {} default_type application/json; } } }\n")
    (folder / "proxy.conf").write_text(
        head.format(folder, "proxy") + settings + f"upstream up {{ server 127.0.0.1:{port}; keepalive 64; }}\n"
        f"server {{ listen 127.0.0.1:{proxy}; location / {{ proxy_pass http://up; proxy_http_version 1.1;\n"
        'proxy_set_header Connection ""; proxy_max_temp_file_size 0; } } }\n')
    return rows[0]


def post(connection: http.client.HTTPConnection, path: str, document: dict) -> bytes:
    connection.request("POST", path, json.dumps(document), KEY)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise SystemExit(f"{path}: {answer.status} {body[:500]!r}")
    return body


def memory(pid: int, name: str) -> int:
    """A figure of the process's memory in KiB: VmRSS, or VmHWM, the largest since it was last reset."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    raise SystemExit("the gateway has ended")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--binary", default=".build/release/dashscope-gateway")
    arguments.add_argument("--strings", type=int, default=2000)
    arguments.add_argument("--rounds", type=int, default=7)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="measure-") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)  # nginx's worker may be another user.
        upstream, proxy, port = free_port(), free_port(), free_port()
        first = write_upstream(folder, upstream, proxy)
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        processes = Processes(folder)
        try:
            processes.start("upstream", 1, [nginx, "-c", str(folder / "upstream.conf")], upstream)
            copier = processes.start("proxy", 0, [nginx, "-c", str(folder / "proxy.conf")], proxy)
            gateway = processes.start(
                "gateway", 0, [str(pathlib.Path(options.binary).resolve()), "serve", "--host", "127.0.0.1", "--workers", "1", "--port", str(port)],
                port, DASHSCOPE_BASE_URL=f"http://127.0.0.1:{upstream}", LOG_FILE=str(folder / "records"))
            strings = [f"string number {index}" for index in range(options.strings)]
            request = {"model": "text-embedding-v4", "input": strings, "dimensions": DIMENSIONS, "encoding_format": "base64"}
            ours, theirs, growths, size = [], [], [], 0
            for number in range(options.rounds + 1):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                pathlib.Path(f"/proc/{gateway.pid}/clear_refs").write_text("5")
                held, before = memory(gateway.pid, "VmRSS"), processor_seconds(gateway)
                body = post(connection, "/v1/embeddings", request)
                spent, growth = processor_seconds(gateway) - before, memory(gateway.pid, "VmHWM") - held
                data = json.loads(body)["data"]
                assert [entry["index"] for entry in data] == list(range(options.strings))
                for entry in (data[0], data[-CALL]):
                    assert list(struct.unpack(f"<{DIMENSIONS}f", base64.b64decode(entry["embedding"]))) == list(
                        struct.unpack(f"<{DIMENSIONS}f", struct.pack(f"<{DIMENSIONS}f", *first)))
                connection.close()
                connection = http.client.HTTPConnection("127.0.0.1", proxy, timeout=60)
                before = processor_seconds(copier)
                for start in range(0, options.strings, CALL):
                    post(connection, NATIVE, {"model": "text-embedding-v4", "input": {"texts": strings[start:start + CALL]}, "parameters": {"dimension": DIMENSIONS}})
                copied = processor_seconds(copier) - before
                connection.close()
                size = len(body)
                # The first round warms up; the memory of later ones is partly there already.
                growths.append(growth / 1024)
                if number:
                    ours.append(spent * 1e3)
                    theirs.append(copied * 1e3)
        finally:
            processes.stop()
    ratio = statistics.median(own / other for own, other in zip(ours, theirs))
    print(f"processor time: gateway {statistics.median(ours):.0f} ms, nginx {statistics.median(theirs):.0f} ms, ratio {ratio:.2f} (medians of {options.rounds})")
    print(f"answer {size / 1048576:.1f} MiB; memory grew by {growths[0]:.1f} MiB in the first request ({growths[0] * 1048576 / size:.2f} of the answer), "
          f"by {max(growths[1:]):.1f} MiB at most later")


if __name__ == "__main__":
    main()
