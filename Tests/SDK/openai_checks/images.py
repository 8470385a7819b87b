"""Images: by models that answer at once and by tasks, as links and as files that open."""

from __future__ import annotations

import base64
import io
import struct
import zlib

import httpx
import openai
from openai.types import ImagesResponse

from .harness import Gateway, check, check_error, equal, require

PNG = b"\x89PNG\r\n\x1a\n" + bytes(200)


def pixels(png: bytes) -> tuple[int, int, bytes]:
    """Width, height and the first pixel of a PNG file, every checksum of which is right."""
    equal(png[:8], b"\x89PNG\r\n\x1a\n", "the beginning of the file")
    chunks: dict[bytes, bytes] = {}
    rest = png[8:]
    while rest:
        length = struct.unpack(">I", rest[:4])[0]
        kind, content, checksum = rest[4:8], rest[8 : 8 + length], rest[8 + length : 12 + length]
        equal(struct.unpack(">I", checksum)[0], zlib.crc32(kind + content), f"the checksum of {kind!r}")
        chunks[kind] = chunks.get(kind, b"") + content
        rest = rest[12 + length :]
    require(b"IEND" in chunks, "the file has no end")
    width, height = struct.unpack(">II", chunks[b"IHDR"][:8])
    data = zlib.decompress(chunks[b"IDAT"])
    equal(len(data), height * (1 + 3 * width), "the number of bytes")
    return width, height, data[1:4]


@check
def a_model_that_answers_at_once_gives_links(gateway: Gateway) -> None:
    answer = gateway.client.images.generate(model="qwen-image-3.0", prompt="a cat", size="1024x1024", n=2)
    ImagesResponse.model_validate(answer.model_dump(), strict=True)
    equal(len(answer.data), 2, "the images")
    for image in answer.data:
        require(image.b64_json is None, "a file came without being asked for")
        pixels(httpx.get(image.url).content)
    require(answer.created > 1_700_000_000, "created")
    equal(answer.usage.total_tokens, 0, "the tokens")
    equal(answer.usage.model_extra["image_count"], 2, "the images of the usage")


@check
def a_task_gives_files_that_open(gateway: Gateway) -> None:
    raw = gateway.client.images.with_raw_response.generate(
        model="wan2.2-t2i-flash", prompt="a cat", n=2, response_format="b64_json", extra_body={"seed": 3}
    )
    require(raw.headers["x-dashscope-task-id"], "the task's id")
    answer = raw.parse()
    colours = set()
    for image in answer.data:
        require(image.url is None, "a link came beside the file")
        width, height, colour = pixels(base64.b64decode(image.b64_json))
        equal((width, height), (16, 16), "the size of the emulator's images")
        colours.add(colour)
        equal(image.revised_prompt, "In great detail: a cat", "the prompt that was used")
    equal(len(colours), 2, "two images are two")


@check
def streams_give_each_image_when_it_is_there(gateway: Gateway) -> None:
    for model in ("qwen-image-3.0", "wan2.2-t2i-flash"):
        events = list(gateway.client.images.generate(model=model, prompt="a cat", n=2, stream=True))
        equal([event.type for event in events], ["image_generation.completed"] * 2, f"the events of {model}")
        for event in events:
            equal(pixels(base64.b64decode(event.b64_json))[:2], (16, 16), "the size of an image")
            equal((event.output_format, event.size), ("png", "16x16"), "what is told of it")
        equal([event.usage.model_extra["image_count"] for event in events], [0, 2], "the images of the usage")
    cat = ("cat.png", io.BytesIO(PNG), "image/png")
    events = list(gateway.client.images.edit(model="qwen-image-edit-plus", image=cat, prompt="a scarf", stream=True))
    equal([event.type for event in events], ["image_edit.completed"], "the events of an edit")
    equal(pixels(base64.b64decode(events[0].b64_json))[:2], (16, 16), "the size of the edited image")


@check
def a_size_of_openai_becomes_the_nearest(gateway: Gateway) -> None:
    raw = gateway.client.images.with_raw_response.generate(model="qwen-image-plus", prompt="a cat", size="1024x1792")
    require(
        "size;from=1024x1792;to=928*1664" in raw.headers["x-gateway-adjustments"], "the size that was taken is not told"
    )


@check
def more_than_one_call_makes(gateway: Gateway) -> None:
    answer = gateway.client.images.generate(model="qwen-image", prompt="a cat", n=3)
    equal(len({image.url for image in answer.data}), 3, "three images of a model that makes one at once")


@check
def failures_are_exceptions_of_the_sdk(gateway: Gateway) -> None:
    client = gateway.client.with_options(max_retries=0)
    for fault, kind, code in (
        ("task-fails-DataInspectionFailed", openai.BadRequestError, "content_filter"),
        ("task-partly-fails", openai.InternalServerError, "timeout"),
        ("task-is-unknown", openai.NotFoundError, "task_not_found"),
    ):
        try:
            client.images.generate(model=f"wan2.2-t2i-flash-emulator-{fault}", prompt="a cat", n=2)
        except kind as error:
            equal(error.code, code, fault)
            require(error.response.headers["x-dashscope-task-id"], "the task's id")
        else:
            require(False, f"{fault} was no error")


@check
def the_parameter_at_fault_is_named(gateway: Gateway) -> None:
    for members, name in (
        ({"n": 11}, "n"), ({"size": "big"}, "size"), ({"prompt": ""}, "prompt"), ({"stream": 7}, "stream"),
        ({"model": "qwen-plus"}, "model"), ({"image": "https://a.example/x.png"}, "image"),
    ):
        body = {"model": "qwen-image", "prompt": "a cat", **members}
        response = gateway.request("POST", "/v1/images/generations", json=body)
        equal(response.status_code, 400, f"the status for {name}")
        equal(check_error(response)["param"], name, "param")


@check
def an_image_is_edited(gateway: Gateway) -> None:
    cat = ("cat.png", io.BytesIO(PNG), "image/png")
    raw = gateway.client.images.with_raw_response.edit(
        model="qwen-image-edit-plus", image=cat, prompt="a scarf", n=2, size="1024x1024", extra_body={"seed": 3}
    )
    require("x-gateway-adjustments" not in raw.headers, "a plain edit was changed")
    answer = raw.parse()
    ImagesResponse.model_validate(answer.model_dump(), strict=True)
    equal(len({image.url for image in answer.data}), 2, "the images")


@check
def several_images_are_edited_into_files(gateway: Gateway) -> None:
    files = [("cat.png", io.BytesIO(PNG), "image/png"), ("large.png", io.BytesIO(PNG + bytes(7_000_000)), "image/png")]
    for model in ("qwen-image-2.0-pro", "wan2.5-i2i-preview"):
        for _, file, _ in files:
            file.seek(0)
        answer = gateway.client.images.edit(model=model, image=files, prompt="both", response_format="b64_json")
        equal(pixels(base64.b64decode(answer.data[0].b64_json))[:2], (16, 16), f"the size of an image of {model}")


@check
def bytes_are_an_image_without_a_name(gateway: Gateway) -> None:
    for model in ("qwen-image-edit-plus", "wan2.5-i2i-preview"):
        for png in (PNG, PNG + bytes(7_000_000)):
            answer = gateway.client.images.edit(model=model, image=png, prompt="a scarf")
            equal(len(answer.data), 1, f"the images of {model}")
    answer = gateway.client.images.edit(model="qwen-image-2.0-pro", image=[PNG, PNG], prompt="both")
    equal(len(answer.data), 1, "the images of two")
    for wrong in (b"<!DOCTYPE html><html></html>", b"RIFF\x24\0\0\0WAVEfmt ", b"%PDF-1.7"):
        for image in (wrong, ("cat.png", io.BytesIO(wrong), "image/png")):
            try:
                gateway.client.images.edit(model="qwen-image-edit-plus", image=image, prompt="a scarf")
            except openai.BadRequestError as error:
                equal((error.param, error.code), ("image", "invalid_value"), "what is at fault")
            else:
                require(False, f"{wrong!r} was taken for an image")


@check
def images_in_json_are_looked_at(gateway: Gateway) -> None:
    png = "data:image/png;base64," + base64.b64encode(PNG).decode()
    for wrong in ("data:image/png;base64,", "data:image/png;base64,!", "data:text/html;base64,AAAA", "file:///cat.png"):
        for path in ("generations", "edits"):
            body = {"model": "qwen-image-edit-plus", "prompt": "a scarf", "image": [png, wrong]}
            response = gateway.request("POST", f"/v1/images/{path}", json=body)
            equal(response.status_code, 400, f"the status of {wrong}")
            equal(check_error(response)["param"], "image[1]", "param")


@check
def a_mask_is_for_models_that_take_one(gateway: Gateway) -> None:
    def edit(model: str) -> ImagesResponse:
        cat, mask = (("cat.png", io.BytesIO(PNG), "image/png") for _ in range(2))
        return gateway.client.images.edit(model=model, image=cat, mask=mask, prompt="a scarf")

    equal(len(edit("wanx2.1-imageedit").data), 1, "the images")
    try:
        edit("qwen-image-edit")
    except openai.BadRequestError as error:
        equal((error.param, error.code), ("mask", "unsupported_parameter"), "what is at fault")
    else:
        require(False, "a mask was taken by a model that has none")


@check
def variations_are_refused(gateway: Gateway) -> None:
    try:
        gateway.client.images.create_variation(image=("cat.png", io.BytesIO(PNG), "image/png"), n=2)
    except openai.BadRequestError as error:
        equal(error.param, None, "param")
        require("/v1/images/edits" in error.message, "what to ask for instead")
    else:
        require(False, "variations were made")


@check
def models_that_make_images_are_listed(gateway: Gateway) -> None:
    ids = {model.id for model in gateway.client.models.list()}
    require({"qwen-image-3.0", "wan2.2-t2i-flash", "z-image-turbo"} <= ids, "models that make images are not listed")
