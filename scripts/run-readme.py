#!/usr/bin/env python3
"""Runs the commands of documents against a running demo.

    run-readme.py --base-url http://127.0.0.1:8000 README.md…

A fenced block is run where the line before it is `<!-- ci: demo -->`; with `<!-- ci: demo expect="words" -->` its output
must hold the words. Shell blocks run in bash, Python blocks in this interpreter's, in a folder of their own; the
document's address http://localhost:8000 becomes the given one. With `--banner LOG` what the demo itself printed for
pasting is run as well.
"""

from __future__ import annotations

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

DOCUMENTED_ADDRESS = "http://localhost:8000"
MARK = re.compile(r'^<!-- ci: demo(?: expect="([^"]*)")? -->$')
FENCE = re.compile(r"^```(\w+)$")


def marked_blocks(text: str) -> list[tuple[int, str, str, str]]:
    """Line number, language, code and expected words of every marked block."""
    blocks = []
    lines = text.splitlines()
    for number, line in enumerate(lines):
        mark = MARK.match(line)
        if not mark:
            continue
        fence = FENCE.match(lines[number + 1]) if number + 1 < len(lines) else None
        if not fence:
            raise SystemExit(f"line {number + 1}: the mark is not followed by a fenced block with a language")
        end = lines.index("```", number + 2)
        blocks.append((number + 2, fence[1], "\n".join(lines[number + 2 : end]) + "\n", mark[1] or ""))
    return blocks


def banner_blocks(text: str) -> list[tuple[int, str, str, str]]:
    """What a gateway's start offers for pasting: the paragraphs between "Try it:" and the last line."""
    lines = text.splitlines()
    start, end = lines.index("Try it:") + 1, lines.index("Stop with Ctrl-C.")
    blocks, first = [], start
    for number in range(start, end + 1):
        if number == end or not lines[number].strip():
            if number > first:
                blocks.append((first + 1, "sh", "\n".join(lines[first:number]) + "\n", "Hello"))
            first = number + 1
    return blocks


def run(language: str, code: str, folder: str) -> subprocess.CompletedProcess:
    if language in ("sh", "bash", "shell"):
        command = ["bash", "-euo", "pipefail", "-c", code]
    elif language == "python":
        command = [sys.executable, "-c", code]
    else:
        raise SystemExit(f"no way to run a block of {language}")
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)


def main() -> int:
    parser = argparse.ArgumentParser(description="Run the commands of documents against a running demo.")
    parser.add_argument("--base-url", required=True, help="where the demo answers")
    parser.add_argument("--banner", type=pathlib.Path, action="append", default=[], help="what a demo printed; more than once")
    parser.add_argument("documents", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args()
    passed = failed = 0
    sources = [(document, marked_blocks) for document in arguments.documents]
    sources += [(banner, banner_blocks) for banner in arguments.banner]
    for document, read in sources:
        blocks = read(document.read_text(encoding="utf-8"))
        if not blocks:
            print(f"FAIL  {document}: there is nothing to run")
            failed += 1
        for line, language, code, expected in blocks:
            code = code.replace(DOCUMENTED_ADDRESS, arguments.base_url.rstrip("/"))
            with tempfile.TemporaryDirectory() as folder:
                result = run(language, code, folder)
            problem = None
            if result.returncode != 0:
                problem = f"exit status {result.returncode}"
            elif not result.stdout.strip():
                problem = "it printed nothing"
            elif '"error"' in result.stdout:
                problem = "it printed an error"
            elif expected not in result.stdout:
                problem = f"it did not print {expected!r}"
            if problem:
                failed += 1
                print(f"FAIL  {document}:{line}: {problem}\n{result.stdout}{result.stderr}")
            else:
                passed += 1
                print(f"ok    {document}:{line} ({language})")
    print(f"\n{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
