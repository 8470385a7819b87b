#!/usr/bin/env python3
"""Drives a running gateway with the official openai SDK; the emulator of DashScope stands behind it.

    openai_suite.py --base-url http://127.0.0.1:8000/v1 --emulator-url http://127.0.0.1:8001 [--only PATTERN…]

Every object and chunk is validated against the SDK's types in strict mode, and every stream passes through the SDK's
accumulator. With --settings it runs the checks of openai_checks/settings.py alone, which tells what the gateway must be
started with; without, all others. Prints a line a check and `N passed, N failed`; exit status 0 when all passed.
"""

from __future__ import annotations

import argparse
import sys

from openai_checks import (  # noqa: F401 (importing registers the checks)
    service, chat, streams, tools, formats, thinking, repairs, errors, mended, fuzz, load, settings,
    completions, embeddings, apps, images, speech, transcriptions, videos, files, uploads, clients,
)
from openai_checks.harness import CHECKS, Gateway, run_checks


def main() -> int:
    parser = argparse.ArgumentParser(description="Drive a running gateway with the official openai SDK.")
    parser.add_argument("--base-url", default="http://127.0.0.1:8000/v1", help="the gateway's API")
    parser.add_argument("--emulator-url", default="http://127.0.0.1:8001", help="the emulator behind the gateway")
    parser.add_argument("--only", action="append", default=[], metavar="PATTERN", help="checks whose names match")
    parser.add_argument("--list", action="store_true", help="print the names of the checks")
    parser.add_argument("--verbose", action="store_true", help="print where a check failed")
    parser.add_argument("--settings", action="store_true", help="the checks of a gateway with settings of its own")
    arguments = parser.parse_args()
    CHECKS[:] = [pair for pair in CHECKS if pair[0].startswith("settings: ") == arguments.settings]
    if arguments.list:
        print("\n".join(name for name, _ in CHECKS))
        return 0
    failed = run_checks(Gateway(arguments.base_url, arguments.emulator_url), arguments.only, arguments.verbose)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
