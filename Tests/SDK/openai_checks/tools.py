"""Tools: the whole loop, forced and parallel calls, streamed arguments, and the older functions."""

from __future__ import annotations

import json

from pydantic import BaseModel

import openai

from .harness import Gateway, check, equal, require, shorten, user

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]}},
            "required": ["city"],
        },
    },
}
CLOCK = {"type": "function", "function": {"name": "get_time", "description": "The time now", "parameters": {
    "type": "object", "properties": {}}}}


def calls_of(gateway: Gateway, **parameters):
    completion, _ = gateway.complete(**parameters)
    equal(completion.choices[0].finish_reason, "tool_calls", "finish_reason")
    return completion.choices[0].message


@check
def whole_loop(gateway: Gateway) -> None:
    messages = user("What is the weather in Hangzhou?")
    message = calls_of(gateway, messages=messages, tools=[WEATHER])
    call = message.tool_calls[0]
    equal(call.function.name, "get_weather", "name")
    equal(json.loads(call.function.arguments)["city"], "Hangzhou", "city")
    require(call.id, "the id is empty")
    messages += [
        message.model_dump(exclude_none=True),
        {"role": "tool", "tool_call_id": call.id, "content": "Sunny, 25 degrees"},
    ]
    completion, _ = gateway.complete(messages=messages, tools=[WEATHER])
    equal(completion.choices[0].finish_reason, "stop", "finish_reason of the second turn")
    # The emulator names the tool by the id: a lost id would lose the name.
    require('get_weather said "Sunny, 25 degrees"' in completion.choices[0].message.content,
            f"content is {shorten(completion.choices[0].message.content)}")


@check
def loop_in_streams(gateway: Gateway) -> None:
    messages = user("What is the weather in Hangzhou?")
    streamed = gateway.stream(messages=messages, tools=[WEATHER])
    call = streamed.completion.choices[0].message.tool_calls[0]
    equal(json.loads(call.function.arguments)["city"], "Hangzhou", "city")
    messages += [
        {"role": "assistant", "content": None, "tool_calls": [
            {"id": call.id, "type": "function",
             "function": {"name": call.function.name, "arguments": call.function.arguments}}]},
        {"role": "tool", "tool_call_id": call.id, "content": [{"type": "text", "text": "Rain"}]},
    ]
    require('get_weather said "Rain"' in gateway.stream(messages=messages, tools=[WEATHER]).text(), "the loop is lost")


@check
def parallel_calls(gateway: Gateway) -> None:
    message = calls_of(gateway, messages=user("The weather in Hangzhou and in Shanghai?"), tools=[WEATHER],
                       parallel_tool_calls=True)
    cities = [json.loads(call.function.arguments)["city"] for call in message.tool_calls]
    equal(cities, ["Hangzhou", "Shanghai"], "the cities")
    equal(len({call.id for call in message.tool_calls}), 2, "the number of different ids")


@check
def parallel_calls_in_streams(gateway: Gateway) -> None:
    streamed = gateway.stream(messages=user("The weather in Hangzhou and in Shanghai?"), tools=[WEATHER],
                              parallel_tool_calls=True)
    calls = streamed.completion.choices[0].message.tool_calls
    equal([json.loads(call.function.arguments)["city"] for call in calls], ["Hangzhou", "Shanghai"], "the cities")
    equal(streamed.finish_reasons, {0: "tool_calls"}, "finish_reason")


@check
def several_tool_results(gateway: Gateway) -> None:
    calls = [{"id": f"call_{name}", "type": "function", "function": {"name": name, "arguments": "{}"}}
             for name in ("get_weather", "get_time")]
    messages = [*user("both?"), {"role": "assistant", "content": "", "tool_calls": calls},
                {"role": "tool", "tool_call_id": "call_get_weather", "content": "Fog"},
                {"role": "tool", "tool_call_id": "call_get_time", "content": "Noon"}]
    completion, _ = gateway.complete(messages=messages, tools=[WEATHER, CLOCK])
    content = completion.choices[0].message.content
    require('get_weather said "Fog"' in content and 'get_time said "Noon"' in content, f"content is {shorten(content)}")


@check
def call_without_arguments(gateway: Gateway) -> None:
    message = calls_of(gateway, messages=user("What time is it?"), tools=[CLOCK])
    equal(json.loads(message.tool_calls[0].function.arguments), {}, "arguments")


@check
def forced_call(gateway: Gateway) -> None:
    choice = {"type": "function", "function": {"name": "get_time"}}
    message = calls_of(gateway, messages=user("Say anything"), tools=[WEATHER, CLOCK], tool_choice=choice)
    equal([call.function.name for call in message.tool_calls], ["get_time"], "the called tools")
    streamed = gateway.stream(messages=user("Say anything"), tools=[WEATHER, CLOCK], tool_choice=choice)
    equal(streamed.finish_reasons, {0: "tool_calls"}, "finish_reason of the stream")


@check
def no_call_where_none_may_be(gateway: Gateway) -> None:
    completion, _ = gateway.complete(messages=user("The weather in Hangzhou?"), tools=[WEATHER], tool_choice="none")
    require(not completion.choices[0].message.tool_calls, "a tool was called")


@check
def required_call_is_answered_and_reported(gateway: Gateway) -> None:
    """DashScope knows no such choice: either a single tool is forced, or the answer says that it was approximated."""
    completion, headers = gateway.complete(messages=user("Say anything"), tools=[CLOCK], tool_choice="required")
    called = bool(completion.choices[0].message.tool_calls)
    require(called or "tool_choice" in headers.get("x-gateway-adjustments", ""), "it was dropped in silence")


@check
def empty_list_of_tools_is_none(gateway: Gateway) -> None:
    completion, _ = gateway.complete(messages=user("weather"), tools=[])
    equal(completion.choices[0].finish_reason, "stop", "finish_reason")


@check
def odd_upstream_streams(gateway: Gateway) -> None:
    """Repeated ids, a wrong finish reason, fragments in turns: one id, one name, whole arguments all the same."""
    for fault in ("repeats-tool-ids", "tools-finish-stop", "interleaved-calls", "crlf", "split-utf8"):
        streamed = gateway.stream(
            model=f"qwen-plus-emulator-{fault}", messages=user("The weather in Hangzhou and in Shanghai?"),
            tools=[WEATHER], parallel_tool_calls=True,
        )
        calls = streamed.completion.choices[0].message.tool_calls
        equal([call.function.name for call in calls], ["get_weather"] * 2, f"{fault}: names")
        equal([json.loads(call.function.arguments)["city"] for call in calls], ["Hangzhou", "Shanghai"],
              f"{fault}: cities")
        equal(streamed.finish_reasons, {0: "tool_calls"}, f"{fault}: finish_reason")


@check
def finish_reason_of_whole_answers(gateway: Gateway) -> None:
    calls_of(gateway, model="qwen-plus-emulator-tools-finish-stop", messages=user("The weather in Hangzhou?"),
             tools=[WEATHER])


@check
def tools_of_vision_models(gateway: Gateway) -> None:
    parts = [{"type": "image_url", "image_url": {"url": "https://example.com/sky.png"}},
             {"type": "text", "text": "What is the weather in Hangzhou?"}]
    message = calls_of(gateway, model="qwen3-vl-plus", messages=user(parts), tools=[WEATHER])
    equal(message.tool_calls[0].function.name, "get_weather", "name")


@check
def tools_while_thinking(gateway: Gateway) -> None:
    streamed = gateway.stream(messages=user("What is the weather in Hangzhou?"), tools=[WEATHER], enable_thinking=True)
    require(streamed.text(name="reasoning_content"), "no thoughts came")
    equal(streamed.completion.choices[0].message.tool_calls[0].function.name, "get_weather", "name")


@check
def sdk_parses_arguments(gateway: Gateway) -> None:
    class GetWeather(BaseModel):
        """The weather of a city"""

        city: str

    tool = openai.pydantic_function_tool(GetWeather, name="get_weather")
    completion = gateway.client.chat.completions.parse(
        model="qwen-plus", messages=user("What is the weather in Hangzhou?"), tools=[tool]
    )
    parsed = completion.choices[0].message.tool_calls[0].function.parsed_arguments
    equal(parsed, GetWeather(city="Hangzhou"), "the parsed arguments")


@check
def legacy_functions(gateway: Gateway) -> None:
    function = WEATHER["function"]
    messages = user("What is the weather in Hangzhou?")
    completion, _ = gateway.complete(messages=messages, functions=[function])
    choice = completion.choices[0]
    equal(choice.finish_reason, "function_call", "finish_reason")
    equal(choice.message.function_call.name, "get_weather", "name")
    equal(json.loads(choice.message.function_call.arguments)["city"], "Hangzhou", "city")
    messages += [
        {"role": "assistant", "content": None, "function_call": {
            "name": "get_weather", "arguments": choice.message.function_call.arguments}},
        {"role": "function", "name": "get_weather", "content": "Snow"},
    ]
    completion, _ = gateway.complete(messages=messages, functions=[function])
    require('get_weather said "Snow"' in completion.choices[0].message.content,
            f"content is {shorten(completion.choices[0].message.content)}")


@check
def legacy_functions_in_streams(gateway: Gateway) -> None:
    streamed = gateway.stream(messages=user("What is the weather in Hangzhou?"), functions=[WEATHER["function"]],
                              function_call={"name": "get_weather"})
    equal(streamed.finish_reasons, {0: "function_call"}, "finish_reason")
    names = [delta["function_call"].get("name") for delta in streamed.deltas if delta.get("function_call")]
    equal([name for name in names if name], ["get_weather"], "the names sent")
    arguments = "".join(
        delta["function_call"].get("arguments") or "" for delta in streamed.deltas if delta.get("function_call")
    )
    require("city" in json.loads(arguments), f"arguments are {shorten(arguments)}")
