#!/usr/bin/env python3
"""Writes the model catalogue (models.json) into a Swift source file, so that the program needs no resource bundle.

    scripts/embed-catalog.py           write DefaultCatalogText.swift
    scripts/embed-catalog.py --check   exit with 1 where the file is out of date
"""

import json
import pathlib
import sys

folder = pathlib.Path(__file__).resolve().parent.parent / "Sources" / "APITranslation" / "Catalog"
source, target = folder / "models.json", folder / "DefaultCatalogText.swift"

text = source.read_text(encoding="utf-8")
json.loads(text)
if '"""#' in text or "\\#" in text:
    sys.exit(f"{source.name} holds characters that a raw string literal cannot")

swift = (
    "// Written by scripts/embed-catalog.py from models.json; edit that file and run the script.\n"
    "\n"
    "/// The text of `models.json`, part of the program so that a single binary is enough.\n"
    "package let defaultCatalogText: StaticString = #\"\"\"\n"
    + "".join(f"    {line}\n" for line in text.splitlines())
    + "    \"\"\"#\n"
)

if "--check" in sys.argv[1:]:
    if not target.exists() or target.read_text(encoding="utf-8") != swift:
        sys.exit(f"{target.name} is out of date: run scripts/embed-catalog.py")
else:
    target.write_text(swift, encoding="utf-8")
