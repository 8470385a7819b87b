"""Conversations of several turns: roles, history, prefixes, threads."""

from __future__ import annotations

import json

import anthropic

from .harness import Gateway, check, check_error, equal, require, shorten, text_of, user, without_indexes

REMINDER = "<system-reminder>\n{}\n</system-reminder>"


@check
def several_turns(gateway: Gateway) -> None:
    messages = [{"role": "user", "content": "one"},
                {"role": "assistant", "content": [{"type": "text", "text": "first"}]},
                {"role": "user", "content": [{"type": "text", "text": "two"}, {"type": "text", "text": "three"}]}]
    body = gateway.native(messages=messages)
    equal([(message["role"], message["content"]) for message in body["input"]["messages"]],
          [("user", "one"), ("assistant", "first"), ("user", "two\n\nthree")], "the native messages")


@check
def a_prefix_is_continued(gateway: Gateway) -> None:
    messages = user("Tell") + [{"role": "assistant", "content": "Once upon a time"}]
    message, _ = gateway.create(messages=messages)
    require(not text_of(message).startswith("Once upon"), "the prefix is repeated")
    equal(gateway.last_native_request()["body"]["input"]["messages"][-1].get("partial"), True, "partial")
    gateway.refused(anthropic.BadRequestError, 400, model="deepseek-r1", messages=messages)


@check
def system_messages_in_mid_conversation(gateway: Gateway) -> None:
    messages = user("hello") + [{"role": "system", "content": [{"type": "text", "text": "It is late."}]}]
    response = gateway.post(gateway.body(messages=messages, system="Be brief."))
    equal(response.status_code, 200, f"the status ({shorten(response.text)})")
    equal(response.json()["content"][0]["text"], "Echo: hello", "the answer")
    require("messages.role" in without_indexes(response.headers.get("x-gateway-adjustments", "")), "it was not reported")
    sent = gateway.last_native_request()["body"]["input"]["messages"]
    equal([message["role"] for message in sent if message["role"] == "system"], ["system"], "the system messages")
    require(REMINDER.format("It is late.") in json.dumps(sent).encode().decode("unicode_escape"),
            f"the reminder is not there: {shorten(sent)}")


@check
def a_leading_system_message_joins_the_system(gateway: Gateway) -> None:
    body = gateway.native(system="Be brief.", messages=[{"role": "system", "content": "Be kind."}] + user("hello"))
    system = body["input"]["messages"][0]
    equal(system["role"], "system", "the first role")
    require("Be brief." in system["content"] and "Be kind." in system["content"], f"system is {system['content']!r}")


@check
def cleared_system_messages_are_left_out(gateway: Gateway) -> None:
    messages = [{"role": "user", "content": "one"},
                {"role": "system", "content": "Only now.", "clear_at": "next_user_message"},
                {"role": "assistant", "content": "first"}, {"role": "user", "content": "two"}]
    require("Only now." not in json.dumps(gateway.native(messages=messages)), "it went upstream")


@check
def the_beginning_stays_the_same_from_turn_to_turn(gateway: Gateway) -> None:
    """What Claude Code sends: a list of parts that becomes a string, the markers moving to the end."""
    def system(turn: int) -> list[dict]:
        return [{"type": "text", "text": f"x-anthropic-billing-header: cc_version=2; cch={turn};"},
                {"type": "text", "text": "The prompt.", "cache_control": {"type": "ephemeral"}}]

    first = user([{"type": "text", "text": "one"}]) + [{"role": "system", "content": [
        {"type": "text", "text": "It is late.", "cache_control": {"type": "ephemeral"}}]}]
    second = user([{"type": "text", "text": "one"}]) + [{"role": "system", "content": "It is late."},
                                                        {"role": "assistant", "content": "first"},
                                                        *user("two")]

    def texts(body: dict) -> str:
        return "".join(
            message["role"] + ":" + (
                message["content"] if isinstance(message["content"], str)
                else "\n\n".join(part["text"] for part in message["content"]))
            for message in body["input"]["messages"])

    one = texts(gateway.native(system=system(1), messages=first))
    two = texts(gateway.native(system=system(2), messages=second))
    require(two.startswith(one), f"the beginning changed: {shorten(one)} / {shorten(two)}")


@check
def threads_are_refused_with_their_code(gateway: Gateway) -> None:
    before = gateway.emulator_statistics()["requests"]
    for thread, status, code in (({"type": "create"}, 400, "thread_unsupported_request"),
                                 ({"type": "continue", "previous_message_id": "msg_1"}, 404, "thread_not_found")):
        response = gateway.post(gateway.body(thread=thread))
        equal(response.status_code, status, f"the status of {thread}")
        error = check_error(response.headers, response.content)
        equal(error["details"]["error_code"], code, "the code")
    equal(gateway.emulator_statistics()["requests"], before, "the number of upstream requests")
    equal(gateway.post(gateway.body(thread=None)).status_code, 200, "the status of a null thread")


@check
def wrong_messages_are_refused_with_their_place(gateway: Gateway) -> None:
    cases = [
        ({"messages": []}, "messages"), ({"messages": None}, "messages"),
        ({"messages": [{"role": "wizard", "content": "x"}]}, "messages.0"),
        ({"messages": [{"role": "user", "content": 5}]}, "messages.0"),
        ({"messages": user([{"type": "hologram"}])}, "messages.0.content.0"),
        ({"messages": user([])}, "messages.0"), ({"messages": user([{"type": "text", "text": ""}])}, "messages.0"),
        ({"max_tokens": None}, "max_tokens"), ({"max_tokens": -1}, "max_tokens"), ({"max_tokens": "5"}, "max_tokens"),
        ({"model": None}, "model"), ({"stop_sequences": [""]}, "stop_sequences"),
        ({"tool_choice": {"type": "tool", "name": "none"}, "tools": [
            {"name": "f", "input_schema": {"type": "object"}}]}, "tool_choice"),
        ({"thinking": {"type": "enabled"}}, "thinking"), ({"thinking": {"type": "sometimes"}}, "thinking"),
        ({"tools": [{"name": "f"}]}, "tools.0"),
    ]
    for parameters, place in cases:
        body = {name: value for name, value in gateway.body(**parameters).items() if value is not None}
        response = gateway.post(body)
        equal(response.status_code, 400, f"the status of {shorten(parameters)}: {shorten(response.text)}")
        error = check_error(response.headers, response.content)
        equal(error["type"], "invalid_request_error", "the type")
        require(place in error["message"], f"{place} is not named in {error['message']!r}")
