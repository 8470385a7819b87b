"""Streams: framing, order, usage, and the shapes of upstream that other gateways trip over."""

from __future__ import annotations

from .harness import Gateway, check, equal, require, shorten, user


@check
def text_arrives_in_pieces(gateway: Gateway) -> None:
    streamed = gateway.stream(messages=user("Tell me of rivers and of the sea"))
    require("rivers and of the sea" in streamed.text(), f"the text is {shorten(streamed.text())}")
    require(sum(bool(delta.get("content")) for delta in streamed.deltas) > 1, "it came in one piece")
    equal(streamed.finish_reasons, {0: "stop"}, "finish_reason")
    equal(streamed.completion.choices[0].message.content, streamed.text(), "what the accumulator made of it")
    require(streamed.headers.get("x-request-id"), "x-request-id is missing")
    equal(streamed.headers.get("x-accel-buffering"), "no", "x-accel-buffering")
    require("no-cache" in streamed.headers.get("cache-control", ""), "cache-control lacks no-cache")


@check
def stream_says_what_the_whole_answer_says(gateway: Gateway) -> None:
    for model in ("qwen-plus", "qwen-max", "qwen-vl-plus", "qwen3-max", "deepseek-v3", "qwen3-vl-plus"):
        completion, _ = gateway.complete(model=model, messages=user("the same, please"))
        streamed = gateway.stream(model=model, messages=user("the same, please"))
        equal(streamed.text(), completion.choices[0].message.content, f"the text of {model}")


@check
def usage_only_when_asked_for(gateway: Gateway) -> None:
    without = gateway.stream(messages=user("count"))
    require(without.completion.usage is None, "usage came unasked")
    with_usage = gateway.stream(messages=user("count"), stream_options={"include_usage": True})
    whole, _ = gateway.complete(messages=user("count"))
    usage = with_usage.completion.usage
    equal(usage.prompt_tokens, whole.usage.prompt_tokens, "prompt_tokens")
    equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens, "total_tokens")


@check
def first_piece_is_not_held_back(gateway: Gateway) -> None:
    streamed = gateway.stream(model="qwen-plus-emulator-slow-150", messages=user("slowly now my dear friend"))
    require(len(streamed.arrivals) >= 3, "the stream came in one piece")
    spread = streamed.arrivals[-1] - streamed.arrivals[0]
    require(spread > 0.2, f"all arrived within {spread:.3f} s")


@check
def sdk_iterates(gateway: Gateway) -> None:
    stream = gateway.client.chat.completions.create(model="qwen-plus", messages=user("iterate"), stream=True)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in stream)
    require("iterate" in text, f"the text is {shorten(text)}")


@check
def sdk_stream_helper(gateway: Gateway) -> None:
    events = []
    with gateway.client.chat.completions.stream(
        model="qwen-plus", messages=user("helper"), stream_options={"include_usage": True}
    ) as stream:
        for event in stream:
            events.append(event.type)
        final = stream.get_final_completion()
    require("helper" in final.choices[0].message.content, "the text is wrong")
    equal(final.choices[0].message.role, "assistant", "role")
    require(final.usage and final.usage.total_tokens, "usage is missing")
    require("content.delta" in events and "content.done" in events, f"events are {sorted(set(events))}")


@check
def several_choices(gateway: Gateway) -> None:
    streamed = gateway.stream(messages=user("twice"), n=2)
    equal(streamed.finish_reasons, {0: "stop", 1: "stop"}, "finish reasons")
    require(streamed.text(0) and streamed.text(1) and streamed.text(0) != streamed.text(1), "the choices are alike")
    equal([choice.message.content for choice in streamed.completion.choices],
          [streamed.text(0), streamed.text(1)], "what the accumulator made of them")


@check
def token_probabilities(gateway: Gateway) -> None:
    streamed = gateway.stream(messages=user("sure?"), logprobs=True, top_logprobs=1)
    entries = streamed.completion.choices[0].logprobs.content
    equal("".join(entry.token for entry in entries), streamed.text(), "the tokens")


@check
def max_tokens_ends_with_length(gateway: Gateway) -> None:
    # The SDK's accumulating helper raises for this finish reason; the plain iterator shows it.
    stream = gateway.client.chat.completions.create(
        model="qwen-plus", messages=user("many words " * 20), max_tokens=5, stream=True)
    reasons = [chunk.choices[0].finish_reason for chunk in stream]
    equal([reason for reason in reasons if reason], ["length"], "finish_reason")


@check
def upstream_framings(gateway: Gateway) -> None:
    """Whatever upstream's framing, the client sees the same text."""
    for fault in ("crlf", "comments", "no-blank-lines", "split-utf8", "data-in-two-lines", "no-content-type",
                  "usage-empty", "cumulative"):
        # Models that repeat the text so far are known by name: the older translation models.
        model = "qwen-mt-plus" if fault == "cumulative" else "qwen-plus"
        options = {"extra_body": {"translation_options": {"source_lang": "auto", "target_lang": "English"}}}
        streamed = gateway.stream(model=f"{model}-emulator-{fault}", **(options if "mt" in model else {}), messages=user("你好 framing 🌊"))
        require("你好 framing 🌊" in streamed.text(), f"{fault}: the text is {shorten(streamed.text())}")
        equal(streamed.text().count("framing"), 1, f"{fault}: how often the text came")
        equal(streamed.completion.choices[0].message.content, streamed.text(), f"{fault}: accumulated")


@check
def event_of_a_megabyte(gateway: Gateway) -> None:
    streamed = gateway.stream(model="qwen-plus-emulator-megabyte-event", messages=user("large"))
    equal(streamed.text().count("0123456789abcdef"), 1 << 16, "the pieces of the large event")
    require("large" in streamed.text(), "the end is missing")


@check
def fast_stream(gateway: Gateway) -> None:
    streamed = gateway.stream(model="qwen-plus-emulator-fast-3000", messages=user("fast"))
    equal(streamed.text().split(), [str(number) for number in range(3000)], "the numbers")


@check
def models_that_only_stream_answer_whole(gateway: Gateway) -> None:
    for model in ("qwq-plus", "qvq-max", "qwen3-32b"):
        completion, _ = gateway.complete(model=model, messages=user("fold me"))
        message = completion.choices[0].message
        require("fold me" in message.content, f"{model}: content is {shorten(message.content)}")
        require(completion.usage and completion.usage.total_tokens > 0, f"{model}: usage is missing")


@check
def deep_research(gateway: Gateway) -> None:
    completion, _ = gateway.complete(model="qwen-deep-research", messages=user("rivers"))
    require("rivers" in completion.choices[0].message.content, "no answer")
    streamed = gateway.stream(model="qwen-deep-research", messages=user("rivers"))
    require("rivers" in streamed.text(), "no answer in the stream")


@check
def upstream_is_asked_for_increments(gateway: Gateway) -> None:
    gateway.stream(messages=user("increments"))
    request = gateway.last_native_request()
    equal(request["body"]["parameters"].get("incremental_output"), True, "incremental_output")
    equal(request["headers"].get("x-dashscope-sse"), "enable", "x-dashscope-sse")


@check
def pictures_in_streams(gateway: Gateway) -> None:
    parts = [{"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}, {"type": "text", "text": "See"}]
    streamed = gateway.stream(model="qwen-vl-plus", messages=user(parts))
    require("image at https://example.com/a.png" in streamed.text(), "no picture")
