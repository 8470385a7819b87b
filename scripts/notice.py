#!/usr/bin/env python3
"""Writes NOTICE, which travels with the program, and the Swift file that `dashscope-gateway licenses` prints.

Both are made of the packages that Package.resolved names, as they lie in .build/checkouts, and of packaging/licenses.

    scripts/notice.py           write NOTICE and NoticeText.swift
    scripts/notice.py --check   exit with 1 where one of them is out of date
"""

import json
import pathlib
import sys

root = pathlib.Path(__file__).resolve().parent.parent
notice, embedded = root / "NOTICE", root / "Sources" / "Gateway" / "NoticeText.swift"
# What comes with the Swift toolchain and is linked in.
RUNTIME = [
    ("swift", "https://github.com/swiftlang/swift"),
    ("swift-corelibs-foundation", "https://github.com/swiftlang/swift-corelibs-foundation"),
    ("swift-corelibs-libdispatch", "https://github.com/swiftlang/swift-corelibs-libdispatch"),
    ("swift-foundation", "https://github.com/swiftlang/swift-foundation"),
    ("swift-foundation-icu", "https://github.com/swiftlang/swift-foundation-icu"),
]
# Libraries that lie inside of packages.
INSIDE = [("boringssl", "swift-nio-ssl"), ("icu", "swift-foundation-icu"), ("libyaml", "yams"), ("llhttp", "swift-nio")]
# Of the system, and linked in, too.
PUBLIC_DOMAIN = [("sqlite", "https://www.sqlite.org/copyright.html")]


def checkout(pin):
    return root / ".build" / "checkouts" / pin["location"].rsplit("/", 1)[-1].removesuffix(".git")


def read(folder, name):
    """The text of the file of that name, whatever its ending; nothing where there is none."""
    files = sorted(folder.glob(f"{name}*"))
    return files[0].read_text(encoding="utf-8").strip("\n") if files else ""


def is_apache(text):
    return "Apache License" in text[:200]


resolved = root / "Package.resolved"
if not resolved.exists():
    sys.exit("there is no Package.resolved: run `swift package resolve`")
pins = sorted(json.loads(resolved.read_text())["pins"], key=lambda pin: pin["identity"])
licences = {pin["identity"]: read(checkout(pin), "LICENSE") for pin in pins}
if not all(licences.values()):
    sys.exit("packages without a LICENSE: " + ", ".join(name for name, text in licences.items() if not text))
# The one with the exception holds all of the other's words.
apache = max((text for text in licences.values() if is_apache(text)), key=lambda text: ("Runtime Library Exception" in text, len(text)))

parts = [
    "dashscope-gateway is under the MIT licence (the file LICENSE). The program contains the Swift runtime and these packages, under\n"
    "the licences that follow.\n\n"
]
rows = [(name, address, "Apache-2.0 with Swift-exception") for name, address in RUNTIME]
for pin in pins:
    text = licences[pin["identity"]]
    name = "MIT" if not is_apache(text) else "Apache-2.0"
    if "Runtime Library Exception" in text:
        name += " with Swift-exception"
    rows.append((pin["identity"], pin["location"].removesuffix(".git"), name))
parts += [f"{name}: {address} ({licence})\n" for name, address, licence in sorted(rows)]
parts += [f"{name}: a part of {package}\n" for name, package in INSIDE]
parts += [f"{name}: {address} (public domain)\n" for name, address in PUBLIC_DOMAIN]


def add(title, text):
    parts.append(f"\n{'=' * 100}\n{title}\n{'=' * 100}\n\n{text}\n")


add("Apache License 2.0, with the Runtime Library Exception of the Swift project", apache)
for pin in pins:
    text = licences[pin["identity"]]
    if not is_apache(text):
        add(f"Licence of {pin['identity']}", text)
for name, _ in INSIDE:
    add(f"Licence of {name}", (root / "packaging" / "licenses" / f"{name}.txt").read_text(encoding="utf-8").strip("\n"))
for pin in pins:
    if text := read(checkout(pin), "NOTICE"):
        add(f"Notice of {pin['identity']}", text)
text = "".join("".join(line.rstrip() + "\n" for line in part.splitlines()) for part in parts)
if '"""##' in text or "\\##" in text:
    sys.exit("NOTICE holds characters that a raw string literal cannot")
swift = (
    "// Written by scripts/notice.py; run it when the packages change.\n\n"
    "/// The text of `NOTICE`, part of the program so that a single binary is enough.\n"
    'package let noticeText: StaticString = ##"""\n'
    + "".join(f"    {line}\n" if line else "\n" for line in text.splitlines())
    + '\n    """##\n'
)

for target, content in [(notice, text), (embedded, swift)]:
    if "--check" in sys.argv[1:]:
        if not target.exists() or target.read_text(encoding="utf-8") != content:
            sys.exit(f"{target.name} is out of date: run scripts/notice.py")
    else:
        target.write_text(content, encoding="utf-8")
