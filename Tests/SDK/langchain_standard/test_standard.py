"""LangChain's standard tests, over chat completions, Responses, Messages and embeddings.

    pytest Tests/SDK/langchain_standard --gateway http://127.0.0.1:8000/v1 [--short]

The emulator stands behind the gateway: what the tests expect of a model's mind is in its answers as far as it goes
(docs/emulator.md).
"""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import Any

from langchain_anthropic import ChatAnthropic
from langchain_core.messages import AIMessage
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from langchain_tests.integration_tests import ChatModelIntegrationTests, EmbeddingsIntegrationTests

KEY = "sk-test-suite"


class Standard(ChatModelIntegrationTests):
    """What holds for every protocol."""

    gateway = ""
    name = "qwen3-vl-plus"
    supports_image_inputs = True
    supports_image_urls = True
    supports_image_tool_message = True
    supports_json_mode = True
    supports_model_override = True
    model_override_value = "qwen-max"
    supported_usage_metadata_details = {"invoke": [], "stream": []}

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"model": self.name, "api_key": KEY, "max_retries": 0}


class OverOpenAI(Standard):
    chat_model_class = ChatOpenAI

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {**super().chat_model_params, "base_url": self.gateway}


class TestChatCompletions(OverOpenAI):
    @property
    def chat_model_params(self) -> dict[str, Any]:
        # LangChain asks for the usage of a stream at OpenAI's own address only.
        return {**super().chat_model_params, "use_responses_api": False, "stream_usage": True}


class TestOmni(TestChatCompletions):
    """A model that hears, and that upstream only streams."""

    name = "qwen3-omni-flash"
    supports_audio_inputs = True


class TestResponses(OverOpenAI):
    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {**super().chat_model_params, "use_responses_api": True}


class TestMessages(Standard):
    chat_model_class = ChatAnthropic
    supports_anthropic_inputs = True

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {**super().chat_model_params, "base_url": self.gateway.removesuffix("/v1")}


class TestThinkingOverMessages(TestMessages):
    """Thinking models; what they thought goes back and forth."""

    @property
    def chat_model_params(self) -> dict[str, Any]:
        thinking = {"type": "enabled", "budget_tokens": 1_024}
        return {**super().chat_model_params, "thinking": thinking, "max_tokens": 4_096}


class TestThinkingOverResponses(TestResponses):
    supported_usage_metadata_details = {"invoke": ["reasoning_output"], "stream": ["reasoning_output"]}

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {**super().chat_model_params, "reasoning": {"effort": "high", "summary": "auto"}}

    def invoke_with_reasoning_output(self, *, stream: bool = False) -> AIMessage:
        model, question = ChatOpenAI(**self.chat_model_params), "How are you?"
        return reduce(add, model.stream(question)) if stream else model.invoke(question)


class TestEmbeddings(EmbeddingsIntegrationTests):
    gateway = ""
    embeddings_class = OpenAIEmbeddings

    @property
    def embedding_model_params(self) -> dict[str, Any]:
        return {"model": "text-embedding-v4", "base_url": self.gateway, "api_key": KEY, "check_embedding_ctx_length": False}


class TestThinkingByDefault(TestChatCompletions):
    """A model that thinks unless it is told not to, which it must be where a call or a format is asked for."""

    name = "qwen3.5-plus"
