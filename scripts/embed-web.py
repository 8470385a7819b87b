#!/usr/bin/env python3
"""Writes the files of the pages into a Swift source file, so that the program needs no resource bundle.

    scripts/embed-web.py           write WebFiles.swift
    scripts/embed-web.py --check   exit with 1 where the file is out of date
"""

import pathlib
import sys

folder = pathlib.Path(__file__).resolve().parent.parent / "Sources" / "Gateway" / "Web"
target = folder / "WebFiles.swift"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

parts = [
    "// Written by scripts/embed-web.py from the folder files; edit those and run the script.\n\n",
    "/// The files of the pages, part of the program so that a single binary is enough.\n",
    "enum WebFiles {\n",
    "    static let all: [String: (type: StaticString, text: StaticString)] = [\n",
]
for source in sorted((folder / "files").iterdir()):
    text = source.read_text(encoding="utf-8")
    if '"""##' in text or "\\##" in text:
        sys.exit(f"{source.name} holds characters that a raw string literal cannot")
    parts.append(f'        "{source.name}": (\n            "{TYPES[source.suffix]}",\n            ##"""\n')
    parts += [f"            {line}\n" if line else "\n" for line in text.splitlines()]
    parts.append('\n            """##\n        ),\n')
parts.append("    ]\n}\n")
swift = "".join(parts)

if "--check" in sys.argv[1:]:
    if not target.exists() or target.read_text(encoding="utf-8") != swift:
        sys.exit(f"{target.name} is out of date: run scripts/embed-web.py")
else:
    target.write_text(swift, encoding="utf-8")
