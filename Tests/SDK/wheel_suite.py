#!/usr/bin/env python3
"""What the wheel gives to Python's people: the command, and a gateway for their tests. Run where the wheel is installed."""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import subprocess
import sys
import unittest
import urllib.error
import urllib.request

import dashscope_gateway

COMMAND = "dashscope-gateway"


def ask(gateway: dashscope_gateway.Gateway, **request: object) -> dict:
    body = {"model": "qwen-plus", "messages": [{"role": "user", "content": "Hello"}], **request}
    headers = {"Authorization": f"Bearer {gateway.api_key}", "Content-Type": "application/json"}
    call = urllib.request.Request(f"{gateway.base_url}/chat/completions", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(call, timeout=30) as answer:
        return json.load(answer)


class WheelTests(unittest.TestCase):
    def test_a_gateway_for_the_length_of_a_block(self) -> None:
        with dashscope_gateway.run() as gateway:
            self.assertEqual(gateway.base_url, f"http://127.0.0.1:{gateway.port}/v1")
            answer = ask(gateway)
            self.assertEqual(answer["choices"][0]["message"]["content"], "Echo: Hello")
            self.assertEqual(answer["usage"]["total_tokens"], 17)
        self.assertEqual(gateway.process.returncode, 0)
        with self.assertRaises(OSError):
            urllib.request.urlopen(gateway.url, timeout=5)

    def test_two_at_once_have_ports_of_their_own(self) -> None:
        with dashscope_gateway.run() as first, dashscope_gateway.run() as second:
            self.assertNotEqual(first.port, second.port)
            ask(first)
            ask(second)

    def test_settings_are_those_of_the_configuration(self) -> None:
        with dashscope_gateway.run(settings={"limits.caller.requestsPerMinute": 1, "tls.http2": False}) as gateway:
            ask(gateway)
            with self.assertRaises(urllib.error.HTTPError) as refusal:
                ask(gateway)
            self.assertEqual(refusal.exception.code, 429)
            refusal.exception.close()

    def test_a_start_that_fails_says_why(self) -> None:
        with self.assertRaisesRegex(dashscope_gateway.GatewayError, "limits.caller.requestPerMinute.*is no setting"):
            with dashscope_gateway.run(settings={"limits.caller.requestPerMinute": 1}):
                self.fail("it started")

    def test_an_exception_ends_the_gateway(self) -> None:
        with self.assertRaises(KeyError):
            with dashscope_gateway.run() as gateway:
                raise KeyError
        self.assertIsNotNone(gateway.process.returncode)

    def test_the_command_is_the_program(self) -> None:
        version = subprocess.run([COMMAND, "--version"], capture_output=True, text=True, check=True).stdout.strip()
        self.assertEqual(version, dashscope_gateway.__version__)
        module = [sys.executable, "-m", "dashscope_gateway", "--version"]
        self.assertEqual(subprocess.run(module, capture_output=True, text=True, check=True).stdout.strip(), version)

    def test_the_licences_came_along(self) -> None:
        package = pathlib.Path(dashscope_gateway.__file__).parent
        folder = package.parent / f"dashscope_gateway-{dashscope_gateway.__version__}.dist-info" / "licenses"
        self.assertIn("swift-nio", (folder / "NOTICE").read_text())
        self.assertTrue(os.access(dashscope_gateway.program(), os.X_OK))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--command", default=COMMAND, help="the console script")
    arguments, rest = parser.parse_known_args()
    COMMAND = arguments.command
    unittest.main(argv=[sys.argv[0], *rest])
