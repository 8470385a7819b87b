"""Reads docs/translations/zh-CN.txt: an English text, and below it, indented, the same in Chinese.

A line that begins with `#` begins a part: `# reference` is what the API reference at /docs says, `# pages` what only
generated pages say. A text stands once; pages use both parts.
"""

import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLE = ROOT / "docs/translations/zh-CN.txt"
PARTS = ("reference", "pages")


def read_translations() -> dict[str, dict[str, str]]:
    """The Chinese of every English text, by part."""
    parts: dict[str, dict[str, str]] = {name: {} for name in PARTS}
    part, english = None, None
    for number, line in enumerate(TABLE.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            english = None
        elif line.startswith("#"):
            part, english = line.lstrip("# ").rstrip(), None
            if part not in parts:
                raise SystemExit(f"{TABLE.name}:{number}: the parts are {' and '.join(PARTS)}")
        elif line.startswith("  "):
            if english is None or any(english in table for table in parts.values()):
                raise SystemExit(f"{TABLE.name}:{number}: there is no English text above, or it has a translation already")
            parts[part][english] = line.strip()
        elif part is None:
            raise SystemExit(f"{TABLE.name}:{number}: this belongs to no part")
        else:
            english = line.strip()
    return parts
