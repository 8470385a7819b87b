#!/usr/bin/env python3
"""Drives a running gateway with the real Claude Code, the program inside PyPI's claude-agent-sdk.

    claude_code_suite.py --program …/claude --base-url http://127.0.0.1:8000/v1 --emulator-url http://127.0.0.1:8001
        [--full] [--only PATTERN…]

The program gets an empty home, an empty folder, and an environment that names the gateway and nothing else. The prompts
hold scripts, so that the emulator calls exactly the tools that a check is about. --full adds pictures, web search,
failures and agents. Prints a line a check and `N passed, N failed`; exit status 0 when all passed.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field

from checking import KEY, CheckFailed, check, equal, require, shorten
from coding_agent import CodingAgent, Ended, full, main, plain
from pictures import red_square


@dataclass
class Run(Ended):
    """What the program printed as its result."""

    result: dict = field(default_factory=dict)

    @property
    def text(self) -> str:
        return self.result.get("result") or ""


class ClaudeCode(CodingAgent):
    """Claude Code between a prompt and a gateway."""

    title = "Claude Code"

    def run(self, *lines: str, model: str = "qwen-plus", key: str = KEY, files: dict[str, bytes] | None = None,
            succeeds: bool = True, seconds: int = 90, more: tuple[str, ...] = ()) -> Run:
        folder = self.folder(files)
        prompt = "\n".join(lines).replace("FOLDER", str(folder))
        environment = {
            "IS_SANDBOX": "1", "ANTHROPIC_BASE_URL": self.root_url, "ANTHROPIC_AUTH_TOKEN": key,
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_TELEMETRY": "1",
        }
        ended = self.execute(["-p", prompt, "--model", model, "--output-format", "json",
                              "--dangerously-skip-permissions", *more], folder, environment, seconds)
        try:
            result = json.loads(ended.stdout)
        except ValueError:
            raise CheckFailed(f"it printed no JSON: {shorten(ended.stdout)} {shorten(ended.stderr)}") from None
        if succeeds:
            require(not result["is_error"], f"it ended with an error: {shorten(result.get('result'), 600)}")
        return Run(**vars(ended), result=result)


@check
def text(claude: ClaudeCode) -> None:
    run = claude.run("What is two plus two?")
    equal(run.text, "Echo: What is two plus two?", "the answer")
    equal(len(run.native), 1, "the number of upstream calls")
    used = run.result["modelUsage"]["qwen-plus"]
    require(used["inputTokens"] > 1_000 and used["outputTokens"] > 0, f"the usage is {used}")


@check
def parallel_tools_and_a_step_that_follows(claude: ClaudeCode) -> None:
    run = claude.run("Do it.",
                     '@call Bash {"command": "echo one | tee one.txt", "description": "first"}',
                     '@call Bash {"command": "echo two | tee two.txt", "description": "second"}',
                     "@then", '@call Read {"file_path": "FOLDER/two.txt"}')
    equal(sorted(path.name for path in run.folder.iterdir()), ["one.txt", "two.txt"], "the files")
    results = run.results()
    equal(sorted(text.strip() for text in results[:2]), ["one", "two"], "the results of the first step")
    require("two" in results[2], f"what was read is {shorten(results[2])}")
    require('Read said "' in run.text, f"the answer is {shorten(run.text)}")


@check
def the_beginning_stays_the_same_for_the_cache(claude: ClaudeCode) -> None:
    run = claude.run("Do it.", '@call Bash {"command": "echo one", "description": "x"}')
    equal(len(run.native), 2, "the number of upstream calls")
    first, second = (call["body"] for call in run.native)
    equal(second["parameters"]["tools"], first["parameters"]["tools"], "the tools of the second turn")
    before, after = ([(message["role"], plain(message)) for message in body["input"]["messages"]]
                     for body in (first, second))
    equal(after[: len(before)], before, "the beginning of the second turn")
    require("x-anthropic-billing-header" not in json.dumps(first), "the billing header went upstream")
    used = run.result["usage"]
    require(used["cache_creation_input_tokens"] > 0 and used["cache_read_input_tokens"] > 0, f"the usage is {used}")


@check
def a_file_is_written_and_changed(claude: ClaudeCode) -> None:
    run = claude.run("Do it.", '@call Write {"file_path": "FOLDER/a.txt", "content": "the sky is grey\\n"}', "@then",
                     '@call Edit {"file_path": "FOLDER/a.txt", "old_string": "grey", "new_string": "blue"}',
                     "@say All done.")
    equal((run.folder / "a.txt").read_text(), "the sky is blue\n", "the file")
    equal(run.text, "All done.", "the answer")


@check
def a_refused_key_ends_at_once(claude: ClaudeCode) -> None:
    run = claude.run("hello", key="sk-invalid", succeeds=False)
    equal(run.result["is_error"], True, "is_error")
    require(1 <= len(run.native) <= 2 and run.seconds < 30, f"{len(run.native)} calls in {run.seconds:.0f} s")
    require("401" in run.text or "authenticate" in run.text.lower(), f"the explanation is {shorten(run.text)}")


@check
def an_overload_passes(claude: ClaudeCode) -> None:
    run = claude.run("hello", model="qwen-plus-emulator-first-1-503")
    equal(run.text, "Echo: hello", "the answer")


@full
def thinking_models(claude: ClaudeCode) -> None:
    run = claude.run("Do it.", '@call Bash {"command": "echo one", "description": "x"}', "@say All done.",
                     model="qwen3.5-plus")
    equal(run.text, "All done.", "the answer")
    # It thinks unless it is told not to.
    require(all(call["body"]["parameters"].get("enable_thinking") in (None, True) for call in run.native),
            "thinking was switched off")


@full
def a_picture_is_read(claude: ClaudeCode) -> None:
    script = ("Do it.", '@call Read {"file_path": "FOLDER/red.png"}')
    run = claude.run(*script, model="qwen3-vl-plus", files={"red.png": red_square()})
    require("Received image image/" in run.text, f"the answer is {shorten(run.text)}")
    run = claude.run(*script, files={"red.png": red_square()})
    require("[image omitted" in run.results()[0], f"a model without eyes got {shorten(run.results()[0])}")


@full
def web_search(claude: ClaudeCode) -> None:
    """The tool is deferred: it is looked for first, and its own call is a second conversation."""
    run = claude.run("Do it.", '@call ToolSearch {"query": "select:WebSearch", "max_results": 5}', "@then",
                     '@call WebSearch {"query": "swift language"}')
    searches = [call["body"] for call in run.native if call["body"]["parameters"].get("enable_search")]
    equal(len(searches), 1, "the number of searches")
    require("example.com/quote" in run.results()[-1], f"the result is {shorten(run.results()[-1], 600)}")


@full
def failures(claude: ClaudeCode) -> None:
    run = claude.run("Do it.", '@call Bash {"command": "echo broken; exit 3", "description": "x"}',
                     '@call Read {"file_path": "FOLDER/nothing.txt"}', "@say All done.")
    equal(run.text, "All done.", "the answer")
    for result in run.results():
        require(result.startswith("Error: "), f"a failure reads {shorten(result)}")


@full
def broken_arguments(claude: ClaudeCode) -> None:
    """The limit falls inside a call: the program goes on, and what it sends back is taken."""
    run = claude.run("Do it.", '@call Bash {"command": "echo a long command that is cut", "description": "x"}',
                     "@say All done.", model="qwen-plus-emulator-length-in-call", succeeds=False)
    require(run.native, "nothing went upstream")


@full
def two_agents_at_once(claude: ClaudeCode) -> None:
    def agent(name: str) -> str:
        return "@call Agent " + json.dumps({"description": f"says {name}", "prompt": f"say {name}",
                                            "subagent_type": "general-purpose"})

    run = claude.run("Do it.", agent("alpha"), agent("beta"), "@say All done.")
    questions = [plain(message) for call in run.native for message in call["body"]["input"]["messages"]
                 if message["role"] == "user"]
    for name in ("alpha", "beta"):
        require(any(f"say {name}" in question and "@call" not in question for question in questions),
                f"the agent for {name} asked nothing")
    require("All done." in run.text, f"the answer is {shorten(run.text)}")


@full
def a_conversation_goes_on(claude: ClaudeCode) -> None:
    first = claude.run("Remember the word lighthouse.")
    second = claude.run("Which word?", more=("--resume", first.result["session_id"]))
    sent = second.native[-1]["body"]["input"]["messages"]
    require("lighthouse" in json.dumps(sent), "the first turn is lost")
    require(second.text.startswith("Echo: Which word?"), f"the answer is {shorten(second.text)}")


@full
def a_stream_that_breaks_is_asked_again(claude: ClaudeCode) -> None:
    run = claude.run("hello", model="qwen-plus-emulator-first-1-breaks-mid-stream")
    equal(run.text, "Echo: hello", "the answer")


@full
def an_unknown_claude_name_is_explained(claude: ClaudeCode) -> None:
    run = claude.run("hello", model="claude-sonnet-5-5", succeeds=False)
    equal((run.result["is_error"], run.native), (True, []), "the end, and what went upstream")
    require("model" in run.text, f"the explanation is {shorten(run.text)}")


if __name__ == "__main__":
    sys.exit(main(ClaudeCode))
