#!/usr/bin/env python3
"""Checks a running gateway with the official openai SDK: service, models, a plain and a streamed completion.

    python3 test_client.py                                         # the key is asked for
    DASHSCOPE_API_KEY=sk-… python3 test_client.py --base-url http://localhost:8000/v1 --model qwen-plus

Exit status: 0 when every check passed, 1 when one failed, 2 when the checks could not be run.
"""

from __future__ import annotations

import argparse
import getpass
import json
import os
import sys
import time
import urllib.error
import urllib.request


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Check a running gateway with the official openai SDK: service, models, a plain and a streamed completion.",
        epilog="Needs the package openai (python3 -m venv .venv && .venv/bin/pip install openai) and a key: DASHSCOPE_API_KEY, or "
        "typed when asked. For a gateway started with --demo any key will do.",
    )
    parser.add_argument(
        "--base-url", default="http://localhost:8000/v1", help="where the gateway's API is (default: %(default)s)"
    )
    parser.add_argument("--model", default="qwen-plus", help="model to talk to (default: %(default)s)")
    parser.add_argument("--timeout", type=float, default=60, help="seconds to wait for an answer (default: 60)")
    return parser.parse_args()


def read_key() -> str:
    key = os.environ.get("DASHSCOPE_API_KEY", "").strip()
    if key:
        return key
    try:
        key = getpass.getpass("DashScope API key (input is hidden; any word does for the demo): ").strip()
    except (EOFError, KeyboardInterrupt):
        key = ""
    if not key:
        print("\nNo key. Set DASHSCOPE_API_KEY, or type the key when asked.", file=sys.stderr)
        raise SystemExit(2)
    return key


class CheckFailed(Exception):
    """An answer that is not what a gateway must give."""


def require(condition: object, message: str) -> None:
    if not condition:
        raise CheckFailed(message)


class Checks:
    def __init__(self, client, base_url: str, model: str, timeout: float) -> None:
        self.client = client
        self.base_url = base_url
        self.model = model
        self.timeout = timeout

    def get(self, path: str) -> dict:
        """A document beside the API, at the root of the service."""
        root = self.base_url[: -len("/v1")] if self.base_url.endswith("/v1") else self.base_url
        with urllib.request.urlopen(root + path, timeout=self.timeout) as response:
            document = json.load(response)
        require(isinstance(document, dict), f"{path} is not a JSON object")
        return document

    def service_information(self) -> str:
        information = self.get("/")
        for name in ("message", "version", "description", "dashscope_endpoint", "usage", "docs"):
            require(name in information, f"{name} is missing")
        return f"{information['message']} {information['version']}, upstream {information['dashscope_endpoint']}"

    def health(self) -> str:
        health = self.get("/health")
        require(health.get("status") == "healthy", f"status is {health.get('status')!r}")
        return f"{health.get('service')} is {health['status']}"

    def models(self) -> str:
        ids = [model.id for model in self.client.models.list()]
        require(ids, "the list is empty")
        note = "" if self.model in ids else f" ({self.model} is not among them; it may work all the same)"
        return f"{len(ids)} models, such as {', '.join(ids[:3])}{note}"

    def plain_completion(self) -> str:
        started = time.monotonic()
        completion = self.client.chat.completions.create(
            model=self.model, messages=[{"role": "user", "content": "Say hello in one short sentence."}]
        )
        seconds = time.monotonic() - started
        require(completion.object == "chat.completion", f"object is {completion.object!r}")
        choice = completion.choices[0]
        require(choice.finish_reason == "stop", f"finish_reason is {choice.finish_reason!r}")
        require(choice.message.content, "the answer is empty")
        require(completion.usage and completion.usage.total_tokens > 0, "usage is missing")
        return f"{shorten(choice.message.content)} [{completion.usage.total_tokens} tokens, {seconds:.2f} s]"

    def streamed_completion(self) -> str:
        started = time.monotonic()
        first = None
        text, chunks, finish, usage = "", 0, None, None
        stream = self.client.chat.completions.create(
            model=self.model,
            messages=[{"role": "user", "content": "Count from one to five."}],
            stream=True,
            stream_options={"include_usage": True},
        )
        for chunk in stream:
            chunks += 1
            require(chunk.object == "chat.completion.chunk", f"object is {chunk.object!r}")
            usage = chunk.usage or usage
            for choice in chunk.choices:
                if choice.delta.content:
                    first = first or time.monotonic() - started
                    text += choice.delta.content
                finish = choice.finish_reason or finish
        require(text, "no text arrived")
        require(finish == "stop", f"finish_reason is {finish!r}")
        require(usage, "usage was asked for and did not come")
        return f"{shorten(text)} [{chunks} chunks, first text after {first:.2f} s, all after {time.monotonic() - started:.2f} s]"

    def run(self) -> bool:
        checks = [
            ("service information", self.service_information),
            ("health", self.health),
            ("models", self.models),
            ("completion", self.plain_completion),
            ("streamed completion", self.streamed_completion),
        ]
        failed = 0
        for name, check in checks:
            try:
                print(f"  ok    {name:<20} {check()}")
            except Exception as error:  # Whatever goes wrong is the check's result.
                failed += 1
                print(f"  FAIL  {name:<20} {explain(error)}")
        print(f"\n{len(checks) - failed} passed, {failed} failed")
        return failed == 0


def shorten(text: str) -> str:
    line = " ".join(text.split())
    return f'"{line}"' if len(line) <= 60 else f'"{line[:57]}…"'


def explain(error: Exception) -> str:
    import openai

    if isinstance(error, openai.AuthenticationError):
        return f"the key was refused: {error.message}"
    if isinstance(error, openai.APIConnectionError):
        return f"nothing answers there ({error.__cause__ or error}); is the gateway running?"
    if isinstance(error, openai.APIStatusError):
        return f"HTTP {error.status_code}: {error.message} (request {error.request_id})"
    if isinstance(error, urllib.error.HTTPError):
        return f"HTTP {error.code} from {error.url}"
    if isinstance(error, urllib.error.URLError):
        return f"nothing answers there ({error.reason}); is the gateway running?"
    return str(error) or type(error).__name__


def main() -> int:
    arguments = parse_arguments()
    try:
        from openai import OpenAI
    except ImportError:
        print(
            "The openai package is missing. Install it, best into an environment of its own:\n"
            "  python3 -m venv .venv && .venv/bin/pip install openai\n"
            "  .venv/bin/python test_client.py",
            file=sys.stderr,
        )
        return 2
    base_url = arguments.base_url.rstrip("/")
    client = OpenAI(base_url=base_url, api_key=read_key(), timeout=arguments.timeout, max_retries=0)
    print(f"Checking {base_url} with model {arguments.model}\n")
    return 0 if Checks(client, base_url, arguments.model, arguments.timeout).run() else 1


if __name__ == "__main__":
    sys.exit(main())
