#!/usr/bin/env python3
"""Checks what documents say of each other and of the repository.

- A relative link leads to a file, and its part behind `#` to a heading there.
- A file of the repository that is named in code style exists: `Sources/…`, `scripts/NAME`, `NAME.swift`; `*` stands for any text.
- A page `NAME.zh-CN.md` has the headings, rows, list items, blocks and code words of `NAME.md`, each links to the other, and
  no line ends inside a Chinese paragraph, where a page would show a space.
"""

import fnmatch
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LINK = re.compile(r"\]\(([^) ]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
SOURCE = re.compile(r"^[\w*+./-]+\.(swift|py|sh|supp)$")
# Changes tell of files that are gone.
HISTORY = {"CHANGELOG.md"}
# scripts/translate-reference.py makes these word by word.
GENERATED = {"configuration.zh-CN.md", "endpoints.zh-CN.md", "parameters.zh-CN.md"}


def tracked() -> list[str]:
    if (ROOT / ".git").exists():
        command = ["git", "-C", str(ROOT), "ls-files", "-co", "--exclude-standard"]
        names = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")
        return [name for name in names if name and (ROOT / name).exists()]
    hidden = (".build", ".venv", "dist")
    return [
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*")
        if path.is_file() and not path.relative_to(ROOT).parts[0].startswith(hidden)
    ]


def outside_blocks(text: str) -> list[str]:
    """The lines that are not in a fenced block."""
    lines, fence = [], False
    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            fence = not fence
        elif not fence:
            lines.append(line)
    return lines


def anchors(text: str) -> set[str]:
    """The names that GitHub gives to headings."""
    names: set[str] = set()
    for line in outside_blocks(text):
        if re.match(r"^#{1,6} ", line):
            title = re.sub(r"[`*]|\]\([^)]*\)|\[", "", line.lstrip("#").strip()).lower()
            name = "".join(c for c in title if c.isalnum() or c in "-_ ").replace(" ", "-")
            number = 0
            while (name if not number else f"{name}-{number}") in names:
                number += 1
            names.add(name if not number else f"{name}-{number}")
    return names


def dead_links(page: pathlib.Path, text: str):
    for line in outside_blocks(text):
        for link in LINK.findall(line):
            if "://" in link or link.startswith("mailto:"):
                continue
            name, _, anchor = link.partition("#")
            target = page.parent / name if name else page
            if not target.exists():
                yield f"{page.relative_to(ROOT)}: the link {link} leads to no file"
            elif anchor and target.suffix == ".md" and anchor not in anchors(target.read_text(encoding="utf-8")):
                yield f"{page.relative_to(ROOT)}: the link {link} leads to no heading"


def missing_files(page: pathlib.Path, text: str, files: list[str], folders: set[str]):
    names = {pathlib.PurePosixPath(file).name for file in files}
    for line in outside_blocks(text):
        for word in CODE.findall(line):
            word = word.split(" ")[0].rstrip("/")
            first = word.split("/")[0]
            if "…" in word or "{" in word or "<" in word or word.startswith(("/", ".")):
                continue
            if "/" in word and first in folders:
                found = word in files or any(fnmatch.fnmatch(f, word) or fnmatch.fnmatch(f, word + "/*") for f in files)
            elif "/" not in word and SOURCE.match(word):
                found = any(fnmatch.fnmatch(name, word) for name in names)
            else:
                continue
            if not found:
                yield f"{page.relative_to(ROOT)}: there is no {word}"


def shape(text: str) -> dict[str, int]:
    lines = outside_blocks(text)
    return {
        "headings": sum(line.startswith("#") for line in lines),
        "rows of tables": sum(line.startswith("|") for line in lines),
        "list items": sum(bool(re.match(r"^(- |\d+\. )", line)) for line in lines),
        "fenced blocks": text.count("\n```") // 2,
    }


def code_words(text: str) -> set[str]:
    """Words in code style that no language changes."""
    text = "\n".join(outside_blocks(text)).replace(".zh-CN.md", ".md")
    return {word for word in CODE.findall(text) if word.isascii()}


def wrapped_lines(page: pathlib.Path, text: str):
    fence, before = False, ""
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("```"):
            fence, before = not fence, ""
            continue
        starts = re.match(r"^\s*(#|\||- |\d+\. |<!--|!\[|$)", line)
        if not fence and not starts and re.search(r"[\u3000-\u9fff\uff00-\uffef]", before):
            yield f"{page.relative_to(ROOT)}:{number}: the line before it ends inside a paragraph"
        before = "" if fence or re.match(r"^\s*(#|\||<!--|!\[|$)", line) else line


def differences(chinese: pathlib.Path, names_equal: bool):
    english = chinese.with_name(chinese.name.replace(".zh-CN.md", ".md"))
    name = chinese.relative_to(ROOT)
    if not english.exists():
        yield f"{name}: there is no {english.name}"
        return
    left, right = english.read_text(encoding="utf-8"), chinese.read_text(encoding="utf-8")
    if f"]({chinese.name})" not in left or f"]({english.name})" not in right:
        yield f"{name}: the pages do not link to each other"
    ours = shape(right)
    for what, number in shape(left).items():
        if ours[what] != number:
            yield f"{name}: {ours[what]} {what}, the English page has {number}"
    if names_equal:
        for word in sorted(code_words(left) ^ code_words(right)):
            yield f"{name}: `{word}` is on one page only"


# Paths of the earlier guide, each of which a stage must run.
EARLIER_PATHS = 22


def earlier_guide():
    """The table of the earlier guide's paths names a stage of test.sh in every row."""
    stages = set(re.findall(r"^        ([\w-]+)\) echo ", (ROOT / "test.sh").read_text(encoding="utf-8"), re.MULTILINE))
    page = (ROOT / "docs/deployment.md").read_text(encoding="utf-8")
    table = page.partition("| the guide | now | different | stage |\n")[2].partition("\n\n")[0]
    rows = table.splitlines()[1:]
    if len(rows) != EARLIER_PATHS:
        yield f"docs/deployment.md: {len(rows)} paths of the earlier guide instead of {EARLIER_PATHS}"
    for row in rows:
        named = re.findall(r"`([\w-]+)`", row.rstrip("|").rpartition("|")[2])
        if not named or not set(named) <= stages:
            yield f"docs/deployment.md: no stage of test.sh runs {row}"


def main() -> int:
    files = tracked()
    folders = {file.split("/")[0] for file in files if "/" in file}
    faults: list[str] = []
    pages = [ROOT / file for file in files if file.endswith(".md")]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        faults += dead_links(page, text)
        if page.name not in HISTORY:
            faults += missing_files(page, text, files, folders)
        if page.name.endswith(".zh-CN.md"):
            faults += wrapped_lines(page, text)
            faults += differences(page, names_equal=page.name not in GENERATED)
    faults += earlier_guide()
    for fault in faults:
        print(fault)
    print(f"{len(pages)} documents read, {len(faults)} faults")
    return 1 if faults or not pages else 0


if __name__ == "__main__":
    sys.exit(main())
