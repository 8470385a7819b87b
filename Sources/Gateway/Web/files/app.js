// The playground: one form, one conversation, the request as code.

import { faces } from "./faces.js";
import { readEvents } from "./events.js";
import { showReference } from "./reference.js";
import { codes, headers, hiddenKey } from "./snippets.js";
import { element, prepareHead, word } from "./words.js";

const find = (id) => document.getElementById(id);
const base = new URL(".", location.href).href;

let face = faces[0];
let code = codes[0];
let turns = [];
let picture;
let service = {};
let running;
let models;

// ---- what is asked --------------------------------------------------------------------------------------------------

function form() {
    const read = {};
    for (const id of ["key", "model", "system", "temperature", "maximum", "documents"]) read[id] = find(id).value.trim();
    for (const id of ["stream", "thinking"]) read[id] = find(id).checked;
    return read;
}

function question() {
    return { role: "user", text: find("prompt").value, picture: picture ?? (find("pictureurl").value.trim() || undefined) };
}

/** The request's body; members that are undefined are absent. */
function makeBody(asked) {
    return JSON.parse(JSON.stringify(face.body(form(), asked)));
}

function showCode() {
    const key = form().key;
    const shown = !key || find("showkey").checked || service.key === "any" ? key : hiddenKey;
    const body = makeBody([...(face.single ? [] : turns), question()]);
    const text = code.write(face, base, headers(face, shown), body, shown || "none");
    find("code").dataset.whole = text;
    // A picture is thousands of characters: the copy has them all.
    find("code").textContent = text.replace(/[A-Za-z0-9+/=]{300,}/g, (data) => `${data.slice(0, 60)}…`);
}

// ---- asking ---------------------------------------------------------------------------------------------------------

function addTurn(role, turn) {
    const box = element("div", `turn ${role}`);
    if (turn?.picture?.startsWith("data:")) {
        const image = element("img");
        image.src = turn.picture;
        image.alt = word("picture");
        box.append(image);
    }
    const thoughts = element("details");
    thoughts.append(element("summary", "", word("thought")), element("div", "", ""));
    thoughts.hidden = true;
    thoughts.open = true;
    const text = element("div", "text", turn?.text ?? "");
    box.append(thoughts, text);
    find("talk").append(box);
    return { box, text, thoughts };
}

function follow() {
    const talk = find("talk");
    talk.scrollTop = talk.scrollHeight;
}

function showFacts(facts) {
    const parts = [];
    const add = (name, value) => {
        const part = element("span", "", `${name} `);
        part.append(element("b", "", value));
        parts.push(part);
    };
    if (facts.status) add(word("status"), String(facts.status));
    if (facts.first !== undefined) add(word("firsttoken"), `${facts.first} ms`);
    if (facts.total !== undefined) add(word("total"), `${facts.total} ms`);
    if (facts.usage) add(word("tokens"), [facts.usage.input, facts.usage.output].filter((n) => n !== undefined).join(" + "));
    if (facts.attempts) add(word("attempts"), facts.attempts);
    if (facts.id) add("x-request-id", facts.id);
    find("facts").replaceChildren(...parts);
    const changes = (facts.adjustments ?? "").split(", ").filter(Boolean);
    find("changes").replaceChildren(...changes.map((change) => element("li", "", `x-gateway-adjustments: ${change}`)));
    find("changes").hidden = changes.length === 0;
}

function isRunning(now) {
    find("send").disabled = now;
    find("stop").disabled = !now;
}

async function send() {
    if (running) return;
    const asked = question();
    if (!asked.text.trim()) return find("prompt").focus();
    if (face.single) {
        turns = [];
        find("talk").replaceChildren();
    }
    const body = makeBody([...turns, asked]);
    turns.push(asked);
    forgetPicture();
    addTurn("user", asked);
    const answer = addTurn("assistant");
    const facts = {};
    const started = performance.now();
    const since = () => Math.round(performance.now() - started);
    const collected = { text: "", thought: "" };
    const receive = (piece) => {
        if (piece.text || piece.thought) facts.first ??= since();
        if (piece.thought) {
            collected.thought += piece.thought;
            answer.thoughts.hidden = false;
            answer.thoughts.lastChild.textContent = collected.thought;
        }
        if (piece.text) {
            collected.text += piece.text;
            answer.text.textContent = collected.text;
        }
        // A later event may tell one number only.
        if (piece.usage) {
            facts.usage = {
                input: piece.usage.input ?? facts.usage?.input, output: piece.usage.output ?? facts.usage?.output,
            };
        }
        follow();
    };
    const fail = (text) => {
        answer.box.classList.add("error");
        answer.text.textContent = [collected.text, text].filter(Boolean).join("\n");
        turns.pop();
    };
    running = new AbortController();
    isRunning(true);
    try {
        const reply = await fetch(`${base}${face.path}`, {
            method: "POST", headers: headers(face, form().key), body: JSON.stringify(body), signal: running.signal,
        });
        facts.status = reply.status;
        facts.id = reply.headers.get("x-request-id");
        facts.adjustments = reply.headers.get("x-gateway-adjustments");
        facts.attempts = reply.headers.get("x-gateway-attempts");
        let failure;
        if (reply.headers.get("content-type")?.startsWith("text/event-stream")) {
            await readEvents(reply.body, (event) => {
                if (event.error) failure = event.error.message;
                else receive(face.event(event));
            });
        } else {
            const read = await reply.json();
            if (read.error) failure = `${read.error.message}${read.error.code ? ` (${read.error.code})` : ""}`;
            else receive(face.whole(read, body));
        }
        if (failure) fail(failure);
        else if (!collected.text) answer.text.textContent = collected.thought ? "" : word("none");
        if (!failure) turns.push({ role: "assistant", text: collected.text });
    } catch (error) {
        fail(error.name === "AbortError" ? word("stopped") : word("unreachable"));
    }
    facts.total = since();
    running = undefined;
    isRunning(false);
    showFacts(facts);
    follow();
    showCode();
}

// ---- tabs -----------------------------------------------------------------------------------------------------------

/** Tabs that arrows move among, as the pattern of ARIA has it. */
function makeTabs(place, items, isChosen, choose) {
    const buttons = items.map((item) => {
        const button = element("button", "", item.name);
        button.type = "button";
        button.role = "tab";
        button.id = `tab-${item.id}`;
        button.addEventListener("click", () => {
            choose(item);
            mark();
        });
        return button;
    });
    const mark = () => items.forEach((item, index) => {
        buttons[index].ariaSelected = String(isChosen(item));
        buttons[index].tabIndex = isChosen(item) ? 0 : -1;
    });
    place.replaceChildren(...buttons);
    place.onkeydown = (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        const index = (buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length;
        buttons[index].focus();
        buttons[index].click();
        event.preventDefault();
    };
    mark();
}

function chooseFace(chosen) {
    face = chosen;
    find("model").value = face.model;
    for (const part of document.querySelectorAll("[data-for]")) part.hidden = !face.shows.includes(part.dataset.for);
    find("promptlabel").dataset.word = face.prompt ?? "prompt";
    find("promptlabel").textContent = word(face.prompt ?? "prompt");
    find("panel").setAttribute("aria-labelledby", `tab-${face.id}`);
    clear();
}

function clear() {
    running?.abort();
    forgetPicture();
    turns = [];
    find("talk").replaceChildren();
    showFacts({});
    showCode();
}

function chooseCode(chosen) {
    code = chosen;
    showCode();
}

// ---- the gateway's own facts ----------------------------------------------------------------------------------------

async function readService() {
    service = await (await fetch(base, { headers: { Accept: "application/json" } })).json();
    find("version").textContent = service.version;
    if (service.key === "any" && !find("key").value) find("key").value = "sk-demo";
    const served = faces.filter((item) => service.endpoints.includes(`POST /${item.path}`));
    makeTabs(find("tabs"), served, (item) => item === face, chooseFace);
    chooseFace(served[0]);
}

async function readModels() {
    const reply = await fetch(`${base}v1/models`, { headers: headers(faces[0], form().key) });
    models = reply.ok ? (await reply.json()).data : undefined;
    find("models").replaceChildren(...(models ?? []).map((model) => {
        const option = element("option");
        option.value = model.id;
        return option;
    }));
    showNotes();
}

function showNotes() {
    find("modelnote").textContent = models ? word("models", models.length) : word("modelshidden");
    const note = { any: "keydemo", optional: "keyfree" }[service.key] ?? "keynote";
    find("keynote").dataset.word = note;
    find("keynote").textContent = word(note);
}

/** A picture belongs to one question. */
function forgetPicture() {
    picture = undefined;
    find("picture").value = "";
    find("pictureurl").value = "";
}

function readPicture(file) {
    picture = undefined;
    if (!file) return showCode();
    const reader = new FileReader();
    reader.onload = () => {
        picture = reader.result;
        if (face.picture && find("model").value === face.model) find("model").value = face.picture;
        showCode();
    };
    reader.readAsDataURL(file);
}

// ---- beginning ------------------------------------------------------------------------------------------------------

prepareHead(() => { showNotes(); showReference(base); });
makeTabs(find("languages"), codes, (item) => item === code, chooseCode);
find("ask").addEventListener("submit", (event) => { event.preventDefault(); send(); });
find("options").addEventListener("submit", (event) => event.preventDefault());
find("prompt").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
});
find("stop").addEventListener("click", () => running?.abort());
find("clear").addEventListener("click", clear);
find("picture").addEventListener("change", (event) => readPicture(event.target.files[0]));
find("key").addEventListener("change", readModels);
find("copy").addEventListener("click", async () => {
    await navigator.clipboard.writeText(find("code").dataset.whole);
    find("copy").textContent = word("copied");
});
document.addEventListener("input", showCode);
readService().then(readModels).catch(() => { find("facts").textContent = word("unreachable"); });
showReference(base);
