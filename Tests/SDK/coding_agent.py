"""What the suites of coding agents share: the program in an empty home, what it made the gateway ask upstream, the
checks that only --full runs."""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable

from checking import CHECKS, Service, check, run_checks

FULL: set[str] = set()


def full(function: Callable[[Any], None]) -> Callable[[Any], None]:
    """Registers a check that is run only when all of them are asked for."""
    check(function)
    FULL.add(CHECKS[-1][0])
    return function


def plain(message: dict) -> str:
    """The text of a native message."""
    content = message["content"]
    return content if isinstance(content, str) else "\n\n".join(part["text"] for part in content if "text" in part)


@dataclass
class Ended:
    """A program that has ended, and what it made the gateway ask upstream."""

    status: int
    stdout: str
    stderr: str
    native: list[dict]
    folder: Path
    seconds: float

    def messages(self) -> list[dict]:
        """The longest conversation that went upstream."""
        return max((call["body"]["input"]["messages"] for call in self.native), key=len)

    def results(self) -> list[str]:
        """The results of tools as the model saw them last."""
        return [plain(message) for message in self.messages() if message["role"] == "tool"]


class CodingAgent(Service):
    """A program between a prompt and a gateway."""

    title = "the program"

    def __init__(self, program: str, base_url: str, emulator_url: str) -> None:
        super().__init__(base_url, emulator_url)
        self.program = program
        self.home = tempfile.TemporaryDirectory(prefix="agent-home-")

    def folder(self, files: dict[str, bytes] | None = None) -> Path:
        """An empty folder to work in."""
        folder = Path(tempfile.mkdtemp(dir=self.home.name, prefix="work-"))
        for name, content in (files or {}).items():
            (folder / name).write_bytes(content)
        return folder

    def execute(self, arguments: list[str], folder: Path, environment: dict[str, str], seconds: int) -> Ended:
        """Runs the program with an environment that names the gateway and nothing else."""
        environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": self.home.name, "LANG": "C.UTF-8", **environment}
        self.reset_emulator()
        started = time.monotonic()
        ended = subprocess.run([self.program, *arguments], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                               capture_output=True, text=True, timeout=seconds)
        passed = time.monotonic() - started
        native = [request for request in self.emulator_requests() if isinstance(request.get("body"), dict)]
        return Ended(ended.returncode, ended.stdout, ended.stderr, native, folder, passed)


def main(agent: type[CodingAgent]) -> int:
    parser = argparse.ArgumentParser(description=f"Drive a running gateway with {agent.title}.")
    parser.add_argument("--program", required=True, help="the program")
    parser.add_argument("--base-url", default="http://127.0.0.1:8000/v1", help="the gateway's API")
    parser.add_argument("--emulator-url", default="http://127.0.0.1:8001", help="the emulator behind the gateway")
    parser.add_argument("--full", action="store_true", help="all checks")
    parser.add_argument("--only", action="append", default=[], metavar="PATTERN", help="checks whose names match")
    parser.add_argument("--verbose", action="store_true", help="print where a check failed")
    arguments = parser.parse_args()
    if not arguments.full:
        CHECKS[:] = [pair for pair in CHECKS if pair[0] not in FULL]
    version = subprocess.run([arguments.program, "--version"], capture_output=True, text=True, timeout=60)
    print(f"{agent.title}: {version.stdout.strip()}", flush=True)
    service = agent(arguments.program, arguments.base_url, arguments.emulator_url)
    return 1 if run_checks(service, arguments.only, arguments.verbose) else 0
