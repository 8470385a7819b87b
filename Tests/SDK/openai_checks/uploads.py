"""Files in parts."""

from __future__ import annotations

import hashlib
import os
import pathlib
import tempfile
from concurrent.futures import ThreadPoolExecutor

import openai

from .harness import KEY, Gateway, check, equal, require


def stored(gateway: Gateway, content: bytes) -> bool:
    """Whether the emulator was given a file with these bytes."""
    files = gateway.http.get(f"{gateway.emulator_url}/__emulator/files").json()["files"]
    return hashlib.sha256(content).hexdigest() in [file["sha256"] for file in files]


def begin(gateway: Gateway, content: bytes, **options):
    options = {"filename": "report.txt", "purpose": "assistants", "mime_type": "text/plain", **options}
    return gateway.client.uploads.create(bytes=len(content), **options)


def refused(kind: type[openai.APIStatusError], call, param: str | None = None) -> openai.APIStatusError:
    try:
        call()
    except kind as error:
        if param is not None:
            equal(error.param, param, "param")
        return error
    require(False, "was not refused")


@check
def a_file_in_parts_arrives_whole(gateway: Gateway) -> None:
    uploads = gateway.client.uploads
    pieces = [os.urandom(300_000), os.urandom(1), os.urandom(2_000_000), os.urandom(65_536)]
    content = b"".join(pieces)
    upload = begin(gateway, content)
    equal((upload.status, upload.bytes, upload.filename), ("pending", len(content), "report.txt"), "the upload")
    equal(upload.expires_at - upload.created_at, 3600, "its time")
    with ThreadPoolExecutor(len(pieces)) as pool:
        parts = list(pool.map(lambda piece: uploads.parts.create(upload.id, data=piece), pieces))
    equal({part.upload_id for part in parts}, {upload.id}, "the upload of the parts")
    done = uploads.complete(upload.id, part_ids=[part.id for part in parts], md5=hashlib.md5(content).hexdigest())
    equal((done.status, done.id), ("completed", upload.id), "the end")
    equal((done.file.bytes, done.file.purpose, done.file.filename), (len(content), "assistants", "report.txt"), "the file")
    require(stored(gateway, content), "other bytes have arrived")
    equal(gateway.client.files.retrieve(done.file.id).bytes, len(content), "the file as it is told later")
    error = refused(openai.BadRequestError, lambda: uploads.complete(upload.id, part_ids=[parts[0].id]))
    require("completed" in error.message, "the state is not named")


@check
def a_file_is_uploaded_in_chunks(gateway: Gateway) -> None:
    content = b"".join(b'{"custom_id":"r%d"}\n' % number for number in range(200_000))
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "requests.jsonl"
        path.write_bytes(content)
        done = gateway.client.uploads.upload_file_chunked(
            file=path, mime_type="jsonl", purpose="batch", part_size=1_000_000, md5=hashlib.md5(content).hexdigest()
        )
    equal((done.status, done.file.bytes, done.file.purpose), ("completed", len(content), "batch"), "the file")
    require(stored(gateway, content), "other bytes have arrived")
    done = gateway.client.uploads.upload_file_chunked(
        file=content, filename="a.txt", bytes=len(content), mime_type="text/plain", purpose="user_data"
    )
    equal(done.file.filename, "a.txt", "the name")


@check
def parts_that_do_not_fit_together_name_the_parameter(gateway: Gateway) -> None:
    uploads = gateway.client.uploads
    upload = begin(gateway, b"abcdef")
    first, second = (uploads.parts.create(upload.id, data=data).id for data in (b"abc", b"def"))
    for parts in ([first], [first, first], [first, "part_0"], []):
        refused(openai.BadRequestError, lambda: uploads.complete(upload.id, part_ids=parts), "part_ids")
    md5 = hashlib.md5(b"abcdef").hexdigest()
    refused(openai.BadRequestError, lambda: uploads.complete(upload.id, part_ids=[second, first], md5=md5), "md5")
    equal(uploads.complete(upload.id, part_ids=[first, second], md5=md5).status, "completed", "the end")


@check
def a_part_has_64_megabytes_at_most(gateway: Gateway) -> None:
    client = gateway.client
    largest = bytes(64 << 20)
    upload = begin(gateway, largest + b"x")
    error = refused(openai.APIStatusError, lambda: client.uploads.parts.create(upload.id, data=largest + b"x"), "data")
    equal(error.status_code, 413, "the status")
    parts = [client.uploads.parts.create(upload.id, data=data).id for data in (largest, b"x")]
    done = client.uploads.complete(upload.id, part_ids=parts)
    equal(done.file.bytes, (64 << 20) + 1, "the size")
    require(stored(gateway, largest + b"x"), "other bytes have arrived")


@check
def an_upload_is_cancelled(gateway: Gateway) -> None:
    uploads = gateway.client.uploads
    upload = begin(gateway, b"abc")
    uploads.parts.create(upload.id, data=b"abc")
    equal(uploads.cancel(upload.id).status, "cancelled", "the state")
    refused(openai.BadRequestError, lambda: uploads.parts.create(upload.id, data=b"abc"), "upload_id")


@check
def uploads_belong_to_their_key(gateway: Gateway) -> None:
    upload = begin(gateway, b"abc")
    other = gateway.make_client(key=KEY + "-other").uploads
    refused(openai.NotFoundError, lambda: other.parts.create(upload.id, data=b"abc"))
    refused(openai.NotFoundError, lambda: other.cancel(upload.id))
    gateway.client.uploads.cancel(upload.id)


@check
def uploads_that_cannot_begin_name_the_parameter(gateway: Gateway) -> None:
    for options, param in (({"purpose": "vision"}, "purpose"), ({"filename": ""}, "filename"), ({"mime_type": ""}, "mime_type")):
        refused(openai.BadRequestError, lambda: begin(gateway, b"abc", **options), param)
    refused(openai.BadRequestError, lambda: begin(gateway, b""), "bytes")
    error = refused(openai.APIStatusError, lambda: gateway.client.uploads.create(
        bytes=600 << 20, filename="a.jsonl", purpose="batch", mime_type="text/jsonl"
    ), "bytes")
    equal(error.status_code, 413, "the status")
