#!/usr/bin/env python3
"""A person's path through the pages, in a real browser: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import argparse
import base64
import io
import json
import math
import multiprocessing
import queue
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import unittest
import wave
import zlib
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

BASE = "http://127.0.0.1:8000"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# Playwright's own browser is not fetched; as root Chromium has no sandbox.
OPTIONS = {"executable_path": CHROMIUM, "args": ["--no-sandbox", "--disable-gpu"]}


def png(width: int = 24, height: int = 24) -> bytes:
    """A small picture of noise, which does not get smaller."""

    def chunk(name: bytes, data: bytes) -> bytes:
        body = name + data
        return len(data).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")

    noise = random.Random(1)
    rows = b"".join(b"\0" + noise.randbytes(3 * width) for _ in range(height))
    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\0\0\0"
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def recording(seconds: float = 1.0) -> bytes:
    """A WAV file with a tone."""
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        samples = (int(8_000 * math.sin(index / 6)) for index in range(int(16_000 * seconds)))
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return written.getvalue()


CAT = {"name": "cat.png", "mimeType": "image/png", "buffer": png(64, 48)}
TALK = {"name": "talk.wav", "mimeType": "audio/wav", "buffer": recording()}
# A video is asked for every few seconds.
LONG = 60_000


# A folder with node_modules in which npm has installed the SDKs.
PACKAGES: Path | None = None


def put_packages(folder: Path) -> None:
    """The SDKs of JavaScript for a program in the folder; without npm it is stand-ins that take its calls."""
    modules = folder / "node_modules"
    if PACKAGES:
        modules.symlink_to(PACKAGES / "node_modules")
        return
    stand_in = Path(__file__).parent / "javascript" / "stand-in.mjs"
    for name, exported in (("openai", "OpenAI"), ("@anthropic-ai/sdk", "Anthropic")):
        package = modules / name
        package.mkdir(parents=True)
        (package / "package.json").write_text(json.dumps({"name": name, "exports": "./index.mjs"}))
        (package / "index.mjs").write_text(f'export {{ {exported} as default }} from "{stand_in.as_uri()}";')


def until(page: Page, expression: str) -> None:
    """Waits for what holds; Playwright's own wait would evaluate texts in the page, which its policy forbids."""
    end = time.monotonic() + 30
    while not page.evaluate(expression):
        if time.monotonic() > end:
            raise AssertionError(f"it does not come about: {expression}")
        page.wait_for_timeout(50)


class Visit:
    """A page with everything that must not happen on it."""

    def __init__(self, browser: Browser, **options: object) -> None:
        self.context = browser.new_context(**options)
        self.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=BASE)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(30_000)
        self.faults: list[str] = []
        self.requests: list[Request] = []
        self.page.on("console", lambda message: message.type == "error" and self.faults.append(message.text))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request))
        self.page.on(
            "response", lambda answer: answer.status >= 400 and self.faults.append(f"{answer.status} {answer.url}")
        )

    def open(self, path: str) -> Page:
        self.page.goto(BASE + path)
        return self.page


class PageTests(unittest.TestCase):
    browser: Browser

    def visit(self, **options: object) -> Visit:
        visit = Visit(self.browser, **{"locale": "en-US", **options})
        self.addCleanup(visit.context.close)
        return visit

    def assert_clean(self, visit: Visit) -> None:
        self.assertEqual(visit.faults, [])
        hosts = {urlsplit(request.url).netloc for request in visit.requests if request.url.startswith("http")}
        self.assertEqual(hosts, {urlsplit(BASE).netloc})

    def test_from_the_start_page_to_a_streamed_answer(self) -> None:
        visit = self.visit()
        page = visit.open("/")
        expect(page.locator("#about")).to_contain_text("127.0.0.1")
        expect(page.locator("#endpoints")).to_contain_text("POST /v1/chat/completions")
        page.get_by_role("link", name="Open the playground").click()
        expect(page.locator("#modelnote")).to_contain_text("models in the catalogue")
        self.assertEqual(page.locator("#key").input_value(), "sk-demo")
        self.assertGreater(page.locator("#models option").count(), 100)
        page.fill("#prompt", "Where do rivers flow?")
        page.get_by_role("button", name="Send").click()
        expect(page.locator(".turn.assistant .text")).to_have_text("Echo: Where do rivers flow?")
        facts = page.locator("#facts")
        for name in ("status 200", "first token", "total", "tokens", "x-request-id"):
            expect(facts).to_contain_text(name)
        # The conversation goes on with what was said.
        page.fill("#prompt", "And then?")
        page.keyboard.press("Control+Enter")
        expect(page.locator(".turn.assistant .text").nth(1)).to_have_text("Echo: And then?")
        sent = [request for request in visit.requests if request.method == "POST"]
        body = json.loads(sent[-1].post_data or "")
        self.assertEqual([message["role"] for message in body["messages"]], ["user", "assistant", "user"])
        page.get_by_role("button", name="New conversation").click()
        expect(page.locator(".turn")).to_have_count(0)
        self.assert_clean(visit)

    def test_thinking_adjustments_and_whole_answers(self) -> None:
        visit = self.visit()
        page = visit.open("/docs")
        expect(page.locator("#modelnote")).to_contain_text("models")
        page.check("#thinking")
        page.fill("#prompt", "Why?")
        page.click("#send")
        expect(page.locator(".turn.assistant .text")).to_have_text("Echo: Why?")
        expect(page.locator(".turn.assistant details")).to_contain_text("Thoughts")
        self.assertNotEqual(page.locator(".turn.assistant details div").inner_text(), "")
        page.uncheck("#thinking")
        page.uncheck("#stream")
        page.click("#clear")
        page.fill("#temperature", "2")
        page.click("#send")
        expect(page.locator(".turn.assistant .text")).to_have_text("Echo: Why?")
        expect(page.locator("#changes")).to_contain_text("x-gateway-adjustments: temperature;from=2")
        self.assert_clean(visit)

    def test_a_picture_and_messages(self) -> None:
        visit = self.visit()
        page = visit.open("/docs")
        expect(page.locator("#modelnote")).to_contain_text("models")
        page.set_input_files("#picture", {"name": "red.png", "mimeType": "image/png", "buffer": png()})
        expect(page.locator("#model")).to_have_value("qwen-vl-plus")
        expect(page.locator("#code")).to_contain_text("…")
        page.fill("#prompt", "What is this?")
        page.click("#send")
        expect(page.locator(".turn.assistant .text")).to_contain_text("What is this?")
        expect(page.locator(".turn.user img")).to_have_count(1)
        body = json.loads([request for request in visit.requests if request.method == "POST"][-1].post_data or "")
        url = body["messages"][0]["content"][0]["image_url"]["url"]
        self.assertEqual(base64.b64decode(url.split(",")[1]), png())
        page.get_by_role("tab", name="Messages").click()
        page.fill("#prompt", "Hello")
        page.click("#send")
        expect(page.locator(".turn.assistant .text")).to_contain_text("Hello")
        expect(page.locator("#facts")).to_contain_text("tokens")
        self.assert_clean(visit)

    def test_every_endpoint_with_a_tab_answers(self) -> None:
        visit = self.visit()
        page = visit.open("/docs")
        expect(page.locator("#modelnote")).to_contain_text("models")
        tabs = page.locator("#tabs [role=tab]")
        names = tabs.all_inner_texts()
        self.assertEqual(names[:2], ["Chat", "Messages"])
        self.assertEqual(names[-4:], ["Images", "Speech", "Transcription", "Video"])
        for index, name in enumerate(names):
            with self.subTest(name):
                tabs.nth(index).click()
                self.assertGreater(page.locator("#models option").count(), 3)
                page.fill("#prompt", "Hello")
                if name == "Transcription":
                    page.set_input_files("#picture", TALK)
                page.click("#send")
                expect(page.locator("#facts")).to_contain_text("status 200", timeout=LONG)
                expect(page.locator("#facts")).to_contain_text("total")
                shown = page.locator(".turn.assistant .text").inner_text()
                self.assertNotEqual(shown, "Nothing came back.")
                media = page.locator(".turn.assistant figure").count()
                self.assertEqual(media > 0, name in ("Images", "Speech", "Video"))
                self.assertEqual(shown == "", media > 0)
        self.assert_clean(visit)

    def run_code(self, page: Page, language: str, files: list[dict] = (), made: str | None = None) -> str:
        """Runs what `Copy` gives in a folder with the files, and returns what it prints; `made` is a file it must write."""
        page.get_by_role("tab", name=language).click()
        page.click("#copy")
        text = page.evaluate("navigator.clipboard.readText()")
        self.assertIn(BASE, text)
        with tempfile.TemporaryDirectory() as folder:
            for file in files:
                Path(folder, file["name"]).write_bytes(file["buffer"])
            if language == "JavaScript":
                put_packages(Path(folder))
                Path(folder, "request.mjs").write_text(text, encoding="utf-8")
                command = ["node", "request.mjs"]
            else:
                command = ["bash", "-euo", "pipefail", "-c", text] if language == "curl" else [sys.executable, "-c", text]
            run = subprocess.run(command, capture_output=True, text=True, timeout=90, cwd=folder)
            self.assertEqual(run.returncode, 0, f"{text}\n{run.stdout}\n{run.stderr}")
            if made:
                self.assertGreater(Path(folder, made).stat().st_size, 100)
            return run.stdout

    def test_the_code_runs_as_it_is_copied(self) -> None:
        visit = self.visit()
        page = visit.open("/docs")
        expect(page.locator("#modelnote")).to_contain_text("models")
        question = "It's \"quoted\" & 你好"
        for tab, streamed, printed in (
            ("Chat", True, f"Echo: {question}"), ("Chat", False, f"Echo: {question}"),
            ("Messages", True, f"Echo: {question}"), ("Messages", False, f"Echo: {question}"),
            ("Responses", True, f"Echo: {question}"), ("Responses", False, f"Echo: {question}"),
            ("Completions", True, question), ("Completions", False, question),
            ("Embeddings", False, "0."), ("Rerank", False, "relevance_score"),
        ):
            page.get_by_role("tab", name=tab).click()
            page.fill("#prompt", question)
            if page.locator("#stream").is_visible():
                page.set_checked("#stream", streamed)
            for language in ("curl", "Python", "JavaScript"):
                with self.subTest(f"{tab}, {language}, {'streamed' if streamed else 'whole'}"):
                    shown = self.run_code(page, language)
                    if language == "curl":
                        # As it is on the wire.
                        shown = shown.replace('\\"', '"')
                        if streamed:
                            self.assertIn("data: ", shown)
                            continue
                    self.assertIn(printed, shown)
        self.assert_clean(visit)

    def test_pictures_are_drawn_and_changed(self) -> None:
        visit = self.visit()
        page = visit.open("/docs")
        expect(page.locator("#modelnote")).to_contain_text("models")
        page.get_by_role("tab", name="Images").click()
        listed = page.locator("#models option").evaluate_all("options => options.map((option) => option.value)")
        self.assertIn("qwen-image-plus", listed)
        self.assertIn("wan2.7-image", listed)
        for other in ("qwen-plus", "qwen-image-edit-plus", "image-out-painting", "aitryon"):
            self.assertNotIn(other, listed)
        page.fill("#prompt", "A fox")
        page.fill("#size", "1000x1000")
        page.fill("#count", "2")
        page.click("#send")
        drawn = page.locator(".turn.assistant img")
        expect(drawn).to_have_count(2)
        for index in range(2):
            drawn.nth(index).evaluate("image => image.decode()")
            self.assertGreater(drawn.nth(index).evaluate("image => image.naturalWidth"), 0)
        expect(drawn.first).to_have_attribute("alt", "A fox")
        expect(page.locator("#changes")).to_contain_text("x-gateway-adjustments: size;from=1000x1000")
        for fact in ("status 200", "first byte", "total", "images 2", "x-request-id"):
            expect(page.locator("#facts")).to_contain_text(fact)
        with page.expect_download() as saved:
            page.get_by_role("link", name="Save").first.click()
        self.assertEqual(Path(saved.value.path()).read_bytes()[:4], b"\x89PNG")
        # A model that changes pictures comes with the pictures and goes with them.
        page.fill("#size", "")
        page.fill("#count", "")
        page.set_input_files("#picture", [CAT, {**CAT, "name": "dog.png"}])
        expect(page.locator("#model")).to_have_value("qwen-image-edit-plus")
        expect(page.locator("#code")).to_contain_text('image[]=@"dog.png"')
        listed = page.locator("#models option").evaluate_all("options => options.map((option) => option.value)")
        self.assertIn("qwen-image-edit-plus", listed)
        self.assertIn("wan2.7-image", listed)
        for other in ("qwen-image-plus", "z-image-turbo", "image-out-painting", "aitryon"):
            self.assertNotIn(other, listed)
        page.fill("#prompt", "Put them side by side")
        page.click("#send")
        expect(page.locator(".turn.user img")).to_have_count(2)
        expect(drawn).to_have_count(1)
        expect(page.locator("#facts")).to_contain_text("status 200")
        sent = [request for request in visit.requests if request.method == "POST"][-1]
        self.assertEqual(urlsplit(sent.url).path, "/v1/images/edits")
        page.get_by_role("button", name="Clear").click()
        expect(page.locator("#model")).to_have_value("qwen-image-plus")
        expect(page.locator('#models option[value="qwen-image-edit-plus"]')).to_have_count(0)
        expect(page.locator('#models option[value="qwen-image-plus"]')).to_have_count(1)
        expect(page.locator(".turn")).to_have_count(0)
        self.assert_clean(visit)

    def test_every_listed_model_of_images_does_what_it_is_listed_for(self) -> None:
        visit = self.visit()
        page = visit.open("/docs")
        expect(page.locator("#modelnote")).to_contain_text("models")
        page.get_by_role("tab", name="Images").click()
        page.fill("#prompt", "A fox")
        for files in ([], [{**CAT, "buffer": png(512, 512)}]):
            page.set_input_files("#picture", files)
            listed = page.locator("#models option").evaluate_all("options => options.map((option) => option.value)")
            self.assertGreater(len(listed), 10)
            for model in listed:
                with self.subTest(model, files=len(files)):
                    page.fill("#model", model)
                    page.click("#send")
                    expect(page.locator(".turn.assistant img")).to_have_count(1, timeout=LONG)
                    expect(page.locator("#send")).to_be_enabled()
        self.assert_clean(visit)

    def test_speech_is_heard(self) -> None:
        visit = self.visit()
        page = visit.open("/docs")
        expect(page.locator("#modelnote")).to_contain_text("models")
        page.get_by_role("tab", name="Speech").click()
        self.assertNotIn("qwen3-asr-flash", page.locator("#models").inner_html())
        page.fill("#prompt", "Hello there")
        cases = [(model, form) for model in ("qwen3-tts-flash", "cosyvoice-v3-flash") for form in ("wav", "pcm")]
        for model, form in [*cases, ("cosyvoice-v3-flash", "mp3"), ("cosyvoice-v3-flash", "opus")]:
            for streamed in (True, False):
                with self.subTest(f"{model}, {form}, {'streamed' if streamed else 'whole'}"):
                    page.fill("#model", model)
                    page.select_option("#soundformat", form)
                    page.set_checked("#stream", streamed)
                    page.click("#send")
                    player = page.locator(".turn.assistant audio")
                    expect(player).to_have_count(1)
                    # A tone of a tenth of a second for each character; the length is known without a look at the end.
                    until(page, "document.querySelector('.assistant audio').readyState >= 1")
                    self.assertAlmostEqual(player.evaluate("player => player.duration"), 1.1, delta=0.1)
                    expect(page.locator("#facts")).to_contain_text("first byte")
                    if streamed:
                        expect(page.locator("#facts")).to_contain_text("characters 11")
        player.evaluate("player => player.play()")
        page.fill("#voice", "nobody")
        page.fill("#model", "qwen3-tts-flash")
        page.select_option("#soundformat", "wav")
        page.click("#send")
        expect(page.locator(".turn.error")).to_contain_text("(invalid_value)")
        # That the browser tells of the 400 is as it should be.
        self.assertTrue(all("400" in fault for fault in visit.faults), visit.faults)

    def test_recordings_are_written_down(self) -> None:
        visit = self.visit()
        page = visit.open("/docs")
        expect(page.locator("#modelnote")).to_contain_text("models")
        page.get_by_role("tab", name="Transcription").click()
        self.assertNotIn("qwen3-tts-flash", page.locator("#models").inner_html())
        answer = page.locator(".turn.assistant .text")
        # Without a recording nothing is sent.
        page.click("#send")
        expect(page.locator("#picture")).to_be_focused()
        page.set_input_files("#picture", TALK)
        page.click("#send")
        expect(answer).to_have_text(f"A recording of {len(TALK['buffer'])} bytes.")
        expect(page.locator(".turn.user")).to_contain_text("talk.wav")
        expect(page.locator("#facts")).to_contain_text("seconds")
        page.fill("#model", "paraformer-v2")
        for form, shown in (("srt", "00:00:00,100 -->"), ("verbose_json", "0.10 – "), ("diarized_json", "A:")):
            page.select_option("#textformat", form)
            page.click("#send")
            expect(answer).to_contain_text(shown, timeout=LONG)
            expect(answer).to_contain_text("Talk.")
        page.get_by_role("button", name="Clear").click()
        page.fill("#pictureurl", "https://example.com/good-morning--how-are-you.mp3")
        page.select_option("#textformat", "text")
        page.click("#send")
        expect(answer).to_have_text("Good morning. How are you.", timeout=LONG)
        self.assert_clean(visit)

    def test_a_video_is_waited_for_and_shown(self) -> None:
        visit = self.visit()
        page = visit.open("/docs")
        expect(page.locator("#modelnote")).to_contain_text("models")
        page.get_by_role("tab", name="Video").click()
        page.fill("#seconds", "5")
        page.fill("#size", "1280x720")
        page.click("#send")
        expect(page.get_by_role("progressbar")).to_be_visible()
        film = page.locator(".turn.assistant video")
        expect(film).to_have_count(1, timeout=LONG)
        until(page, "document.querySelector('video').readyState >= 1")
        self.assertGreater(film.evaluate("film => film.videoWidth"), 0)
        self.assertTrue(film.evaluate("film => film.src").startswith("blob:"))
        self.assertGreater(film.evaluate("film => film.duration"), 0)
        expect(page.locator("#facts")).to_contain_text("x-dashscope-task-id")
        # The key goes to the gateway only, and in a header.
        fetched = [request for request in visit.requests if request.url.endswith("/content")]
        self.assertEqual(len(fetched), 1)
        self.assertEqual(fetched[0].headers["authorization"], "Bearer sk-demo")
        page.set_input_files("#picture", CAT)
        expect(page.locator("#model")).to_have_value("wan2.6-i2v")
        # A stop cancels what waits for its turn, and says what goes on.
        for model, words in (("stays-pending", "Stopped."), ("stays-running", "is being made all the same")):
            page.fill("#model", f"wan2.6-i2v-emulator-task-{model}")
            page.click("#send")
            expect(page.locator(".turn.assistant")).to_contain_text(
                "Waiting" if model == "stays-pending" else "Being made", timeout=LONG
            )
            page.click("#stop")
            expect(page.locator(".turn.error")).to_contain_text(words)
        deleted = [request for request in visit.requests if request.method == "DELETE"]
        self.assertEqual(len(deleted), 1)
        page.fill("#model", "wan2.6-i2v-emulator-task-fails-DataInspectionFailed")
        page.click("#send")
        expect(page.locator(".turn.error")).to_contain_text("(content_filter)", timeout=LONG)
        self.assert_clean(visit)

    def test_media_in_chinese_on_a_phone(self) -> None:
        visit = self.visit(locale="zh-CN", color_scheme="dark", viewport={"width": 390, "height": 844}, has_touch=True)
        page = visit.open("/docs")
        expect(page.locator("#modelnote")).to_contain_text("目录中有")
        for tab, label, shown in (
            ("图像", "画面内容", ".turn.assistant img"),
            ("语音合成", "文本", ".turn.assistant audio"),
            ("语音识别", "可能出现的词语（可不填）", ".turn.assistant .text"),
            ("视频", "视频内容", ".turn.assistant video"),
        ):
            with self.subTest(tab):
                page.get_by_role("tab", name=tab).tap()
                expect(page.locator("#promptlabel")).to_have_text(label)
                if tab == "语音识别":
                    page.set_input_files("#picture", TALK)
                else:
                    self.assertNotEqual(page.locator("#prompt").input_value(), "")
                page.get_by_role("button", name="发送").tap()
                expect(page.locator("#facts")).to_contain_text("总耗时", timeout=LONG)
                expect(page.locator("#facts")).to_contain_text("首字节")
                expect(page.locator(shown)).to_be_visible()
                self.assertLessEqual(page.evaluate("document.documentElement.scrollWidth"), 390)
        # What was offered follows the language, what was written does not.
        page.click("#language")
        expect(page.locator("#prompt")).to_have_value("A cat runs over a meadow")
        expect(page.get_by_role("tab", name="Speech")).to_be_visible()
        self.assert_clean(visit)

    def test_the_code_of_media_runs_as_it_is_copied(self) -> None:
        visit = self.visit()
        page = visit.open("/docs")
        expect(page.locator("#modelnote")).to_contain_text("models")
        dog = {**CAT, "name": "dog.png"}
        for tab, files, streamed, made in (
            ("Images", [], False, "image"),
            ("Images", [CAT], False, "image"),
            ("Images", [CAT, dog], False, "image"),
            ("Speech", [], False, "speech.wav"),
            ("Speech", [], True, None),
            ("Transcription", [TALK], False, None),
            ("Transcription", [TALK], True, None),
            ("Video", [CAT], False, "video.mp4"),
        ):
            page.get_by_role("tab", name=tab).click()
            page.set_input_files("#picture", files)
            if page.locator("#stream").is_visible():
                page.set_checked("#stream", streamed)
            for language in ("curl", "Python", "JavaScript"):
                kind = f"{len(files)} files, {'streamed' if streamed else 'whole'}"
                with self.subTest(f"{tab}, {language}, {kind}"):
                    name = made
                    if made == "image":
                        name = "image.png" if language == "curl" else "image-0.png"
                    shown = self.run_code(page, language, files, name)
                    if tab == "Speech" and streamed:
                        self.assertIn("speech.audio.delta", shown)
                        self.assertIn("speech.audio.done", shown)
                    if tab == "Transcription":
                        if streamed and language == "curl":
                            shown = "".join(
                                json.loads(line[6:]).get("delta", "") for line in shown.splitlines() if line.startswith("data: {")
                            )
                        self.assertIn(f"A recording of {len(TALK['buffer'])} bytes.", shown)
        self.assert_clean(visit)

    def test_the_code_of_transcripts_runs_in_every_form(self) -> None:
        visit = self.visit()
        page = visit.open("/docs")
        expect(page.locator("#modelnote")).to_contain_text("models")
        page.get_by_role("tab", name="Transcription").click()
        page.set_input_files("#picture", TALK)
        page.fill("#model", "paraformer-v2")
        for form, streamed in (("text", False), ("srt", False), ("verbose_json", False), ("diarized_json", True)):
            page.select_option("#textformat", form)
            page.set_checked("#stream", streamed)
            for language in ("Python", "JavaScript"):
                with self.subTest(f"{form}, {language}"):
                    self.assertIn("Talk.", self.run_code(page, language, [TALK]))
        self.assert_clean(visit)

    def test_errors_are_shown_in_words(self) -> None:
        visit = self.visit()
        page = visit.open("/docs")
        expect(page.locator("#modelnote")).to_contain_text("models")
        page.fill("#model", "emulator-throttled")
        page.click("#send")
        expect(page.locator(".turn.error")).to_contain_text("rate_limit_exceeded")
        expect(page.locator("#facts")).to_contain_text("status 429")
        page.fill("#model", "emulator-breaks-mid-stream")
        page.click("#send")
        expect(page.locator(".turn.error")).to_have_count(2)
        # That the browser tells of the 429 is as it should be.
        self.assertTrue(all("429" in fault for fault in visit.faults), visit.faults)

    def test_stop_ends_an_answer(self) -> None:
        visit = self.visit()
        page = visit.open("/docs")
        expect(page.locator("#modelnote")).to_contain_text("models")
        page.fill("#model", "emulator-slow-50")
        page.fill("#prompt", "word " * 200)
        page.click("#send")
        page.click("#stop")
        expect(page.locator(".turn.error")).to_contain_text("Stopped.")
        expect(page.locator("#send")).to_be_enabled()
        self.assert_clean(visit)

    def test_by_keyboard_alone(self) -> None:
        visit = self.visit()
        page = visit.open("/docs")
        expect(page.locator("#modelnote")).to_contain_text("models")
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()
        page.keyboard.press("Enter")
        page.locator("#tab-chat").focus()
        page.keyboard.press("ArrowRight")
        expect(page.locator("#tab-messages")).to_be_focused()
        self.assertEqual(page.locator("#tab-messages").get_attribute("aria-selected"), "true")
        page.keyboard.press("Tab")
        expect(page.locator("#key")).to_be_focused()
        page.locator("#prompt").focus()
        page.keyboard.press("Control+a")
        page.keyboard.type("Keys")
        page.keyboard.press("Control+Enter")
        expect(page.locator(".turn.assistant .text")).to_contain_text("Keys")
        self.assert_clean(visit)

    def test_chinese_dark_and_a_phone(self) -> None:
        visit = self.visit(locale="zh-CN", color_scheme="dark", viewport={"width": 390, "height": 844}, has_touch=True)
        page = visit.open("/docs")
        expect(page.locator("h2").first).to_have_text("在线试用")
        self.assertEqual(page.evaluate("document.documentElement.lang"), "zh-CN")
        dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
        self.assertLess(max(map(int, dark[4:-1].split(","))), 60)
        chat = page.locator("#operations details").filter(has_text="POST /v1/chat/completions")
        chat.locator("summary").click()
        expect(chat.locator("table")).to_contain_text("原样传递。")
        wide = page.evaluate("document.documentElement.scrollWidth")
        self.assertLessEqual(wide, 390)
        page.click("#language")
        expect(page.locator("h2").first).to_have_text("Playground")
        page.click("#theme")
        light = page.evaluate("getComputedStyle(document.body).backgroundColor")
        self.assertGreater(min(map(int, light[4:-1].split(","))), 200)
        self.assert_clean(visit)

    def test_the_reference_names_endpoints_and_fields(self) -> None:
        visit = self.visit()
        page = visit.open("/docs")
        chat = page.locator("#operations details").filter(has_text="POST /v1/chat/completions")
        chat.locator("summary").click()
        expect(chat.locator("table")).to_contain_text("temperature")
        expect(chat.locator("table")).to_contain_text("Required. Aliases of the operator are resolved.")
        # Translations are for those who want them.
        self.assertFalse([request.url for request in visit.requests if "zh-CN" in request.url])
        self.assert_clean(visit)

    def test_the_reference_is_chinese_where_the_page_is(self) -> None:
        visit = self.visit()
        page = visit.open("/docs")
        chat = page.locator("#operations details").filter(has_text="POST /v1/chat/completions")
        chat.locator("summary").click()
        expect(chat.locator(".what")).to_contain_text("Chat, whole and streamed")
        page.click("#language")
        expect(chat.locator(".what")).to_contain_text("对话，流式与非流式")
        # What was open stays so.
        temperature = chat.locator("tr").filter(has=page.get_by_text("temperature", exact=True))
        expect(temperature).to_be_visible()
        expect(temperature).to_contain_text("原样传递。0 到 2；2 改为 1.99，并报告。")
        expect(chat.locator("tr").filter(has=page.get_by_text("model", exact=True)).locator("td").nth(2)).to_have_text(
            "原样传递。必填。先解析运维人员配置的别名。"
        )
        expect(chat.locator("p.note")).to_contain_text("429：超出网关或 DashScope 的限额。")
        texts = page.locator("#operations").locator(".what, td:nth-child(3), p").all_text_contents()
        self.assertGreater(len(texts), 200)
        self.assertEqual([text for text in texts if text and not re.search("[\u4e00-\u9fff。]", text)], [])
        page.click("#language")
        expect(chat.locator(".what")).to_contain_text("Chat, whole and streamed")
        page.click("#language")
        expect(chat.locator(".what")).to_contain_text("对话，流式与非流式")
        self.assertEqual(len([request for request in visit.requests if request.url.endswith("/docs/zh-CN.json")]), 1)
        self.assert_clean(visit)

    def test_what_has_no_translation_stays_english(self) -> None:
        visit = self.visit(locale="zh-CN")
        known = json.dumps({"0 to 2; 2 becomes 1.99, reported.": "从 0 到 2。"})
        visit.page.route("**/docs/zh-CN.json", lambda route: route.fulfill(body=known, content_type="application/json"))
        page = visit.open("/docs")
        chat = page.locator("#operations details").filter(has_text="POST /v1/chat/completions")
        expect(chat.locator(".what")).to_contain_text("Chat, whole and streamed")
        chat.locator("summary").click()
        expect(chat.locator("tr").filter(has=page.get_by_text("temperature", exact=True))).to_contain_text("Carried.从 0 到 2。")
        self.assert_clean(visit)

    def test_the_key_stays_in_the_page(self) -> None:
        visit = self.visit()
        page = visit.open("/docs")
        expect(page.locator("#modelnote")).to_contain_text("models")
        page.fill("#key", "sk-marked-key")
        page.locator("#key").blur()
        page.click("#send")
        expect(page.locator(".turn.assistant .text")).to_have_text("Echo: Hello")
        self.assertNotIn("marked", json.dumps(page.evaluate("[{...localStorage}, {...sessionStorage}, document.cookie]")))
        self.assertFalse([request.url for request in visit.requests if "marked" in request.url])
        self.assert_clean(visit)


def work(names: multiprocessing.Queue, results: multiprocessing.Queue, base: str, packages: Path | None) -> None:
    """Runs tests in a browser of its own while there are names left; None ends it."""
    global BASE, PACKAGES
    BASE, PACKAGES = base, packages
    # Machines are slow; what does not come is what counts.
    expect.set_options(timeout=30_000)
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        PageTests.browser = playwright.chromium.launch(**OPTIONS, env={"HOME": home, "PATH": "/usr/bin:/bin"})
        try:
            while name := names.get():
                began, said = time.monotonic(), io.StringIO()
                result = unittest.TextTestRunner(stream=said, verbosity=0).run(PageTests(name))
                results.put((name, time.monotonic() - began, result.wasSuccessful(), said.getvalue()))
        finally:
            PageTests.browser.close()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--base-url", default=BASE)
    parser.add_argument("--packages", type=Path, help="a folder with node_modules that hold the SDKs of JavaScript")
    parser.add_argument("--jobs", type=int, default=3, help="browsers side by side")
    parser.add_argument("tests", nargs="*", help="names of tests; all without")
    arguments = parser.parse_args()
    if not CHROMIUM:
        sys.exit("there is no chromium")
    tests = arguments.tests or unittest.defaultTestLoader.getTestCaseNames(PageTests)
    # What takes longest begins first.
    tests = sorted(tests, key=lambda name: "every_listed" not in name and "code" not in name)
    # Playwright does not outlive a fork.
    context = multiprocessing.get_context("spawn")
    names, results = context.Queue(), context.Queue()
    for name in [*tests, *[None] * arguments.jobs]:
        names.put(name)
    packages = arguments.packages.resolve() if arguments.packages else None
    workers = [
        context.Process(target=work, args=(names, results, arguments.base_url.rstrip("/"), packages))
        for _ in range(arguments.jobs)
    ]
    for each in workers:
        each.start()
    count = failures = 0
    while count < len(tests):
        alive = any(each.is_alive() for each in workers)
        try:
            name, seconds, passed, said = results.get(timeout=5)
        except queue.Empty:
            if alive:
                continue
            # A worker that died has taken its test with it.
            break
        count += 1
        failures += not passed
        print(f"{'ok  ' if passed else 'FAIL'} {name} ({seconds:.0f} s)", flush=True)
        if not passed:
            print(said, flush=True)
    for each in workers:
        each.join()
    print(f"{count} of {len(tests)} tests ran, {failures} failed")
    return 0 if count == len(tests) and count > 0 and not failures else 1


if __name__ == "__main__":
    sys.exit(main())
