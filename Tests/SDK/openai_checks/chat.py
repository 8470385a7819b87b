"""Plain completions: roles, content, sampling, and what goes upstream for them."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json

from openai import AsyncOpenAI

from .harness import KEY, Gateway, check, equal, require, shorten, user

PIXEL = (
    "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PIXEL_BYTES = len(base64.b64decode(PIXEL.split(",")[1]))
SOUND = base64.b64encode(b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00" + bytes(24)).decode()


def content_of(gateway: Gateway, **parameters) -> str:
    completion, _ = gateway.complete(**parameters)
    return completion.choices[0].message.content or ""


@check
def plain_answer(gateway: Gateway) -> None:
    completion, headers = gateway.complete(messages=user("How are you, Qwen?"))
    choice = completion.choices[0]
    require("How are you, Qwen?" in choice.message.content, f"content is {shorten(choice.message.content)}")
    equal(choice.finish_reason, "stop", "finish_reason")
    equal(choice.message.role, "assistant", "role")
    equal(completion.model, "qwen-plus", "model")
    require(completion.usage.prompt_tokens > 0 and completion.usage.completion_tokens > 0, "usage is empty")
    require(headers.get("x-request-id"), "x-request-id is missing")
    require("x-gateway-adjustments" not in headers, f"adjusted: {headers.get('x-gateway-adjustments')}")


@check
def text_survives_whole(gateway: Gateway) -> None:
    text = 'Quotes " and \\ and \t tab, newline \n, 你好, 🌊, \u2028, nul-like \u0001, </script>, {"a": [1]}'
    require(text in content_of(gateway, messages=user(text)), "the text came back changed")


@check
def request_goes_to_the_native_api(gateway: Gateway) -> None:
    gateway.complete(messages=user("native?"), temperature=0.5)
    request = gateway.last_native_request()
    equal(request["target"], "/api/v1/services/aigc/text-generation/generation", "the path")
    body = request["body"]
    equal(body["model"], "qwen-plus", "model")
    equal(body["input"]["messages"][-1]["content"], "native?", "the text")
    equal(body["parameters"]["temperature"], 0.5, "temperature")
    equal(body["parameters"]["result_format"], "message", "result_format")


@check
def absent_stays_absent(gateway: Gateway) -> None:
    gateway.complete(messages=user("bare"))
    parameters = gateway.last_native_request()["body"].get("parameters", {})
    for name in ("temperature", "top_p", "seed", "max_tokens", "stop", "n", "presence_penalty", "tools",
                 "enable_thinking", "enable_search", "repetition_penalty", "top_k", "logprobs", "response_format"):
        require(name not in parameters, f"{name} was invented: {parameters.get(name)!r}")


@check
def null_is_absent(gateway: Gateway) -> None:
    names = ("temperature", "top_p", "max_tokens", "max_completion_tokens", "n", "stop", "seed", "logit_bias",
             "logprobs", "top_logprobs", "stream", "stream_options", "presence_penalty", "frequency_penalty",
             "reasoning_effort", "user", "metadata", "store", "modalities", "audio", "prediction", "service_tier",
             "tools", "tool_choice", "response_format", "parallel_tool_calls")
    response = gateway.post({"model": "qwen-plus", "messages": user("nulls"), **{name: None for name in names}})
    equal(response.status_code, 200, f"the status ({shorten(response.text)})")
    parameters = gateway.last_native_request()["body"].get("parameters", {})
    equal([name for name in names if name in parameters], [], "what was sent upstream for null")


@check
def numbers_keep_their_text(gateway: Gateway) -> None:
    body = (
        '{"model":"qwen-plus","messages":[{"role":"user","content":"digits"}],'
        '"temperature":0.30000000000000004,"seed":9007199254740993,"presence_penalty":0.10}'
    )
    equal(gateway.post(body).status_code, 200, "the status")
    raw = gateway.http.get(gateway.emulator_url + "/__emulator/requests").text
    for digits in ("0.30000000000000004", "9007199254740993"):
        require(digits in raw, f"{digits} was changed on the way")


@check
def all_roles(gateway: Gateway) -> None:
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "developer", "content": [{"type": "text", "text": "Be kind."}]},
        {"role": "user", "content": "First", "name": "ann"},
        {"role": "assistant", "content": "Second", "refusal": None},
        {"role": "user", "content": [{"type": "text", "text": "Third "}, {"type": "text", "text": "and fourth"}]},
    ]
    completion, headers = gateway.complete(messages=messages)
    require("Third" in completion.choices[0].message.content, "the last question is not answered")
    roles = [message["role"] for message in gateway.last_native_request()["body"]["input"]["messages"]]
    equal(roles, ["system", "system", "user", "assistant", "user"], "the roles sent upstream")
    require("developer" in headers.get("x-gateway-adjustments", ""), "developer → system is not reported")


@check
def odd_conversations_are_taken(gateway: Gateway) -> None:
    conversations = [
        [{"role": "user", "content": "one"}, {"role": "user", "content": "two"}],
        [{"role": "user", "content": "one"}, {"role": "system", "content": "aside"}, {"role": "user", "content": "two"}],
        [{"role": "system", "content": "a"}, {"role": "system", "content": "b"}, {"role": "user", "content": "two"}],
    ]
    for messages in conversations:
        require("two" in content_of(gateway, messages=messages), "the last question is not answered")


@check
def picture_as_data_url(gateway: Gateway) -> None:
    parts = [{"type": "text", "text": "What is it?"},
             {"type": "image_url", "image_url": {"url": PIXEL, "detail": "high"}}]
    text = content_of(gateway, model="qwen-vl-plus", messages=user(parts))
    require(f"image image/png of {PIXEL_BYTES} bytes" in text, f"the picture did not arrive: {shorten(text)}")
    require("What is it?" in text, "the question did not arrive")
    equal(gateway.last_native_request()["target"], "/api/v1/services/aigc/multimodal-generation/generation", "the path")


@check
def a_large_picture_goes_through_the_storage(gateway: Gateway) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 31_000
    url = "data:image/png;base64," + base64.b64encode(picture).decode()
    part = {"type": "image_url", "image_url": {"url": url}}
    content_of(gateway, model="qwen3-vl-plus", messages=user([part, part, {"type": "text", "text": "What is it?"}]))
    native = gateway.last_native_request()
    links = [part.get("image") for part in native["body"]["input"]["messages"][0]["content"]][:2]
    require(links[0].startswith("oss://") and links[0] == links[1], f"the links are {links}")
    equal(native["headers"]["x-dashscope-ossresourceresolve"], "enable", "the header")
    objects = gateway.http.get(gateway.emulator_url + "/__emulator/files").json()["objects"]
    stored = [file for file in objects if file["url"] == links[0]]
    equal([file["sha256"] for file in stored], [hashlib.sha256(picture).hexdigest()], "the file")


@check
def picture_as_url(gateway: Gateway) -> None:
    url = "https://example.com/cat.jpg?size=2&name=%E7%8C%AB"
    parts = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": "And this?"}]
    require(f"image at {url}" in content_of(gateway, model="qwen3-vl-plus", messages=user(parts)), "no picture")


@check
def picture_as_bare_string(gateway: Gateway) -> None:
    parts = [{"type": "image_url", "image_url": PIXEL}, {"type": "text", "text": "This?"}]
    response = gateway.post({"model": "qwen-vl-plus", "messages": user(parts)})
    equal(response.status_code, 200, f"the status ({shorten(response.text)})")
    require("image/png" in response.text, "no picture")


@check
def several_pictures(gateway: Gateway) -> None:
    parts = [{"type": "image_url", "image_url": {"url": PIXEL}}] * 3 + [{"type": "text", "text": "Compare"}]
    equal(content_of(gateway, model="qwen-vl-max", messages=user(parts)).count("image/png"), 3, "the pictures")


@check
def sound(gateway: Gateway) -> None:
    parts = [{"type": "input_audio", "input_audio": {"data": SOUND, "format": "wav"}},
             {"type": "text", "text": "What is said?"}]
    text = content_of(gateway, model="qwen-audio-turbo", messages=user(parts))
    require("audio" in text and "bytes" in text, f"the sound did not arrive: {shorten(text)}")


@check
def film(gateway: Gateway) -> None:
    url = "https://example.com/film.mp4"
    parts = [{"type": "video_url", "video_url": {"url": url}}, {"type": "text", "text": "What happens?"}]
    require(f"video at {url}" in content_of(gateway, model="qwen-vl-max", messages=user(parts)), "no film")


@check
def film_as_frames(gateway: Gateway) -> None:
    frames = [f"https://example.com/{number}.jpg" for number in range(4)]
    parts = [{"type": "video", "video": frames}, {"type": "text", "text": "What happens?"}]
    require("video of 4 frames" in content_of(gateway, model="qwen-vl-max", messages=user(parts)), "no frames")


@check
def picture_for_a_text_model_is_answered_or_named(gateway: Gateway) -> None:
    """Never flattened away: either the multimodal path is taken or the refusal says what is wrong."""
    parts = [{"type": "image_url", "image_url": {"url": PIXEL}}, {"type": "text", "text": "Look"}]
    response = gateway.post({"model": "qwen-plus", "messages": user(parts)})
    if response.status_code == 200:
        require("image/png" in response.text, "the picture was dropped in silence")
    else:
        require(response.status_code in (400, 404), f"status {response.status_code}")


@check
def multimodal_model_with_text_only(gateway: Gateway) -> None:
    require("plain words" in content_of(gateway, model="qwen-vl-plus", messages=user("plain words")), "no answer")


@check
def unknown_models_are_passed_on(gateway: Gateway) -> None:
    require("hello" in content_of(gateway, model="qwen-plus-2099-01-01", messages=user("hello")), "no answer")


@check
def wrong_path_is_learned(gateway: Gateway) -> None:
    model = "qwen-plus-emulator-wrong-path"
    require("swap" in content_of(gateway, model=model, messages=user("swap")), "no answer")
    before = gateway.emulator_statistics()["requests"]
    require("again" in content_of(gateway, model=model, messages=user("again")), "no answer")
    equal(gateway.emulator_statistics()["requests"] - before, 1, "upstream requests the second time")


@check
def several_choices(gateway: Gateway) -> None:
    completion, _ = gateway.complete(messages=user("twice"), n=2)
    equal(len(completion.choices), 2, "the number of choices")
    equal(len({choice.message.content for choice in completion.choices}), 2, "the number of different answers")


@check
def too_many_choices_are_refused(gateway: Gateway) -> None:
    response = gateway.post({"model": "qwen-plus", "messages": user("much"), "n": 100})
    equal(response.status_code, 400, "the status")
    equal(response.json()["error"]["param"], "n", "param")


@check
def token_probabilities(gateway: Gateway) -> None:
    completion, _ = gateway.complete(model="qwen-plus", messages=user("sure?"), logprobs=True, top_logprobs=2)
    entries = completion.choices[0].logprobs.content
    require(entries, "logprobs.content is empty")
    for entry in entries:
        require(entry.logprob <= 0, "a log-probability is positive")
        require(len(entry.top_logprobs) <= 2, "more alternatives than asked for")


@check
def stop_words(gateway: Gateway) -> None:
    text = content_of(gateway, messages=user("one two three four"), stop=["three"])
    require("two" in text and "three" not in text, f"content is {shorten(text)}")
    text = content_of(gateway, messages=user("one two three four"), stop="two")
    require("one" in text and "two" not in text, f"content is {shorten(text)}")


@check
def max_tokens_ends_with_length(gateway: Gateway) -> None:
    for name in ("max_tokens", "max_completion_tokens"):
        completion, _ = gateway.complete(messages=user("many words " * 20), **{name: 5})
        equal(completion.choices[0].finish_reason, "length", f"finish_reason with {name}")
        require(completion.usage.completion_tokens <= 6, f"{completion.usage.completion_tokens} tokens came")


@check
def sampling_goes_upstream(gateway: Gateway) -> None:
    given = {"temperature": 0.7, "top_p": 0.8, "presence_penalty": 0.5, "seed": 1234}
    gateway.complete(messages=user("sample"), **given, extra_body={"top_k": 20, "repetition_penalty": 1.05})
    parameters = gateway.last_native_request()["body"]["parameters"]
    for name, value in {**given, "top_k": 20, "repetition_penalty": 1.05}.items():
        equal(parameters.get(name), value, name)


@check
def same_request_same_answer(gateway: Gateway) -> None:
    answers = {content_of(gateway, messages=user("again"), seed=7) for _ in range(3)}
    equal(len(answers), 1, "the number of different answers")


@check
def unknown_fields_are_passed_on(gateway: Gateway) -> None:
    extra = {"some_new_parameter": {"deep": [1, 2.50, None, "x"]}}
    gateway.complete(messages=user("extra"), extra_body=extra)
    equal(
        gateway.last_native_request()["body"]["parameters"].get("some_new_parameter"),
        extra["some_new_parameter"], "the field upstream",
    )


@check
def every_parameter_at_once(gateway: Gateway) -> None:
    """What a client's own test-suite sends; nothing in it is a reason to refuse."""
    response = gateway.post(
        {
            "model": "qwen-plus", "messages": [{"role": "developer", "content": "x"}, *user("all")],
            "frequency_penalty": 0.1, "presence_penalty": -0.1, "logit_bias": {"0": 0}, "logprobs": False,
            "max_completion_tokens": 100, "max_tokens": 100, "metadata": {"foo": "bar"}, "modalities": ["text"],
            "n": 1, "parallel_tool_calls": True, "prediction": {"type": "content", "content": "x"},
            "prompt_cache_key": "k", "safety_identifier": "s", "seed": 5, "service_tier": "auto", "stop": ["\u0000"],
            "store": True, "stream": False, "stream_options": {"include_usage": True}, "temperature": 1,
            "tool_choice": "none", "tools": [], "top_p": 1, "user": "u", "verbosity": "low",
        }
    )
    equal(response.status_code, 200, f"the status ({shorten(response.text)})")


@check
def web_search(gateway: Gateway) -> None:
    gateway.complete(messages=user("news"), extra_body={"enable_search": True})
    equal(gateway.last_native_request()["body"]["parameters"].get("enable_search"), True, "enable_search")
    completion, _ = gateway.complete(messages=user("news"), web_search_options={})
    equal(gateway.last_native_request()["body"]["parameters"].get("enable_search"), True, "enable_search")
    require("I searched" in completion.choices[0].message.content, "nothing was searched")


@check
def keys_do_not_cross(gateway: Gateway) -> None:
    """Each caller's key goes upstream with its own request, over whatever connection."""
    gateway.reset_emulator()
    for number in range(8):
        gateway.post(
            {"model": "qwen-plus", "messages": user(f"caller {number % 4}")}, key=f"sk-caller-{number % 4}"
        )
    hashes: dict[str, set[str]] = {}
    for request in gateway.emulator_requests():
        text = request["body"]["input"]["messages"][-1]["content"]
        hashes.setdefault(text, set()).add(request["authorization_hash"])
    equal(sorted(len(found) for found in hashes.values()), [1, 1, 1, 1], "the keys of each caller")
    equal(len(set.union(*hashes.values())), 4, "the number of different keys")


@check
def asynchronous_client(gateway: Gateway) -> None:
    async def talk() -> None:
        async with AsyncOpenAI(base_url=gateway.base_url, api_key=KEY, max_retries=0) as client:
            answers = await asyncio.gather(
                *(client.chat.completions.create(model="qwen-plus", messages=user(f"number {n}")) for n in range(20))
            )
            for number, answer in enumerate(answers):
                require(f"number {number}" in answer.choices[0].message.content, "answers are mixed up")
            stream = await client.chat.completions.create(model="qwen-plus", messages=user("flow"), stream=True)
            text = "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices])
            require("flow" in text, f"the stream says {shorten(text)}")

    asyncio.run(talk())


@check
def large_conversation(gateway: Gateway) -> None:
    words = "lorem ipsum " * 15_000
    messages = [{"role": "user", "content": words}, {"role": "assistant", "content": "yes"}, *user("the end")]
    require("the end" in content_of(gateway, messages=messages), "no answer")


@check
def ten_megabytes_of_picture(gateway: Gateway) -> None:
    """Inside the limit of the body; upstream may judge its size, the gateway must carry it."""
    data = base64.b64encode(bytes(7_000_000)).decode()
    parts = [{"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}},
             {"type": "text", "text": "big"}]
    response = gateway.post(json.dumps({"model": "qwen-vl-plus", "messages": user(parts)}))
    equal(response.status_code, 200, f"the status ({shorten(response.text)})")
    require("of 7000000 bytes" in response.text, "the picture was changed on the way")
