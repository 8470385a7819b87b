#!/usr/bin/env python3
"""What other tools make of /openapi.json: a validator, and a generated Python client that talks to the demo."""

from __future__ import annotations

import argparse
import importlib
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest
import urllib.request

from openapi_spec_validator import validate

BASE = "http://127.0.0.1:8000"
PACKAGE = "described_client"


class DescriptionTests(unittest.TestCase):
    description: dict

    def test_it_is_valid(self) -> None:
        validate(self.description)

    def test_every_operation_has_a_name_and_a_tag(self) -> None:
        names = []
        for path, operations in self.description["paths"].items():
            for method, operation in operations.items():
                names.append(operation["operationId"])
                self.assertTrue(operation["tags"], f"{method} {path}")
        self.assertEqual(len(names), len(set(names)))

    def test_the_fields_have_words_types_and_ranges(self) -> None:
        fields = self.description["components"]["schemas"]["ChatRequest"]["properties"]
        self.assertGreater(len(fields), 50)
        for name, field in fields.items():
            self.assertTrue(field.get("description"), name)
        self.assertEqual((fields["temperature"]["minimum"], fields["temperature"]["maximum"]), (0, 2))
        self.assertEqual(fields["enable_thinking"]["type"], ["boolean", "null"])

    def test_the_errors_are_named(self) -> None:
        code = self.description["components"]["schemas"]["Error"]["properties"]["error"]["properties"]["code"]
        for name in ("rate_limit_exceeded", "invalid_json", "context_length_exceeded"):
            self.assertIn(name, code["description"])

    def test_a_generated_client_talks_to_the_demo(self) -> None:
        api = importlib.import_module(f"{PACKAGE}.api.chat.post_v1_chat_completions")
        models = importlib.import_module(f"{PACKAGE}.models")
        client = importlib.import_module(f"{PACKAGE}.client").AuthenticatedClient(base_url=BASE, token="sk-demo")
        request = models.ChatRequest.from_dict(
            {"model": "qwen-plus", "temperature": 0.5, "messages": [{"role": "user", "content": "Hello"}]}
        )
        answer = api.sync(client=client, body=request)
        self.assertEqual(answer.choices[0].message.content, "Echo: Hello")
        self.assertEqual(answer.usage.total_tokens, 17)
        listing = importlib.import_module(f"{PACKAGE}.api.models.get_v1_models").sync(client=client)
        self.assertGreater(len(listing.data), 100)
        refused = api.sync_detailed(
            client=client,
            body=models.ChatRequest.from_dict(
                {"model": "emulator-throttled", "messages": [{"role": "user", "content": "Hello"}]}
            ),
        )
        self.assertEqual(refused.status_code, 429)
        self.assertEqual(refused.parsed.error.code, "rate_limit_exceeded")


def main() -> None:
    global BASE
    parser = argparse.ArgumentParser()
    parser.add_argument("--base-url", default=BASE)
    arguments, rest = parser.parse_known_args()
    BASE = arguments.base_url.rstrip("/")
    with urllib.request.urlopen(f"{BASE}/openapi.json", timeout=30) as answer:
        DescriptionTests.description = json.load(answer)
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "openapi.json")
        file.write_text(json.dumps(DescriptionTests.description))
        generator = pathlib.Path(sys.executable).parent / "openapi-python-client"
        subprocess.run(
            [generator, "generate", "--path", file, "--meta", "none", "--output-path", pathlib.Path(folder, PACKAGE)],
            check=True,
            cwd=folder,
        )
        sys.path.insert(0, folder)
        unittest.main(argv=[sys.argv[0], *rest])


if __name__ == "__main__":
    main()
