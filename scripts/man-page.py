#!/usr/bin/env python3
"""Makes the manual page of what the program says of its own command line (on standard input, `--experimental-dump-help`).

    dashscope-gateway --experimental-dump-help | scripts/man-page.py VERSION >dashscope-gateway.1
"""

import json
import sys


def escape(text):
    """Plain text for roff: no line begins with a control character, no hyphen becomes another one."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join(("\\&" if line[:1] in ".'" else "") + line for line in text.split("\n"))


def options(command):
    for argument in command.get("arguments", []):
        if not argument.get("shouldDisplay", True) or argument.get("valueName") == "help":
            continue
        names = [("--" if name["kind"] == "long" else "-") + name["name"] for name in argument.get("names") or []]
        if argument["kind"] == "option":
            names = [f"{name} {argument['valueName'].upper()}" for name in names]
        elif argument["kind"] == "positional":
            names = [argument["valueName"].upper()]
        text = argument.get("abstract", "").strip()
        if argument.get("defaultValue"):
            text += f" Default: {argument['defaultValue']}."
        yield ", ".join(names), text


tree = json.load(sys.stdin)["command"]
out = [
    f'.TH DASHSCOPE\\-GATEWAY 1 "" "dashscope\\-gateway {sys.argv[1]}" "User Commands"',
    ".SH NAME",
    f"dashscope\\-gateway \\- {escape(tree['abstract'].rstrip('.'))}",
    ".SH SYNOPSIS",
    ".B dashscope\\-gateway",
    "[\\fICOMMAND\\fR] [\\fIOPTIONS\\fR]",
    ".SH DESCRIPTION",
    "OpenAI and Anthropic clients change their base URL and get what DashScope offers. Without a command it serves, at "
    "http://0.0.0.0:8000. Settings come from arguments, the environment and a YAML file, in this order; every setting is",
    escape("in docs/configuration.md, or: dashscope-gateway reference configuration."),
    ".SH COMMANDS",
]
for command in tree["subcommands"]:
    if command["commandName"] == "help":
        continue
    out += [".SS " + escape(command["commandName"]), escape(command.get("abstract", ""))]
    if command.get("discussion"):
        out += [".PP", escape(command["discussion"])]
    for names, text in options(command):
        out += [".TP", f"\\fB{escape(names)}\\fR", escape(text) or "\\&"]
out += [".SH EXIT STATUS"]
for status, text in [
    ("0", "stopped after a drain; the check was well"),
    ("1", "healthcheck found the gateway unwell"),
    ("64", "unknown argument"),
    ("69", "an address cannot be listened at"),
    ("78", "the configuration is wrong; every problem is one line on standard error"),
    ("130, 143", "a second signal cut the drain short"),
]:
    out += [".TP", f"\\fB{status}\\fR", escape(text)]
out += [
    ".SH SIGNALS",
    ".TP\n\\fBSIGTERM, SIGINT\\fR\nstops listening and lets open requests end within drain.timeout; a second one cuts that short",
    ".TP\n\\fBSIGHUP\\fR\nreads the configuration again and opens the log file anew",
    ".SH FILES",
    ".TP\n\\fI/etc/dashscope\\-gateway/gateway.yaml\\fR\nsettings, read again by a reload",
    ".TP\n\\fI/etc/dashscope\\-gateway/gateway.env\\fR\nthe environment of the service",
    ".TP\n\\fI/var/log/dashscope\\-gateway\\fR\nrecords of requests",
    ".SH SEE ALSO",
    ".BR systemctl (1),\n.BR journalctl (1)",
]
print("\n".join(out))
