#!/usr/bin/env python3
"""Drives a running gateway with the real Codex CLI, the program inside PyPI's openai-codex-cli-bin.

    codex_suite.py --program …/codex --base-url http://127.0.0.1:8000/v1 --emulator-url http://127.0.0.1:8001
        [--full] [--only PATTERN…]

The program gets an empty home with the configuration of docs/responses.md. The prompts hold scripts, so that the emulator
calls exactly the tools that a check is about. --full adds patches, code mode, pictures and failures; for those the
gateway must have the aliases of codex-aliases.json, since Codex has patches and code mode for models that it knows.
Prints a line a check and `N passed, N failed`; exit status 0 when all passed.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

from checking import KEY, CheckFailed, check, equal, require, shorten
from coding_agent import CodingAgent, Ended, full, main, plain
from pictures import red_square

CONFIGURATION = """
model_provider = "dashscope"
check_for_update_on_startup = false
[model_providers.dashscope]
name = "DashScope"
base_url = "BASE_URL"
env_key = "DASHSCOPE_API_KEY"
wire_api = "responses"
stream_max_retries = 1
"""
# Codex asks for web search unless it is told not to, which models that are not in the catalogue may refuse.
NO_SEARCH = ("-c", 'web_search="disabled"')
PATCH = """*** Begin Patch
*** Add File: a.txt
+the "sky" is \\ grey\\n
+\tä 🌊 e\u0301
+
*** End Patch
"""
PATCHED = 'the "sky" is \\ grey\\n\n\tä 🌊 e\u0301\n\n'


@dataclass
class Run(Ended):
    """The events that the program printed."""

    events: list[dict] = field(default_factory=list)

    def items(self, kind: str) -> list[dict]:
        return [event["item"] for event in self.events
                if event["type"] == "item.completed" and event["item"]["type"] == kind]

    @property
    def text(self) -> str:
        return "\n".join(item["text"] for item in self.items("agent_message"))

    @property
    def failure(self) -> str:
        failed = [event["error"]["message"] for event in self.events if event["type"] == "turn.failed"]
        require(failed and self.status != 0, f"it did not fail: status {self.status}, {shorten(self.text)}")
        return failed[0]


class Codex(CodingAgent):
    """Codex between a prompt and a gateway."""

    title = "Codex"

    def __init__(self, program: str, base_url: str, emulator_url: str) -> None:
        super().__init__(program, base_url, emulator_url)
        folder = Path(self.home.name, ".codex")
        folder.mkdir()
        (folder / "config.toml").write_text(CONFIGURATION.replace("BASE_URL", self.base_url))

    def run(self, *lines: str, model: str = "qwen3-coder-plus", key: str = KEY, files: dict[str, bytes] | None = None,
            succeeds: bool = True, more: tuple[str, ...] = (), resume: str = "") -> Run:
        command = ["exec", *(["resume", resume] if resume else []), "--json", "--skip-git-repo-check", "--model", model,
                   "--dangerously-bypass-approvals-and-sandbox", *more, "\n".join(lines)]
        ended = self.execute(command, self.folder(files), {"DASHSCOPE_API_KEY": key}, 90)
        try:
            events = [json.loads(line) for line in ended.stdout.splitlines()]
        except ValueError:
            raise CheckFailed(f"it printed no JSON: {shorten(ended.stdout)} {shorten(ended.stderr)}") from None
        if succeeds:
            failed = [event for event in events if event["type"] in ("turn.failed", "error")]
            require(ended.status == 0, f"it ended with {ended.status}: {shorten(failed, 600)}")
        return Run(**vars(ended), events=events)


def call(name: str, **arguments: object) -> str:
    return f"@call {name} " + json.dumps(arguments, ensure_ascii=False)


@check
def text(codex: Codex) -> None:
    run = codex.run("What is two plus two?")
    equal(run.text, "Echo: What is two plus two?", "the answer")
    equal(len(run.native), 1, "the number of upstream calls")
    used = run.events[-1]["usage"]
    require(used["input_tokens"] > 1_000 and used["output_tokens"] > 0, f"the usage is {used}")
    roles = [message["role"] for message in run.messages()]
    equal((roles[0], set(roles[1:])), ("system", {"user"}), "the roles")


@check
def a_loop_of_commands(codex: Codex) -> None:
    run = codex.run("Do it.", call("exec_command", cmd="echo one | tee one.txt"),
                    call("exec_command", cmd="echo two | tee two.txt; exit 3"),
                    "@then", call("exec_command", cmd="cat one.txt two.txt"), "@say All done.")
    equal(sorted(path.name for path in run.folder.iterdir()), ["one.txt", "two.txt"], "the files")
    equal(sorted((item["aggregated_output"], item["exit_code"]) for item in run.items("command_execution")),
          [("one\n", 0), ("one\ntwo\n", 0), ("two\n", 3)], "the commands")
    results = run.results()
    require("one" in results[0] and "exited with code 3" in results[1], f"the first results are {shorten(results)}")
    require(results[2].endswith("one\ntwo\n"), f"the last result is {shorten(results[2])}")
    equal(run.text, "All done.", "the answer")


@check
def the_list_of_models_has_the_form_that_codex_reads(codex: Codex) -> None:
    """It asks no provider of this kind for the list, so it is given as a file."""
    listed = codex.request("GET", "/v1/models?client_version=0.163.0").json()
    require(any(model["id"] == "qwen3-coder-plus" for model in listed["data"]), "the model is not in data")
    file = Path(codex.home.name, "models.json")
    catalog = ("-c", f'model_catalog_json="{file}"')
    file.write_text(json.dumps({name: value for name, value in listed.items() if name != "models"}))
    require("missing field `models`" in codex.run("hello", succeeds=False, more=catalog).stderr, "it reads another field")
    own = json.loads(codex.execute(["debug", "models"], codex.folder(), {}, 60).stdout)["models"]
    known = next(model for model in own if model["slug"] == "gpt-5.5")
    file.write_text(json.dumps({**listed, "models": [*listed["models"], {**known, "slug": "qwen3-coder-plus"}]}))
    run = codex.run("hello", more=catalog)
    equal((run.text, run.items("error")), ("Echo: hello", []), "the answer, and what it complains of")


@full
def a_patch_arrives_byte_for_byte(codex: Codex) -> None:
    run = codex.run("Do it.", call("apply_patch", input=PATCH), "@say All done.", model="gpt-5.5")
    equal((run.folder / "a.txt").read_bytes(), PATCHED.encode(), "the file")
    equal([item["status"] for item in run.items("file_change")], ["completed"], "the changes")
    sent = next(message for message in run.messages() if message.get("tool_calls"))["tool_calls"][0]["function"]
    equal((sent["name"], json.loads(sent["arguments"])), ("apply_patch", {"input": PATCH}), "what goes up again")
    require("A a.txt" in run.results()[0], f"the result is {shorten(run.results())}")
    equal(run.native[0]["body"]["model"], "qwen3-coder-plus", "the model")


@full
def a_patch_that_does_not_fit_is_told(codex: Codex) -> None:
    patch = PATCH.replace("Add File", "Update File").replace("+the", "-the")
    run = codex.run("Do it.", call("apply_patch", input=patch), "@say All done.", model="gpt-5.5")
    equal((list(run.folder.iterdir()), run.text), ([], "All done."), "the files, and the answer")
    require("verification failed" in run.results()[0], f"the result is {shorten(run.results())}")


@full
def code_mode(codex: Codex) -> None:
    """Its tools stand in the input, inside namespaces, and take a program as raw text."""
    script = 'const r = await tools.exec_command({cmd: "echo \\"ä\\" | tee b.txt"}); text(r.output);'
    run = codex.run("Do it.", call("functions__exec", input=script), "@say All done.", model="gpt-6-sol")
    equal((run.folder / "b.txt").read_text(), "ä\n", "the file")
    require(run.results()[0].endswith("ä\n"), f"the result is {shorten(run.results())}")


@full
def thoughts_go_up_no_more(codex: Codex) -> None:
    run = codex.run("Do it.", call("exec_command", cmd="echo one"), "@say All done.", model="qwen3.5-plus", more=NO_SEARCH)
    require(run.items("reasoning"), f"no thoughts: {shorten(run.events)}")
    equal(run.text, "All done.", "the answer")
    require(not any("reasoning_content" in message for message in run.messages()), "thoughts went up")


@full
def a_picture(codex: Codex) -> None:
    run = codex.run("What is it?", model="qwen3-vl-plus", files={"red.png": red_square()}, more=("--image=red.png",))
    require(run.text.startswith("Received image image/"), f"the answer is {shorten(run.text)}")


@full
def a_conversation_goes_on(codex: Codex) -> None:
    first = codex.run("Remember the word lighthouse.")
    run = codex.run("Which word?", resume=first.events[0]["thread_id"])
    equal(run.text, "Echo: Which word?", "the answer")
    said = [plain(message) for message in run.messages() if message["role"] in ("user", "assistant")]
    require("Remember the word lighthouse." in said and "Echo: Remember the word lighthouse." in said,
            "the first turn is lost")


@full
def a_web_search_can_be_switched_off(codex: Codex) -> None:
    run = codex.run("hello", model="qwen-plus")
    equal(run.native[0]["body"]["parameters"].get("enable_search"), True, "enable_search as it comes")
    equal(run.items("web_search")[0]["query"], "hello", "the search")
    run = codex.run("hello", model="qwen-plus", more=NO_SEARCH)
    equal(run.native[0]["body"]["parameters"].get("enable_search"), None, "enable_search")
    equal((run.text, run.items("web_search")), ("Echo: hello", []), "the answer")


@full
def a_refused_key_ends_at_once(codex: Codex) -> None:
    run = codex.run("hello", key="sk-invalid", succeeds=False)
    require("401" in run.failure, f"the explanation is {shorten(run.failure)}")
    require(len(run.native) <= 4, f"{len(run.native)} calls")


@full
def a_prompt_that_is_too_long_is_explained(codex: Codex) -> None:
    run = codex.run("hello", model="qwen-plus-emulator-context-too-long", succeeds=False)
    require("context_length_exceeded" in run.failure and "129024" in run.failure, f"it says {shorten(run.failure)}")
    equal(len(run.native), 1, "the number of upstream calls")


@full
def a_quota_that_is_used_up_is_explained(codex: Codex) -> None:
    run = codex.run("hello", model="emulator-arrearage", succeeds=False)
    require("Quota exceeded" in run.failure, f"it says {shorten(run.failure)}")


@full
def too_many_requests_are_explained(codex: Codex) -> None:
    run = codex.run("hello", model="emulator-throttled", succeeds=False)
    require("429" in run.failure, f"it says {shorten(run.failure)}")


@full
def failures_that_pass_are_not_seen(codex: Codex) -> None:
    for fault in ("503", "breaks-mid-stream"):
        run = codex.run("hello", model=f"qwen-plus-emulator-first-1-{fault}", more=NO_SEARCH)
        equal((run.text, len(run.native)), ("Echo: hello", 2), f"{fault}: the answer, and the calls")


@full
def a_call_that_the_limit_cuts_runs_nothing(codex: Codex) -> None:
    run = codex.run("Do it.", call("exec_command", cmd="echo a long command that is cut > cut.txt"), "@say All done.",
                    model="qwen-plus-emulator-length-in-call", more=NO_SEARCH, succeeds=False)
    equal(list(run.folder.iterdir()), [], "the files")
    require("max_output_tokens" in run.failure, f"it says {shorten(run.failure)}")


if __name__ == "__main__":
    sys.exit(main(Codex))
