#!/usr/bin/env python3
"""Drives a running gateway with the openai-agents SDK, over chat completions and over Responses.

    agents_suite.py --base-url http://127.0.0.1:8000/v1 --emulator-url http://127.0.0.1:8001 [--only PATTERN…]

Every check runs with both models of the SDK. Prints a line a check and `N passed, N failed`; exit status 0 when all
passed.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from typing import Any, Callable

import openai
from agents import (
    Agent, ModelSettings, OpenAIChatCompletionsModel, OpenAIResponsesModel, Runner, SQLiteSession, function_tool,
    set_tracing_disabled,
)
from agents.exceptions import AgentsException, MaxTurnsExceeded
from agents.result import RunResultBase
from openai import AsyncOpenAI
from openai.types.shared import Reasoning
from pydantic import BaseModel

from checking import CHECKS, KEY, Service, check, equal, require, run_checks, shorten

PROTOCOLS = {"chat": OpenAIChatCompletionsModel, "responses": OpenAIResponsesModel}
BOTH_CITIES = "Weather in Hangzhou and Shanghai?"


@function_tool
def get_weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


@function_tool
def broken_tool(city: str) -> str:
    """A tool that fails."""
    raise ValueError(f"no such city: {city}")


class Person(BaseModel):
    name: str
    age: int


class Gateway(Service):
    """The gateway with one protocol of the SDK."""

    protocol = "chat"

    def agent(self, client: AsyncOpenAI, model: str = "qwen-plus", **members: Any) -> Agent:
        members.setdefault("name", "assistant")
        return Agent(model=PROTOCOLS[self.protocol](model=model, openai_client=client), **members)

    def run(self, build: Callable[[AsyncOpenAI], Agent], question: Any, **options: Any) -> RunResultBase:
        """A whole run."""
        async def work(client: AsyncOpenAI) -> RunResultBase:
            return await Runner.run(build(client), question, **options)
        return self.work(work)

    def work(self, work: Callable[[AsyncOpenAI], Any]) -> Any:
        """Whatever needs a client, on an event loop of its own."""
        async def inside() -> Any:
            async with AsyncOpenAI(api_key=KEY, base_url=self.base_url, max_retries=0) as client:
                return await work(client)
        self.reset_emulator()
        return asyncio.run(inside())

    def conversations(self) -> list[list[dict]]:
        """What went upstream, turn after turn."""
        return [request["body"]["input"]["messages"] for request in self.emulator_requests()]


def over_both(function: Callable[[Gateway], None]) -> Callable[[Gateway], None]:
    """Registers a check twice, once for each protocol."""
    for protocol in PROTOCOLS:
        def with_protocol(gateway: Gateway, protocol: str = protocol) -> None:
            gateway.protocol = protocol
            function(gateway)
        with_protocol.__name__ = f"{protocol}:_{function.__name__}"
        with_protocol.__module__ = function.__module__
        check(with_protocol)
    return function


@over_both
def an_answer_and_its_usage(gateway: Gateway) -> None:
    result = gateway.run(lambda client: gateway.agent(client, instructions="Be brief."), "How are you, Qwen?")
    equal(result.final_output, "Echo: How are you, Qwen?", "the answer")
    usage = result.context_wrapper.usage
    equal(usage.requests, 1, "requests")
    require(usage.input_tokens > 0 and usage.output_tokens > 0, f"the usage is {usage}")
    equal(usage.total_tokens, usage.input_tokens + usage.output_tokens, "total_tokens")
    equal([(m["role"], m["content"]) for m in gateway.conversations()[0]],
          [("system", "Be brief."), ("user", "How are you, Qwen?")], "what went upstream")


@over_both
def parallel_tools(gateway: Gateway) -> None:
    settings = ModelSettings(parallel_tool_calls=True)
    result = gateway.run(lambda client: gateway.agent(client, tools=[get_weather], model_settings=settings), BOTH_CITIES)
    for city in ("Hangzhou", "Shanghai"):
        require(f'get_weather said "sunny in {city}"' in result.final_output, f"the answer is {result.final_output!r}")
    second = gateway.conversations()[1]
    equal([message["role"] for message in second], ["user", "assistant", "tool", "tool"], "the roles of the second turn")
    ids = [call["id"] for call in second[1]["tool_calls"]]
    equal([message["tool_call_id"] for message in second[2:]], ids, "the ids of the results")


@over_both
def a_tool_that_fails_is_told_to_the_model(gateway: Gateway) -> None:
    result = gateway.run(lambda client: gateway.agent(client, tools=[broken_tool]),
                         'Do it.\n@call broken_tool {"city": "Atlantis"}')
    told = gateway.conversations()[1][-1]
    require(told["role"] == "tool" and "error" in told["content"], f"the model was told {shorten(told)}")
    equal(result.final_output, f'Tool results: broken_tool said "{told["content"]}"', "the answer")


@over_both
def a_hand_off(gateway: Gateway) -> None:
    def triage(client: AsyncOpenAI) -> Agent:
        meteorologist = gateway.agent(client, name="meteorologist", instructions="You know the weather.", tools=[get_weather])
        return gateway.agent(client, name="triage", instructions="You hand off.", handoffs=[meteorologist])

    result = gateway.run(triage, 'Do it.\n@call transfer_to_meteorologist {}\n@then\n'
                                 '@call get_weather {"city": "Oslo"}\n@say Bring a coat.')
    equal((result.last_agent.name, result.final_output), ("meteorologist", "Bring a coat."), "the end")
    turns = gateway.conversations()
    equal([turn[0]["content"] for turn in turns],
          ["You hand off.", "You know the weather.", "You know the weather."], "the instructions, turn after turn")
    equal(turns[-1][-1]["content"], "sunny in Oslo", "the result of the tool")


@over_both
def an_agent_as_a_tool(gateway: Gateway) -> None:
    def manager(client: AsyncOpenAI) -> Agent:
        translator = gateway.agent(client, name="translator", instructions="You translate.")
        tool = translator.as_tool("translate", "Translates a text.")
        return gateway.agent(client, name="manager", tools=[tool])

    result = gateway.run(manager, 'Do it.\n@call translate {"input": "good morning"}')
    equal(result.final_output, 'Tool results: translate said "Echo: good morning"', "the answer")
    equal(gateway.conversations()[1][0]["content"], "You translate.", "the instructions of the inner agent")


@over_both
def a_stream(gateway: Gateway) -> None:
    async def work(client: AsyncOpenAI) -> tuple[str, list[str], Any]:
        # The SDK asks OpenAI's own address only.
        settings = ModelSettings(include_usage=True)
        run = Runner.run_streamed(gateway.agent(client, tools=[get_weather], model_settings=settings),
                                  'Do it.\n@call get_weather {"city": "Oslo"}\n@say Snow is likely in the evening.')
        text, items = "", []
        async for event in run.stream_events():
            if event.type == "raw_response_event" and event.data.type == "response.output_text.delta":
                text += event.data.delta
            elif event.type == "run_item_stream_event":
                items.append(event.name)
        return text, items, run

    text, items, run = gateway.work(work)
    equal(run.final_output, "Snow is likely in the evening.", "the answer")
    equal(text, run.final_output, "the pieces together")
    equal(items, ["tool_called", "tool_output", "message_output_created"], "the events")
    require(run.context_wrapper.usage.output_tokens > 0, "no usage")
    require(all(r["headers"].get("x-dashscope-sse") == "enable" for r in gateway.emulator_requests()), "no stream upstream")


@over_both
def structured_output(gateway: Gateway) -> None:
    result = gateway.run(lambda client: gateway.agent(client, output_type=Person), "Invent a person as json.")
    require(isinstance(result.final_output, Person), f"the output is {shorten(result.final_output)}")
    sent = gateway.last_native_request()["body"]["parameters"]["response_format"]
    require(set(sent["json_schema"]["schema"]["properties"]) == {"name", "age"}, f"the schema is {shorten(sent)}")


@over_both
def a_required_tool(gateway: Gateway) -> None:
    settings = ModelSettings(tool_choice="required")
    result = gateway.run(lambda client: gateway.agent(client, tools=[get_weather, broken_tool], model_settings=settings),
                         "Hello")
    require('get_weather said "sunny in' in result.final_output, f"the answer is {result.final_output!r}")


@over_both
def thoughts(gateway: Gateway) -> None:
    settings = ModelSettings(reasoning=Reasoning(effort="high", summary="auto"))
    result = gateway.run(lambda client: gateway.agent(client, "qwen3.5-plus", tools=[get_weather], model_settings=settings),
                         'Do it.\n@call get_weather {"city": "Oslo"}\n@say Snow.')
    equal(result.final_output, "Snow.", "the answer")
    kinds = [item.type for item in result.new_items]
    require("reasoning_item" in kinds, f"the items are {kinds}")
    require(all(r["body"]["parameters"].get("enable_thinking") is not False for r in gateway.emulator_requests()),
            "thinking was switched off")


@over_both
def a_session(gateway: Gateway) -> None:
    async def work(client: AsyncOpenAI) -> str:
        session, agent = SQLiteSession("one"), gateway.agent(client, tools=[get_weather])
        await Runner.run(agent, "Weather in Oslo?", session=session)
        return (await Runner.run(agent, "And how are you?", session=session)).final_output

    equal(gateway.work(work), "Echo: And how are you?", "the answer")
    equal([message["role"] for message in gateway.conversations()[-1]],
          ["user", "assistant", "tool", "assistant", "user"], "the roles of the last turn")


@check
def responses_that_the_gateway_keeps(gateway: Gateway) -> None:
    gateway.protocol = "responses"
    result = gateway.run(lambda client: gateway.agent(client, tools=[get_weather]), "Weather in Oslo?",
                         auto_previous_response_id=True)
    require('get_weather said "sunny in Oslo"' in result.final_output, f"the answer is {result.final_output!r}")
    equal([message["role"] for message in gateway.conversations()[-1]], ["user", "assistant", "tool"], "the roles")
    again = gateway.run(lambda client: gateway.agent(client), "And?", previous_response_id=result.last_response_id)
    equal(again.final_output, "Echo: And?", "the answer")
    equal(len(gateway.conversations()[-1]), 5, "the messages of the continued conversation")


@check
def a_conversation_that_the_gateway_keeps(gateway: Gateway) -> None:
    gateway.protocol = "responses"

    async def work(client: AsyncOpenAI) -> str:
        conversation = await client.conversations.create()
        agent = gateway.agent(client, tools=[get_weather])
        await Runner.run(agent, "Weather in Oslo?", conversation_id=conversation.id)
        return (await Runner.run(agent, "And you?", conversation_id=conversation.id)).final_output

    equal(gateway.work(work), "Echo: And you?", "the answer")
    equal([message["role"] for message in gateway.conversations()[-1]],
          ["user", "assistant", "tool", "assistant", "user"], "the roles of the last turn")


# Failures

def failing(gateway: Gateway, model: str, expected: type[Exception], streamed: bool = False) -> Any:
    async def work(client: AsyncOpenAI) -> None:
        agent = gateway.agent(client, model)
        if not streamed:
            await Runner.run(agent, "A sentence that is long enough.")
            return
        run = Runner.run_streamed(agent, "A sentence that is long enough.")
        async for _ in run.stream_events():
            pass

    try:
        gateway.work(work)
    except expected as error:
        return error
    require(False, f"{model} did not fail")


@over_both
def failures_have_their_class(gateway: Gateway) -> None:
    for model, kind in (("emulator-throttled", openai.RateLimitError), ("emulator-unknown-model", openai.NotFoundError),
                        ("emulator-500", openai.InternalServerError)):
        for streamed in (False, True):
            error = failing(gateway, model, kind, streamed)
            require(error.body["message"] and error.request_id, f"{model}: no message, or no request id")


@over_both
def a_stream_that_breaks_is_a_failure(gateway: Gateway) -> None:
    error = failing(gateway, "emulator-breaks-mid-stream", Exception, streamed=True)
    require(isinstance(error, (openai.APIError, AgentsException)), f"it is {error!r}")
    require("closed the connection" in str(error), f"it says {str(error)!r}")


@over_both
def a_loop_has_an_end(gateway: Gateway) -> None:
    script = "\n@then\n".join(['@call get_weather {"city": "Oslo"}'] * 5)
    try:
        gateway.run(lambda client: gateway.agent(client, tools=[get_weather]), "Do it.\n" + script, max_turns=3)
        require(False, "it went on")
    except MaxTurnsExceeded:
        equal(len(gateway.conversations()), 3, "the turns")


def main() -> int:
    parser = argparse.ArgumentParser(description="Drive a running gateway with the openai-agents SDK.")
    parser.add_argument("--base-url", default="http://127.0.0.1:8000/v1", help="the gateway's API")
    parser.add_argument("--emulator-url", default="http://127.0.0.1:8001", help="the emulator behind the gateway")
    parser.add_argument("--only", action="append", default=[], metavar="PATTERN", help="checks whose names match")
    parser.add_argument("--verbose", action="store_true", help="print where a check failed")
    arguments = parser.parse_args()
    # It would send what it saw to OpenAI.
    set_tracing_disabled(True)
    # Failures are expected; the checks look at them.
    logging.getLogger("openai.agents").setLevel(logging.CRITICAL)
    failed = run_checks(Gateway(arguments.base_url, arguments.emulator_url), arguments.only, arguments.verbose)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
