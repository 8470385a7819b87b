"""langchain-anthropic: text, streams, tools, structured output."""

from __future__ import annotations

import warnings

from langchain_anthropic import ChatAnthropic
from langchain_core.messages import AIMessageChunk, HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool
from pydantic import BaseModel, SecretStr

from .harness import KEY, Gateway, check, equal, require, shorten

warnings.filterwarnings("ignore", module="langchain")


@tool
def get_weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


class Person(BaseModel):
    """A person."""

    name: str
    age: int


def model(gateway: Gateway, **options) -> ChatAnthropic:
    return ChatAnthropic(model="qwen-plus", base_url=gateway.root_url, api_key=SecretStr(KEY), max_retries=0, **options)


@check
def text(gateway: Gateway) -> None:
    answer = model(gateway).invoke([SystemMessage("Be brief."), HumanMessage("hello")])
    equal(answer.content, "Echo: hello", "the text")
    require(answer.usage_metadata["input_tokens"] > 0, f"usage is {answer.usage_metadata}")
    equal(answer.response_metadata["stop_reason"], "end_turn", "stop_reason")


@check
def streams(gateway: Gateway) -> None:
    whole: AIMessageChunk | None = None
    for chunk in model(gateway).stream("one two three"):
        whole = chunk if whole is None else whole + chunk
    equal(whole.text, "Echo: one two three", "the text")
    require(whole.usage_metadata["output_tokens"] > 0, f"usage is {whole.usage_metadata}")
    plain = model(gateway).invoke("one two three").usage_metadata
    equal(whole.usage_metadata["input_tokens"], plain["input_tokens"], "input_tokens, streamed and whole")


@check
def tools(gateway: Gateway) -> None:
    bound = model(gateway).bind_tools([get_weather])
    question = HumanMessage("The weather in Hangzhou and in Shanghai?")
    answer = bound.invoke([question])
    equal([call["args"] for call in answer.tool_calls], [{"city": "Hangzhou"}, {"city": "Shanghai"}], "the calls")
    results = [ToolMessage(get_weather.invoke(call["args"]), tool_call_id=call["id"]) for call in answer.tool_calls]
    text = bound.invoke([question, answer, *results]).text
    require('get_weather said "sunny in Shanghai"' in text, f"the text is {shorten(text)}")


@check
def tools_in_streams(gateway: Gateway) -> None:
    whole: AIMessageChunk | None = None
    for chunk in model(gateway).bind_tools([get_weather]).stream("The weather in Hangzhou?"):
        whole = chunk if whole is None else whole + chunk
    equal([call["args"] for call in whole.tool_calls], [{"city": "Hangzhou"}], "the calls")


@check
def structured_output(gateway: Gateway) -> None:
    for method in ("function_calling", "json_schema"):
        answer = model(gateway).with_structured_output(Person, method=method).invoke("Anna is young.")
        require(isinstance(answer, Person), f"{method}: the answer is {shorten(answer)}")


@check
def thinking(gateway: Gateway) -> None:
    answer = model(gateway, max_tokens=4_000, thinking={"type": "enabled", "budget_tokens": 2_000}).invoke("hello")
    equal([block["type"] for block in answer.content], ["thinking", "text"], "the blocks")
