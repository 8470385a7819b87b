"""Videos: made by tasks that nobody waits for, asked for until they are there, fetched, listed, made anew, deleted."""

from __future__ import annotations

import io
import struct

import httpx
import openai
from openai.types import Video

from .harness import Gateway, check, check_error, equal, require

KEYS = {
    "id", "object", "model", "status", "progress", "created_at", "completed_at", "expires_at", "prompt", "size",
    "seconds", "remixed_from_video_id", "error",
}
PNG = b"\x89PNG\r\n\x1a\n" + bytes(200)


def boxes(film: bytes) -> list[str]:
    """The names of the boxes of an MP4 file, which fill it."""
    names = []
    while film:
        length = struct.unpack(">I", film[:4])[0]
        require(8 <= length <= len(film), "a box does not fit")
        names.append(film[4:8].decode())
        film = film[length:]
    return names


def made(gateway: Gateway, **parameters: object) -> Video:
    """A video that has ended."""
    parameters.setdefault("model", "wan2.6-t2v")
    video = gateway.client.videos.create(prompt="A cat runs", **parameters)
    equal(video.status, "queued", "the status")
    for _ in range(4):
        video = gateway.client.videos.retrieve(video.id)
        if video.status in ("completed", "failed"):
            return video
    require(False, f"the video is {video.status}")


@check
def a_video_is_made_and_fetched(gateway: Gateway) -> None:
    raw = gateway.client.videos.with_raw_response.create(
        model="wan2.6-t2v", prompt="A cat runs", seconds="8", size="1280x720"
    )
    document = raw.http_response.json()
    equal(set(document), KEYS, "the keys")
    video = raw.parse()
    Video.model_validate(document, strict=True)
    equal(video.id, "video_" + raw.headers["x-dashscope-task-id"], "the id")
    equal((video.status, video.progress, video.seconds, video.size), ("queued", 0, "8", "1280x720"), "the video")
    raw = gateway.client.videos.with_raw_response.retrieve(video.id)
    equal((raw.parse().status, raw.parse().progress), ("in_progress", 50), "the state at the first query")
    require(5000 <= int(raw.headers["openai-poll-after-ms"]) <= 15000, "when to ask again")
    raw = gateway.client.videos.with_raw_response.retrieve(video.id)
    video = raw.parse()
    equal((video.status, video.progress, video.prompt), ("completed", 100, "A cat runs"), "the state at its end")
    require("openai-poll-after-ms" not in raw.headers, "a finished video is asked for again")
    equal(video.expires_at - video.completed_at, 86_400, "how long the link is good")
    require(abs(video.created_at - video.completed_at) < 60, "the times")
    film = gateway.client.videos.download_content(video.id).read()
    equal(boxes(film), ["ftyp", "moov", "mdat"], "the file")
    equal(httpx.get(video.model_extra["url"]).content, film, "the file behind the link")
    part = gateway.request("GET", f"/v1/videos/{video.id}/content", headers={"Range": "bytes=4-7"})
    equal((part.status_code, part.content), (206, b"ftyp"), "a range of the file")
    beyond = gateway.request("GET", f"/v1/videos/{video.id}/content", headers={"Range": "bytes=999999999-"})
    equal((beyond.status_code, beyond.json()["error"]["code"]), (416, "invalid_range"), "a range behind the file")
    equal(beyond.headers["content-range"], f"bytes */{len(film)}", "the size of the file")


@check
def the_helper_of_the_sdk_waits(gateway: Gateway) -> None:
    video = gateway.client.videos.create_and_poll(
        model="happyhorse-1.0-t2v", prompt="A cat runs", poll_interval_ms=10
    )
    equal(video.status, "completed", "the status")


@check
def an_image_is_the_first_frame(gateway: Gateway) -> None:
    video = made(gateway, model="wan2.7-i2v", input_reference=("cat.png", io.BytesIO(PNG), "image/png"))
    equal(video.status, "completed", "the status")
    body = {"model": "wan2.7-i2v", "input_reference": {"image_url": "https://a.example/cat.png"}}
    equal(gateway.request("POST", "/v1/videos", json=body).status_code, 200, "the status of a request in JSON")
    try:
        gateway.client.videos.create(model="wan2.6-i2v", prompt="A cat runs")
    except openai.BadRequestError as error:
        equal(error.param, "input_reference", "what is missing")
    else:
        require(False, "a model that needs an image was asked without")


@check
def a_video_is_listed_and_deleted(gateway: Gateway) -> None:
    client = gateway.make_client(key="sk-videos-of-one-caller")
    ids = [client.videos.create(model="wan2.6-t2v", prompt=f"cat {number}").id for number in range(5)]
    equal([video.id for video in client.videos.list(limit=2, order="asc")], ids, "the videos, page by page")
    equal([video.id for video in client.videos.list(limit=2)], ids[::-1], "the newest first")
    equal(len(client.videos.list(limit=2).data), 2, "one page")
    deleted = client.videos.delete(ids[0])
    equal((deleted.id, deleted.object, deleted.deleted), (ids[0], "video.deleted", True), "the answer")
    try:
        client.videos.retrieve(ids[0])
    except openai.NotFoundError:
        pass
    else:
        require(False, "a deleted video is there")
    equal([video.id for video in client.videos.list(order="asc")], ids[1:], "the videos that are left")
    equal(list(gateway.make_client(key="sk-videos-of-another").videos.list()), [], "another caller's videos")


@check
def a_video_is_made_of_another(gateway: Gateway) -> None:
    video = made(gateway, model="wan2.7-videoedit", extra_body={"video": "https://a.example/v.mp4"})
    remix = gateway.client.videos.remix(video.id, prompt="The cat is black")
    equal((remix.remixed_from_video_id, remix.model), (video.id, "wan2.7-videoedit"), "the other video")
    video = made(gateway)
    try:
        gateway.client.videos.remix(video.id, prompt="The cat is black")
    except openai.BadRequestError as error:
        equal(error.param, "model", "what is wrong")
        require("wan2.7-videoedit" in error.message, "the models that can do it are not named")
    else:
        require(False, "a model that makes videos of texts only made one of a video")


@check
def a_failure_is_told_in_the_video(gateway: Gateway) -> None:
    video = made(gateway, model="wan2.6-t2v-emulator-task-fails-DataInspectionFailed")
    equal((video.status, video.error.code), ("failed", "content_filter"), "the failure")
    require("inappropriate" in video.error.message, "the reason")
    response = gateway.request("GET", f"/v1/videos/{video.id}/content")
    equal(check_error(response)["code"], "video_not_ready", "there is no file")


@check
def what_is_not_there_is_not_found(gateway: Gateway) -> None:
    for path in ("/v1/videos/video_nobody-knows", "/v1/videos/task-1", "/v1/videos/video_..%2Fx"):
        response = gateway.request("GET", path)
        equal(response.status_code, 404, path)
        check_error(response)
    response = gateway.request("GET", "/v1/videos/video_nobody-knows/content?variant=thumbnail")
    equal((response.status_code, check_error(response)["param"]), (400, "variant"), "a variant that nobody makes")


@check
def the_form_of_new_api(gateway: Gateway) -> None:
    body = {
        "model": "wan2.7-t2v", "prompt": "A cat runs", "duration": 5, "width": 1280, "height": 720,
        "metadata": {"negative_prompt": "dogs"},
    }
    task = gateway.request("POST", "/v1/video/generations", json=body).json()
    equal(set(task), {"task_id", "status"}, "the members")
    for _ in range(2):
        answer = gateway.request("GET", f"/v1/video/generations/{task['task_id']}").json()
    equal((answer["status"], answer["format"]), ("completed", "mp4"), "the end")
    equal(answer["metadata"], {"duration": 5, "width": 1280, "height": 720}, "the figures")
    equal(httpx.get(answer["url"]).content[4:8], b"ftyp", "the file")


@check
def models_that_make_videos_are_listed(gateway: Gateway) -> None:
    ids = {model.id for model in gateway.client.models.list()}
    require({"wan3.0-video", "wan2.7-i2v", "wan2.2-s2v", "happyhorse-1.1-t2v"} <= ids, "models are not listed")
    require("emo-v1" not in ids, "a model that is not served is listed")
