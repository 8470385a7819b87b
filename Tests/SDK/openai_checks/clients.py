"""Media as programs ask for them that have code of their own: the requests of Open WebUI and of LangChain's tools."""

from __future__ import annotations

import base64
import io

import httpx

from .harness import Gateway, check, equal, require
from .images import PNG, pixels

SOUND = ("good-morning--how-are-you.mp3", b"ID3" + bytes(2000), "audio/mpeg")


@check
def open_webui_draws(gateway: Gateway) -> None:
    """It asks for base64 where the model's name does not begin like those of OpenAI that know no links."""
    body = {"model": "wan2.2-t2i-flash", "prompt": "a cat", "n": 2, "size": "512x512", "response_format": "b64_json"}
    response = gateway.request("POST", "/v1/images/generations", json=body)
    equal(response.status_code, 200, response.text)
    images = response.json()["data"]
    equal(len(images), 2, "the images")
    for image in images:
        require(not image.get("url"), "it would fetch a link first")
        pixels(base64.b64decode(image["b64_json"]))


@check
def open_webui_changes_pictures(gateway: Gateway) -> None:
    """One picture is `image`, several are `image[]`."""
    fields = {"model": "qwen-image-edit-plus", "prompt": "make it blue", "n": "1", "response_format": "b64_json"}
    for files in [
        [("image", ("image.png", PNG, "image/png"))],
        [("image[]", (f"image_{index}.png", PNG, "image/png")) for index in range(2)],
    ]:
        response = gateway.request("POST", "/v1/images/edits", data=fields, files=files)
        equal(response.status_code, 200, response.text)
        pixels(base64.b64decode(response.json()["data"][0]["b64_json"]))


@check
def open_webui_speaks(gateway: Gateway) -> None:
    """Without a format: it keeps MP3 as it is and turns everything else into MP3."""
    body = {"model": "cosyvoice-v3-flash", "input": "Good morning. How are you?", "voice": "alloy"}
    response = gateway.request("POST", "/v1/audio/speech", json=body)
    equal(response.status_code, 200, response.text)
    equal(response.headers["content-type"], "audio/mpeg", "the type")
    require(response.content.startswith(b"\xff\xf3"), "no frame of MP3")


@check
def open_webui_listens(gateway: Gateway) -> None:
    for fields in [{"model": "paraformer-v2"}, {"model": "qwen3-asr-flash", "language": "en"}]:
        response = gateway.request("POST", "/v1/audio/transcriptions", data=fields, files={"file": SOUND})
        equal(response.status_code, 200, response.text)
        require(response.json()["text"], "no text")


@check
def langchain_draws(gateway: Gateway) -> None:
    """Its wrapper of images gives the links to the agent, one a line."""
    answer = gateway.client.images.generate(
        prompt="a cat", n=1, size="1024x1024", model="qwen-image-3.0", quality="standard"
    )
    for link in "\n".join(image.url for image in answer.data).split("\n"):
        pixels(httpx.get(link).content)


@check
def langchain_listens(gateway: Gateway) -> None:
    """Its parser of audio cuts a file into pieces and names them itself."""
    for index in range(2):
        piece = io.BytesIO(SOUND[1])
        piece.name = f"part_{index}.mp3"
        transcript = gateway.client.audio.transcriptions.create(model="qwen3-asr-flash", file=piece, temperature=0)
        require(transcript.text, "no text")
