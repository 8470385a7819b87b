"""Drives the emulator with the official dashscope SDK, unchanged.

    python dashscope_suite.py --base-url http://127.0.0.1:8001/api/v1

Prints one line per check and a closing count; the exit status is 1 where a check failed.
"""

import argparse
import asyncio
import base64
import json
import pathlib
import sys
import tempfile
import threading
import traceback
import urllib.request

import dashscope
from dashscope import AioGeneration, Generation, ImageSynthesis, MultiModalConversation, VideoSynthesis
from dashscope.audio import tts, tts_v2
from dashscope.audio.asr import Transcription
from dashscope.audio.http_tts import HttpSpeechSynthesizer
from dashscope.audio.qwen_tts_realtime import AudioFormat as RealtimeFormat
from dashscope.audio.qwen_tts_realtime import QwenTtsRealtime, QwenTtsRealtimeCallback
from dashscope.common.error import RequestFailure

KEY = "sk-suite"
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "Current weather of a city",
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}},
                "required": ["city"],
            },
        },
    }
]
CHECKS = []


def check(function):
    """Registers a check; its name is what the report prints."""
    CHECKS.append(function)
    return function


def user(text):
    return [{"role": "user", "content": text}]


def parts(*items):
    return [{"role": "user", "content": list(items)}]


def generate(text="Hello", model="qwen-plus", messages=None, **options):
    options.setdefault("result_format", "message")
    return Generation.call(model=model, messages=messages or user(text), api_key=KEY, **options)


def look(*items, model="qwen3-vl-plus", **options):
    return MultiModalConversation.call(model=model, messages=parts(*items), api_key=KEY, **options)


def text_of(response):
    """The text of one response of either path."""
    content = response.output.choices[0].message.content
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content)


def reasoning_of(response):
    return response.output.choices[0].message.get("reasoning_content") or ""


def equal(actual, expected):
    assert actual == expected, f"expected {expected!r}, got {actual!r}"


@check
def plain_answer():
    response = generate("Hello 世界")
    equal(response.status_code, 200)
    equal(text_of(response), "Echo: Hello 世界")
    equal(response.output.choices[0].finish_reason, "stop")
    equal(response.usage.input_tokens + response.usage.output_tokens, response.usage.total_tokens)
    assert response.request_id


@check
def text_format():
    response = generate("Hello", result_format="text")
    equal(response.output.text, "Echo: Hello")


@check
def prompt_instead_of_messages():
    response = Generation.call(model="qwen-plus", prompt="Hello", api_key=KEY, result_format="message")
    equal(text_of(response), "Echo: Hello")


@check
def incremental_stream():
    events = list(generate("a somewhat longer question", stream=True, incremental_output=True))
    assert len(events) > 2, len(events)
    assert all(event.status_code == 200 for event in events)
    equal("".join(text_of(event) for event in events), "Echo: a somewhat longer question")
    equal(events[-1].output.choices[0].finish_reason, "stop")
    equal(len({event.request_id for event in events}), 1)


@check
def cumulative_stream():
    events = list(generate("a somewhat longer question", stream=True, incremental_output=False))
    texts = [text_of(event) for event in events]
    equal(texts[-1], "Echo: a somewhat longer question")
    assert all(later.startswith(earlier) for earlier, later in zip(texts, texts[1:])), texts


@check
def thinking_stream():
    events = list(generate("1+1?", stream=True, incremental_output=True, enable_thinking=True))
    assert "1+1?" in "".join(reasoning_of(event) for event in events)
    equal("".join(text_of(event) for event in events), "Echo: 1+1?")
    assert events[-1].usage["output_tokens_details"]["reasoning_tokens"] > 0


@check
def thinking_without_stream():
    response = generate("1+1?", model="deepseek-r1")
    assert "1+1?" in reasoning_of(response)
    equal(text_of(response), "Echo: 1+1?")


@check
def tools_round_trip():
    messages = user("Weather in Hangzhou and Shanghai?")
    first = generate(messages=messages, tools=TOOLS, parallel_tool_calls=True)
    message = first.output.choices[0].message
    equal(first.output.choices[0].finish_reason, "tool_calls")
    cities = [json.loads(call["function"]["arguments"])["city"] for call in message.tool_calls]
    equal(cities, ["Hangzhou", "Shanghai"])
    messages = messages + [{"role": "assistant", "content": "", "tool_calls": message.tool_calls}]
    messages += [
        {"role": "tool", "content": f"rain in {city}", "tool_call_id": call["id"]}
        for city, call in zip(cities, message.tool_calls)
    ]
    second = generate(messages=messages, tools=TOOLS)
    assert "rain in Hangzhou" in text_of(second) and "rain in Shanghai" in text_of(second), text_of(second)


def joined_arguments(events):
    arguments = {}
    for event in events:
        for call in event.output.choices[0].message.get("tool_calls") or []:
            arguments.setdefault(call["index"], "")
            arguments[call["index"]] += call["function"].get("arguments", "")
    return [json.loads(arguments[index]) for index in sorted(arguments)]


@check
def tools_stream():
    events = list(
        generate(
            "Weather in Hangzhou and Shanghai?",
            tools=TOOLS,
            parallel_tool_calls=True,
            stream=True,
            incremental_output=True,
        )
    )
    equal(joined_arguments(events), [{"city": "Hangzhou"}, {"city": "Shanghai"}])
    equal(events[-1].output.choices[0].finish_reason, "tool_calls")


@check
def several_choices():
    response = generate("Hi", model="qwen-plus-character", n=2)
    equal([choice.index for choice in response.output.choices], [0, 1])


@check
def several_choices_stream():
    events = list(generate("Hi", model="qwen-plus-character", n=2, stream=True, incremental_output=True))
    texts = {0: "", 1: ""}
    for event in events:
        for choice in event.output.choices:
            texts[choice.index] += choice.message.content
    equal(texts, {0: "Echo: Hi", 1: "Echo: Hi (choice 1)"})


@check
def structured_output():
    schema = {"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"]}
    response_format = {"type": "json_schema", "json_schema": {"name": "person", "schema": schema}}
    equal(json.loads(text_of(generate(response_format=response_format))), {"age": 1})
    plain = generate("as json", response_format={"type": "json_object"})
    equal(json.loads(text_of(plain))["echo"], "as json")


@check
def search_sources():
    response = generate(enable_search=True, search_options={"enable_source": True})
    equal(response.output.search_info["search_results"][0]["index"], 1)


@check
def stop_and_length():
    equal(text_of(generate("one two three", stop=["two"])), "Echo: one ")
    equal(generate("one two three", max_tokens=1).output.choices[0].finish_reason, "length")


@check
def vision_with_data_url():
    picture = "data:image/png;base64," + base64.b64encode(b"\x89PNG1234").decode()
    response = look({"image": picture}, {"text": "What is it?"})
    equal(response.status_code, 200)
    equal(text_of(response), "Received image image/png of 8 bytes. Echo: What is it?")
    assert response.usage.image_tokens > 0


@check
def vision_stream():
    events = list(
        look({"image": "https://example.com/a.png"}, {"text": "What?"}, stream=True, incremental_output=True)
    )
    text = "".join(text_of(event) for event in events)
    equal(text, "Received image at https://example.com/a.png. Echo: What?")


@check
def multimodal_cumulative_stream():
    events = list(look({"text": "What?"}, model="qwen-vl-plus", stream=True, incremental_output=False))
    equal(text_of(events[-1]), "Echo: What?")


@check
def multimodal_thinking_stream():
    events = list(look({"text": "1+1?"}, model="qwen3.6-plus", stream=True, incremental_output=True))
    assert "1+1?" in "".join(reasoning_of(event) for event in events)
    equal("".join(text_of(event) for event in events), "Echo: 1+1?")


@check
def multimodal_tools():
    response = look({"text": "Weather in Hangzhou?"}, tools=TOOLS)
    calls = response.output.choices[0].message["tool_calls"]
    equal(json.loads(calls[0]["function"]["arguments"]), {"city": "Hangzhou"})
    events = list(look({"text": "Weather in Hangzhou?"}, tools=TOOLS, stream=True, incremental_output=True))
    equal(joined_arguments(events), [{"city": "Hangzhou"}])


@check
def speech_recognition():
    response = look({"audio": "https://example.com/a.wav"}, model="qwen3-asr-flash", asr_options={"language": "en"})
    equal(response.output.choices[0].message["annotations"][0]["language"], "en")


def refused(status, code, response):
    equal((response.status_code, response.code), (status, code))
    assert response.message


@check
def refusals():
    # The recorded 401 has no content type, and without one the SDK does not read the code.
    equal(Generation.call(model="qwen-plus", messages=user("Hi"), api_key="sk-invalid").status_code, 401)
    refused(404, "ModelNotFound", generate(model="gpt-4o"))
    refused(400, "InvalidParameter", generate(temperature=2.0))
    refused(400, "InvalidParameter", generate(tools=TOOLS, tool_choice="required"))
    refused(400, "InvalidParameter.NotSupportEnableThinking", generate(model="qwen-max", enable_thinking=True))
    refused(400, "InvalidParameter", look({"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}))
    refused(400, "Arrearage", generate(model="emulator-arrearage"))
    refused(403, "AccessDenied", generate(model="emulator-access-denied"))


@check
def refusals_while_streaming():
    for model in ["emulator-refuses-first-event", "emulator-refuses-sse-400"]:
        events = list(generate(model=model, stream=True, incremental_output=True))
        equal(len(events), 1)
        refused(400, "InvalidParameter", events[0])
    events = list(generate(model="emulator-moderates-mid-stream", stream=True, incremental_output=True))
    equal(events[0].status_code, 200)
    refused(400, "DataInspectionFailed", events[-1])


@check
def odd_streams_are_read():
    for name in ["no-blank-lines", "comments", "split-utf8", "megabyte-event", "usage-empty", "crlf"]:
        events = list(generate("Hello", model=f"emulator-{name}", stream=True, incremental_output=True))
        text = "".join(text_of(event) for event in events)
        assert "Echo: Hello" in text, f"{name}: {text[-80:]!r}"


@check
def local_files_are_uploaded():
    # The SDK asks for a policy, uploads the file and sends the link with the header it needs.
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "a picture.png")
        path.write_bytes(b"\x89PNG1234")
        response = look({"image": f"file://{path}"}, {"text": "What is it?"})
        equal(response.status_code, 200)
        text = text_of(response)
        assert text.startswith("Received image at oss://dashscope-instant/"), text
        # A link is good for the model that it was uploaded for.
        link = text.removeprefix("Received image at ").split(". Echo")[0]
        refused(400, "InvalidParameter.DataInspection", look({"image": link}, model="qwen3-vl-flash"))


@check
def films_are_made_by_tasks():
    # The SDK chooses the path by the name of the model.
    frame = "https://example.com/a.png"
    for model, options in {
        "wan2.6-t2v": {"prompt": "a cat", "size": "720*1280", "duration": 8, "shot_type": "multi"},
        "wan2.6-i2v": {"prompt": "a cat", "img_url": frame, "resolution": "720P"},
        "wan2.6-r2v": {"prompt": "character1 runs", "reference_urls": [frame]},
        "wan2.2-kf2v-flash": {"first_frame_url": frame, "last_frame_url": frame},
        "wan2.7-i2v": {"prompt": "a cat", "media": [{"type": "first_frame", "url": frame}], "duration": 15},
        "wan2.7-videoedit": {"media": [{"type": "video", "url": "https://example.com/a.mp4"}], "audio_setting": "origin"},
    }.items():
        made = VideoSynthesis.async_call(model=model, api_key=KEY, **options)
        equal(made.status_code, 200)
        equal(made.output.task_status, "PENDING")
        equal(VideoSynthesis.fetch(made, api_key=KEY).output.task_status, "RUNNING")
        done = VideoSynthesis.fetch(made, api_key=KEY)
        equal(done.output.task_status, "SUCCEEDED")
        assert ".mp4?Expires=" in done.output.video_url, done.output
        equal(done.usage.video_count, 1)
    made = VideoSynthesis.async_call(model="wan2.6-t2v", prompt="a cat", api_key=KEY)
    equal(VideoSynthesis.cancel(made, api_key=KEY).status_code, 200)
    equal(VideoSynthesis.fetch(made, api_key=KEY).output.task_status, "CANCELED")
    refused(400, "InvalidParameter", VideoSynthesis.async_call(model="wan2.6-i2v", prompt="a cat", api_key=KEY))


def fetched(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read()


@check
def images_are_made_by_tasks():
    # The SDK chooses the path by the name of the model.
    made = ImageSynthesis.async_call(model="wan2.2-t2i-flash", prompt="a cat", n=2, size="1024*1024", api_key=KEY)
    equal(made.status_code, 200)
    equal(made.output.task_status, "PENDING")
    equal(ImageSynthesis.fetch(made, api_key=KEY).output.task_status, "RUNNING")
    done = ImageSynthesis.fetch(made, api_key=KEY)
    equal(done.output.task_status, "SUCCEEDED")
    equal(len(done.output.results), 2)
    assert fetched(done.output.results[0].url).startswith(b"\x89PNG"), done.output
    refused(400, "InvalidParameter", ImageSynthesis.async_call(model="wan2.2-t2i-flash", prompt="a", n=9, api_key=KEY))


@check
def files_are_written_down_by_tasks():
    made = Transcription.async_call(
        model="paraformer-v2", file_urls=["https://example.com/good-morning--how-are-you.mp3"], api_key=KEY
    )
    equal(made.status_code, 200)
    equal(Transcription.fetch(made, api_key=KEY).output.task_status, "RUNNING")
    done = Transcription.fetch(made, api_key=KEY)
    equal(done.output.task_status, "SUCCEEDED")
    document = json.loads(fetched(done.output.results[0]["transcription_url"]))
    equal(document["transcripts"][0]["text"], "Good morning. How are you.")


# The emulator speaks a character in a tenth of a second.
def samples(rate, text):
    return int(len(text) * rate * 0.1)


def wave_samples(file, rate):
    """The samples of a WAV file that came as a stream, which does not know its length."""
    equal((file[:4], file[8:12], file[36:40]), (b"RIFF", b"WAVE", b"data"))
    equal(int.from_bytes(file[24:28], "little"), rate)
    return (len(file) - 44) // 2


@check
def speech_over_http():
    response = MultiModalConversation.call(model="qwen3-tts-flash", text="Hello", voice="Cherry", api_key=KEY)
    equal(response.status_code, 200)
    equal(wave_samples(fetched(response.output.audio["url"]), 24_000), samples(24_000, "Hello"))
    events = list(
        MultiModalConversation.call(model="qwen3-tts-flash", text="Hello", voice="Cherry", stream=True, api_key=KEY)
    )
    audio = b"".join(base64.b64decode(event.output.audio["data"] or "") for event in events)
    equal(len(audio.split(b"data\xff\xff\xff\xff")[-1]), 2 * samples(24_000, "Hello"))
    whole = HttpSpeechSynthesizer.call(
        model="cosyvoice-v3-flash", text="Hello", voice="longanyang", sample_rate=16_000, api_key=KEY
    )
    equal(whole.status_code, 200)
    equal(wave_samples(fetched(whole.audio_url), 16_000), samples(16_000, "Hello"))


class Listener(tts_v2.ResultCallback):
    def __init__(self):
        self.audio = b""
        self.events = []
        self.words = []

    def on_open(self):
        self.words.append("open")

    def on_complete(self):
        self.words.append("complete")

    def on_error(self, message):
        self.words.append("error")

    def on_close(self):
        self.words.append("close")

    def on_event(self, message):
        self.events.append(json.loads(message))

    def on_data(self, data):
        self.audio += data


@check
def speech_by_tasks_over_websocket():
    for model, voice in [
        ("cosyvoice-v1", "longxiaochun"),
        ("cosyvoice-v2", "longxiaochun_v2"),
        ("cosyvoice-v3-flash", "longanyang"),
        ("qwen-audio-3.0-tts-flash", "longanfengyue"),
    ]:
        synthesizer = tts_v2.SpeechSynthesizer(
            model=model, voice=voice, format=tts_v2.AudioFormat.WAV_16000HZ_MONO_16BIT
        )
        file = synthesizer.call("Hello there.", timeout_millis=30_000)
        equal(wave_samples(file, 16_000), samples(16_000, "Hello there."))
        finished = synthesizer.get_response()
        equal(finished["payload"]["usage"]["characters"], 12)
        equal(finished["header"]["task_id"], synthesizer.get_last_request_id())
    # What the SDK leaves to the service.
    usual = tts_v2.SpeechSynthesizer(model="cosyvoice-v3-flash", voice="longanyang").call("Hello")
    assert usual.startswith(b"\xff\xf3") and len(usual) % 208 == 0


@check
def texts_follow_one_another_in_a_task():
    listener = Listener()
    synthesizer = tts_v2.SpeechSynthesizer(
        model="cosyvoice-v3-flash",
        voice="longanyang",
        format=tts_v2.AudioFormat.PCM_22050HZ_MONO_16BIT,
        callback=listener,
    )
    for text in ["One sen", "tence. And ", "another one"]:
        synthesizer.streaming_call(text)
    synthesizer.streaming_complete(30_000)
    equal(len(listener.audio), 2 * samples(22_050, "One sentence. And another one"))
    equal((listener.words[0], set(listener.words[1:])), ("open", {"complete", "close"}))
    ends = [event["payload"]["output"] for event in listener.events]
    equal(
        [end["original_text"] for end in ends if end.get("type") == "sentence-end"],
        ["One sentence.", " And another one"],
    )


@check
def sambert_speaks():
    result = tts.SpeechSynthesizer.call(
        model="sambert-zhichu-v1", text="Hello. There.", format="wav", sample_rate=48_000, rate=2.0, api_key=KEY
    )
    equal(result.get_response().status_code, 200)
    equal(wave_samples(result.get_audio_data(), 48_000), samples(48_000, "Hello. There.") // 2)
    equal(len(result.get_timestamps()), 2)
    equal(result.get_response().usage["characters"], 13)


@check
def tasks_are_refused():
    for model, voice, code in [
        ("cosyvoice-v3-flash", "nobody", "InvalidParameter"),
        ("gpt-4o", "nobody", "ModelNotFound"),
        ("cosyvoice-v1-emulator-throttled", "longwan", "Throttling.RateQuota"),
        ("cosyvoice-v1-emulator-moderates-mid-stream", "longwan", "DataInspectionFailed"),
    ]:
        try:
            tts_v2.SpeechSynthesizer(model=model, voice=voice).call("Hello", timeout_millis=30_000)
        except RequestFailure as error:
            equal(error.name, code)
        else:
            raise AssertionError(f"{model} speaks")
    response = tts.SpeechSynthesizer.call(model="sambert-nobody-v1", text="Hello", api_key=KEY).get_response()
    equal(response.code, "ModelNotFound")
    response = tts.SpeechSynthesizer.call(model="sambert-zhichu-v1", text="Hello", api_key="sk-invalid").get_response()
    equal(response.status_code, 401)


class RealtimeListener(QwenTtsRealtimeCallback):
    def __init__(self):
        self.events = []
        self.is_over = threading.Event()

    def on_open(self):
        pass

    def on_close(self, close_status_code, close_msg):
        self.is_over.set()

    def on_event(self, response):
        self.events.append(response)
        if response["type"] in ("session.finished", "error"):
            self.is_over.set()


def realtime(model, voice, texts, response_format=RealtimeFormat.PCM_24000HZ_MONO_16BIT, **options):
    listener = RealtimeListener()
    url = dashscope.base_websocket_api_url.replace("/inference", "/realtime")
    session = QwenTtsRealtime(model=model, callback=listener, url=url)
    session.connect()
    session.update_session(voice=voice, response_format=response_format, **options)
    for text in texts:
        session.append_text(text)
    session.finish()
    assert listener.is_over.wait(30), "no end"
    session.close()
    return listener.events


@check
def speech_by_events_over_websocket():
    for model in ["qwen3-tts-flash-realtime", "qwen-tts-realtime"]:
        events = realtime(model, "Cherry", ["One sen", "tence. And another"])
        types = [event["type"] for event in events]
        equal(types[:2], ["session.created", "session.updated"])
        equal(types[-1], "session.finished")
        equal(types.count("response.done"), 2)
        audio = b"".join(base64.b64decode(event["delta"]) for event in events if "delta" in event)
        equal(len(audio), 2 * samples(24_000, "One sentence. And another"))
    events = realtime("qwen3-tts-flash-realtime", "Nobody", ["a"])
    error = next(event["error"] for event in events if event["type"] == "error")
    equal((error["type"], error["code"]), ("invalid_request_error", "invalid_value"))


@check
def async_client():
    async def run():
        whole = await AioGeneration.call(
            model="qwen-plus", messages=user("Hello"), api_key=KEY, result_format="message"
        )
        equal(text_of(whole), "Echo: Hello")
        stream = await AioGeneration.call(
            model="qwen-plus",
            messages=user("Hello"),
            api_key=KEY,
            result_format="message",
            stream=True,
            incremental_output=True,
        )
        equal("".join([text_of(event) async for event in stream]), "Echo: Hello")
        await dashscope.close_shared_aio_session()

    asyncio.run(run())


def main():
    parser = argparse.ArgumentParser(description="Drives the emulator with the official dashscope SDK.")
    parser.add_argument(
        "--base-url", "--emulator-url", default="http://127.0.0.1:8001", help="with or without /api/v1 at its end"
    )
    parser.add_argument("--only", help="name of the one check to run")
    arguments = parser.parse_args()
    origin = arguments.base_url.rstrip("/").removesuffix("/api/v1")
    dashscope.base_http_api_url = origin + "/api/v1"
    dashscope.base_websocket_api_url = origin.replace("http", "ws", 1) + "/api-ws/v1/inference"
    # Some of its classes know no other way.
    dashscope.api_key = KEY
    failed = 0
    chosen = [one for one in CHECKS if arguments.only in (None, one.__name__)]
    for one in chosen:
        name = one.__name__.replace("_", " ")
        try:
            one()
            print(f"ok    {name}", flush=True)
        except Exception:  # pylint: disable=broad-except
            failed += 1
            print(f"FAIL  {name}\n{traceback.format_exc()}", flush=True)
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return 1 if failed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
