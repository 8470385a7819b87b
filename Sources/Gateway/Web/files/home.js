// The page at `/`: what this gateway is, from its own JSON.

import { element, prepareHead, word } from "./words.js";

const base = new URL(".", location.href);
let facts = {};

function row(table, name, value) {
    const line = table.insertRow();
    line.append(element("th", "", name));
    line.append(element("td", "", value));
}

function show() {
    document.getElementById("version").textContent = facts.version ?? "";
    const about = document.getElementById("about");
    about.replaceChildren();
    row(about, word("version"), facts.version ?? "");
    row(about, word("upstream"), facts.dashscope_endpoint ?? "");
    row(about, word("listeners"), (facts.listeners ?? []).join(", "));
    for (const [name, value] of Object.entries(facts.limits ?? {})) {
        row(about, name === "maximum_body_bytes" ? word("largest") : name,
            name === "maximum_body_bytes" ? `${Math.round(value / 1048576)} MiB` : String(value));
    }
    const endpoints = document.getElementById("endpoints");
    endpoints.replaceChildren();
    for (const name of facts.endpoints ?? []) {
        const cell = endpoints.insertRow().insertCell();
        cell.append(element("code", "", name));
    }
    const key = facts.key === "any" ? "sk-demo" : "$DASHSCOPE_API_KEY";
    document.getElementById("code").textContent =
        `curl ${new URL("v1/chat/completions", base)} \\\n  -H "Authorization: Bearer ${key}" -H "Content-Type: application/json" \\\n`
        + `  -d '{"model": "qwen-plus", "messages": [{"role": "user", "content": "Hello"}]}'`;
}

prepareHead(show);
fetch(base, { headers: { Accept: "application/json" } })
    .then((answer) => answer.json())
    .then((read) => { facts = read; show(); })
    .catch(() => { document.getElementById("version").textContent = word("unreachable"); });
