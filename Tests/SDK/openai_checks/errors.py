"""Errors: each of upstream's refusals as the exception that OpenAI's client raises for it."""

from __future__ import annotations

import openai

from .harness import Gateway, check, check_error, equal, require, shorten, user

# The model that asks for the refusal, and what a client must see: exception, status, code.
REFUSALS = [
    ("emulator-throttled", openai.RateLimitError, 429, "rate_limit_exceeded"),
    ("emulator-throttled-tokens", openai.RateLimitError, 429, "rate_limit_exceeded"),
    ("emulator-arrearage", openai.RateLimitError, 429, "insufficient_quota"),
    ("emulator-moderated", openai.BadRequestError, 400, "content_filter"),
    ("emulator-context-too-long", openai.BadRequestError, 400, "context_length_exceeded"),
    ("emulator-unknown-model", openai.NotFoundError, 404, "model_not_found"),
    ("emulator-url-error", openai.NotFoundError, 404, "model_not_found"),
    ("emulator-access-denied", openai.PermissionDeniedError, 403, "access_denied"),
    ("emulator-500", openai.InternalServerError, 500, "internal_error"),
    ("emulator-503", openai.InternalServerError, 503, "service_unavailable"),
    ("emulator-code-429-Throttling.BurstRate", openai.RateLimitError, 429, "rate_limit_exceeded"),
    ("emulator-code-403-AllocationQuota.FreeTierOnly", openai.RateLimitError, 429, "insufficient_quota"),
    ("emulator-code-504-RequestTimeOut", openai.InternalServerError, 504, "timeout"),
    ("emulator-html-502", openai.InternalServerError, 502, None),
    ("emulator-empty-500", openai.InternalServerError, 500, None),
    ("emulator-not-json", openai.InternalServerError, 502, "upstream_invalid_response"),
]


@check
def refusals_before_the_first_byte(gateway: Gateway) -> None:
    for model, exception, status, code in REFUSALS:
        for stream in (False, True):
            try:
                error = gateway.refused(exception, status, code, model=f"qwen-plus-{model}", stream=stream)
            except AssertionError as failure:
                raise AssertionError(f"{model}, stream {stream}: {failure}") from None
            require(error.response.headers.get("x-request-id"), f"{model}: x-request-id is missing")


@check
def a_name_of_another_vendor_is_told_how_it_gets_a_model(gateway: Gateway) -> None:
    error = gateway.refused(openai.NotFoundError, 404, "model_not_found", model="gpt-4o")
    require("`aliases` of the catalogue" in str(error), f"aliases are not named: {error}")


@check
def out_of_money_is_not_retried(gateway: Gateway) -> None:
    before = gateway.emulator_statistics()["requests"]
    error = gateway.refused(openai.RateLimitError, 429, "insufficient_quota", model="qwen-plus-emulator-arrearage",
                            client=gateway.make_client(retries=2))
    equal(error.response.headers.get("x-should-retry"), "false", "x-should-retry")
    equal(gateway.emulator_statistics()["requests"] - before, 1, "the number of upstream requests")


@check
def throttled_callers_are_told_to_come_back(gateway: Gateway) -> None:
    error = gateway.refused(openai.RateLimitError, 429, model="qwen-plus-emulator-throttled")
    equal(error.response.headers.get("x-should-retry"), "true", "x-should-retry")
    error = gateway.refused(openai.RateLimitError, 429, model="qwen-plus-emulator-retry-after-7")
    equal(error.response.headers.get("retry-after"), "7", "retry-after")


@check
def upstream_code_and_id_stay_visible(gateway: Gateway) -> None:
    error = gateway.refused(openai.RateLimitError, 429, model="qwen-plus-emulator-throttled")
    require("Throttling.RateQuota" in error.response.text, "upstream's code is lost")
    require(error.request_id and error.request_id in error.response.text, "the request id is not in the error")


@check
def refused_key(gateway: Gateway) -> None:
    gateway.refused(openai.AuthenticationError, 401, "invalid_api_key", client=gateway.make_client("sk-invalid"))


@check
def refusals_inside_a_200(gateway: Gateway) -> None:
    gateway.refused(openai.InternalServerError, 500, model="qwen-plus-emulator-200-code")
    for model in ("emulator-refuses-first-event", "emulator-refuses-sse-400"):
        gateway.refused(openai.BadRequestError, 400, model=f"qwen-plus-{model}", stream=True)


@check
def answer_moderated_midway(gateway: Gateway) -> None:
    streamed = gateway.stream(model="qwen-plus-emulator-moderates-mid-stream", messages=user("a b c d e f g h"))
    if streamed.error is None:
        # The documented alternative to an error event.
        equal(streamed.finish_reasons, {0: "content_filter"}, "finish reasons")
        return
    equal(streamed.error["code"], "content_filter", "code")
    require(not streamed.ended_with_done, "[DONE] after an error")
    require(streamed.text(), "nothing came before the error")


@check
def upstream_that_breaks_midway(gateway: Gateway) -> None:
    stream = gateway.client.chat.completions.create(
        model="qwen-plus-emulator-breaks-mid-stream", messages=user("a b c d e f g h"), stream=True
    )
    text = ""
    try:
        for chunk in stream:
            text += chunk.choices[0].delta.content or ""
    except openai.APIError as error:
        require(not isinstance(error, openai.APIConnectionError), "the connection was cut instead of an error sent")
    else:
        require(False, f"the SDK saw a whole answer: {shorten(text)}")
    require(text, "nothing came before the error")
    raw = gateway.stream(model="qwen-plus-emulator-breaks-mid-stream", messages=user("a b c d e f g h"))
    require(raw.error and not raw.ended_with_done, "the error is not the last event")


@check
def upstream_that_breaks_a_whole_answer(gateway: Gateway) -> None:
    gateway.refused(openai.InternalServerError, 502, model="qwen-plus-emulator-breaks-mid-stream")


@check
def upstream_that_ends_early(gateway: Gateway) -> None:
    """Without a final event a stream must not look complete."""
    streamed = gateway.stream(model="qwen-plus-emulator-ends-early", messages=user("a b c d e f g h"))
    require(streamed.error is not None, "the stream looks complete")


@check
def missing_fields_are_named(gateway: Gateway) -> None:
    cases = [({"messages": user("x")}, "model"), ({"model": "qwen-plus"}, "messages"),
             ({"model": "qwen-plus", "messages": []}, "messages"), ({"model": "", "messages": user("x")}, "model")]
    for body, name in cases:
        response = gateway.post(body)
        equal(response.status_code, 400, f"the status without {name}")
        equal(check_error(response)["param"], name, "param")


@check
def path_of_a_wrong_message_is_named(gateway: Gateway) -> None:
    for messages in ([{"role": "wizard", "content": "x"}], [{"content": "x"}], ["x"], [{"role": "user", "content": 5}]):
        response = gateway.post({"model": "qwen-plus", "messages": messages})
        equal(response.status_code, 400, f"the status of {messages}")
        param = check_error(response)["param"] or ""
        require(param.startswith("messages"), f"{messages}: param is {param!r}")


@check
def connections_survive_errors(gateway: Gateway) -> None:
    for model in ("emulator-throttled", "emulator-breaks-mid-stream", "emulator-html-502"):
        gateway.post({"model": f"qwen-plus-{model}", "messages": user("x")})
        require("after" in gateway.post({"model": "qwen-plus", "messages": user("after")}).text, f"after {model}")
