#!/usr/bin/env python3
"""Compares the files shown in the documentation with the files themselves.

A fenced block after `<!-- file: PATH -->` holds the whole file, or a part of it: blocks that begin or end with a line of
`…` (or `# …`) may leave out what comes before, after or between. `--update` writes the whole files into the pages
(parts are only checked).
"""

import argparse
import pathlib
import re
import sys

MARK = re.compile(r"^<!-- file: (\S+) -->$")
FENCE = re.compile(r"^(`{3,})[\w.-]*$")
GAP = re.compile(r"^\s*(#\s*)?…\s*$")


def blocks(lines):
    """The marked blocks: path, first line and line after the last one of the content."""
    index = 0
    while index < len(lines):
        mark = MARK.match(lines[index])
        index += 1
        if not mark:
            continue
        fence = FENCE.match(lines[index]) if index < len(lines) else None
        if not fence:
            yield mark[1], None, index
            continue
        start = index + 1
        end = start
        while end < len(lines) and lines[end] != fence[1]:
            end += 1
        yield mark[1], start, end
        index = end


def parts(lines):
    """The runs of lines between the gaps."""
    run = []
    for line in lines:
        if GAP.match(line):
            if run:
                yield run
            run = []
        else:
            run.append(line)
    if run:
        yield run


def fault(shown, actual):
    """Why the shown lines are not those of the file, or nothing."""
    if not any(GAP.match(line) for line in shown):
        if shown == actual:
            return None
        for number, (left, right) in enumerate(zip(shown, actual), 1):
            if left != right:
                return f"line {number} is shown as {left!r}, the file has {right!r}"
        return f"{len(shown)} lines are shown, the file has {len(actual)}"
    position = 0
    for run in parts(shown):
        places = range(position, len(actual) - len(run) + 1)
        found = next((place for place in places if actual[place : place + len(run)] == run), None)
        if found is None:
            return f"the part that begins with {run[0]!r} is not in the file, or not in this order"
        position = found + len(run)
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*", type=pathlib.Path)
    parser.add_argument("--update", action="store_true", help="write whole files into the pages")
    options = parser.parse_args()
    root = pathlib.Path(__file__).resolve().parent.parent
    pages = options.pages or sorted([*root.glob("*.md"), *root.glob("docs/*.md")])
    checked, faults = 0, []
    for page in pages:
        lines = page.read_text(encoding="utf-8").splitlines()
        changed = False
        # Last block first, so that an update does not move the others.
        for name, start, end in reversed(list(blocks(lines))):
            checked += 1
            file = root / name
            if start is None:
                faults.append(f"{page.name}: no fenced block follows the mark of {name}")
            elif end >= len(lines):
                faults.append(f"{page.name}: the block of {name} does not end")
            elif not file.is_file():
                faults.append(f"{page.name}: there is no file {name}")
            else:
                actual = file.read_text(encoding="utf-8").splitlines()
                why = fault(lines[start:end], actual)
                if why and options.update and not any(GAP.match(line) for line in lines[start:end]):
                    lines[start:end] = actual
                    changed = True
                elif why:
                    faults.append(f"{page.name}: {name}: {why}")
        if changed:
            page.write_text("\n".join(lines) + "\n", encoding="utf-8")
            print(f"{page.name}: updated")
    for line in faults:
        print(line)
    if checked == 0:
        print("no marked block was found")
    else:
        print(f"{checked} blocks compared, {len(faults)} differ")
    sys.exit(1 if faults or checked == 0 else 0)


if __name__ == "__main__":
    main()
