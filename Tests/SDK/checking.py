"""What the suites share: the registry of checks, words for what must hold, the gateway and the emulator behind it."""

from __future__ import annotations

import fnmatch
import time
import traceback
from typing import Any, Callable

import httpx

KEY = "sk-test-suite"


class CheckFailed(AssertionError):
    """The gateway did not do what it must."""


def require(condition: object, message: str) -> None:
    if not condition:
        raise CheckFailed(message)


def equal(actual: Any, expected: Any, what: str) -> None:
    if actual != expected:
        raise CheckFailed(f"{what} is {shorten(actual)}, expected {shorten(expected)}")


def shorten(value: Any, limit: int = 200) -> str:
    text = repr(value)
    return text if len(text) <= limit else text[:limit] + "…"


CHECKS: list[tuple[str, Callable[[Any], None]]] = []


def check(function: Callable[[Any], None]) -> Callable[[Any], None]:
    """Registers a check; its name is the function's with blanks, the name of its module, if it has one, before it."""
    subject = "" if function.__module__ == "__main__" else function.__module__.rsplit(".", 1)[-1] + ": "
    CHECKS.append((subject + function.__name__.replace("_", " "), function))
    return function


class Service:
    """A running gateway and the emulator behind it."""

    def __init__(self, base_url: str, emulator_url: str, timeout: float = 30) -> None:
        self.base_url = base_url.rstrip("/")
        require(self.base_url.endswith("/v1"), "--base-url must end in /v1")
        self.root_url = self.base_url[: -len("/v1")]
        self.emulator_url = emulator_url.rstrip("/")
        self.timeout = timeout
        self.http = httpx.Client(timeout=timeout)

    def request(self, method: str, path: str, key: str | None = KEY, **options: Any) -> httpx.Response:
        """Any request, at the root of the service."""
        headers = dict(options.pop("headers", {}))
        if key is not None:
            headers.setdefault("Authorization", f"Bearer {key}")
        return self.http.request(method, self.root_url + path, headers=headers, **options)

    # The emulator

    def emulator_statistics(self) -> dict:
        return self.http.get(self.emulator_url + "/__emulator/stats").json()

    def emulator_requests(self) -> list[dict]:
        return self.http.get(self.emulator_url + "/__emulator/requests").json()["requests"]

    def reset_emulator(self) -> None:
        self.http.post(self.emulator_url + "/__emulator/reset").raise_for_status()

    def last_native_request(self) -> dict:
        requests = self.emulator_requests()
        require(requests, "nothing reached the emulator")
        return requests[-1]

    def wait_until(self, condition: Callable[[], bool], what: str, seconds: float = 5) -> None:
        """Asks again until it holds, at most for a bounded time."""
        deadline = time.monotonic() + seconds
        while not condition():
            require(time.monotonic() < deadline, f"{what}: not within {seconds:g} s")
            time.sleep(0.02)


def run_checks(service: Any, only: list[str], verbose: bool) -> int:
    """Runs all checks that match and prints a line for each; returns how many failed."""
    passed = failed = 0
    for name, function in CHECKS:
        if only and not any(fnmatch.fnmatch(name, f"*{pattern}*") for pattern in only):
            continue
        started = time.monotonic()
        try:
            function(service)
        except Exception as error:  # Whatever goes wrong is the check's result.
            failed += 1
            reason = str(error) if isinstance(error, CheckFailed) else f"{type(error).__name__}: {error}"
            print(f"FAIL  {name}: {reason[:2000]}", flush=True)
            if verbose:
                traceback.print_exc()
        else:
            passed += 1
            print(f"ok    {name} ({(time.monotonic() - started) * 1000:.0f} ms)", flush=True)
    print(f"\n{passed} passed, {failed} failed", flush=True)
    return failed if passed + failed else 1
