"""Tools: the whole loop, parallel calls, failures, pictures in results, typed and server tools, names."""

from __future__ import annotations

import json

import anthropic
from anthropic import beta_tool

from .harness import Gateway, check, equal, kinds_of, require, shorten, text_of, user
from .messages import PICTURE

WEATHER = {"name": "get_weather", "description": "The weather of a city", "input_schema": {
    "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}
CLOCK = {"name": "get_time", "description": "The time now", "input_schema": {"type": "object", "properties": {}}}
TWO_CITIES = "The weather in Hangzhou and in Shanghai?"


def calls_of(message) -> list:
    return [block for block in message.content if block.type == "tool_use"]


def history(message) -> dict:
    return {"role": "assistant", "content": [block.to_dict() for block in message.content]}


def result(call_id: str, content=None, **more) -> dict:
    block = {"type": "tool_result", "tool_use_id": call_id, **more}
    return block if content is None else {**block, "content": content}


def script(*lines: str) -> list[dict]:
    """A question that makes the emulator call exactly these tools."""
    return user("\n".join(("Do it.",) + lines))


@check
def whole_loop(gateway: Gateway) -> None:
    for make in (lambda **p: gateway.create(**p)[0], lambda **p: gateway.stream(**p).message):
        messages = user("What is the weather in Hangzhou?")
        message = make(messages=messages, tools=[WEATHER])
        equal(message.stop_reason, "tool_use", "stop_reason")
        (call,) = calls_of(message)
        equal((call.name, call.input), ("get_weather", {"city": "Hangzhou"}), "the call")
        messages = messages + [history(message), {"role": "user", "content": [result(call.id, "Sunny, 25 degrees")]}]
        answer = make(messages=messages, tools=[WEATHER])
        equal(answer.stop_reason, "end_turn", "stop_reason of the second turn")
        # The emulator names the tool by the id: a lost id would lose the name.
        require('get_weather said "Sunny, 25 degrees"' in text_of(answer), f"the text is {shorten(text_of(answer))}")


@check
def ids_are_upstreams_own(gateway: Gateway) -> None:
    message, _ = gateway.create(messages=user("The weather in Hangzhou?"), tools=[WEATHER])
    require(calls_of(message)[0].id.startswith("call_"), f"the id is {calls_of(message)[0].id}")


@check
def parallel_calls_and_results_out_of_order(gateway: Gateway) -> None:
    for model in ("qwen-plus", "qwen3-vl-plus"):
        streamed = gateway.stream(model=model, messages=user(TWO_CITIES), tools=[WEATHER])
        calls = calls_of(streamed.message)
        equal([call.input["city"] for call in calls], ["Hangzhou", "Shanghai"], f"the cities on {model}")
        results = [result(calls[1].id, "rain"), result(calls[0].id, [{"type": "text", "text": "sun"}])]
        messages = user(TWO_CITIES) + [history(streamed.message), {"role": "user", "content": results}]
        answer, _ = gateway.create(model=model, messages=messages, tools=[WEATHER])
        equal(text_of(answer), 'Tool results: get_weather said "rain"; get_weather said "sun"', "the second turn")


@check
def calls_one_at_a_time(gateway: Gateway) -> None:
    choice = {"type": "auto", "disable_parallel_tool_use": True}
    message, _ = gateway.create(messages=user(TWO_CITIES), tools=[WEATHER], tool_choice=choice)
    equal(len(calls_of(message)), 1, "the number of calls")


@check
def choices(gateway: Gateway) -> None:
    message, headers = gateway.create(tools=[WEATHER, CLOCK], tool_choice={"type": "tool", "name": "get_time"})
    equal([(call.name, call.input) for call in calls_of(message)], [("get_time", {})], "the named tool")
    equal(message.stop_reason, "tool_use", "stop_reason")
    require("x-gateway-adjustments" not in headers, "a named tool was reported")
    message, _ = gateway.create(tools=[CLOCK], tool_choice={"type": "any"})
    equal([call.name for call in calls_of(message)], ["get_time"], "the only tool")
    message, _ = gateway.create(messages=user("What time is it?"), tools=[CLOCK], tool_choice={"type": "none"})
    equal(kinds_of(message), ["text"], "the kinds with none")
    message, headers = gateway.create(tools=[WEATHER, CLOCK], tool_choice={"type": "any"})
    equal([call.name for call in calls_of(message)], ["get_weather"], "one of several")
    require("tool_choice" in headers["x-gateway-adjustments"], "any of several is not reported")


@check
def a_forced_tool_switches_thinking_off(gateway: Gateway) -> None:
    parameters = {"model": "qwen3.5-plus", "tools": [CLOCK], "tool_choice": {"type": "tool", "name": "get_time"},
                  "thinking": {"type": "adaptive"}}
    require("thinking" in gateway.adjustments(**parameters), "it was not reported")
    equal(gateway.last_native_request()["body"]["parameters"]["enable_thinking"], False, "enable_thinking")


@check
def failures_and_empty_results(gateway: Gateway) -> None:
    message, _ = gateway.create(messages=user(TWO_CITIES), tools=[WEATHER])
    calls = calls_of(message)
    results = [result(calls[0].id, "no such city", is_error=True), result(calls[1].id, is_error=False)]
    messages = user(TWO_CITIES) + [history(message), {"role": "user", "content": results}]
    body = gateway.native(messages=messages, tools=[WEATHER])
    sent = [message["content"] for message in body["input"]["messages"] if message["role"] == "tool"]
    equal(sent, ["Error: no such city", ""], "the native results")


@check
def text_behind_results(gateway: Gateway) -> None:
    message, _ = gateway.create(messages=user(TWO_CITIES), tools=[WEATHER])
    content = [result(call.id, "sun") for call in calls_of(message)] + [{"type": "text", "text": "And now?"}]
    messages = user(TWO_CITIES) + [history(message), {"role": "user", "content": content}]
    body = gateway.native(messages=messages, tools=[WEATHER])
    roles = [message["role"] for message in body["input"]["messages"]]
    equal(roles, ["user", "assistant", "tool", "tool", "user"], "the native roles")


@check
def orphans_are_refused_with_their_ids(gateway: Gateway) -> None:
    before = gateway.emulator_statistics()["requests"]
    call = {"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {"city": "x"}}
    answered = [{"role": "assistant", "content": [call]}, {"role": "user", "content": [result("toolu_1", "sun")]}]
    cases = [
        (user([result("toolu_9", "sun")]), "unexpected `tool_use_id`", "toolu_9"),
        (user("x") + [{"role": "assistant", "content": [call]}, *user("and?")], "without `tool_result`", "toolu_1"),
        (user("x") + [{"role": "assistant", "content": [call, {**call, "id": "toolu_2"}]},
                      {"role": "user", "content": [result("toolu_1", "sun")]}], "without `tool_result`", "toolu_2"),
    ]
    for messages, words, name in cases:
        error = gateway.refused(anthropic.BadRequestError, 400, messages=messages, tools=[WEATHER])
        require(words in error.api_message and name in error.api_message, f"the message is {error.api_message}")
    equal(gateway.emulator_statistics()["requests"], before, "the number of upstream requests")
    # A system message between call and result does not count.
    between = user("x") + [answered[0], {"role": "system", "content": "It is late."}, answered[1]]
    equal(gateway.post(gateway.body(messages=between, tools=[WEATHER])).status_code, 200, "a system message between")


@check
def pictures_in_results(gateway: Gateway) -> None:
    call = {"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {"city": "x"}}
    messages = user("x") + [{"role": "assistant", "content": [call]},
                            {"role": "user", "content": [result("toolu_1", [PICTURE])]}]
    body = gateway.native(model="qwen3-vl-plus", messages=messages, tools=[WEATHER])
    sent = body["input"]["messages"]
    equal([message["role"] for message in sent], ["user", "assistant", "tool", "user"], "the native roles")
    require(any("image" in part for part in sent[-1]["content"]), "the picture is lost")
    require("toolu_1" in json.dumps(sent[-1]), "the picture does not name its call")
    header = gateway.adjustments(messages=messages, tools=[WEATHER])
    require("messages.content" in header, f"the omitted picture is not reported: {header!r}")
    sent = gateway.last_native_request()["body"]["input"]["messages"]
    require("[image omitted" in json.dumps(sent), "there is no placeholder")


@check
def empty_arguments_are_an_object(gateway: Gateway) -> None:
    for message in (gateway.create(messages=user("What time is it?"), tools=[CLOCK])[0],
                    gateway.stream(messages=user("What time is it?"), tools=[CLOCK]).message):
        equal(calls_of(message)[0].input, {}, "input")


@check
def names_are_mapped_there_and_back(gateway: Gateway) -> None:
    long = "mcp__a_server_with_a_long_name__" + "x" * 60
    for name in (long, "search"):
        tool = {**WEATHER, "name": name}
        messages = script("@call OTHER {}")
        parameters = {"tools": [tool], "tool_choice": {"type": "tool", "name": name}, "messages": messages}
        for message in (gateway.create(**parameters)[0], gateway.stream(**parameters).message):
            equal([call.name for call in calls_of(message)], [name], "the name that comes back")
        require("tools" in gateway.adjustments(**parameters), "it was not reported")
        sent = gateway.last_native_request()["body"]["parameters"]["tools"][0]["function"]["name"]
        require(len(sent) <= 64 and sent != "search", f"upstream got {sent}")
        call = calls_of(message)[0]
        body = gateway.native(tools=[tool], messages=messages + [
            history(message), {"role": "user", "content": [result(call.id, "sun")]}])
        equal(body["input"]["messages"][1]["tool_calls"][0]["function"]["name"], sent, "the name in history")


@check
def tools_whose_schema_the_model_knows(gateway: Gateway) -> None:
    tools = [{"type": "bash_20250124", "name": "bash"},
             {"type": "text_editor_20250728", "name": "str_replace_based_edit_tool"},
             {"type": "memory_20250818", "name": "memory"}]
    body = gateway.native(tools=tools, messages=user("hello"))
    sent = {tool["function"]["name"]: tool["function"]["parameters"] for tool in body["parameters"]["tools"]}
    equal(sorted(sent), ["bash", "memory", "str_replace_based_edit_tool"], "the names")
    require("command" in sent["bash"]["properties"], "bash has no command")
    require("undo_edit" not in json.dumps(sent["str_replace_based_edit_tool"]), "the newer editor has undo_edit")


@check
def other_server_tools_are_left_out(gateway: Gateway) -> None:
    tools = [{"type": "code_execution_20250825", "name": "code_execution"}, {"type": "never_heard_of", "name": "x"}]
    require("tools" in gateway.adjustments(tools=tools), "it was not reported")
    require("tools" not in gateway.last_native_request()["body"]["parameters"], "an empty list of tools went upstream")


@check
def web_search(gateway: Gateway) -> None:
    tools = [{"type": "web_search_20250305", "name": "web_search", "max_uses": 8, "allowed_domains": ["example.com"]}]
    question = "Perform a web search for the query: swift"
    for message in (gateway.create(messages=user(question), tools=tools)[0],
                    gateway.stream(messages=user(question), tools=tools).message):
        kinds = kinds_of(message)
        require("server_tool_use" in kinds and "web_search_tool_result" in kinds, f"the kinds are {kinds}")
        require(kinds.index("server_tool_use") + 1 == kinds.index("web_search_tool_result"), f"the kinds are {kinds}")
        searched = next(block for block in message.content if block.type == "server_tool_use")
        found = next(block for block in message.content if block.type == "web_search_tool_result")
        equal(found.tool_use_id, searched.id, "the id of the result")
        require(searched.id.startswith("srvtoolu_") and searched.input["query"], f"{searched}")
        equal(found.content[0].url, "https://example.com/quote", "the first source")
        require(found.content[0].encrypted_content, "encrypted_content is empty")
        equal(message.usage.server_tool_use.web_search_requests, 1, "the number of searches")
        equal(message.stop_reason, "end_turn", "stop_reason")
        require("Echo: " in text_of(message), f"the text is {shorten(text_of(message))}")
    parameters = gateway.last_native_request()["body"]["parameters"]
    equal((parameters["enable_search"], parameters["search_options"]["enable_source"]), (True, True), "what was sent")
    equal(parameters["search_options"]["assigned_site_list"], ["example.com"], "the domains")


@check
def a_search_in_history_is_skipped(gateway: Gateway) -> None:
    blocks = [{"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "x"}},
              {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []},
              {"type": "text", "text": "Found."}]
    body = gateway.native(messages=user("x") + [{"role": "assistant", "content": blocks}, *user("and?")])
    equal([message["content"] for message in body["input"]["messages"]], ["x", "Found.", "and?"], "the native texts")


@check
def deferred_tools(gateway: Gateway) -> None:
    hidden = {**WEATHER, "defer_loading": True}
    body = gateway.native(tools=[CLOCK, hidden])
    equal([tool["function"]["name"] for tool in body["parameters"]["tools"]], ["get_time"], "what is offered at first")
    call = {"type": "tool_use", "id": "toolu_1", "name": "get_time", "input": {}}
    found = [{"type": "tool_reference", "tool_name": "get_weather"}]
    messages = user("x") + [{"role": "assistant", "content": [call]},
                            {"role": "user", "content": [result("toolu_1", found)]}]
    body = gateway.native(tools=[CLOCK, hidden], messages=messages)
    equal([tool["function"]["name"] for tool in body["parameters"]["tools"]], ["get_time", "get_weather"],
          "what is offered after the reference")


@check
def broken_arguments_of_the_model(gateway: Gateway) -> None:
    parameters = {"model": "qwen-plus-emulator-length-in-call", "messages": user("The weather in Hangzhou?"),
                  "tools": [WEATHER]}
    message, _ = gateway.create(**parameters)
    equal(message.stop_reason, "max_tokens", "stop_reason")
    equal(calls_of(message)[0].input, {"INVALID_JSON": '{"city": "Han'}, "input")
    streamed = gateway.stream(**parameters)
    equal("".join(streamed.deltas("input_json_delta", "partial_json")), '{"city": "Han', "the fragments")
    equal(streamed.of("message_delta")[0]["delta"]["stop_reason"], "max_tokens", "stop_reason of the stream")


@check
def fragments_that_repeat_their_beginning(gateway: Gateway) -> None:
    streamed = gateway.stream(model="qwen-plus-emulator-recursive-arguments", messages=user(TWO_CITIES), tools=[WEATHER])
    equal([call.input for call in calls_of(streamed.message)], [{"a": {"a": 1}}, {"children": [{"children": []}]}],
          "the inputs")


@check
def fragments_of_two_calls_in_turns(gateway: Gateway) -> None:
    """One block is open at a time: what belongs to another call waits."""
    streamed = gateway.stream(model="qwen-plus-emulator-interleaved-calls", messages=user(TWO_CITIES), tools=[WEATHER])
    equal([call.input["city"] for call in calls_of(streamed.message)], ["Hangzhou", "Shanghai"], "the cities")


@check
def words_before_a_call(gateway: Gateway) -> None:
    messages = script("@with I look it up.", '@call get_weather {"city": "Oslo"}')
    for message in (gateway.create(messages=messages, tools=[WEATHER])[0],
                    gateway.stream(messages=messages, tools=[WEATHER]).message):
        equal(kinds_of(message), ["text", "tool_use"], "the kinds")
        equal((text_of(message), calls_of(message)[0].input), ("I look it up.", {"city": "Oslo"}), "text and input")
    messages = messages + [history(message), {"role": "user", "content": [result(calls_of(message)[0].id, "sun")]}]
    sent = gateway.native(messages=messages, tools=[WEATHER])["input"]["messages"][1]
    equal((sent["content"], len(sent["tool_calls"])), ("I look it up.", 1), "the native turn")


@check
def the_sdks_own_runner(gateway: Gateway) -> None:
    """It sends `thread` unasked, and goes on without when it is refused."""
    asked = []

    @beta_tool
    def get_weather(city: str) -> str:
        """The weather of a city.

        Args:
            city: The city.
        """
        asked.append(city)
        return f"sunny in {city}"

    runner = gateway.client.beta.messages.tool_runner(
        model="qwen-plus", max_tokens=1024, messages=user(TWO_CITIES), tools=[get_weather])
    message = runner.until_done()
    equal(sorted(asked), ["Hangzhou", "Shanghai"], "what the tool was asked")
    require("sunny in Shanghai" in text_of(message), f"the text is {shorten(text_of(message))}")
