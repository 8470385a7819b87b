"""DashScope's apps as models, through the SDK."""

from __future__ import annotations

import openai

from .harness import Gateway, check, equal, require, user


@check
def an_app_answers_chat(gateway: Gateway) -> None:
    gateway.reset_emulator()
    answer, _ = gateway.complete(
        model="app/a1", messages=user("hello"),
        extra_body={"biz_params": {"city": "Oslo"}, "has_thoughts": True, "rag_options": {"pipeline_ids": ["p", "q"]}},
    )
    equal(answer.choices[0].message.content, "Echo: hello<ref>[1]</ref><ref>[2]</ref>", "the text")
    equal([a.url_citation.url for a in answer.choices[0].message.annotations], ["https://example.com/manual-2"],
          "the annotations")
    equal([document["doc_id"] for document in answer.doc_references], ["file_1", "file_2"], "the documents")
    require(answer.thoughts and answer.session_id, "no thoughts or no session")
    request = gateway.last_native_request()
    equal(request["target"], "/api/v1/apps/a1/completion", "the path")
    equal(request["body"]["input"]["biz_params"], {"city": "Oslo"}, "biz_params")


@check
def an_app_streams(gateway: Gateway) -> None:
    for model in ("app/a1", "app/workflow-1"):
        streamed = gateway.stream(model=model, messages=user("hello"))
        equal(streamed.text(), "Echo: hello", f"the text of {model}")


@check
def a_session_of_an_app_goes_on(gateway: Gateway) -> None:
    first, _ = gateway.complete(model="app/a1", messages=user("hello"))
    second, _ = gateway.complete(
        model="app/a1", messages=user("again"), extra_body={"session_id": first.session_id},
    )
    equal(second.choices[0].message.content, "Earlier you said: hello. Echo: again", "the text")


@check
def previous_response_id_continues_a_session(gateway: Gateway) -> None:
    first = gateway.client.responses.create(model="app/a1", input="hello")
    second = gateway.client.responses.create(model="app/a1", input="again", previous_response_id=first.id)
    equal(second.output_text, "Earlier you said: hello. Echo: again", "the text")
    documents = gateway.client.responses.create(
        model="app/a1", input="hello", extra_body={"rag_options": {"pipeline_ids": ["p"]}},
    )
    annotation = documents.output[0].content[0].annotations[0]
    equal((annotation.type, annotation.file_id, annotation.filename), ("file_citation", "file_1", "Manual"),
          "the annotation")


@check
def tools_on_an_app_are_refused(gateway: Gateway) -> None:
    tools = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}]
    try:
        gateway.client.chat.completions.create(model="app/a1", messages=user("hello"), tools=tools)
    except openai.BadRequestError as error:
        equal(error.param, "tools", "param")
    else:
        require(False, "tools were taken")


@check
def apps_are_not_listed_by_themselves(gateway: Gateway) -> None:
    require(not [model.id for model in gateway.client.models.list() if model.id.startswith("app/")], "an app is listed")
