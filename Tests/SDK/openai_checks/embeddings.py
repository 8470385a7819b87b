"""Embeddings and rerank: through the SDK, which asks for base64 by itself, and through plain requests."""

from __future__ import annotations

import base64
import struct

import cohere
import httpx
import openai
from langchain_openai import OpenAIEmbeddings
from openai.types import CreateEmbeddingResponse

from .harness import KEY, Gateway, check, check_error, equal, require

RERANK = {"model": "qwen3-rerank", "query": "red fruit", "documents": ["a blue sky", "a red fruit", {"text": "fruit"}]}


def rerank(gateway: Gateway, path: str = "/v1/rerank", **members: object) -> dict:
    response = gateway.request("POST", path, json={**RERANK, **members})
    equal(response.status_code, 200, "the status")
    return response.json()


def refused(response: httpx.Response) -> dict:
    equal(response.status_code, 400, "the status")
    return check_error(response)


@check
def vectors_of_the_sdk_are_those_of_plain_requests(gateway: Gateway) -> None:
    texts = ["The quick brown fox", "jumps", "over the lazy dog"]
    raw = gateway.client.embeddings.with_raw_response.create(model="text-embedding-v4", input=texts)
    require('"embedding":"' in raw.text, "the SDK did not ask for base64")
    parsed = CreateEmbeddingResponse.model_validate(raw.parse().model_dump(), strict=True)
    plain = gateway.request("POST", "/v1/embeddings", json={"model": "text-embedding-v4", "input": texts}).json()
    equal(plain["object"], "list", "object")
    equal([item["index"] for item in plain["data"]], [0, 1, 2], "the order")
    for item, data in zip(plain["data"], parsed.data):
        equal(len(data.embedding), 1024, "the length of a vector")
        floats = struct.unpack("<1024f", struct.pack("<1024f", *item["embedding"]))
        equal(list(floats), list(data.embedding), "the vector")
    require(parsed.usage.prompt_tokens > 0, "no usage")
    equal(parsed.usage.total_tokens, parsed.usage.prompt_tokens, "total_tokens")


@check
def a_list_of_five_hundred_texts(gateway: Gateway) -> None:
    texts = [f"text number {number}" for number in range(500)]
    answer = gateway.client.embeddings.create(model="text-embedding-v4", input=texts, dimensions=64)
    equal([item.index for item in answer.data], list(range(500)), "the order")
    single = gateway.client.embeddings.create(model="text-embedding-v4", input=texts[321], dimensions=64)
    equal(answer.data[321].embedding, single.data[0].embedding, "a vector of the list")
    equal(len({tuple(item.embedding) for item in answer.data}), 500, "different vectors")


@check
def base64_is_what_it_says(gateway: Gateway) -> None:
    body = {"model": "text-embedding-v3", "input": "x", "encoding_format": "base64", "dimensions": 512}
    answer = gateway.request("POST", "/v1/embeddings", json=body).json()
    equal(len(base64.b64decode(answer["data"][0]["embedding"], validate=True)), 2048, "the bytes of the vector")


@check
def dimensions_are_exact(gateway: Gateway) -> None:
    with_error = gateway.request(
        "POST", "/v1/embeddings", json={"model": "text-embedding-v4", "input": "x", "dimensions": 1000}
    )
    error = refused(with_error)
    equal(error["param"], "dimensions", "param")
    require("1024, 2048" in error["message"], "the message does not list the lengths")


@check
def token_ids_are_refused_with_the_way_out(gateway: Gateway) -> None:
    try:
        gateway.client.embeddings.create(model="text-embedding-v4", input=[[1, 2, 3], [4]])
    except openai.BadRequestError as error:
        equal(error.param, "input", "param")
        require("check_embedding_ctx_length=False" in error.message, "the message names no way out")
    else:
        require(False, "token ids were taken")


@check
def native_options_and_sparse_vectors(gateway: Gateway) -> None:
    gateway.reset_emulator()
    answer = gateway.client.embeddings.create(
        model="text-embedding-v4", input="wind and rain",
        extra_body={"output_type": "dense&sparse", "text_type": "query", "instruct": "Find weather."},
    )
    native = gateway.last_native_request()["body"]["parameters"]
    equal(native["text_type"], "query", "text_type")
    equal(native["instruct"], "Find weather.", "instruct")
    require(answer.data[0].sparse_embedding, "no sparse vector")


@check
def images_with_a_multimodal_model(gateway: Gateway) -> None:
    answer = gateway.client.embeddings.create(
        model="qwen3-vl-embedding", input=["a red bicycle"], extra_body={"image": "https://example.com/bike.jpg"},
    )
    equal([item.type for item in answer.data], ["text", "image"], "the kinds")
    require(answer.usage.total_tokens > 0, "no usage")


@check
def models_of_other_kinds_are_refused(gateway: Gateway) -> None:
    for path, model in (("/v1/embeddings", "qwen-plus"), ("/v1/embeddings", "text-embedding-async-v2"),
                        ("/v1/rerank", "text-embedding-v4")):
        body = {"model": model, "input": "x", "query": "q", "documents": ["a"]}
        equal(refused(gateway.request("POST", path, json=body))["code"], "model_not_supported", "code")


@check
def vectors_and_rankers_are_listed(gateway: Gateway) -> None:
    kinds = {model.id: getattr(model, "kind", None) for model in gateway.client.models.list()}
    equal(kinds.get("text-embedding-v4"), "embedding", "the kind of text-embedding-v4")
    equal(kinds.get("qwen3-rerank"), "rerank", "the kind of qwen3-rerank")
    require("text-embedding-async-v2" not in kinds, "a model that no endpoint serves is listed")


@check
def langchain_reads_vectors(gateway: Gateway) -> None:
    client = OpenAIEmbeddings(
        model="text-embedding-v4", base_url=gateway.base_url, api_key=KEY, check_embedding_ctx_length=False,
    )
    vectors = client.embed_documents([f"text {number}" for number in range(23)])
    equal([len(vector) for vector in vectors], [1024] * 23, "the vectors")
    equal(client.embed_query("text 7"), vectors[7], "the same text alone")


@check
def coheres_client_reads_ranks(gateway: Gateway) -> None:
    client = cohere.Client(api_key=KEY, base_url=gateway.root_url)
    answer = client.rerank(**RERANK, top_n=2, return_documents=True)
    equal([(result.index, result.document.text) for result in answer.results], [(1, "a red fruit"), (2, "fruit")], "ranks")
    require(1 >= answer.results[0].relevance_score > answer.results[1].relevance_score > 0, "the scores")
    equal(answer.meta.tokens.input_tokens, answer.usage["total_tokens"], "the tokens")
    options = {"max_retries": 0}
    try:
        client.rerank(**{**RERANK, "model": "emulator-throttled"}, request_options=options)
        require(False, "it was not refused")
    except cohere.TooManyRequestsError as error:
        require("rate limit" in error.body["error"]["message"], f"it says {error.body}")
    try:
        client.rerank(**{**RERANK, "documents": []}, request_options=options)
        require(False, "no documents were taken")
    except cohere.BadRequestError as error:
        equal(error.body["error"]["param"], "documents", "param")


@check
def the_best_document_comes_first(gateway: Gateway) -> None:
    for path in ("/v1/rerank", "/rerank"):
        answer = rerank(gateway, path)
        equal([result["index"] for result in answer["results"]], [1, 2, 0], "the order")
        scores = [result["relevance_score"] for result in answer["results"]]
        equal(scores, sorted(scores, reverse=True), "the scores")
        require("document" not in answer["results"][0], "documents were not asked for")
        require(answer["id"].startswith("rerank-") and answer["usage"]["total_tokens"] > 0, "id or usage")


@check
def documents_are_returned_as_they_were_sent(gateway: Gateway) -> None:
    answer = rerank(gateway, return_documents=True, top_n=2)
    equal([result["document"] for result in answer["results"]], [{"text": "a red fruit"}, {"text": "fruit"}], "documents")


@check
def every_rank_model_ranks(gateway: Gateway) -> None:
    for model in ("qwen3-rerank", "qwen3-vl-rerank", "gte-rerank-v2", "qwen3.7-text-rerank"):
        equal(len(rerank(gateway, model=model)["results"]), 3, f"the results of {model}")
