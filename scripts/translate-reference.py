#!/usr/bin/env python3
"""Makes the Chinese versions of the pages that the code knows word by word: settings, parameters, endpoints.

    scripts/translate-reference.py            writes docs/configuration.zh-CN.md and the like
    scripts/translate-reference.py --check    says what is missing or stale, and writes nothing

Two of the English pages come from `dashscope-gateway reference`. `docs/translations/zh-CN.txt` holds each of their paragraphs
and table cells in English, and below it, indented, in Chinese. Cells of code, numbers and ranges need no translation.
`scripts/embed-web.py` puts its part for the API reference into the program.
"""

import argparse
import re
import sys

from translations import ROOT, TABLE, read_translations

PAGES = ["configuration", "parameters", "endpoints"]
# The kind of value that begins the last cell of a setting.
KIND = re.compile(r"^(Text|List|Seconds|\d+ to \d+|`[^`]*`(?:, `[^`]*`)*|`true` or `false`)(, secret)?\. (.*)$")
RANGE = re.compile(r"^(\d+) to (\d+)$")
VALUE = re.compile(r"^(`[^`]*`) ([a-z]+)$")
PLAIN = re.compile(r"^(?:`[^`]*`(?:, )?|[–\-: ]|\d+)*$")


class Translation:
    def __init__(self, table: dict[str, str]):
        self.table = table
        self.used: set[str] = set()
        self.missing: list[str] = []

    def text(self, english: str) -> str:
        if PLAIN.match(english):
            return english.replace("`, `", "`、`")
        if english not in self.table:
            if english not in self.missing:
                self.missing.append(english)
            return english
        self.used.add(english)
        return self.table[english]

    def kind(self, english: str) -> str:
        numbers = RANGE.match(english)
        if numbers:
            return f"{numbers[1]} 到 {numbers[2]}"
        return self.text(english)

    def cell(self, english: str) -> str:
        setting = KIND.match(english)
        if setting:
            secret = "，" + self.text("secret") if setting[2] else ""
            return f"{self.kind(setting[1])}{secret}。{self.text(setting[3])}"
        value = VALUE.match(english)
        if value:
            return f"{value[1]} {self.text(value[2])}"
        return self.text(english)

    def row(self, line: str) -> str:
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        return "| " + " | ".join(self.cell(cell) for cell in cells).replace("  ", " ") + " |"

    def page(self, name: str, english: str) -> str:
        lines, paragraph = [], []

        def end_paragraph():
            if paragraph:
                mark = "- " if paragraph[0].startswith("- ") else ""
                lines.append(mark + self.text(" ".join(part.strip() for part in paragraph).removeprefix("- ")))
                paragraph.clear()

        for line in english.splitlines():
            if line.startswith("- "):
                end_paragraph()
                paragraph.append(line)
            elif line.strip() and not line.startswith(("|", "#", "[中文]")):
                paragraph.append(line)
            else:
                end_paragraph()
                if line.startswith("#"):
                    marks, title = line.split(" ", 1)
                    lines.append(f"{marks} {self.text(title)}")
                elif line.startswith("[中文]"):
                    lines.append(f"[English]({name}.md)")
                elif re.match(r"^\|[-|]+$", line):
                    lines.append(line)
                elif line.startswith("|"):
                    lines.append(self.row(line))
                else:
                    lines.append("")
        end_paragraph()
        return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if something is missing or stale")
    options = parser.parse_args()
    parts = read_translations()
    translation = Translation({**parts["reference"], **parts["pages"]})
    stale = []
    for name in PAGES:
        text = translation.page(name, (ROOT / f"docs/{name}.md").read_text(encoding="utf-8"))
        file = ROOT / f"docs/{name}.zh-CN.md"
        if options.check:
            if not file.exists() or file.read_text(encoding="utf-8") != text:
                stale.append(file.name)
        else:
            file.write_text(text, encoding="utf-8")
    unused = [english for english in parts["pages"] if english not in translation.used]
    for title, found in [
        (f"no translation in {TABLE.relative_to(ROOT)}", translation.missing),
        (f"a translation in {TABLE.relative_to(ROOT)} of what no page says", unused),
        ("stale; scripts/translate-reference.py writes it anew", stale),
    ]:
        for line in found:
            print(f"{title}: {line}")
    return 1 if translation.missing or unused or stale else 0


if __name__ == "__main__":
    sys.exit(main())
