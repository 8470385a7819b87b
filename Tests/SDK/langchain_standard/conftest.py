"""Where the gateway is, which tests are run or not, and files in place of those that LangChain's tests take from the
internet."""

from __future__ import annotations

import io
import sys
import wave
from pathlib import Path

import httpx
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))
from pictures import red_square  # noqa: E402 (its folder must be known first)

# LangChain's tests may not be overridden without an expected failure, so what this project says of them stands here.
SKIPPED = {
    "test_pdf_inputs": "the models read no PDF; the gateway refuses it with the place",
    "test_pdf_tool_message": "the models read no PDF; the gateway refuses it with the place",
    "test_stream_time": "compares two runs, one of them from a recording; there is none",
    "TestChatCompletions::test_audio_inputs": "this model does not hear; TestOmni has one that does",
    "TestResponses::test_audio_inputs": "LangChain sends audio over chat completions only",
    "TestThinkingOverResponses::test_audio_inputs": "LangChain sends audio over chat completions only",
    "TestMessages::test_audio_inputs": "Anthropic's API takes no audio",
    "TestThinkingOverMessages::test_audio_inputs": "Anthropic's API takes no audio",
    "TestMessages::test_json_mode": "Anthropic's API has no JSON mode without a schema",
    "TestThinkingOverMessages::test_json_mode": "Anthropic's API has no JSON mode without a schema",
    "TestChatCompletions::test_anthropic_inputs": "Anthropic's form of content, which is tested over Messages",
    "TestOmni::test_anthropic_inputs": "Anthropic's form of content, which is tested over Messages",
    "TestResponses::test_anthropic_inputs": "Anthropic's form of content, which is tested over Messages",
    "TestThinkingOverResponses::test_anthropic_inputs": "Anthropic's form of content, which is tested over Messages",
}
FORCED = "LangChain leaves tool_choice out while Claude thinks, so the emulator is not asked for a call"
FAILING = {
    "TestThinkingOverMessages::test_tool_choice": FORCED,
    "TestThinkingOverMessages::test_structured_output[typeddict]": FORCED,
    "TestThinkingOverMessages::test_structured_output_async[typeddict]": FORCED,
    "TestThinkingOverMessages::test_structured_output_optional_param": FORCED,
    "TestThinkingOverMessages::test_unicode_tool_call_integration": FORCED,
}
SHORT = ("test_invoke", "test_astream", "test_usage_metadata_streaming", "test_tool_calling", "test_tool_choice",
         "test_agent_loop", "test_tool_message_histories_list_content", "test_structured_output", "test_image_inputs",
         "test_embed_documents", "test_aembed_query")
SHORT_CLASSES = ("TestChatCompletions", "TestResponses", "TestMessages", "TestEmbeddings")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--gateway", default="http://127.0.0.1:8000/v1", help="the gateway's API")
    parser.addoption("--short", action="store_true", help="the tests that say most")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--short"):
        kept = [item for item in items if item.originalname in SHORT and item.cls.__name__ in SHORT_CLASSES
                and not item.name.endswith("[model1]")]
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept
    for item in items:
        place = item.nodeid.split("::", 1)[-1]
        if reason := SKIPPED.get(place) or SKIPPED.get(item.originalname):
            item.add_marker(pytest.mark.skip(reason=reason))
        elif reason := FAILING.get(place):
            item.add_marker(pytest.mark.xfail(reason=reason))


@pytest.fixture(autouse=True, scope="class")
def address(request: pytest.FixtureRequest) -> None:
    if request.cls is not None:
        request.cls.gateway = request.config.getoption("--gateway")


def silence() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8_000)
        sound.writeframes(b"\0\0" * 800)
    return file.getvalue()


@pytest.fixture(autouse=True)
def files_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    def get(url: str, **_: object) -> httpx.Response:
        kinds = {".png": red_square, ".wav": silence}
        return httpx.Response(200, content=kinds[Path(url).suffix](), request=httpx.Request("GET", url))

    monkeypatch.setattr(httpx, "get", get)
