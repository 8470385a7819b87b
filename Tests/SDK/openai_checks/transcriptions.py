"""Transcriptions, asked for in JSON and with forms, in the types of the official SDK."""

import io
import json
from wave import open as open_wave

import openai
from openai.types.audio import Transcription, TranscriptionDiarized, TranscriptionTextDoneEvent, TranscriptionVerbose
from openai.types.audio import TranscriptionTextDeltaEvent

from .harness import Gateway, check, check_error, equal, require

FILE = "https://a.example/good-morning--how-are-you.mp3"
TEXT = "Good morning. How are you."


def ask(gateway: Gateway, path: str = "transcriptions", **members):
    body = {"model": "paraformer-v2", "file": FILE, **members}
    return gateway.request("POST", f"/v1/audio/{path}", json=body)


@check
def a_transcript_has_the_type_of_the_sdk(gateway: Gateway) -> None:
    for model in ("paraformer-v2", "qwen3-asr-flash", "qwen3-asr-flash-filetrans"):
        answer = Transcription.model_validate(ask(gateway, model=model).json())
        equal(answer.text, TEXT, model)
        equal((answer.usage.type, answer.usage.seconds), ("duration", 3), f"the usage of {model}")


@check
def a_verbose_transcript_has_the_type_of_the_sdk(gateway: Gateway) -> None:
    response = ask(gateway, response_format="verbose_json", timestamp_granularities=["word", "segment"])
    answer = TranscriptionVerbose.model_validate(response.json())
    equal(answer.duration, 2.491, "the duration")
    equal([(segment.start, segment.end) for segment in answer.segments], [(0.1, 0.894), (1.097, 2.288)], "the times")
    equal([word.word for word in answer.words], ["Good", "morning", "How", "are", "you"], "the words")


@check
def speakers_have_the_type_of_the_sdk(gateway: Gateway) -> None:
    answer = TranscriptionDiarized.model_validate(ask(gateway, response_format="diarized_json").json())
    equal([segment.speaker for segment in answer.segments], ["A", "B"], "the speakers")


@check
def subtitles_are_plain_texts(gateway: Gateway) -> None:
    response = ask(gateway, response_format="srt")
    require(response.headers["content-type"].startswith("text/plain"), "the type of subtitles")
    require(response.text.startswith("1\n00:00:00,100 --> 00:00:00,894\nGood morning.\n\n2\n"), response.text)
    require(ask(gateway, response_format="vtt").text.startswith("WEBVTT\n\n00:00:00.100 --> "), "captions")
    equal(ask(gateway, response_format="text").text, TEXT + "\n", "the text")


@check
def a_stream_has_the_events_of_the_sdk(gateway: Gateway) -> None:
    for model in ("qwen3-asr-flash", "paraformer-v2"):
        lines = ask(gateway, model=model, stream=True).text.split("\n\n")
        events = [json.loads(line[6:]) for line in lines if line.startswith("data: ")]
        deltas = [TranscriptionTextDeltaEvent.model_validate(event) for event in events[:-1]]
        equal("".join(delta.delta for delta in deltas), TEXT, f"the deltas of {model}")
        equal(TranscriptionTextDoneEvent.model_validate(events[-1]).text, TEXT, f"the end of {model}")


@check
def what_is_heard_is_put_into_english(gateway: Gateway) -> None:
    answer = ask(gateway, "translations", model="qwen3-asr-flash", file="https://a.example/早上好.mp3").json()
    equal(answer["text"], "[auto to English] Echo: 早上好.", "the translation")


@check
def a_file_is_written_down(gateway: Gateway) -> None:
    audio = gateway.client.audio
    for model in ("qwen3-asr-flash", "paraformer-v2"):
        file = ("good-morning.wav", io.BytesIO(bytes(1_000_000)), "audio/wav")
        answer = audio.transcriptions.create(model=model, file=file, language="en")
        require(answer.text, f"the text of {model}")
    file = ("good-morning.wav", io.BytesIO(bytes(1_000)), "audio/wav")
    answer = audio.transcriptions.create(
        model="paraformer-v2", file=file, response_format="verbose_json", timestamp_granularities=["word", "segment"]
    )
    equal(answer.text, "Good morning.", "the text of the stored file")
    equal([word.word for word in answer.words], ["Good", "morning"], "the words")
    file = ("good-morning.wav", io.BytesIO(bytes(1_000)), "audio/wav")
    require(audio.translations.create(model="qwen3-asr-flash", file=file).text, "the translation")


def wave(count: int) -> bytes:
    """A recording of silence."""
    file = io.BytesIO()
    with open_wave(file, "wb") as recording:
        recording.setparams((1, 2, 16000, 0, "NONE", ""))
        recording.writeframes(bytes(count))
    return file.getvalue()


@check
def bytes_are_a_recording_without_a_name(gateway: Gateway) -> None:
    audio = gateway.client.audio
    for model in ("qwen3-asr-flash", "paraformer-v2"):
        for count in (1_000, 1_000_000):
            require(audio.transcriptions.create(model=model, file=wave(count)).text is not None, f"the text of {model}")
    require(audio.translations.create(model="qwen3-asr-flash", file=wave(1_000)).text is not None, "the translation")
    for wrong in (b"<!DOCTYPE html><html></html>", b"\x89PNG\r\n\x1a\n" + bytes(100)):
        for file in (wrong, ("a.wav", io.BytesIO(wrong), "audio/wav")):
            try:
                audio.transcriptions.create(model="paraformer-v2", file=file)
            except openai.BadRequestError as error:
                equal((error.param, error.code), ("file", "invalid_value"), "what is at fault")
            else:
                require(False, f"{wrong!r} was taken for a recording")


@check
def fields_of_a_form_may_be_written_as_python_does(gateway: Gateway) -> None:
    fields = {
        "model": "paraformer-v2", "response_format": "verbose_json", "timestamp_granularities": '["word","segment"]',
        "language_hints": '["zh","en"]', "stream": "False", "disfluency_removal_enabled": "True",
    }
    files = {"file": ("good-morning.wav", wave(1_000))}
    response = gateway.request("POST", "/v1/audio/transcriptions", data=fields, files=files)
    equal(response.status_code, 200, "the status")
    equal([word["word"] for word in response.json()["words"]], ["Good", "morning"], "the words")


@check
def the_parameter_at_fault_of_a_transcription_is_named(gateway: Gateway) -> None:
    for members, name in (
        ({"file": "a.wav"}, "file"), ({"file": "data:text/plain;base64,AAAA"}, "file"), ({"model": "qwen-plus"}, "model"),
        ({"model": "gummy-chat-v1"}, "model"), ({"response_format": "xml"}, "response_format"),
        ({"timestamp_granularities": ["word"]}, "timestamp_granularities"), ({"speaker_count": 1}, "speaker_count"),
    ):
        response = ask(gateway, **members)
        equal(response.status_code, 400, f"the status for {name}")
        equal(check_error(response)["param"], name, "param")


@check
def models_that_write_down_speech_are_listed(gateway: Gateway) -> None:
    ids = {model.id for model in gateway.client.models.list()}
    require({"paraformer-v2", "fun-asr", "qwen3-asr-flash"} <= ids, "models that write down speech are not listed")
    require("paraformer-realtime-v2" not in ids, "a model that takes no files is listed")
