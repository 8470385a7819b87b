#!/usr/bin/env python3
"""Makes the Python wheel of a program that is built: python3 make_wheel.py PROGRAM VERSION TAG FOLDER LICENCE…

The wheel holds the program and a few lines of Python; it needs nothing to be made but Python itself.
"""

from __future__ import annotations

import base64
import hashlib
import pathlib
import stat
import sys
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
NAME = "dashscope_gateway"
# Of no moment: the same program gives the same bytes.
MOMENT = (2020, 1, 1, 0, 0, 0)

METADATA = """\
Metadata-Version: 2.1
Name: dashscope-gateway
Version: {version}
Summary: OpenAI and Anthropic clients on Alibaba Cloud Model Studio (DashScope), by its native API
License: MIT
Requires-Python: >=3.9
Classifier: Operating System :: POSIX :: Linux
Description-Content-Type: text/markdown

A gateway that OpenAI and Anthropic clients talk to and that calls the native API of Alibaba Cloud Model Studio (DashScope).

    dashscope-gateway serve --demo

For tests, a gateway with an emulator behind it:

    with dashscope_gateway.run() as gateway:
        client = OpenAI(base_url=gateway.base_url, api_key=gateway.api_key)
"""


def main() -> None:
    program, version, tag, folder, *licences = sys.argv[1:]
    info = f"{NAME}-{version}.dist-info"
    files: list[tuple[str, bytes, int]] = []
    for source in sorted((HERE / NAME).glob("*")):
        if source.suffix in (".py", ".typed"):
            text = source.read_text(encoding="utf-8").replace("@VERSION@", version)
            files.append((f"{NAME}/{source.name}", text.encode(), 0o644))
    files.append((f"{NAME}/bin/dashscope-gateway", pathlib.Path(program).read_bytes(), 0o755))
    for licence in map(pathlib.Path, licences):
        files.append((f"{info}/licenses/{licence.name}", licence.read_bytes(), 0o644))
    files.append((f"{info}/METADATA", METADATA.format(version=version).encode(), 0o644))
    wheel = f"Wheel-Version: 1.0\nGenerator: dashscope-gateway\nRoot-Is-Purelib: false\nTag: py3-none-{tag}\n"
    files.append((f"{info}/WHEEL", wheel.encode(), 0o644))
    scripts = f"[console_scripts]\ndashscope-gateway = {NAME}:main\n"
    files.append((f"{info}/entry_points.txt", scripts.encode(), 0o644))
    record = "".join(f"{name},sha256={digest(content)},{len(content)}\n" for name, content, _ in files)
    files.append((f"{info}/RECORD", f"{record}{info}/RECORD,,\n".encode(), 0o644))
    path = pathlib.Path(folder, f"{NAME}-{version}-py3-none-{tag}.whl")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content, mode in files:
            entry = zipfile.ZipInfo(name, MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (stat.S_IFREG | mode) << 16
            archive.writestr(entry, content)
    print(path)


def digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


if __name__ == "__main__":
    main()
