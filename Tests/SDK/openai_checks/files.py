"""Files and batches."""

from __future__ import annotations

import json
import time

import openai

from .harness import Gateway, check, check_error, equal, require, user


def upload(gateway: Gateway, purpose: str, name: str, content: bytes, **options):
    return gateway.client.files.create(file=(name, content), purpose=purpose, **options)


@check
def a_file_is_uploaded_listed_and_deleted(gateway: Gateway) -> None:
    client = gateway.client
    file = upload(gateway, "assistants", "report.txt", b"Hello, world.")
    equal((file.bytes, file.filename, file.purpose), (13, "report.txt", "assistants"), "the file")
    equal(client.files.retrieve(file.id).purpose, "user_data", "the purpose where nobody says it")
    require(file.id in [one.id for one in client.files.list(purpose="user_data")], "the file is not listed")
    require(client.files.delete(file.id).deleted, "the file is not deleted")
    try:
        client.files.retrieve(file.id)
    except openai.NotFoundError as error:
        require(file.id in error.message, "the file is not named")
    else:
        require(False, "a deleted file was found")


@check
def pages_of_files_are_followed(gateway: Gateway) -> None:
    made = {upload(gateway, "user_data", f"{number}.txt", b"x").id for number in range(3)}
    found = set()
    for file in gateway.client.files.list(limit=1, purpose="user_data"):
        found.add(file.id)
        if made <= found:
            break
    require(made <= found, "files are missing")
    for id in made:
        gateway.client.files.delete(id)


@check
def a_document_is_read_by_qwen_long(gateway: Gateway) -> None:
    file = upload(gateway, "user_data", "report.pdf", b"%PDF-1.7")
    parts = [{"type": "text", "text": "What is this?"}, {"type": "file", "file": {"file_id": file.id}}]
    answer = gateway.client.chat.completions.create(model="qwen-long", messages=user(parts))
    require("report.pdf" in answer.choices[0].message.content, "the document was not read")
    answer = gateway.client.responses.create(
        model="qwen-long",
        input=[{"role": "user", "content": [
            {"type": "input_text", "text": "What is this?"}, {"type": "input_file", "file_id": file.id},
        ]}],
    )
    require("report.pdf" in answer.output_text, "the document was not read by a response")


@check
def purposes_that_do_not_work_are_named(gateway: Gateway) -> None:
    for purpose in ("vision", "fine-tune", "evals"):
        try:
            upload(gateway, purpose, "a.png", b"x")
        except openai.BadRequestError as error:
            equal(error.param, "purpose", "param")
        else:
            require(False, f"{purpose} was taken")


@check
def one_idempotency_key_makes_one_file(gateway: Gateway) -> None:
    headers = {"Idempotency-Key": f"check-{time.time()}"}
    ids = {upload(gateway, "user_data", "a.txt", b"x", extra_headers=headers).id for _ in range(3)}
    equal(len(ids), 1, "files")


@check
def a_batch_runs_to_its_results(gateway: Gateway) -> None:
    client = gateway.client
    lines = [
        {"custom_id": f"r{number}", "method": "POST", "url": "/v1/chat/completions",
         "body": {"model": "qwen-plus", "messages": user(f"number {number}")}}
        for number in range(3)
    ]
    content = "".join(json.dumps(line) + "\n" for line in lines).encode()
    file = upload(gateway, "batch", "requests.jsonl", content)
    batch = client.batches.create(
        input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h", metadata={"ds_name": "check"}
    )
    for _ in range(20):
        batch = client.batches.retrieve(batch.id)
        if batch.status in ("completed", "failed"):
            break
    equal(batch.status, "completed", "the state")
    equal(batch.request_counts.completed, 3, "completed requests")
    results = [json.loads(line) for line in client.files.content(batch.output_file_id).text.splitlines()]
    equal({result["custom_id"] for result in results}, {"r0", "r1", "r2"}, "the results")
    for result in results:
        require(result["response"]["body"]["choices"], "a result has no choices")
    require(batch.id in [one.id for one in client.batches.list(limit=2)], "the batch is not listed")


@check
def a_batch_is_cancelled(gateway: Gateway) -> None:
    line = {"custom_id": "a", "method": "POST", "url": "/v1/embeddings",
            "body": {"model": "text-embedding-v4", "input": "x"}}
    file = upload(gateway, "batch", "requests.jsonl", json.dumps(line).encode())
    batch = gateway.client.batches.create(
        input_file_id=file.id, endpoint="/v1/embeddings", completion_window="24h"
    )
    equal(gateway.client.batches.cancel(batch.id).status, "cancelling", "the state")


@check
def batches_that_cannot_be_started_name_the_parameter(gateway: Gateway) -> None:
    good = {"input_file_id": "file-batch-x", "endpoint": "/v1/embeddings", "completion_window": "24h"}
    for members, name in (
        ({"endpoint": "/v1/responses"}, "endpoint"), ({"completion_window": "1h"}, "completion_window"),
        ({"input_file_id": None}, "input_file_id"),
    ):
        response = gateway.request("POST", "/v1/batches", json={**good, **members})
        equal(response.status_code, 400, f"the status for {name}")
        equal(check_error(response)["param"], name, "param")
