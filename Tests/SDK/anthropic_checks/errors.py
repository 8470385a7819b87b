"""Errors: each of upstream's refusals, and the gateway's own, as the exception that Anthropic's client raises for it."""

from __future__ import annotations

import anthropic
from anthropic import (
    AuthenticationError, BadRequestError, ContentTooLargeError, GatewayTimeoutError, InternalServerError, NotFoundError,
    OverloadedError, PaymentRequiredError, PermissionDeniedError, RateLimitError,
)

from .harness import Gateway, check, check_error, equal, require, shorten, user

# The model that asks for the refusal, and what a client must see.
REFUSALS = [
    ("emulator-throttled", RateLimitError, 429),
    ("emulator-throttled-tokens", RateLimitError, 429),
    ("emulator-code-429-Throttling.BurstRate", RateLimitError, 429),
    ("emulator-arrearage", PaymentRequiredError, 402),
    ("emulator-code-403-AllocationQuota.FreeTierOnly", PaymentRequiredError, 402),
    ("emulator-moderated", BadRequestError, 400),
    ("emulator-context-too-long", BadRequestError, 400),
    ("emulator-unknown-model", NotFoundError, 404),
    ("emulator-url-error", NotFoundError, 404),
    ("emulator-access-denied", PermissionDeniedError, 403),
    ("emulator-500", InternalServerError, 500),
    ("emulator-503", OverloadedError, 529),
    ("emulator-code-503-ModelServingError", OverloadedError, 529),
    ("emulator-code-504-RequestTimeOut", GatewayTimeoutError, 504),
    ("emulator-html-502", InternalServerError, 502),
    ("emulator-not-json", InternalServerError, 502),
]


@check
def refusals_before_the_first_byte(gateway: Gateway) -> None:
    for model, exception, status in REFUSALS:
        for stream in (False, True):
            try:
                gateway.refused(exception, status, model=f"qwen-plus-{model}", stream=stream)
            except AssertionError as failure:
                raise AssertionError(f"{model}, stream {stream}: {failure}") from None


@check
def a_refused_key(gateway: Gateway) -> None:
    error = gateway.refused(AuthenticationError, 401, client=gateway.make_client("sk-invalid"))
    equal(error.response.headers.get("x-should-retry"), "false", "x-should-retry")


@check
def lack_of_money_is_not_repeated(gateway: Gateway) -> None:
    before = gateway.emulator_statistics()["requests"]
    error = gateway.refused(PaymentRequiredError, 402, model="qwen-plus-emulator-arrearage",
                            client=gateway.make_client(retries=2))
    equal(error.response.headers.get("x-should-retry"), "false", "x-should-retry")
    equal(gateway.emulator_statistics()["requests"] - before, 1, "the number of upstream requests")


@check
def throttled_and_overloaded_callers_are_told_to_come_back(gateway: Gateway) -> None:
    error = gateway.refused(RateLimitError, 429, model="qwen-plus-emulator-throttled")
    equal(error.response.headers.get("x-should-retry"), "true", "x-should-retry of 429")
    require(int(error.response.headers.get("retry-after", "0")) >= 1, "retry-after is missing")
    error = gateway.refused(RateLimitError, 429, model="qwen-plus-emulator-retry-after-7")
    equal(error.response.headers.get("retry-after"), "7", "retry-after of upstream")
    error = gateway.refused(OverloadedError, 529, model="qwen-plus-emulator-503")
    equal(error.response.headers.get("x-should-retry"), "true", "x-should-retry of 529")


@check
def a_prompt_that_is_too_long_says_so(gateway: Gateway) -> None:
    error = gateway.refused(BadRequestError, 400, model="qwen-plus-emulator-context-too-long")
    require(error.api_message.startswith("prompt is too long: "), f"the message is {error.api_message}")
    require("Range of input length" in error.api_message, "upstream's words are lost")
    require("<400>" not in error.api_message, "upstream's prefix is still there")


@check
def a_body_that_is_too_large(gateway: Gateway) -> None:
    gateway.refused(ContentTooLargeError, 413, messages=user("x" * (5 << 20)))


@check
def bodies_that_are_no_requests(gateway: Gateway) -> None:
    for body in ("", "{", "[]", '"x"', "null", "{}"):
        response = gateway.post(body)
        equal(response.status_code, 400, f"the status of {body!r}")
        equal(check_error(response.headers, response.content)["type"], "invalid_request_error", "the type")


@check
def upstreams_code_stays_visible(gateway: Gateway) -> None:
    error = gateway.refused(RateLimitError, 429, model="qwen-plus-emulator-throttled")
    require("Throttling.RateQuota" in str(error.body), f"upstream's code is lost: {shorten(error.body)}")


@check
def refusals_inside_a_200(gateway: Gateway) -> None:
    gateway.refused(InternalServerError, 500, model="qwen-plus-emulator-200-code")
    for model in ("emulator-refuses-first-event", "emulator-refuses-sse-400"):
        gateway.refused(BadRequestError, 400, model=f"qwen-plus-{model}", stream=True)


@check
def media_that_cannot_be_read(gateway: Gateway) -> None:
    picture = {"type": "image", "source": {"type": "url", "url": "https://example.com/emulator-unreachable.png"}}
    gateway.refused(BadRequestError, 400, model="qwen3-vl-plus", messages=user([picture]))


@check
def the_sdk_retries_what_may_pass(gateway: Gateway) -> None:
    client: anthropic.Anthropic = gateway.make_client(retries=2)
    message = client.messages.create(**gateway.body(model="qwen-plus-emulator-first-1-503", messages=user("again")))
    equal(message.content[0].text, "Echo: again", "the text")
