#!/usr/bin/env python3
"""Writes the files of the pages into a Swift source file, so that the program needs no resource bundle.

What the API reference says in Chinese, `zh-CN.json`, is made of the part `reference` of docs/translations/zh-CN.txt.

    scripts/embed-web.py           write WebFiles.swift
    scripts/embed-web.py --check   exit with 1 where the file is out of date
"""

import json
import sys

from translations import ROOT, read_translations

folder = ROOT / "Sources" / "Gateway" / "Web"
target = folder / "WebFiles.swift"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".svg": "image/svg+xml",
}

parts = [
    "// Written by scripts/embed-web.py from the folder files and docs/translations/zh-CN.txt; edit those and run the script.\n\n",
    "/// The files of the pages, part of the program so that a single binary is enough.\n",
    "enum WebFiles {\n",
    "    static let all: [String: (type: StaticString, text: StaticString)] = [\n",
]
texts = {source.name: source.read_text(encoding="utf-8") for source in (folder / "files").iterdir()}
texts["zh-CN.json"] = json.dumps(read_translations()["reference"], ensure_ascii=False, indent=0) + "\n"
for name, text in sorted(texts.items()):
    if '"""##' in text or "\\##" in text:
        sys.exit(f"{name} holds characters that a raw string literal cannot")
    parts.append(f'        "{name}": (\n            "{TYPES[name[name.rindex("."):]]}",\n            ##"""\n')
    parts += [f"            {line}\n" if line else "\n" for line in text.splitlines()]
    parts.append('\n            """##\n        ),\n')
parts.append("    ]\n}\n")
swift = "".join(parts)

if "--check" in sys.argv[1:]:
    if not target.exists() or target.read_text(encoding="utf-8") != swift:
        sys.exit(f"{target.name} is out of date: run scripts/embed-web.py")
else:
    target.write_text(swift, encoding="utf-8")
