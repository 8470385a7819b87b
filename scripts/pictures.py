#!/usr/bin/env python3
"""Takes the pictures of README with Debian's Chromium, of a demo that runs: pictures.py BASE-URL PROGRAM

    docs/pictures/playground.png, playground-dark.png, home.png, terminal.png

PROGRAM is run once more for the terminal's picture, in a terminal of 100 columns. Needs Playwright and Pillow.
"""

from __future__ import annotations

import html
import io
import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import socket
import sys
import time
import urllib.error
import urllib.request

from PIL import Image
from playwright.sync_api import expect, sync_playwright

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "docs" / "pictures"
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
COLORS = {"1": "font-weight:bold", "2": "color:#8b93a7", "31": "color:#ff8f80", "32": "color:#7fd88f", "33": "color:#f0c66b"}


def save(name: str, picture: bytes) -> None:
    """With a palette: a third of the bytes, and nobody sees it."""
    image = Image.open(io.BytesIO(picture)).convert("RGB").quantize(128, method=Image.Quantize.MEDIANCUT)
    path = FOLDER / name
    image.save(path, optimize=True)
    print(f"{path} ({path.stat().st_size // 1024} KiB)")


def terminal(program: str) -> str:
    """What a terminal shows of a demo that is asked three things."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    pid, screen = pty.fork()
    if pid == 0:
        # So few connections that no limit of the machine is warned of.
        os.environ.update(TERM="xterm-256color", COLUMNS="120", SERVER_MAXIMUM_CONNECTIONS="1000")
        os.environ.pop("NO_COLOR", None)
        os.execv(program, [program, "serve", "--demo", "--host", "127.0.0.1", "--port", str(port)])
    shown = b""

    def read(until: bytes) -> None:
        nonlocal shown
        end = time.monotonic() + 60
        while until not in shown and time.monotonic() < end:
            if select.select([screen], [], [], 0.2)[0]:
                shown += os.read(screen, 65536)

    read(b"Ctrl-C")
    for body in (
        {"model": "qwen-plus", "stream": True, "messages": [{"role": "user", "content": "Hello"}]},
        {"model": "qwen3-max", "top_p": 0, "messages": [{"role": "user", "content": "Why?"}]},
        {"model": "emulator-throttled", "messages": [{"role": "user", "content": "Hello"}]},
    ):
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/v1/chat/completions",
            json.dumps(body).encode(),
            {"Authorization": "Bearer sk-demo", "Content-Type": "application/json"},
        )
        try:
            urllib.request.urlopen(request, timeout=30).read()
        except urllib.error.HTTPError as error:
            error.close()
    read(b"rate_limit_exceeded")
    os.kill(pid, signal.SIGTERM)
    os.waitpid(pid, 0)
    return shown.decode().replace("\r\n", "\n").replace(str(port), "8000")


def as_html(text: str) -> str:
    escaped = html.escape(text.strip("\n"))
    escaped = re.sub(r"\x1b\[(\d+)m", lambda code: "</span>" if code[1] == "0" else f'<span style="{COLORS[code[1]]}">', escaped)
    style = "margin:0;background:#14171d;color:#e3e6ec;font:15px/1.5 DejaVu Sans Mono,monospace;padding:22px 26px"
    return f'<body style="margin:0"><pre style="{style}">$ ./start.sh --demo\n{escaped}</pre>'


def main() -> None:
    base, program = sys.argv[1].rstrip("/"), sys.argv[2]
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for scheme, name in (("light", "playground.png"), ("dark", "playground-dark.png")):
            page = browser.new_page(viewport={"width": 1120, "height": 900}, color_scheme=scheme, locale="en-US")
            page.goto(base + "/docs")
            expect(page.locator("#modelnote")).to_contain_text("catalogue")
            page.check("#thinking")
            page.fill("#prompt", "Why is the sky blue?")
            page.click("#send")
            expect(page.locator("#facts")).to_contain_text("total")
            save(name, page.screenshot())
            page.close()
        page = browser.new_page(viewport={"width": 390, "height": 844}, locale="zh-CN")
        page.goto(base + "/docs")
        expect(page.locator("#modelnote")).to_contain_text("目录中有")
        save("playground-phone.png", page.screenshot())
        page.close()
        page = browser.new_page(viewport={"width": 1000, "height": 640}, locale="en-US")
        page.goto(base + "/")
        expect(page.locator("#endpoints")).to_contain_text("POST /v1/messages")
        save("home.png", page.screenshot())
        page.close()
        page = browser.new_page(viewport={"width": 1120, "height": 200})
        page.set_content(as_html(terminal(program)))
        save("terminal.png", page.locator("pre").screenshot())
        browser.close()


if __name__ == "__main__":
    main()
