"""The DashScope gateway, packaged with its program.

The command ``dashscope-gateway`` is the program itself. For tests there is a gateway as a context manager::

    import dashscope_gateway
    from openai import OpenAI

    with dashscope_gateway.run() as gateway:
        client = OpenAI(base_url=gateway.base_url, api_key=gateway.api_key)

It listens on a free port of 127.0.0.1, and an emulator of DashScope answers: no key, no internet.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

__all__ = ["Gateway", "GatewayError", "__version__", "program", "run"]
__version__ = "@VERSION@"


class GatewayError(RuntimeError):
    """The gateway did not start."""


@dataclass(frozen=True)
class Gateway:
    """A running gateway."""

    #: Where it answers, without a path: the base URL of Anthropic's SDKs.
    url: str
    #: The base URL of OpenAI's SDKs.
    base_url: str
    port: int
    #: A key that it takes: any word with the emulator, the one that was given otherwise.
    api_key: str
    #: Where its standard output and error go.
    log: pathlib.Path
    process: subprocess.Popen


def program() -> str:
    """The path of the program."""
    return str(pathlib.Path(__file__).parent / "bin" / "dashscope-gateway")


def main() -> None:
    """The console script: becomes the program."""
    os.execv(program(), ["dashscope-gateway", *sys.argv[1:]])


@contextlib.contextmanager
def run(
    *,
    demo: bool = True,
    api_key: str = "sk-demo",
    settings: Mapping[str, object] | None = None,
    environment: Mapping[str, str] | None = None,
    timeout: float = 60,
) -> Iterator[Gateway]:
    """Runs a gateway on a free port of 127.0.0.1 and ends it with the block.

    ``demo`` puts the emulator behind it; with ``demo=False`` it calls DashScope, or what ``upstream.baseURL`` names.
    ``settings`` are those of the configuration by their dotted names, such as ``{"limits.caller.requestsPerMinute": 60}``.
    ``environment`` is added to this process's; proxies and settings in that one apply. ``timeout`` is in seconds.
    """
    arguments = [program(), "serve", "--host", "127.0.0.1", "--port", "0"]
    if demo:
        arguments.append("--demo")
    for name, value in (settings or {}).items():
        arguments += ["--set", f"{name}={_text(value)}"]
    # A name of ours must be short: the address of a Unix socket has a hundred bytes.
    with tempfile.TemporaryDirectory(prefix="gateway-", ignore_cleanup_errors=True) as folder, socket.socket(
        socket.AF_UNIX, socket.SOCK_DGRAM
    ) as readiness:
        address = os.path.join(folder, "ready")
        readiness.bind(address)
        log = pathlib.Path(folder, "gateway.log")
        with log.open("wb") as output:
            process = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {}), "NOTIFY_SOCKET": address},
            )
        try:
            port = _wait(process, readiness, log, time.monotonic() + timeout)
            url = f"http://127.0.0.1:{port}"
            yield Gateway(url, url + "/v1", port, api_key, log, process)
        finally:
            _end(process)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ",".join(map(str, value))
    return str(value)


def _wait(process: subprocess.Popen, readiness: socket.socket, log: pathlib.Path, deadline: float) -> int:
    """The port, as soon as the gateway says where it listens, as sd_notify(3) does."""
    readiness.settimeout(0.1)
    while True:
        try:
            message = readiness.recv(4096).decode(errors="replace")
        except socket.timeout:
            message = ""
        port = re.search(r"http://127\.0\.0\.1:(\d+)", message)
        if "READY=1" in message and port:
            return int(port[1])
        if process.poll() is not None:
            raise GatewayError(f"the gateway ended with status {process.returncode}:\n{_end_of(log)}")
        if time.monotonic() > deadline:
            raise GatewayError(f"the gateway is not ready in time:\n{_end_of(log)}")


def _end_of(log: pathlib.Path) -> str:
    return log.read_text(errors="replace")[-2000:]


def _end(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        # A second signal cuts the drain of open streams short.
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
