// The playground: one form, one conversation, the request as code.

import { Failure, check, readAnswer } from "./answers.js";
import { faces } from "./faces.js";
import { showReference } from "./reference.js";
import { codes, fileField, headers, hiddenKey } from "./snippets.js";
import { makeTabs } from "./tabs.js";
import { addTurn, clearTurns } from "./turns.js";
import { dataURL } from "./values.js";
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
// What was written in the tabs: a question for chat is none for a picture.
const drafts = new Map();
let offered = find("prompt").value;

// ---- what is asked --------------------------------------------------------------------------------------------------

const texts = [
    "key", "model", "system", "temperature", "maximum", "documents", "size", "count", "voice", "soundformat", "textformat",
    "spoken", "seconds",
];

function form() {
    const read = {};
    for (const id of texts) read[id] = find(id).value.trim();
    for (const id of ["stream", "thinking"]) read[id] = find(id).checked;
    return read;
}

function question() {
    return {
        role: "user", text: find("prompt").value, files: face.file ? [...find("picture").files] : [],
        picture: picture ?? (find("pictureurl").value.trim() || undefined),
    };
}

/** The request of a question: its endpoint, the body without members that are undefined, the files of a form. */
function makeRequest(asked) {
    const earlier = face.single ? [] : turns;
    const body = JSON.parse(JSON.stringify(face.body(form(), [...earlier, asked])));
    return { face: { ...face, ...face.variant?.(asked) }, body, files: asked.files };
}

/** What is sent: JSON, or a form where there are files. `model` stands before them. */
function payload({ face: asked, body, files }) {
    if (files.length === 0) return JSON.stringify(body);
    const sent = new FormData();
    for (const [name, value] of Object.entries(body)) sent.append(name, value);
    for (const file of files) sent.append(fileField(asked, files), file);
    return sent;
}

function showCode() {
    const key = form().key;
    const shown = !key || find("showkey").checked || service.key === "any" ? key : hiddenKey;
    const request = makeRequest(question());
    const lines = headers(request.face, shown, request.files.length > 0);
    const text = code.write({ ...request, base, lines, key: shown || "none" });
    find("code").dataset.whole = text;
    // A picture is thousands of characters: the copy has them all.
    find("code").textContent = text.replace(/[A-Za-z0-9+/=]{300,}/g, (data) => `${data.slice(0, 60)}…`);
}

// ---- asking ---------------------------------------------------------------------------------------------------------

function showFacts(facts) {
    const parts = [];
    const add = (name, value) => {
        const part = element("span", "", `${name} `);
        part.append(element("b", "", value));
        parts.push(part);
    };
    if (facts.status) add(word("status"), String(facts.status));
    if (facts.first !== undefined) add(word(face.shows.includes("text") ? "firsttoken" : "firstbyte"), `${facts.first} ms`);
    if (facts.total !== undefined) add(word("total"), `${facts.total} ms`);
    const used = facts.usage ?? {};
    const tokens = [used.input, used.output].filter((count) => count !== undefined);
    if (tokens.some((count) => count > 0)) add(word("tokens"), tokens.join(" + "));
    for (const name of ["images", "characters", "seconds"]) if (used[name] !== undefined) add(word(`used${name}`), String(used[name]));
    if (facts.attempts) add(word("attempts"), facts.attempts);
    if (facts.id) add("x-request-id", facts.id);
    if (facts.task) add("x-dashscope-task-id", facts.task);
    find("facts").replaceChildren(...parts);
    const changes = (facts.adjustments ?? "").split(", ").filter(Boolean);
    find("changes").replaceChildren(...changes.map((change) => element("li", "", `x-gateway-adjustments: ${change}`)));
    find("changes").hidden = changes.length === 0;
}

function isRunning(now) {
    find("send").disabled = now;
    find("stop").disabled = !now;
}

/** What an error is called: the API's words, or whose fault it was that there are none. */
function describe(error, hasBegun) {
    if (error instanceof Failure) return error.message;
    if (error.name === "AbortError") return word("stopped");
    return word(hasBegun ? "broken" : "unreachable");
}

async function send() {
    if (running) return;
    const asked = question();
    const lacking = face.lacks ? face.lacks(asked) : asked.text.trim() ? undefined : "prompt";
    if (lacking) return find(lacking).focus();
    if (face.single) clearConversation();
    showFacts({});
    const request = makeRequest(asked);
    const key = form().key;
    turns.push(asked);
    if (!face.single) forgetPicture();
    addTurn("user", asked);
    const answer = addTurn("assistant");
    const facts = {};
    const started = performance.now();
    const since = () => Math.round(performance.now() - started);
    const receive = (piece) => {
        if (piece.text || piece.thought || piece.sound) facts.first ??= since();
        // A later event may tell one number only.
        for (const [name, value] of Object.entries(piece.usage ?? {})) {
            if (value !== undefined) facts.usage = { ...facts.usage, [name]: value };
        }
        answer.receive(piece, request.body);
    };
    const abort = new AbortController();
    running = abort;
    isRunning(true);
    answer.wait(face.waits);
    const ask = async (path, options) => check(await fetch(`${base}${path}`, {
        headers: headers(request.face, key, true), signal: abort.signal, ...options,
    }));
    try {
        const reply = await fetch(`${base}${request.face.path}`, {
            method: "POST", headers: headers(request.face, key, request.files.length > 0), body: payload(request),
            signal: abort.signal,
        });
        if (!face.shows.includes("text")) facts.first = since();
        facts.status = reply.status;
        facts.id = reply.headers.get("x-request-id");
        facts.task = reply.headers.get("x-dashscope-task-id");
        facts.adjustments = reply.headers.get("x-gateway-adjustments");
        facts.attempts = reply.headers.get("x-gateway-attempts");
        const whole = await readAnswer(reply, request.face, request.body, receive);
        if (face.follow) await face.follow(whole, ask, receive, abort.signal);
        answer.finish();
        turns.push({ role: "assistant", text: answer.text, files: [] });
    } catch (error) {
        answer.fail(describe(error, facts.status !== undefined));
        turns = turns.filter((turn) => turn !== asked);
    }
    facts.total = since();
    if (running !== abort) return;
    running = undefined;
    isRunning(false);
    showFacts(facts);
    showCode();
}

// ---- tabs -----------------------------------------------------------------------------------------------------------

function chooseFace(chosen) {
    drafts.set(face.sample, find("prompt").value);
    face = chosen;
    find("prompt").value = drafts.get(face.sample) ?? offered;
    offerSample();
    find("model").value = face.model;
    find("size").value = "";
    for (const part of document.querySelectorAll("[data-for]")) {
        part.hidden = !part.dataset.for.split(" ").some((name) => face.shows.includes(name));
    }
    const name = (id, text) => {
        find(id).dataset.word = text;
        find(id).textContent = word(text);
    };
    name("promptlabel", face.prompt ?? "prompt");
    name("picturelabel", face.file?.word ?? "picture");
    name("clear", face.single ? "clearall" : "clear");
    find("picture").accept = face.file?.accept ?? "image/*";
    find("picture").multiple = face.file?.several ?? false;
    find("sizes").replaceChildren(...(face.sizes ?? []).map(option));
    find("panel").setAttribute("aria-labelledby", `tab-${face.id}`);
    clear();
}

/** A question to begin with, unless something else was written. */
function offerSample() {
    const sample = word(face.sample ?? "sample");
    if (find("prompt").value === offered) find("prompt").value = sample;
    offered = sample;
}

function option(value) {
    const made = element("option");
    made.value = value;
    return made;
}

function clearConversation() {
    turns = [];
    clearTurns();
}

function clear() {
    running?.abort();
    running = undefined;
    isRunning(false);
    forgetPicture();
    clearConversation();
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
    showModels();
}

/** The models of the tab. What an operator has entered without a kind may be for any. */
function showModels() {
    const asked = question();
    const fitting = (models ?? []).filter((model) => !model.kind || face.fits(model, asked));
    find("models").replaceChildren(...fitting.map((model) => option(model.id)));
    find("modelnote").textContent = models ? word("models", fitting.length) : word("modelshidden");
    const note = { any: "keydemo", optional: "keyfree" }[service.key] ?? "keynote";
    find("keynote").dataset.word = note;
    find("keynote").textContent = word(note);
}

/** A picture belongs to one question of a conversation. */
function forgetPicture() {
    picture = undefined;
    find("picture").value = "";
    find("pictureurl").value = "";
    choosePictureModel();
}

/** A model that reads pictures takes the place of one that does not, and the other way round, unless another was chosen. */
function choosePictureModel() {
    const has = find("picture").files.length > 0 || find("pictureurl").value.trim() !== "";
    if (has && face.picture && find("model").value === face.model) find("model").value = face.picture;
    // A conversation goes on with the pictures that stand in it.
    if (!has && face.single && find("model").value === face.picture) find("model").value = face.model;
    showModels();
}

async function readPicture(file) {
    picture = file && !face.file ? await dataURL(file) : undefined;
    choosePictureModel();
    showCode();
}

// ---- beginning ------------------------------------------------------------------------------------------------------

prepareHead(() => {
    offerSample();
    showModels();
    showCode();
    showReference(base);
});
makeTabs(find("languages"), codes, (item) => item === code, chooseCode);
find("ask").addEventListener("submit", (event) => { event.preventDefault(); send(); });
find("options").addEventListener("submit", (event) => event.preventDefault());
find("prompt").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
});
find("stop").addEventListener("click", () => running?.abort());
find("clear").addEventListener("click", clear);
find("picture").addEventListener("change", (event) => readPicture(event.target.files[0]));
find("pictureurl").addEventListener("change", () => { choosePictureModel(); showCode(); });
find("key").addEventListener("change", readModels);
find("copy").addEventListener("click", async () => {
    await navigator.clipboard.writeText(find("code").dataset.whole);
    find("copy").textContent = word("copied");
});
document.addEventListener("input", showCode);
readService().then(readModels).catch(() => { find("facts").textContent = word("unreachable"); });
showReference(base);
