"""Speech: through the SDK, whole, streamed and as events; files open and are as long as they should be."""

from __future__ import annotations

import base64
import io
import json
import wave

import httpx
import openai

from .harness import Gateway, check, check_error, equal, require

# The emulator speaks a character in a tenth of a second.
SECONDS = 0.1
SENTENCE = "This sentence is spoken in one breath. "


def duration(file: bytes) -> float:
    with wave.open(io.BytesIO(file)) as sound:
        equal(sound.getnchannels(), 1, "the channels")
        equal(sound.getsampwidth(), 2, "the bytes of a sample")
        frames = sound.readframes(sound.getnframes())
        equal(len(frames), 2 * sound.getnframes(), "the samples")
        return sound.getnframes() / sound.getframerate()


@check
def a_wav_file_is_as_long_as_its_text(gateway: Gateway) -> None:
    for model, voice in [
        ("qwen3-tts-flash", "alloy"),
        ("cosyvoice-v3-flash", "longanhuan"),
        ("qwen-tts", "Ethan"),
        ("cosyvoice-v1", "longxiaochun"),
        ("sambert-zhichu-v1", "alloy"),
        ("qwen3-tts-flash-realtime", "nova"),
        ("qwen-tts-realtime", "Cherry"),
    ]:
        answer = gateway.client.audio.speech.create(model=model, voice=voice, input="Hello there", response_format="wav")
        equal(answer.response.headers["content-type"], "audio/wav", "the type")
        require(abs(duration(answer.content) - 11 * SECONDS) < 0.01, f"the length of {model}")


@check
def a_long_text_is_one_file(gateway: Gateway) -> None:
    text = (SENTENCE * 40).strip()
    answer = gateway.client.audio.speech.create(model="qwen3-tts-flash", voice="echo", input=text, response_format="wav")
    # The blanks between the three parts are not spoken.
    require(abs(duration(answer.content) - (len(text) - 2) * SECONDS) < 0.01, "the length")


@check
def audio_is_streamed(gateway: Gateway) -> None:
    speech = gateway.client.audio.speech.with_streaming_response
    with speech.create(model="cosyvoice-v3-flash", voice="nova", input=SENTENCE * 4) as answer:
        equal(answer.headers["content-type"], "audio/mpeg", "the type")
        equal(
            answer.headers["x-gateway-adjustments"],
            "voice;from=nova;to=longxiaochun_v3;reason=the voice of the model for this name",
            "what was changed",
        )
        pieces = list(answer.iter_bytes(1024))
    require(len(pieces) > 1, "the audio came at once")
    content = b"".join(pieces)
    require(content.startswith(b"\xff\xf3") and len(content) % 208 == 0, "the frames of the emulator's mp3")


@check
def samples_are_those_of_the_file(gateway: Gateway) -> None:
    speech = gateway.client.audio.speech
    wav = speech.create(model="qwen3-tts-flash", voice="Cherry", input="Hello", response_format="wav").content
    pcm = speech.create(model="qwen3-tts-flash", voice="Cherry", input="Hello", response_format="pcm")
    equal(pcm.response.headers["content-type"], "audio/pcm", "the type")
    equal(pcm.content, wav[44:], "the samples")


@check
def models_that_speak_over_websocket_make_the_same_bytes(gateway: Gateway) -> None:
    speech = gateway.client.audio.speech
    listed = {model.id for model in gateway.client.models.list()}
    for model, voice in [
        ("cosyvoice-v1", "longxiaochun"),
        ("sambert-zhichu-v1", "alloy"),
        ("qwen3-tts-flash-realtime", "Cherry"),
        ("qwen-tts-realtime", "Cherry"),
    ]:
        require(model in listed, f"{model} is not listed")
        rate = {} if model == "qwen-tts-realtime" else {"extra_body": {"sample_rate": 24000}}
        text = "One. And two"
        wav = speech.create(model=model, voice=voice, input=text, response_format="wav", **rate).content
        pcm = speech.create(model=model, voice=voice, input=text, response_format="pcm").content
        require(abs(duration(wav) - len(text) * SECONDS) < 0.01, f"the length of {model}")
        equal(pcm, wav[44:], f"the samples of {model}")
        with speech.with_streaming_response.create(
            model=model, voice=voice, input=text, response_format="pcm", stream_format="sse"
        ) as answer:
            events = [json.loads(line[6:]) for line in answer.iter_lines() if line.startswith("data: ")]
        equal(b"".join(base64.b64decode(event["audio"]) for event in events[:-1]), pcm, f"the events of {model}")
        if model == "qwen-tts-realtime":
            continue
        mp3 = speech.create(model=model, voice=voice, input=text)
        equal(mp3.response.headers["content-type"], "audio/mpeg", "the type")
        require(mp3.content.startswith(b"\xff\xf3") and len(mp3.content) % 208 == 0, f"the frames of {model}")
    # The same bytes as over HTTP, where a model has both.
    http = speech.create(model="qwen3-tts-flash", voice="Cherry", input=text, response_format="pcm").content
    socket = speech.create(model="qwen3-tts-flash-realtime", voice="Cherry", input=text, response_format="pcm").content
    equal(len(socket), len(http), "the length over both ways")


@check
def sessions_that_fail_are_never_a_short_file(gateway: Gateway) -> None:
    speech = gateway.client.audio.speech
    for model in ["cosyvoice-v1", "sambert-zhichu-v1", "qwen3-tts-flash-realtime"]:
        for fault in ["breaks-mid-stream", "ends-early", "moderates-mid-stream"]:
            try:
                speech.create(model=f"{model}-emulator-{fault}", voice="nova", input=SENTENCE)
            except (httpx.RemoteProtocolError, openai.APIConnectionError):
                continue
            raise AssertionError(f"{model} {fault}: the file looks complete")
    for model, error in [
        ("cosyvoice-v1-emulator-throttled", openai.RateLimitError),
        ("qwen3-tts-flash-realtime-emulator-access-denied", openai.PermissionDeniedError),
    ]:
        try:
            gateway.client.with_options(max_retries=0).audio.speech.create(model=model, voice="nova", input=SENTENCE)
        except error:
            continue
        raise AssertionError(f"{model} speaks")


@check
def events_hold_the_audio_and_its_usage(gateway: Gateway) -> None:
    speech = gateway.client.audio.speech.with_streaming_response
    with speech.create(
        model="cosyvoice-v3-flash", voice="nova", input="Hello", response_format="mp3", stream_format="sse"
    ) as answer:
        require(answer.headers["content-type"].startswith("text/event-stream"), "the type")
        events = [json.loads(line[6:]) for line in answer.iter_lines() if line.startswith("data: ")]
    equal({event["type"] for event in events[:-1]}, {"speech.audio.delta"}, "the types")
    equal(events[-1]["type"], "speech.audio.done", "the last type")
    equal(
        events[-1]["usage"],
        {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0, "characters": 5},
        "the usage",
    )
    whole = gateway.client.audio.speech.create(model="cosyvoice-v3-flash", voice="nova", input="Hello").content
    equal(b"".join(base64.b64decode(event["audio"]) for event in events[:-1]), whole, "the audio")


@check
def a_voice_may_be_absent_or_an_object(gateway: Gateway) -> None:
    for voice in [{}, {"voice": None}, {"voice": {"id": "Serena"}}]:
        body = {"model": "qwen3-tts-flash", "input": "Hello", **voice}
        answer = gateway.request("POST", "/v1/audio/speech", json=body)
        equal(answer.status_code, 200, "the status")
        equal(answer.headers["content-type"], "audio/wav", "the type")
        require("x-gateway-adjustments" not in answer.headers, "something was changed")


@check
def refusals_name_the_parameter(gateway: Gateway) -> None:
    cases = [
        ({"voice": "Nobody"}, "voice", "Cherry, Serena"),
        ({"response_format": "mp3"}, "response_format", "wav, pcm"),
        ({"speed": 9}, "speed", "4"),
        ({"stream_format": "x"}, "stream_format", "sse"),
    ]
    for members, param, words in cases:
        body = {"model": "qwen3-tts-flash", "input": "Hello", "voice": "Cherry", **members}
        answer = gateway.request("POST", "/v1/audio/speech", json=body)
        equal(answer.status_code, 400, "the status")
        error = check_error(answer)
        equal(error["param"], param, "param")
        require(words in error["message"], f"the message does not say {words}")


@check
def audio_that_fails_is_never_a_short_file(gateway: Gateway) -> None:
    speech = gateway.client.audio.speech
    for fault in ["breaks-mid-stream", "ends-early", "moderates-mid-stream"]:
        try:
            speech.create(model=f"cosyvoice-v3-flash-emulator-{fault}", voice="nova", input=SENTENCE)
        except (httpx.RemoteProtocolError, openai.APIConnectionError):
            continue
        raise AssertionError(f"{fault}: the file looks complete")
