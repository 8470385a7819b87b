// Written by scripts/embed-web.py from the folder files and docs/translations/zh-CN.txt; edit those and run the script.

/// The files of the pages, part of the program so that a single binary is enough.
enum WebFiles {
    static let all: [String: (type: StaticString, text: StaticString)] = [
        "answers.js": (
            "text/javascript; charset=utf-8",
            ##"""
            // Answers as they come: events, JSON, text or audio.

            import { readEvents } from "./events.js";

            /** An error in the words of the API. */
            export class Failure extends Error {
                constructor(message, status) {
                    super(message);
                    this.status = status;
                }

                static of(read, status) {
                    const { message, code } = read.error ?? {};
                    return new Failure(`${message ?? status}${code ? ` (${code})` : ""}`, status);
                }
            }

            /** Throws what an answer with an error says, also where a proxy on the way has written it. */
            export async function check(reply) {
                if (reply.ok) return reply;
                const text = await reply.text();
                let read;
                try { read = JSON.parse(text); } catch { throw new Failure(`${reply.status} ${reply.statusText}`, reply.status); }
                throw Failure.of(read, reply.status);
            }

            /** Hands the pieces of an answer on; what is read as one JSON document is returned. */
            export async function readAnswer(reply, face, body, receive) {
                await check(reply);
                const type = reply.headers.get("content-type") ?? "";
                if (type.startsWith("text/event-stream")) {
                    let failure;
                    await readEvents(reply.body, (event) => {
                        if (event.error) failure = new Failure(event.error.message, reply.status);
                        else receive(face.event(event));
                    });
                    if (failure) throw failure;
                } else if (type.startsWith("audio/")) {
                    const reader = reply.body.getReader();
                    for (let read = await reader.read(); !read.done; read = await reader.read()) receive({ sound: read.value, type });
                } else if (type.startsWith("text/")) {
                    receive(face.plain(await reply.text()));
                } else {
                    const read = await reply.json();
                    if (read.error) throw Failure.of(read, reply.status);
                    receive(face.whole(read, body));
                    return read;
                }
                return undefined;
            }

            """##
        ),
        "app.js": (
            "text/javascript; charset=utf-8",
            ##"""
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

            """##
        ),
        "docs.html": (
            "text/html; charset=utf-8",
            ##"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>DashScope Gateway</title>
            <link rel="icon" href="docs/icon.svg" type="image/svg+xml">
            <link rel="stylesheet" href="docs/style.css">
            <script type="module" src="docs/app.js"></script>
            </head>
            <body>
            <a class="skip" href="#prompt" data-word="skip">Skip to the question</a>
            <header>
            <img src="docs/icon.svg" alt="">
            <h1>DashScope Gateway</h1> <span class="version" id="version"></span>
            <nav>
            <a href="." data-word="home">Start</a> <a href="#api" data-word="reference">API reference</a> <a href="openapi.json">openapi.json</a>
            <button class="plain" id="language" type="button">中文</button>
            <button class="plain" id="theme" type="button" data-word="theme">Light / dark</button>
            </nav>
            </header>
            <main>
            <h2 data-word="playground">Playground</h2>
            <p class="lead" data-word="lead">Ask a model through this gateway. The request is shown below as curl, Python and JavaScript.</p>
            <noscript><p class="lead">The playground needs JavaScript. Chat is POST /v1/chat/completions; the API is described in <a href="openapi.json">openapi.json</a>.</p></noscript>
            <div class="tabs" role="tablist" id="tabs" aria-label="Endpoint"></div>
            <div class="play" id="panel" role="tabpanel">
            <form class="side" id="options">
            <label class="field"><span data-word="key">API key</span>
            <input id="key" type="password" autocomplete="off" spellcheck="false" placeholder="sk-…"></label>
            <p class="note" id="keynote" data-word="keynote">It stays in this page and is sent to this gateway only.</p>
            <label class="field"><span data-word="model">Model</span>
            <input id="model" list="models" value="qwen-plus" autocomplete="off" spellcheck="false"></label>
            <datalist id="models"></datalist>
            <p class="note" id="modelnote"></p>
            <div class="checks" data-for="stream talk">
            <label data-for="stream"><input id="stream" type="checkbox" checked> <span data-word="stream">Stream</span></label>
            <label data-for="talk"><input id="thinking" type="checkbox"> <span data-word="thinking">Thinking</span></label>
            </div>
            <label class="field" data-for="talk"><span data-word="system">System instruction</span>
            <textarea id="system" rows="2"></textarea></label>
            <div class="two" data-for="text">
            <label class="field"><span data-word="temperature">Temperature</span>
            <input id="temperature" type="number" min="0" max="2" step="0.1"></label>
            <label class="field"><span data-word="maximum">Maximum output tokens</span>
            <input id="maximum" type="number" min="1" step="1"></label>
            </div>
            <div class="two" data-for="size count seconds">
            <label class="field" data-for="size"><span data-word="size">Size</span>
            <input id="size" list="sizes" autocomplete="off" spellcheck="false" placeholder="auto"></label>
            <label class="field" data-for="count"><span data-word="count">How many</span>
            <input id="count" type="number" min="1" max="10" step="1" placeholder="1"></label>
            <label class="field" data-for="seconds"><span data-word="seconds">Seconds</span>
            <input id="seconds" type="number" min="1" step="1" placeholder="5"></label>
            </div>
            <datalist id="sizes"></datalist>
            <div class="two" data-for="voice">
            <label class="field"><span data-word="voice">Voice</span>
            <input id="voice" list="voices" autocomplete="off" spellcheck="false" placeholder="auto"></label>
            <label class="field"><span data-word="soundformat">Format</span>
            <select id="soundformat"><option>wav</option><option>mp3</option><option>opus</option><option>pcm</option></select></label>
            </div>
            <datalist id="voices"><option value="alloy"></option><option value="ash"></option><option value="coral"></option><option value="echo"></option><option value="fable"></option><option value="nova"></option><option value="onyx"></option><option value="sage"></option><option value="shimmer"></option></datalist>
            <p class="note" data-for="voice" data-word="voicenote">A voice of the model or one of OpenAI's names. WAV and PCM are heard as they come.</p>
            <div class="two" data-for="transcript">
            <label class="field"><span data-word="textformat">Form of the answer</span>
            <select id="textformat"><option>json</option><option>text</option><option>srt</option><option>vtt</option><option>verbose_json</option><option>diarized_json</option></select></label>
            <label class="field"><span data-word="spoken">Language</span>
            <input id="spoken" autocomplete="off" spellcheck="false" placeholder="auto"></label>
            </div>
            </form>
            <section>
            <div class="talk" id="talk" tabindex="0" role="log" aria-live="polite" aria-label="Conversation"></div>
            <div class="facts" id="facts" role="status"></div>
            <ul class="changes" id="changes" hidden></ul>
            <form class="ask" id="ask">
            <label class="field"><span id="promptlabel" data-word="prompt">Your question</span>
            <textarea id="prompt" rows="3">Hello</textarea></label>
            <label class="field" data-for="documents"><span data-word="documents">Documents, one a line</span>
            <textarea id="documents" rows="4">Qwen is a family of models.
            A gateway translates requests.
            Rivers flow to the sea.</textarea></label>
            <div class="row" data-for="picture">
            <label class="field grow"><span id="picturelabel" data-word="picture">Picture</span>
            <input id="picture" type="file" accept="image/*"></label>
            <label class="field grow"><span data-word="pictureURL">or its address</span>
            <input id="pictureurl" type="url" placeholder="https://…"></label>
            </div>
            <div class="row">
            <button class="main" id="send" type="submit" data-word="send">Send</button>
            <button id="stop" type="button" data-word="stop" disabled>Stop</button>
            <button id="clear" type="button" data-word="clear">New conversation</button>
            <span class="note" data-word="shortcut">Ctrl + Enter sends.</span>
            </div>
            </form>
            <h3 data-word="code">The request</h3>
            <div class="row">
            <div class="tabs" role="tablist" id="languages" aria-label="Code"></div>
            <button class="plain" id="copy" type="button" data-word="copy">Copy</button>
            <label class="row note"><input id="showkey" type="checkbox"> <span data-word="showkey">with the key</span></label>
            </div>
            <pre id="code" tabindex="0"></pre>
            </section>
            </div>
            <section class="api" id="api">
            <h2 data-word="reference">API reference</h2>
            <div id="operations"></div>
            <h3 data-word="repairs">Reported repairs</h3>
            <p data-word="repairstext">Where a request has to be changed for the model, the answer says so in x-gateway-adjustments. With the header x-gateway-strict: true it is refused instead.</p>
            <h3 data-word="errors">Errors</h3>
            <p data-word="errorstext">Errors have the caller's dialect and the status that fits. DashScope's own code is error.upstream_code, its request id the header x-request-id. After a stream has begun, an error is one event, without [DONE].</p>
            </section>
            </main>
            </body>
            </html>

            """##
        ),
        "events.js": (
            "text/javascript; charset=utf-8",
            ##"""
            // Server-sent events of an answer, as they come.

            /** Calls `receive` with each event's JSON; what is no JSON, such as [DONE], is left out. */
            export async function readEvents(body, receive) {
                const reader = body.pipeThrough(new TextDecoderStream()).getReader();
                let text = "";
                for (;;) {
                    const { done, value } = await reader.read();
                    if (done) return;
                    text += value;
                    const events = text.split(/\r?\n\r?\n/);
                    text = events.pop();
                    for (const event of events) {
                        const data = event.split(/\r?\n/).filter((line) => line.startsWith("data:"))
                            .map((line) => line.slice(5).trimStart()).join("\n");
                        if (data.startsWith("{")) receive(JSON.parse(data));
                    }
                }
            }

            """##
        ),
        "faces.js": (
            "text/javascript; charset=utf-8",
            ##"""
            // The endpoints that the playground knows: what each is asked and how its answers read. Those that the gateway serves
            // get a tab.

            import { images, speech, transcription, video } from "./media.js";
            import { number, usage } from "./values.js";

            const isChat = (model) => model.kind === "chat";

            /** A question as the parts that an endpoint wants; a text alone stays a text. */
            function content(turn, text, picture) {
                return turn.picture ? [picture(turn.picture), text(turn.text)] : turn.text;
            }

            function conversation(form, turns, text, picture) {
                return turns.map((turn) => ({ role: turn.role, content: content(turn, text, picture) }));
            }

            const chat = {
                id: "chat", name: "Chat", path: "v1/chat/completions", model: "qwen-plus", picture: "qwen-vl-plus",
                shows: ["stream", "talk", "text", "picture"], sdk: "openai", call: "chat.completions.create",
                extra: ["enable_thinking"], fits: isChat,
                body(form, turns) {
                    const messages = conversation(form, turns,
                        (text) => ({ type: "text", text }), (url) => ({ type: "image_url", image_url: { url } }));
                    if (form.system) messages.unshift({ role: "system", content: form.system });
                    return {
                        model: form.model, messages, temperature: number(form.temperature), max_tokens: number(form.maximum),
                        enable_thinking: form.thinking || undefined, stream: form.stream || undefined,
                        stream_options: form.stream ? { include_usage: true } : undefined,
                    };
                },
                whole: (reply) => ({
                    text: reply.choices?.[0]?.message?.content, thought: reply.choices?.[0]?.message?.reasoning_content,
                    usage: usage(reply.usage),
                }),
                event: (event) => ({
                    text: event.choices?.[0]?.delta?.content, thought: event.choices?.[0]?.delta?.reasoning_content,
                    usage: usage(event.usage),
                }),
            };

            const messages = {
                id: "messages", name: "Messages", path: "v1/messages", model: "qwen-plus", picture: "qwen-vl-plus",
                shows: ["stream", "talk", "text", "picture"], sdk: "anthropic", call: "messages.create", fits: isChat,
                body(form, turns) {
                    const maximum = number(form.maximum) ?? 4096;
                    return {
                        model: form.model, max_tokens: maximum, system: form.system || undefined,
                        messages: conversation(form, turns, (text) => ({ type: "text", text }), anthropicPicture),
                        temperature: number(form.temperature),
                        thinking: form.thinking ? { type: "enabled", budget_tokens: Math.max(1024, maximum >> 1) } : undefined,
                        stream: form.stream || undefined,
                    };
                },
                whole(reply) {
                    const join = (type, member) => (reply.content ?? []).filter((part) => part.type === type)
                        .map((part) => part[member]).join("");
                    return { text: join("text", "text"), thought: join("thinking", "thinking"), usage: usage(reply.usage) };
                },
                event: (event) => ({
                    text: event.delta?.text, thought: event.delta?.thinking, usage: usage(event.usage ?? event.message?.usage),
                }),
            };

            function anthropicPicture(url) {
                const data = /^data:([^;]+);base64,(.*)$/s.exec(url);
                return {
                    type: "image",
                    source: data ? { type: "base64", media_type: data[1], data: data[2] } : { type: "url", url },
                };
            }

            const responses = {
                id: "responses", name: "Responses", path: "v1/responses", model: "qwen-plus", picture: "qwen-vl-plus",
                shows: ["stream", "talk", "text", "picture"], sdk: "openai", call: "responses.create",
                extra: ["enable_thinking"], fits: isChat,
                body(form, turns) {
                    const input = turns.length === 1 && !turns[0].picture ? turns[0].text : conversation(form, turns,
                        (text) => ({ type: "input_text", text }), (url) => ({ type: "input_image", image_url: url }));
                    return {
                        model: form.model, input, instructions: form.system || undefined, temperature: number(form.temperature),
                        max_output_tokens: number(form.maximum), enable_thinking: form.thinking || undefined,
                        stream: form.stream || undefined,
                    };
                },
                whole(reply) {
                    const parts = (reply.output ?? []).flatMap((item) => item.content ?? item.summary ?? []);
                    const join = (types) => parts.filter((part) => types.includes(part.type)).map((part) => part.text).join("");
                    return {
                        text: join(["output_text"]), thought: join(["summary_text", "reasoning_text"]), usage: usage(reply.usage),
                    };
                },
                event: (event) => ({
                    text: event.type === "response.output_text.delta" ? event.delta : undefined,
                    thought: /reasoning.*\.delta$/.test(event.type ?? "") ? event.delta : undefined,
                    usage: usage(event.response?.usage),
                }),
            };

            const completions = {
                id: "completions", name: "Completions", path: "v1/completions", model: "qwen-plus",
                shows: ["stream", "text"], single: true, sdk: "openai", call: "completions.create", fits: isChat,
                body: (form, turns) => ({
                    model: form.model, prompt: turns.at(-1).text, temperature: number(form.temperature),
                    max_tokens: number(form.maximum), stream: form.stream || undefined,
                    stream_options: form.stream ? { include_usage: true } : undefined,
                }),
                whole: (reply) => ({ text: reply.choices?.[0]?.text, usage: usage(reply.usage) }),
                event: (event) => ({ text: event.choices?.[0]?.text, usage: usage(event.usage) }),
            };

            const embeddings = {
                id: "embeddings", name: "Embeddings", path: "v1/embeddings", model: "text-embedding-v4", prompt: "input",
                shows: [], single: true, sdk: "openai", call: "embeddings.create", fits: (model) => model.kind === "embedding",
                body: (form, turns) => ({ model: form.model, input: turns.at(-1).text }),
                whole(reply) {
                    const vector = reply.data?.[0]?.embedding ?? [];
                    const shown = Array.isArray(vector) ? vector.slice(0, 8).map((value) => value.toFixed(4)).join(", ") : "";
                    return { text: `[${shown}, …]  ${vector.length}`, usage: usage(reply.usage) };
                },
            };

            const rerank = {
                id: "rerank", name: "Rerank", path: "v1/rerank", model: "gte-rerank-v2", prompt: "query",
                shows: ["documents"], single: true, fits: (model) => model.kind === "rerank",
                body: (form, turns) => ({
                    model: form.model, query: turns.at(-1).text, documents: form.documents.split("\n").filter((line) => line.trim()),
                }),
                whole(reply, body) {
                    const rows = (reply.results ?? []).map((result) =>
                        `${result.relevance_score.toFixed(4)}  ${body.documents[result.index]}`);
                    return { text: rows.join("\n"), usage: usage(reply.usage) };
                },
            };

            export const faces = [
                chat, messages, responses, completions, embeddings, rerank, images, speech, transcription, video,
            ];

            """##
        ),
        "home.html": (
            "text/html; charset=utf-8",
            ##"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>DashScope Gateway</title>
            <link rel="icon" href="docs/icon.svg" type="image/svg+xml">
            <link rel="stylesheet" href="docs/style.css">
            <script type="module" src="docs/home.js"></script>
            </head>
            <body>
            <header>
            <img src="docs/icon.svg" alt="">
            <h1>DashScope Gateway</h1> <span class="version" id="version"></span>
            <nav>
            <button class="plain" id="language" type="button">中文</button>
            <button class="plain" id="theme" type="button" data-word="theme">Light / dark</button>
            </nav>
            </header>
            <main>
            <p class="lead" data-word="about">OpenAI and Anthropic clients on Alibaba Cloud Model Studio (DashScope), through its native API.</p>
            <p><a href="docs" data-word="open">Open the playground and the API reference</a></p>
            <h2 data-word="here">This gateway</h2>
            <table id="about"></table>
            <h2 data-word="first">First request</h2>
            <pre id="code" tabindex="0"></pre>
            <h2 data-word="endpoints">Endpoints</h2>
            <table id="endpoints"></table>
            <p class="note" data-word="programs">Programs get this page as JSON.</p>
            </main>
            </body>
            </html>

            """##
        ),
        "home.js": (
            "text/javascript; charset=utf-8",
            ##"""
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

            """##
        ),
        "icon.svg": (
            "image/svg+xml",
            ##"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#4f46e5"/><path d="M7 11h11M14 7l4 4-4 4M25 21H14M18 17l-4 4 4 4" fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round"/></svg>

            """##
        ),
        "media.js": (
            "text/javascript; charset=utf-8",
            ##"""
            // The endpoints of images, speech and videos. Nothing is shown from another host: images come as base64, videos through
            // the gateway.

            import { Failure } from "./answers.js";
            import { bytesOf, number, usage } from "./values.js";
            import { word } from "./words.js";

            /** Whether a model takes or gives something; an operator's own model may do what it does not tell. */
            const hasModality = (model, direction, name) => model.modalities?.[direction]?.includes(name) ?? true;

            const hasPicture = (asked) => asked.files.length > 0 || asked.picture !== undefined;

            // ---- images ---------------------------------------------------------------------------------------------------------

            /** The type of an image tells itself by its first bytes. */
            function imageURL(base64) {
                const type = { "/9j/": "jpeg", UklG: "webp", R0lG: "gif" }[base64.slice(0, 4)] ?? "png";
                return `data:image/${type};base64,${base64}`;
            }

            export const images = {
                id: "images", name: "Images", path: "v1/images/generations", model: "qwen-image-plus", picture: "qwen-image-edit-plus",
                prompt: "imageprompt", sample: "imagesample", shows: ["picture", "size", "count"], single: true, waits: true,
                sizes: ["1024x1024", "1328x1328", "1664x928", "928x1664", "1472x1140", "1140x1472"],
                sdk: "openai", call: "images.generate", extra: ["image"], saves: "pictures",
                file: { name: "image", word: "pictures", accept: "image/*", several: true },
                /** A model draws by a text alone, changes pictures by a text, or does both; others want more than this form has. */
                fits: (model, asked) => model.kind === "image" && (model.modalities?.input ?? []).includes("text")
                    && (hasPicture(asked) ? hasModality(model, "input", "image") : !(model.min_input_images > 0)),
                lacks: (asked) => (asked.text.trim() || asked.files.length || asked.picture ? undefined : "prompt"),
                /** With files it is an edit, which comes as a form. */
                variant: (asked) => (asked.files.length ? { path: "v1/images/edits", call: "images.edit" } : {}),
                body(form, turns) {
                    const asked = turns.at(-1);
                    return {
                        model: form.model, prompt: asked.text || undefined, n: number(form.count), size: form.size || undefined,
                        image: asked.files.length ? undefined : asked.picture, response_format: "b64_json",
                    };
                },
                whole: (reply) => ({
                    pictures: (reply.data ?? []).map((image) => imageURL(image.b64_json)),
                    text: [...new Set((reply.data ?? []).map((image) => image.revised_prompt).filter(Boolean))].join("\n"),
                    usage: usage(reply.usage),
                }),
            };

            // ---- speech ---------------------------------------------------------------------------------------------------------

            export const speech = {
                id: "speech", name: "Speech", path: "v1/audio/speech", model: "qwen3-tts-flash", prompt: "input", sample: "speechsample",
                shows: ["stream", "voice"], single: true, sdk: "openai", call: "audio.speech.create", saves: "sound",
                fits: (model) => model.kind === "speech" && hasModality(model, "output", "audio"),
                body: (form, turns) => ({
                    model: form.model, input: turns.at(-1).text, voice: form.voice || undefined,
                    response_format: form.soundformat || undefined, stream_format: form.stream ? "sse" : undefined,
                }),
                event: (event) => ({ sound: event.audio ? bytesOf(event.audio) : undefined, usage: usage(event.usage) }),
            };

            // ---- transcription --------------------------------------------------------------------------------------------------

            /** A transcript with times or speakers as lines. */
            function segmentLine(segment) {
                const times = segment.start === undefined ? [] : [`${segment.start.toFixed(2)} – ${segment.end.toFixed(2)}`];
                return [...times, ...(segment.speaker ? [`${segment.speaker}:`] : []), segment.text.trim()].join("  ");
            }

            const streamedFormats = ["json", "text", "diarized_json"];

            export const transcription = {
                id: "transcription", name: "Transcription", path: "v1/audio/transcriptions", model: "qwen3-asr-flash",
                prompt: "hints", sample: "hintssample", shows: ["stream", "picture", "transcript"], single: true, waits: true,
                sdk: "openai", call: "audio.transcriptions.create",
                file: { name: "file", word: "recording", accept: "audio/*,video/*" },
                fits: (model) => model.kind === "speech" && hasModality(model, "output", "text"),
                lacks: (asked) => (asked.files.length || asked.picture ? undefined : "picture"),
                /** The SDKs take files only. */
                variant: (asked) => (asked.files.length || !asked.picture ? {} : { sdk: undefined }),
                body(form, turns) {
                    const asked = turns.at(-1);
                    return {
                        model: form.model, file: asked.files.length ? undefined : asked.picture,
                        response_format: form.textformat, language: form.spoken || undefined, prompt: asked.text.trim() || undefined,
                        stream: form.stream && streamedFormats.includes(form.textformat) ? true : undefined,
                    };
                },
                whole: (reply) => ({
                    text: [reply.text, ...(reply.segments ?? []).map(segmentLine)].filter(Boolean).join("\n"), usage: usage(reply.usage),
                }),
                plain: (text) => ({ text: text.trim() }),
                event: (event) => ({
                    text: event.type === "transcript.text.segment" ? `${segmentLine(event)}\n`
                        : event.type === "transcript.text.delta" ? event.delta : undefined,
                    usage: usage(event.usage ?? (event.seconds === undefined ? undefined : { seconds: event.seconds })),
                }),
            };

            // ---- videos ---------------------------------------------------------------------------------------------------------

            const isOpen = (made) => ["queued", "in_progress"].includes(made.status);
            // A video takes minutes: a query that fails is no reason to lose sight of it.
            const maximumFailures = 5;

            /** Waits; a stop ends the wait at once. */
            function pause(milliseconds, signal) {
                return new Promise((resolve, reject) => {
                    const timer = setTimeout(resolve, milliseconds);
                    signal.addEventListener("abort", () => { clearTimeout(timer); reject(signal.reason); }, { once: true });
                });
            }

            export const video = {
                id: "video", name: "Video", path: "v1/videos", model: "wan2.6-t2v", picture: "wan2.6-i2v", prompt: "videoprompt",
                sample: "videosample", shows: ["picture", "size", "seconds"], single: true, waits: true,
                sizes: ["1280x720", "720x1280", "960x960", "1920x1080", "1080x1920"],
                sdk: "openai", call: "videos.create", extra: ["input_reference"], saves: "video",
                file: { name: "input_reference", word: "firstframe", accept: "image/*" },
                fits: (model, asked) => model.kind === "video" && hasModality(model, "input", "text")
                    && (!hasPicture(asked) || hasModality(model, "input", "image")),
                lacks: (asked) => (asked.text.trim() || asked.files.length || asked.picture ? undefined : "prompt"),
                body(form, turns) {
                    const asked = turns.at(-1);
                    return {
                        model: form.model, prompt: asked.text || undefined, size: form.size || undefined,
                        seconds: form.seconds || undefined, input_reference: asked.files.length ? undefined : asked.picture,
                    };
                },
                whole: (reply) => ({ progress: reply.progress, state: reply.status }),
                /** Asks until the video is there, then for its file. A stop cancels what still waits for its turn. */
                async follow(made, ask, receive, signal) {
                    let failures = 0;
                    let wait = 1000;
                    try {
                        while (isOpen(made)) {
                            await pause(wait, signal);
                            try {
                                const reply = await ask(`v1/videos/${made.id}`);
                                wait = Number(reply.headers.get("openai-poll-after-ms")) || wait;
                                made = await reply.json();
                                failures = 0;
                                receive({ progress: made.progress, state: made.status, usage: usage(made.usage ?? undefined) });
                            } catch (error) {
                                failures += 1;
                                const isFinal = error.status < 500 && error.status !== 429;
                                if (signal.aborted || isFinal || failures === maximumFailures) throw error;
                            }
                        }
                    } catch (error) {
                        if (!signal.aborted) throw error;
                        if (made.status !== "queued") throw new Failure(word("goeson"));
                        await ask(`v1/videos/${made.id}`, { method: "DELETE", signal: undefined }).catch(() => {});
                        throw error;
                    }
                    if (made.status !== "completed") throw Failure.of(made, 200);
                    receive({ state: "downloading" });
                    receive({ film: await (await ask(`v1/videos/${made.id}/content`)).blob() });
                },
            };

            """##
        ),
        "reference.js": (
            "text/javascript; charset=utf-8",
            ##"""
            // The API reference, read from the description at openapi.json, and from zh-CN.json what it says in Chinese.

            import { element, isChinese, word } from "./words.js";

            let description;
            let chinese;

            async function read(address) {
                const reply = await fetch(address);
                if (!reply.ok) throw new Error(`${reply.status} ${address}`);
                return reply.json();
            }

            /** Reads the translations; without them the reference is English. */
            async function readChinese(base) {
                try { chinese ??= new Map(Object.entries(await read(`${base}docs/zh-CN.json`))); } catch { /* The next time, perhaps. */ }
            }

            /** Follows a reference into the description's components. */
            function resolve(schema) {
                let found = schema ?? {};
                for (let steps = 0; found.$ref && steps < 10; steps += 1) {
                    found = found.$ref.split("/").slice(1).reduce((place, name) => place?.[name], description) ?? {};
                }
                return found;
            }

            /** A schema's type in a few words. */
            function typeOf(schema, depth = 0) {
                const found = resolve(schema);
                if (found.const !== undefined) return JSON.stringify(found.const);
                if (found.enum) return found.enum.map((value) => JSON.stringify(value)).join(" | ");
                const options = found.anyOf ?? found.oneOf;
                if (options && depth < 2) return [...new Set(options.map((option) => typeOf(option, depth + 1)))].filter(Boolean).join(" | ");
                const type = [found.type ?? "object"].flat().filter((name) => name !== "null").join(" | ");
                const range = [found.minimum, found.maximum];
                const bounds = range.every((bound) => bound === undefined) ? "" : ` ${range.map((bound) => bound ?? "").join("…")}`;
                if (type === "array" && depth < 2) return word("array", typeOf(found.items, depth + 1));
                return type + bounds;
            }

            /** A text of the description in the page's language; each of its lines is translated by itself. */
            function said(text = "") {
                const lines = text.split("\n");
                return isChinese() ? lines.map((line) => chinese?.get(line) ?? line).join("") : lines.join(" ");
            }

            /** Writes a text into a place; what stands between backticks is code. */
            function write(place, text) {
                text.split("`").forEach((part, index) => place.append(index % 2 ? element("code", "", part) : part));
                return place;
            }

            function fields(schema) {
                const table = element("table");
                const head = table.createTHead().insertRow();
                for (const name of ["field", "type", "meaning"]) head.append(element("th", "", word(name)));
                const rows = table.createTBody();
                for (const [name, field] of Object.entries(schema.properties)) {
                    const row = rows.insertRow();
                    row.insertCell().append(element("code", "", name));
                    row.insertCell().textContent = typeOf(field);
                    const meaning = said(field.description ?? resolve(field).description);
                    const isRequired = (schema.required ?? []).includes(name) && !meaning.includes(word("required"));
                    write(row.insertCell(), [isRequired ? word("required") : "", meaning].filter(Boolean).join(isChinese() ? "" : " "));
                }
                return table;
            }

            /** Writes the reference anew, in the page's language; what was open stays so. */
            export async function showReference(base) {
                const translations = isChinese() ? readChinese(base) : undefined;
                description ??= await read(`${base}openapi.json`);
                await translations;
                const place = document.getElementById("operations");
                const open = new Set([...place.querySelectorAll("details[open]")].map((details) => details.dataset.operation));
                place.replaceChildren();
                for (const [path, operations] of Object.entries(description.paths)) {
                    for (const [method, operation] of Object.entries(operations)) {
                        const details = element("details");
                        details.dataset.operation = `${method.toUpperCase()} ${path}`;
                        details.open = open.has(details.dataset.operation);
                        const summary = element("summary");
                        summary.append(element("code", "", details.dataset.operation), " ", write(element("span", "what"), said(operation.summary)));
                        details.append(summary);
                        const schema = resolve(operation.requestBody?.content?.["application/json"]?.schema);
                        if (schema.properties) details.append(fields(schema));
                        if (operation.description) details.append(write(element("p"), said(operation.description)));
                        const statuses = Object.entries(operation.responses).map(([status, response]) =>
                            (status === "default" ? word("otherwise") : status) + word("colon") + said(resolve(response).description));
                        details.append(write(element("p", "note"), statuses.join("  ·  ")));
                        place.append(details);
                    }
                }
            }

            """##
        ),
        "snippets.js": (
            "text/javascript; charset=utf-8",
            ##"""
            // A request as code that can be pasted.

            const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
            const environment = "$DASHSCOPE_API_KEY";

            /** What a face's file is named where its form has several. */
            export const fileField = (face, files) => `${face.file.name}${files.length > 1 ? "[]" : ""}`;

            /** The name of the file that an answer becomes. */
            function savedName(face, body) {
                if (face.saves === "sound") return body.stream_format ? undefined : `speech.${body.response_format ?? "mp3"}`;
                return { pictures: "image.png", video: "video.mp4" }[face.saves];
            }

            // ---- curl -----------------------------------------------------------------------------------------------------------

            function curl({ face, base, body, files, lines }) {
                const headers = Object.entries(lines).map(([name, value]) => {
                    const header = `${name}: ${value}`;
                    return header.includes("$") ? `-H "${header}"` : `-H ${quoted(header)}`;
                });
                const isForm = files.length > 0;
                const data = isForm
                    ? [
                        ...Object.entries(body).map(([name, value]) => `--form-string ${quoted(`${name}=${value}`)}`),
                        ...files.map((file) => `-F ${quoted(`${fileField(face, files)}=@"${file.name.replace(/["\\]/g, "\\$&")}"`)}`),
                    ]
                    : [`-d ${quoted(JSON.stringify(body))}`];
                const isStream = body.stream || body.stream_format === "sse";
                const command = [`curl ${isStream ? "-N " : ""}${base}${face.path}`, ...headers, ...data].join(" \\\n  ");
                const name = savedName(face, body);
                if (face.saves === "pictures") return `${command} \\\n  | jq -r '.data[0].b64_json' | base64 --decode > ${name}`;
                if (face.saves === "video") {
                    const key = headers.filter((header) => header.includes("Authorization")).map((header) => ` \\\n  ${header}`).join("");
                    return `VIDEO_ID=$(${command} \\\n  | jq -r .id)\n\n`
                        + `while curl -s ${base}${face.path}/$VIDEO_ID${key} \\\n  | jq -e '.status == "queued" or .status == "in_progress"'; do sleep 5; done\n\n`
                        + `curl ${base}${face.path}/$VIDEO_ID/content${key} \\\n  -o ${name}`;
                }
                return name ? `${command} \\\n  -o ${name}` : command;
            }

            // ---- what is read of an answer ---------------------------------------------------------------------------------------

            const deltas = {
                chat: { python: ["event.choices", "event.choices[0].delta.content or \"\""], javascript: "event.choices[0]?.delta.content" },
                completions: { python: ["event.choices", "event.choices[0].text"], javascript: "event.choices[0]?.text" },
                responses: typed("response.output_text.delta", "event.delta"),
                messages: {
                    python: [`event.type == "content_block_delta" and event.delta.type == "text_delta"`, "event.delta.text"],
                    javascript: "event.delta?.text",
                },
                transcription: typed("transcript.text.delta", "event.delta"),
                speakers: typed("transcript.text.segment", "event.text"),
            };

            const wholes = {
                chat: "answer.choices[0].message.content", completions: "answer.choices[0].text", responses: "answer.output_text",
                messages: "answer.content.at(-1).text", embeddings: "answer.data[0].embedding",
            };

            function typed(type, member) {
                return { python: [`event.type == "${type}"`, member], javascript: `event.type === "${type}" ? ${member} : undefined` };
            }

            /** What is read of the events of a stream. */
            const delta = (face, body) => deltas[body.response_format === "diarized_json" ? "speakers" : face.id];

            /** What an answer that comes whole is told by; both languages write it alike but for the last of a list. */
            const whole = (face) => wholes[face.id] ?? "answer";

            // ---- Python ---------------------------------------------------------------------------------------------------------

            /** A value as Python writes it. */
            function literal(value) {
                if (value === null) return "None";
                if (value === true) return "True";
                if (value === false) return "False";
                if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
                if (typeof value === "object") {
                    return `{${Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${literal(item)}`).join(", ")}}`;
                }
                return JSON.stringify(value);
            }

            /** The arguments of a call; what the SDK does not know goes into extra_body. */
            function pythonArguments({ face, body, files }) {
                const isExtra = ([name]) => face.extra?.includes(name);
                const members = Object.entries(body);
                const lines = members.filter((member) => !isExtra(member)).map(([name, value]) => `${name}=${literal(value)},`);
                const extra = members.filter(isExtra);
                if (extra.length) lines.push(`extra_body=${literal(Object.fromEntries(extra))},`);
                const opened = files.map((file) => `open(${JSON.stringify(file.name)}, "rb")`);
                if (opened.length) lines.push(`${face.file.name}=${opened.length > 1 ? `[${opened.join(", ")}]` : opened[0]},`);
                // The SDK insists on a voice, the models do not.
                if (face.saves === "sound" && !body.voice) lines.push("voice=NOT_GIVEN,");
                return lines;
            }

            function pythonReading(face, body) {
                if (!body.stream) return `print(${whole(face).replace(".at(-1)", "[-1]")})`;
                const [condition, text] = delta(face, body).python;
                return `for event in answer:\n    if ${condition}:\n        print(${text}, end="", flush=True)\nprint()`;
            }

            /** What is done with an answer. */
            function pythonCall(request) {
                const { face, body } = request;
                const call = (start, end) => `${start}\n${pythonArguments(request).map((line) => `    ${line}`).join("\n")}\n${end}`;
                const name = savedName(face, body);
                if (face.saves === "pictures") {
                    return `${call(`answer = client.${face.call}(`, ")")}\nfor number, image in enumerate(answer.data):\n`
                        + `    with open(f"image-{number}.png", "wb") as file:\n        file.write(base64.b64decode(image.b64_json))`;
                }
                if (face.saves === "sound") {
                    const reading = name ? `answer.stream_to_file("${name}")` : "for line in answer.iter_lines():\n        print(line)";
                    return `${call("with client.audio.speech.with_streaming_response.create(", ") as answer:")}\n    ${reading}`;
                }
                if (face.saves === "video") {
                    return `${call("video = client.videos.create_and_poll(", ")")}\nclient.videos.download_content(video.id).write_to_file("${name}")`;
                }
                return `${call(`answer = client.${face.call}(`, ")")}\n${pythonReading(face, body)}`;
            }

            function python(request) {
                const { face, base, body, key } = request;
                const isOpen = key === environment;
                const secret = isOpen ? `os.environ["DASHSCOPE_API_KEY"]` : JSON.stringify(key);
                const imports = `${face.saves === "pictures" ? "import base64\n" : ""}${isOpen ? "import os\n" : ""}`;
                if (!face.sdk) {
                    return `${imports}import json, urllib.request\n\nrequest = urllib.request.Request(\n    "${base}${face.path}",\n`
                        + `    json.dumps(${literal(body)}).encode(),\n`
                        + `    {"Authorization": "Bearer " + ${secret}, "Content-Type": "application/json"},\n)\n`
                        + "print(urllib.request.urlopen(request).read().decode())";
                }
                const isOpenAI = face.sdk === "openai";
                const client = isOpenAI ? `OpenAI(base_url="${base}v1", api_key=${secret})`
                    : `Anthropic(base_url="${base.replace(/\/$/, "")}", api_key=${secret})`;
                const names = `${face.saves === "sound" && !body.voice ? "NOT_GIVEN, " : ""}${isOpenAI ? "OpenAI" : "Anthropic"}`;
                return `${imports}from ${face.sdk} import ${names}\n\nclient = ${client}\n${pythonCall(request)}`;
            }

            // ---- JavaScript -----------------------------------------------------------------------------------------------------

            /** What is done with an answer. */
            function javascriptCall({ face, body, files }) {
                const members = Object.entries(body).map(([name, value]) =>
                    `  ${name}: ${JSON.stringify(value, null, 2).replaceAll("\n", "\n  ")},`);
                const opened = files.map((file) => `fs.createReadStream(${JSON.stringify(file.name)})`);
                if (opened.length) members.push(`  ${face.file.name}: ${opened.length > 1 ? `[${opened.join(", ")}]` : opened[0]},`);
                const text = `{\n${members.join("\n")}\n}`;
                const name = savedName(face, body);
                if (face.saves === "pictures") {
                    return `const answer = await client.${face.call}(${text});\nanswer.data.forEach((image, number) => {\n`
                        + `  fs.writeFileSync(\`image-\${number}.png\`, Buffer.from(image.b64_json, "base64"));\n});`;
                }
                if (face.saves === "sound") {
                    const reading = name ? `fs.writeFileSync("${name}", Buffer.from(await answer.arrayBuffer()));`
                        : "for await (const piece of answer.body) process.stdout.write(piece);";
                    return `const answer = await client.${face.call}(${text});\n${reading}`;
                }
                if (face.saves === "video") {
                    return `let video = await client.${face.call}(${text});\nwhile (["queued", "in_progress"].includes(video.status)) {\n`
                        + "  await new Promise((resolve) => setTimeout(resolve, 5000));\n  video = await client.videos.retrieve(video.id);\n}\n"
                        + "const file = await client.videos.downloadContent(video.id);\n"
                        + `fs.writeFileSync("${name}", Buffer.from(await file.arrayBuffer()));`;
                }
                const reading = body.stream
                    ? `for await (const event of answer) process.stdout.write(${delta(face, body).javascript} ?? "");\nconsole.log();`
                    : `console.log(${whole(face)});`;
                return `const answer = await client.${face.call}(${text});\n${reading}`;
            }

            function javascript(request) {
                const { face, base, body, files, key } = request;
                const secret = key === environment ? "process.env.DASHSCOPE_API_KEY" : JSON.stringify(key);
                if (!face.sdk) {
                    return `const answer = await fetch("${base}${face.path}", {\n  method: "POST",\n`
                        + `  headers: { Authorization: \`Bearer \${${secret}}\`, "Content-Type": "application/json" },\n`
                        + `  body: JSON.stringify(${JSON.stringify(body, null, 2).replaceAll("\n", "\n  ")}),\n});\nconsole.log(await answer.text());`;
                }
                const isOpenAI = face.sdk === "openai";
                const [name, address] = isOpenAI ? ["OpenAI", `${base}v1`] : ["Anthropic", base.replace(/\/$/, "")];
                const needsFiles = files.length || (face.saves && !body.stream_format);
                return `${needsFiles ? `import fs from "node:fs";\n` : ""}import ${name} from "${isOpenAI ? "openai" : "@anthropic-ai/sdk"}";\n\n`
                    + `const client = new ${name}({ baseURL: "${address}", apiKey: ${secret} });\n${javascriptCall(request)}`;
            }

            export const codes = [
                { id: "curl", name: "curl", write: curl },
                { id: "python", name: "Python", write: python },
                { id: "javascript", name: "JavaScript", write: javascript },
            ];

            /** The headers of a request; without a key where none is needed. A form's type is told by whoever writes the form. */
            export function headers(face, key, isForm = false) {
                const lines = {};
                if (key && face.sdk === "anthropic") lines["x-api-key"] = key;
                else if (key) lines.Authorization = `Bearer ${key}`;
                if (face.sdk === "anthropic") lines["anthropic-version"] = "2023-06-01";
                if (!isForm) lines["Content-Type"] = "application/json";
                return lines;
            }

            /** What stands for a key that is not shown. */
            export const hiddenKey = environment;

            """##
        ),
        "sound.js": (
            "text/javascript; charset=utf-8",
            ##"""
            // Speech that is heard while it comes, and becomes a file in the end.

            const headerBytes = 44;

            function join(parts) {
                const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
                let end = 0;
                for (const part of parts) {
                    whole.set(part, end);
                    end += part.length;
                }
                return whole;
            }

            /** Where a WAV file's samples begin and how they are meant; undefined where it is none, or not there yet. */
            function waveFormat(bytes) {
                const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
                const name = (at) => String.fromCharCode(...bytes.subarray(at, at + 4));
                if (bytes.length < 12 || name(0) !== "RIFF") return undefined;
                const format = {};
                for (let at = 12; at + 8 <= bytes.length; at += 8 + view.getUint32(at + 4, true)) {
                    if (name(at) === "data") return format.rate && { ...format, start: at + 8 };
                    if (name(at) === "fmt " && at + 24 <= bytes.length) {
                        Object.assign(format, {
                            channels: view.getUint16(at + 10, true), rate: view.getUint32(at + 12, true), bits: view.getUint16(at + 22, true),
                        });
                    }
                }
                return undefined;
            }

            /** A header for samples of 16 bits in one channel. */
            function waveHeader(rate, length) {
                const view = new DataView(new ArrayBuffer(headerBytes));
                const write = (at, name) => [...name].forEach((letter, index) => view.setUint8(at + index, letter.charCodeAt(0)));
                write(0, "RIFF");
                view.setUint32(4, headerBytes - 8 + length, true);
                write(8, "WAVEfmt ");
                [[16, 16], [24, rate], [28, rate * 2]].forEach(([at, value]) => view.setUint32(at, value, true));
                [[20, 1], [22, 1], [32, 2], [34, 16]].forEach(([at, value]) => view.setUint16(at, value, true));
                write(36, "data");
                view.setUint32(40, length, true);
                return new Uint8Array(view.buffer);
            }

            /** The audio of one answer. */
            export class Sound {
                #format;
                #parts = [];
                #context;
                #next = 0;
                #head = new Uint8Array();
                #layout;

                /** `format` as the answer has it; with `isLive` it is heard at once where it is made of samples. */
                constructor(format, isLive) {
                    this.#format = format;
                    if (format === "pcm") this.#layout = { rate: 24000, channels: 1, bits: 16, start: 0 };
                    if (isLive && ["wav", "pcm"].includes(format)) this.#context = new AudioContext();
                }

                add(bytes) {
                    this.#parts.push(bytes);
                    if (!this.#context) return;
                    // What is left of the piece before: a header that is not complete, or half a sample.
                    let rest = join([this.#head, bytes]);
                    if (!this.#layout) {
                        this.#layout = waveFormat(rest);
                        if (this.#layout) rest = rest.slice(this.#layout.start);
                    }
                    this.#head = this.#layout ? this.#play(rest) : rest;
                }

                /** Plays one piece behind the one before and returns what is no whole sample. */
                #play(bytes) {
                    const { rate, channels, bits } = this.#layout;
                    const count = bytes.length >> 1;
                    if (channels !== 1 || bits !== 16 || count === 0) return bytes;
                    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
                    const buffer = this.#context.createBuffer(1, count, rate);
                    const samples = buffer.getChannelData(0);
                    for (let index = 0; index < count; index += 1) samples[index] = view.getInt16(2 * index, true) / 32768;
                    const source = this.#context.createBufferSource();
                    source.buffer = buffer;
                    source.connect(this.#context.destination);
                    this.#next = Math.max(this.#next, this.#context.currentTime + 0.05);
                    source.start(this.#next);
                    this.#next += buffer.duration;
                    return bytes.slice(2 * count);
                }

                silence() {
                    this.#context?.close();
                    this.#context = undefined;
                }

                /** How the file is named: samples get a header. */
                get extension() { return this.#format === "pcm" ? "wav" : this.#format; }

                /** The whole as a file that players know: with a header, and a header that says how long it is. */
                file() {
                    const whole = join(this.#parts);
                    if (this.#format === "pcm") return new Blob([waveHeader(24000, whole.length), whole], { type: "audio/wav" });
                    const layout = this.#format === "wav" ? waveFormat(whole) : undefined;
                    if (layout) {
                        const view = new DataView(whole.buffer);
                        const said = view.getUint32(layout.start - 4, true);
                        if (layout.start + said > whole.length) {
                            view.setUint32(4, whole.length - 8, true);
                            view.setUint32(layout.start - 4, whole.length - layout.start, true);
                        }
                    }
                    const types = { mp3: "audio/mpeg", opus: "audio/ogg", wav: "audio/wav" };
                    return new Blob([whole], { type: types[this.#format] ?? "" });
                }
            }

            """##
        ),
        "style.css": (
            "text/css; charset=utf-8",
            ##"""
            :root {
                color-scheme: light dark;
                --paper: light-dark(#ffffff, #12151b);
                --panel: light-dark(#f5f6f9, #1a1f28);
                --line: light-dark(#d9dde6, #313846);
                --text: light-dark(#1b2130, #e4e8f0);
                --faint: light-dark(#5a6274, #9aa4b6);
                --accent: light-dark(#4338ca, #a5b4fc);
                --button: light-dark(#4338ca, #4f46e5);
                --bad: light-dark(#b42318, #ff9a8f);
                --mono: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
            }
            :root[data-theme="light"] { color-scheme: light; }
            :root[data-theme="dark"] { color-scheme: dark; }
            * { box-sizing: border-box; }
            body { margin: 0; background: var(--paper); color: var(--text); font: 16px/1.55 system-ui, "Noto Sans CJK SC", sans-serif; }
            a { color: var(--accent); }
            :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
            .skip { position: absolute; left: -99rem; }
            .skip:focus { left: 1rem; top: 0.5rem; background: var(--paper); padding: 0.3rem 0.6rem; z-index: 2; }
            header { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 1rem; padding: 0.7rem 1.2rem; border-bottom: 1px solid var(--line); }
            header img { width: 28px; height: 28px; }
            header h1 { font-size: 1.1rem; margin: 0; }
            header .version { color: var(--faint); font-size: 0.85rem; }
            header nav { margin-left: auto; display: flex; flex-wrap: wrap; gap: 0.4rem 0.9rem; align-items: center; }
            main { max-width: 78rem; margin: 0 auto; padding: 1rem 1.2rem 3rem; }
            h2 { font-size: 1.25rem; margin: 1.6rem 0 0.6rem; }
            h3 { font-size: 1rem; margin: 1rem 0 0.4rem; }
            main > h2:first-child { margin-top: 0.4rem; }
            p.lead { color: var(--faint); max-width: 52rem; margin: 0.2rem 0 1rem; }
            button, input, select, textarea { font: inherit; color: inherit; }
            input, select, textarea { background: var(--paper); border: 1px solid var(--line); border-radius: 6px; padding: 0.4rem 0.55rem; width: 100%; }
            input, select { min-height: 2.5rem; }
            textarea { resize: vertical; min-height: 4.5rem; }
            button { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: 0.35rem 0.8rem; cursor: pointer; }
            button.main { background: var(--button); border-color: var(--button); color: #fff; font-weight: 600; }
            button:disabled { opacity: 0.5; cursor: default; }
            .plain { padding: 0.2rem 0.6rem; font-size: 0.9rem; }
            .tabs { display: flex; flex-wrap: wrap; gap: 0.2rem; border-bottom: 1px solid var(--line); }
            .tabs button { border: 0; border-bottom: 3px solid transparent; border-radius: 6px 6px 0 0; background: none; color: var(--faint); }
            .tabs button[aria-selected="true"] { color: var(--text); border-bottom-color: var(--accent); font-weight: 600; }
            .play { display: grid; grid-template-columns: minmax(17rem, 22rem) minmax(0, 1fr); gap: 1.2rem; margin-top: 1rem; align-items: start; }
            .side { display: grid; gap: 0.7rem; background: var(--panel); border: 1px solid var(--line); border-radius: 10px; padding: 0.9rem; }
            label.field > span { display: block; font-size: 0.85rem; color: var(--faint); margin-bottom: 0.15rem; }
            .checks { display: flex; flex-wrap: wrap; gap: 0.4rem 1.1rem; }
            .checks label { display: flex; gap: 0.4rem; align-items: center; }
            .checks input { width: auto; min-height: 0; }
            .two { display: grid; grid-template-columns: 1fr 1fr; gap: 0.6rem; align-items: end; }
            .note { color: var(--faint); font-size: 0.85rem; margin: 0; }
            .talk { border: 1px solid var(--line); border-radius: 10px; min-height: 14rem; max-height: 34rem; overflow: auto; padding: 0.9rem; display: grid; gap: 0.8rem; align-content: start; }
            .turn { max-width: 92%; padding: 0.55rem 0.8rem; border-radius: 10px; white-space: pre-wrap; overflow-wrap: anywhere; }
            .turn.user { background: var(--panel); justify-self: end; }
            .turn.assistant { border: 1px solid var(--line); }
            .turn.error { border: 1px solid var(--bad); color: var(--bad); }
            .media { display: flex; flex-wrap: wrap; gap: 0.5rem 0.8rem; align-items: end; }
            .media figure { display: grid; gap: 0.3rem; justify-items: start; margin: 0; max-width: 100%; }
            .media:not(:empty) { margin-bottom: 0.4rem; }
            .media img { max-width: 100%; max-height: 9rem; border-radius: 6px; }
            .assistant .media img, .media video { min-width: 8rem; max-height: 22rem; }
            .media audio { width: 22rem; max-width: 100%; }
            .media video { max-width: 100%; border-radius: 6px; background: #000; }
            .media .save { font-size: 0.9rem; }
            .progress { display: flex; flex-wrap: wrap; gap: 0.3rem 0.8rem; align-items: center; color: var(--faint); font-size: 0.92rem; }
            .progress progress { width: 12rem; accent-color: var(--accent); }
            .turn details { color: var(--faint); font-size: 0.92rem; margin-bottom: 0.4rem; }
            .turn pre { margin: 0; max-height: 24rem; }
            .ask { display: grid; gap: 0.5rem; margin-top: 0.8rem; }
            .row { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; }
            .row .grow { flex: 1 1 12rem; }
            .row input[type="checkbox"] { width: auto; min-height: 0; }
            .facts { display: flex; flex-wrap: wrap; gap: 0.2rem 1.1rem; font-size: 0.88rem; color: var(--faint); min-height: 1.5rem; margin-top: 0.5rem; }
            .facts b { color: var(--text); font-weight: 600; }
            .changes { font-size: 0.88rem; margin: 0.3rem 0 0; padding-left: 1.2rem; overflow-wrap: anywhere; }
            pre { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 0.8rem; overflow: auto; font: 13px/1.5 var(--mono); margin: 0.4rem 0; max-height: 28rem; }
            code { font-family: var(--mono); font-size: 0.92em; }
            table { border-collapse: collapse; width: 100%; }
            td, th { text-align: left; vertical-align: top; padding: 0.4rem 0.6rem 0.4rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
            .api details { border-bottom: 1px solid var(--line); padding: 0.45rem 0; }
            .api summary { cursor: pointer; }
            .api summary > code { font-weight: 600; }
            .api .what { color: var(--faint); }
            .api td { overflow-wrap: break-word; }
            .api td:first-child { white-space: nowrap; }
            [hidden] { display: none !important; }
            @media (max-width: 52rem) {
                .play { grid-template-columns: minmax(0, 1fr); }
                header nav { margin-left: 0; }
                main { padding: 0.6rem 0.8rem 2rem; }
                .turn { max-width: 100%; }
                .api thead { display: none; }
                .api tr { display: flex; flex-wrap: wrap; gap: 0 0.8rem; border-bottom: 1px solid var(--line); padding: 0.4rem 0; }
                .api td { border: 0; padding: 0; min-width: 0; }
                .api td:nth-child(2) { color: var(--faint); }
                .api td:nth-child(3):not(:empty) { flex: 1 0 100%; overflow-wrap: anywhere; }
            }

            """##
        ),
        "tabs.js": (
            "text/javascript; charset=utf-8",
            ##"""
            // Tabs that arrows move among, as the pattern of ARIA has it.

            import { element, word } from "./words.js";

            export function makeTabs(place, items, isChosen, choose) {
                const buttons = items.map((item) => {
                    const button = element("button", "", word(item.name));
                    button.type = "button";
                    button.role = "tab";
                    button.id = `tab-${item.id}`;
                    button.dataset.word = item.name;
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

            """##
        ),
        "turns.js": (
            "text/javascript; charset=utf-8",
            ##"""
            // What was asked and answered: text, thoughts, pictures, sound and films.

            import { Sound } from "./sound.js";
            import { dataURL } from "./values.js";
            import { element, word } from "./words.js";

            const talk = document.getElementById("talk");
            // Files of answers live as long as they are shown.
            let open = [];

            export function clearTurns() {
                for (const turn of open) turn.leave();
                open = [];
                talk.replaceChildren();
            }

            function follow() {
                talk.scrollTop = talk.scrollHeight;
            }

            /** A link that saves what is shown. */
            function saving(url, name) {
                const link = element("a", "save", word("save"));
                link.href = url;
                link.download = name;
                return link;
            }

            class Turn {
                #box;
                #text = element("div", "text");
                #thoughts = element("details");
                #media = element("div", "media");
                #progress = element("div", "progress");
                #said = "";
                #thought = "";
                #urls = [];
                #sound;
                #asked;
                #timer;

                constructor(role) {
                    this.#box = element("div", `turn ${role}`);
                    this.#thoughts.append(element("summary", "", word("thought")), element("div"));
                    this.#thoughts.hidden = true;
                    this.#thoughts.open = true;
                    this.#progress.hidden = true;
                    // Seconds that pass are nothing to read aloud.
                    this.#progress.append(element("progress"), element("span", "state"), element("span", "time"));
                    this.#progress.children[0].ariaLabel = word("working");
                    this.#progress.children[2].ariaHidden = "true";
                    this.#box.append(this.#media, this.#thoughts, this.#text, this.#progress);
                    talk.append(this.#box);
                    open.push(this);
                }

                get text() { return this.#said; }

                /** Shows what was asked. */
                async ask(asked) {
                    this.#text.textContent = asked.text;
                    const files = asked.picture?.startsWith("data:") ? [asked.picture] : asked.files;
                    for (const file of files) {
                        if (typeof file === "string" || file.type.startsWith("image/")) {
                            this.#addPicture(typeof file === "string" ? file : await dataURL(file), word("picture"));
                        } else if (file.type.startsWith("audio/")) {
                            this.#addPlayer("audio", file, file.name).after(element("span", "", file.name));
                        } else {
                            this.#media.append(element("span", "", file.name));
                        }
                    }
                    if (asked.picture && !asked.picture.startsWith("data:")) this.#media.append(element("span", "", asked.picture));
                    follow();
                }

                /** Tells that the answer takes its time. */
                wait(isLong) {
                    if (!isLong) return;
                    const began = performance.now();
                    const show = () => { this.#progress.children[2].textContent = `${Math.round((performance.now() - began) / 1000)} s`; };
                    this.#timer = setInterval(show, 1000);
                    this.#progress.hidden = false;
                    show();
                    follow();
                }

                receive(piece, body) {
                    if (piece.thought) {
                        this.#thought += piece.thought;
                        this.#thoughts.hidden = false;
                        this.#thoughts.lastChild.textContent = this.#thought;
                    }
                    if (piece.text) {
                        this.#said += piece.text;
                        this.#text.textContent = this.#said;
                    }
                    if (piece.state) {
                        this.#progress.children[1].textContent = word(piece.state);
                        const bar = this.#progress.children[0];
                        if (piece.progress && piece.state !== "downloading") bar.value = piece.progress / 100;
                        else bar.removeAttribute("value");
                    }
                    piece.pictures?.forEach((url, index) => {
                        const name = `image-${index + 1}.${/^data:image\/(\w+)/.exec(url)[1]}`;
                        this.#addPicture(url, body.prompt ?? word("picture")).append(saving(url, name));
                    });
                    if (piece.sound) {
                        this.#sound ??= new Sound(body.response_format, body.stream_format === "sse");
                        this.#sound.add(piece.sound);
                        this.#asked = body.input;
                    }
                    if (piece.film) {
                        const film = this.#addPlayer("video", piece.film, body.prompt);
                        film.loop = true;
                        film.playsInline = true;
                        film.after(saving(film.src, "video.mp4"));
                    }
                    follow();
                }

                finish() {
                    this.#end();
                    if (this.#sound) {
                        const player = this.#addPlayer("audio", this.#sound.file(), this.#asked);
                        player.addEventListener("play", () => this.#sound.silence());
                        player.after(saving(player.src, `speech.${this.#sound.extension}`));
                    }
                    if (!this.#said && !this.#media.hasChildNodes()) this.#text.textContent = this.#thought ? "" : word("none");
                    follow();
                }

                fail(text) {
                    this.#end();
                    this.#sound?.silence();
                    this.#box.classList.add("error");
                    this.#text.textContent = [this.#said, text].filter(Boolean).join("\n");
                    follow();
                }

                leave() {
                    this.#end();
                    this.#sound?.silence();
                    for (const url of this.#urls) URL.revokeObjectURL(url);
                }

                #end() {
                    clearInterval(this.#timer);
                    this.#progress.hidden = true;
                }

                #addPicture(url, description) {
                    const image = element("img");
                    image.src = url;
                    image.alt = description;
                    image.addEventListener("load", follow);
                    return this.#frame(image);
                }

                /** A picture or a player, with what belongs to it below. */
                #frame(shown) {
                    const frame = element("figure");
                    frame.append(shown);
                    this.#media.append(frame);
                    return frame;
                }

                #addPlayer(name, blob, description) {
                    const player = element(name);
                    player.controls = true;
                    player.ariaLabel = description ?? word(name);
                    player.src = URL.createObjectURL(blob);
                    this.#urls.push(player.src);
                    this.#frame(player);
                    return player;
                }
            }

            /** Adds a turn; one with a question shows it. */
            export function addTurn(role, asked) {
                const turn = new Turn(role);
                if (asked) turn.ask(asked);
                return turn;
            }

            """##
        ),
        "values.js": (
            "text/javascript; charset=utf-8",
            ##"""
            // Values of forms and answers that several endpoints have.

            /** What a field says as a number; undefined where it is empty. */
            export const number = (text) => (text === "" ? undefined : Number(text));

            /** Usage in the words of any endpoint; what is not told stays undefined. */
            export function usage(told) {
                if (!told) return undefined;
                return {
                    input: told.prompt_tokens ?? told.input_tokens ?? told.total_tokens,
                    output: told.completion_tokens ?? told.output_tokens,
                    images: told.image_count, characters: told.characters,
                    seconds: told.seconds ?? told.output_video_duration ?? told.video_duration ?? told.duration,
                };
            }

            /** The bytes that base64 stands for. */
            export const bytesOf = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

            /** A file as a data URL. */
            export function dataURL(file) {
                return new Promise((resolve, reject) => {
                    const reader = new FileReader();
                    reader.onload = () => resolve(reader.result);
                    reader.onerror = () => reject(reader.error);
                    reader.readAsDataURL(file);
                });
            }

            """##
        ),
        "words.js": (
            "text/javascript; charset=utf-8",
            ##"""
            // The words of the pages, in English and Chinese, and the two switches in their head.

            const words = {
                en: {
                    skip: "Skip to the question", home: "Start", reference: "API reference", theme: "Light / dark",
                    playground: "Playground",
                    lead: "Ask a model through this gateway. The request is shown below as curl, Python and JavaScript.",
                    key: "API key", keynote: "It stays in this page and is sent to this gateway only.",
                    keydemo: "An emulator answers here: any word is a key.", keyfree: "This gateway needs no key.",
                    model: "Model", models: "{n} models in the catalogue fit.", modelshidden: "The catalogue is shown once the key is accepted.",
                    stream: "Stream", thinking: "Thinking", system: "System instruction", temperature: "Temperature",
                    maximum: "Maximum output tokens", prompt: "Your question", input: "Text", query: "Query",
                    documents: "Documents, one a line", picture: "Picture", pictureURL: "or its address", send: "Send", stop: "Stop",
                    clear: "New conversation", shortcut: "Ctrl + Enter sends.", code: "The request", copy: "Copy", copied: "Copied",
                    showkey: "with the key", thought: "Thoughts", first: "First request", firsttoken: "first token", total: "total",
                    tokens: "tokens", status: "status", attempts: "attempts", stopped: "Stopped.", none: "Nothing came back.",
                    repairs: "Reported repairs",
                    repairstext: "Where a request has to be changed for the model, the answer says so in x-gateway-adjustments. With the header x-gateway-strict: true it is refused instead.",
                    errors: "Errors",
                    errorstext: "Errors have the caller's dialect and the status that fits. DashScope's own code is error.upstream_code, its request id the header x-request-id. After a stream has begun, an error is one event, without [DONE].",
                    field: "Field", type: "Type", meaning: "What it does", required: "Required.", array: "array of {n}",
                    colon: ": ", otherwise: "default", unreachable: "The gateway cannot be reached.",
                    about: "OpenAI and Anthropic clients on Alibaba Cloud Model Studio (DashScope), through its native API.",
                    open: "Open the playground and the API reference", here: "This gateway", endpoints: "Endpoints",
                    programs: "Programs get this page as JSON.", version: "Version", upstream: "Upstream", listeners: "Listening on",
                    limits: "Limits", largest: "Largest body",
                    imageprompt: "What the picture shows", videoprompt: "What the video shows", hints: "Words that may occur, if you like",
                    sample: "Hello", imagesample: "A red fox in the snow, in the light of the morning",
                    speechsample: "Hello! This is how it sounds.", videosample: "A cat runs over a meadow", hintssample: "",
                    size: "Size", count: "How many", seconds: "Seconds", voice: "Voice", soundformat: "Format",
                    voicenote: "A voice of the model or one of OpenAI's names. WAV and PCM are heard as they come.",
                    textformat: "Form of the answer", spoken: "Language", pictures: "Pictures to change, if any", recording: "Recording",
                    firstframe: "First frame, if any", clearall: "Clear", save: "Save", working: "In progress", firstbyte: "first byte",
                    usedimages: "images", usedcharacters: "characters", usedseconds: "seconds", queued: "Waiting for its turn",
                    in_progress: "Being made", completed: "Made", failed: "Failed", downloading: "Being fetched",
                    broken: "The answer broke off.",
                    goeson: "Stopped asking. The video is being made all the same.",
                },
                zh: {
                    skip: "跳到提问", home: "首页", reference: "接口参考", theme: "浅色 / 深色", playground: "在线试用",
                    lead: "通过本网关向模型提问。请求的 curl、Python 和 JavaScript 写法见下方。",
                    key: "API 密钥", keynote: "密钥只留在本页面，只发给本网关。", keydemo: "这里由模拟器应答，密钥可以随便填。",
                    keyfree: "本网关无需密钥。", model: "模型", models: "目录中有 {n} 个适用模型。", modelshidden: "密钥有效后显示模型目录。",
                    stream: "流式输出", thinking: "思考", system: "系统指令", temperature: "温度", maximum: "最大输出 Token 数",
                    prompt: "你的问题", input: "文本", query: "查询", documents: "文档，每行一篇", picture: "图片", pictureURL: "或其地址",
                    send: "发送", stop: "停止", clear: "新对话", shortcut: "按 Ctrl + Enter 发送。", code: "请求代码", copy: "复制", copied: "已复制",
                    showkey: "包含密钥", thought: "思考过程", first: "第一个请求", firsttoken: "首个 Token", total: "总耗时", tokens: "Token",
                    status: "状态码", attempts: "尝试次数", stopped: "已停止。", none: "没有返回内容。", repairs: "请求调整",
                    repairstext: "为适配模型而改动请求时，应答会在 x-gateway-adjustments 中说明。请求头 x-gateway-strict: true 表示改为拒绝。",
                    errors: "错误",
                    errorstext: "错误采用调用方的格式和对应的状态码。DashScope 的错误码在 error.upstream_code 中，请求 ID 在响应头 x-request-id 中。流开始后出错时会收到一个错误事件，不再有 [DONE]。",
                    field: "字段", type: "类型", meaning: "作用", required: "必填。", array: "array<{n}>", colon: "：",
                    otherwise: "其他", unreachable: "无法连接网关。",
                    about: "让 OpenAI 和 Anthropic 客户端通过原生接口使用阿里云百炼（DashScope）。",
                    open: "打开在线试用和接口参考", here: "本网关", endpoints: "接口", programs: "程序访问本地址得到 JSON。", version: "版本",
                    upstream: "上游", listeners: "监听地址", limits: "限额", largest: "请求体上限",
                    Chat: "对话", Completions: "补全", Embeddings: "向量", Rerank: "重排序", Images: "图像", Speech: "语音合成",
                    Transcription: "语音识别", Video: "视频",
                    imageprompt: "画面内容", videoprompt: "视频内容", hints: "可能出现的词语（可不填）",
                    sample: "你好", imagesample: "雪地里的一只红狐狸，清晨的阳光", speechsample: "你好！听听这个声音。",
                    videosample: "一只猫跑过草地", hintssample: "",
                    size: "尺寸", count: "数量", seconds: "秒数", voice: "音色", soundformat: "格式",
                    voicenote: "模型的音色，或 OpenAI 的音色名。WAV 和 PCM 边生成边播放。",
                    textformat: "结果格式", spoken: "语种", pictures: "要编辑的图片（可不选）", recording: "录音文件", firstframe: "首帧图片（可不选）",
                    clearall: "清空", save: "保存", working: "处理中", firstbyte: "首字节", usedimages: "图片数", usedcharacters: "字符数",
                    usedseconds: "秒数", queued: "排队中", in_progress: "生成中", completed: "已完成", failed: "失败", downloading: "下载中",
                    broken: "应答中断。", goeson: "已停止查询，视频仍在生成。",
                },
            };

            let language = stored("language") ?? (navigator.language.startsWith("zh") ? "zh" : "en");

            // Private windows may refuse to keep anything.
            function stored(name) {
                try { return localStorage.getItem(name); } catch { return null; }
            }

            function store(name, value) {
                try { localStorage.setItem(name, value); } catch { /* It lasts as long as the page, then. */ }
            }

            /** Whether the page is in Chinese. */
            export const isChinese = () => language === "zh";

            /** A word in the page's language; `{n}` becomes the number. */
            export function word(name, number) {
                return (words[language][name] ?? words.en[name] ?? name).replace("{n}", number);
            }

            /** Puts every marked element into the page's language. */
            export function translate() {
                document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
                for (const element of document.querySelectorAll("[data-word]")) element.textContent = word(element.dataset.word);
                document.getElementById("language").textContent = language === "zh" ? "English" : "中文";
            }

            /** Makes the switches of the head work; `changed` is called when the language is another. */
            export function prepareHead(changed) {
                const root = document.documentElement;
                const theme = stored("theme");
                if (theme) root.dataset.theme = theme;
                document.getElementById("theme").addEventListener("click", () => {
                    const isDark = getComputedStyle(root).colorScheme === "dark"
                        || (!root.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
                    root.dataset.theme = isDark ? "light" : "dark";
                    store("theme", root.dataset.theme);
                });
                document.getElementById("language").addEventListener("click", () => {
                    language = language === "zh" ? "en" : "zh";
                    store("language", language);
                    translate();
                    changed();
                });
                translate();
            }

            /** An element with a class and a text. */
            export function element(name, className, text) {
                const made = document.createElement(name);
                if (className) made.className = className;
                if (text !== undefined) made.textContent = text;
                return made;
            }

            """##
        ),
        "zh-CN.json": (
            "application/json; charset=utf-8",
            ##"""
            {
            "Carried.": "原样传递。",
            "Becomes `input.messages`.": "转换为 `input.messages`。",
            "Handled by the gateway.": "由网关处理。",
            "Becomes `max_completion_tokens`, or `max_tokens` for older models.": "转换为 `max_completion_tokens`；较旧的模型为 `max_tokens`。",
            "Taken, without effect.": "接受，但不起作用。",
            "Becomes `response_format`.": "转换为 `response_format`。",
            "Becomes `tools`.": "转换为 `tools`。",
            "Becomes `tool_choice`.": "转换为 `tool_choice`。",
            "Approximated by `enable_thinking`, `reasoning_effort`.": "近似地转换为 `enable_thinking`、`reasoning_effort`。",
            "Approximated.": "以近似的方式处理。",
            "Becomes `enable_thinking`, `thinking_budget`.": "转换为 `enable_thinking`、`thinking_budget`。",
            "Becomes `enable_thinking`.": "转换为 `enable_thinking`。",
            "Becomes `enable_search`, `search_options`.": "转换为 `enable_search`、`search_options`。",
            "Required. Aliases of the operator are resolved.": "必填。先解析运维人员配置的别名。",
            "Required. `developer` becomes `system` and is reported.": "必填。`developer` 变为 `system`，并报告。",
            "Models that only stream, or may think, are streamed inside and answered whole.": "只支持流式或可能思考的模型，内部用流式调用，再返回完整回答。",
            "`include_usage` adds the usage chunk. Tolerated without `stream`. Unknown members are reported.": "`include_usage` 增加一个含用量的数据块。没有 `stream` 时也接受。不认识的成员会报告。",
            "Reasoning and answer together. On older models that think it caps the answer only, which is reported.": "包括思考和回答。在能思考的旧模型上只限制回答的长度，并报告。",
            "Caps the visible answer. Left out where `max_completion_tokens` is given as well. 0 is left out and reported.": "限制可见回答的长度。同时给出 `max_completion_tokens` 时去掉。0 会去掉，并报告。",
            "0 to 2; 2 becomes 1.99, reported.": "0 到 2；2 改为 1.99，并报告。",
            "0 to 1; 0 becomes 0.000001, reported.": "0 到 1；0 改为 0.000001，并报告。",
            "No native counterpart. Reported unless it is 0.": "没有对应的原生参数。不为 0 时报告。",
            "−2 to 2.": "−2 到 2。",
            "1 to 4, and 1 with tools; anything else is refused.": "1 到 4，有工具时只能为 1；其他值拒绝。",
            "-1 means none; another negative seed loses its sign. Both reported.": "-1 表示不设置；其他负数去掉负号。两者都会报告。",
            "Token ids are those of the model.": "token id 以所用模型为准。",
            "0 to 20; above 5 becomes 5, reported.": "0 到 20；大于 5 时改为 5，并报告。",
            "`json_schema` becomes `json_object` with the schema in the system message where the model has no schema support. A missing word \"json\" is added. Thinking is switched off where the model cannot do both. All reported.": "模型不支持 schema 时，`json_schema` 变为 `json_object`，schema 写入系统消息。提示词中没有“json”一词时会补上。模型不能同时支持时，关闭思考。以上都会报告。",
            "Functions and custom tools; other types are refused. `strict` is left out (reported when true). A list of parameters becomes a schema. Custom tools become functions with one string `input`, their grammar is told in the description. All reported. An empty list is an absent one.": "函数和自定义工具；其他类型拒绝。`strict` 会去掉（为 true 时报告）。参数列表转换为 schema。自定义工具转换为只有一个字符串参数 `input` 的函数，语法写在描述中。以上都会报告。空列表等同于没有给出。",
            "`required` forces the only tool; with several it becomes `auto` and the system message asks for a call, reported. A forced tool switches thinking off, reported, unless the request asks for thinking; then the choice becomes `auto`, reported, and for `required` the system message asks for a call. `allowed_tools` filters the list.": "只有一个工具时，`required` 强制调用它；有多个工具时变为 `auto`，并在系统消息中要求调用工具，会报告。强制调用某个工具会关闭思考，并报告；如果请求要求思考，则该选择变为 `auto`，并报告，`required` 还会在系统消息中要求调用工具。`allowed_tools` 用于筛选工具列表。",
            "OpenAI's default is true, DashScope's is false: true is sent with tools unless the request says false.": "OpenAI 的默认值为 true，DashScope 为 false：有工具时发送 true，除非请求设为 false。",
            "Deprecated; answered with `function_call`.": "已弃用；以 `function_call` 返回。",
            "Deprecated.": "已弃用。",
            "`none` and `minimal` switch thinking off, the others on. DeepSeek V4 and GLM 5 get `high` or `max`. Left out for models that cannot think. Reported where the degree is lost.": "`none` 和 `minimal` 关闭思考，其他值开启思考。DeepSeek V4 和 GLM 5 得到 `high` 或 `max`。不能思考的模型会去掉该字段。程度有损失时报告。",
            "`effort` is read as `reasoning_effort`, `max_tokens` as `thinking_budget`, `enabled` as `enable_thinking`; other members are reported.": "`effort` 按 `reasoning_effort` 处理，`max_tokens` 按 `thinking_budget` 处理，`enabled` 按 `enable_thinking` 处理；其他成员会报告。",
            "`type` enabled or disabled; `budget_tokens`. Other members are reported.": "`type` 为 enabled 或 disabled；`budget_tokens`。其他成员会报告。",
            "`enable_thinking`, `thinking`, `thinking_budget`, `reasoning_effort`, `preserve_thinking` and `clear_thinking` are read; other members are reported.": "读取 `enable_thinking`、`thinking`、`thinking_budget`、`reasoning_effort`、`preserve_thinking` 和 `clear_thinking`；其他成员会报告。",
            "Sources are asked for. `search_context_size` and `user_location` have no counterpart, reported.": "会要求返回来源。`search_context_size` 和 `user_location` 没有对应的参数，会报告。",
            "Reported.": "会报告。",
            "Omni models only; `audio` is reported elsewhere.": "只用于 omni 模型；其他模型上的 `audio` 会报告。",
            "Omni models only; reported elsewhere.": "只用于 omni 模型；其他模型会报告。",
            "A hint for speed.": "用于提速的提示。",
            "Nothing is stored; reported when true.": "不保存任何内容；为 true 时报告。",
            "Reported unless `auto` or `default`.": "不是 `auto` 或 `default` 时报告。",
            "Caching needs no key here.": "这里的缓存不需要 key。",
            "Its members are read as if they stood at the top.": "其成员按写在顶层处理。",
            "Left out for models that cannot think (reported when true) and, when false, for models that always think (reported).": "不能思考的模型会去掉（为 true 时报告）；总是思考的模型在值为 false 时去掉，并报告。",
            "Left out, reported, where a `reasoning_effort` is sent, which excludes it.": "如果发送了 `reasoning_effort`，两者不能并存，会去掉该字段，并报告。",
            "With true, `reasoning_content` of earlier answers is kept.": "为 true 时保留历史回答中的 `reasoning_content`。",
            "GLM.": "用于 GLM。",
            "qwen-mt.": "用于 qwen-mt。",
            "qwen-doc-turbo.": "用于 qwen-doc-turbo。",
            "qwen-deep-research.": "用于 qwen-deep-research。",
            "Always true upstream when streaming; the client gets increments.": "流式调用时对上游始终为 true；客户端得到增量。",
            "Always `message` upstream.": "对上游始终为 `message`。",
            "Chat, whole and streamed: text, images, audio, video, tools, structured output, thinking, web search": "对话，流式与非流式：文本、图像、音频、视频、工具、结构化输出、思考、联网搜索",
            "Anthropic's Messages: whole and streamed, tools, thinking, images, prompt cache, web search": "Anthropic Messages 接口，流式与非流式：工具、思考、图像、提示词缓存、联网搜索",
            "An estimate of the input tokens of a Messages request; no call upstream": "估算 Messages 请求的输入 token 数，不访问上游",
            "Text completions: one prompt or a list, whole and streamed, fill-in-the-middle, log probabilities": "文本补全：单个或多个提示词，流式与非流式，中间填充（FIM），对数概率",
            "Embeddings: text and multimodal models, dense and sparse, long lists divided among calls": "向量：文本与多模态模型，稠密与稀疏，长列表自动拆分为多次调用",
            "Images of a text or by other images: models that answer at once and by tasks; links or base64": "图像生成：文生图与参考图，同步与异步任务模型，链接或 base64",
            "Edits of images by a text, as a form or JSON; large files go into DashScope's temporary storage": "按文本编辑图像，请求为表单或 JSON；大文件存入 DashScope 的临时存储",
            "Speech of a text, as audio or as events while it is made; long texts divided among calls": "语音合成：直接返回音频，或以事件流返回，边生成边发送；长文本拆分为多次调用",
            "Speech written down: short files at once, long ones by tasks; times, subtitles, speakers, streams": "语音转写：短音频同步返回，长音频用异步任务；时间戳、字幕、说话人、流式",
            "Speech written down in English: a transcription, then a translation of its text": "语音译为英文：先转写，再翻译文本",
            "Documents in the order of their relevance to a query, in the form of Cohere and Jina": "按与查询的相关性排序文档，Cohere 与 Jina 的格式",
            "The same for clients of Cohere's second version": "同上，供 Cohere 第二版客户端使用",
            "The same for clients whose base URL has no version": "同上，供基础 URL 不带版本号的客户端使用",
            "OpenAI's Responses: whole, streamed or in the background, stored; tools, images, web search": "OpenAI Responses 接口，流式、非流式与后台运行：函数与自定义工具、推理、图像、联网搜索；响应保存在内存或文件中",
            "An estimate of the input tokens of a Responses request; no call upstream": "估算 Responses 请求的输入 token 数，不访问上游",
            "A summary that takes the place of a conversation in later requests, sealed": "生成加密的对话摘要，在后续请求中代替原对话",
            "A stored response, or the events of one made in the background": "取回已保存的响应，或后台响应的事件",
            "Forgets a stored response": "删除已保存的响应",
            "The input items of a stored response": "已保存响应的输入项",
            "Ends a response that runs in the background": "结束在后台运行的响应",
            "A new conversation": "新建会话",
            "A conversation": "取回会话",
            "Replaces a conversation's metadata": "替换会话的元数据",
            "Forgets a conversation": "删除会话",
            "The items of a conversation": "会话的各项",
            "Appends items to a conversation": "向会话追加项",
            "One item of a conversation": "会话的某一项",
            "Removes an item from a conversation": "从会话删除某一项",
            "Videos of a text, of images or of other videos, by tasks that are not waited for": "由文本、图像或其他视频生成视频，通过异步任务，立即返回",
            "The videos of the caller, as they were seen last": "调用方的视频，状态为最后一次查询到的状态",
            "A video: its state, and its link once it is there": "视频的状态，完成后包括链接",
            "Cancels a video that waits for its turn, and forgets it": "取消排队中的视频，并忘记该视频",
            "The file of a video, or a range of it": "视频文件，或其中的一段",
            "Another video of one that is there": "由已有的视频生成另一个视频",
            "The same as `POST /v1/videos` in the form of new-api": "new-api 格式的 `POST /v1/videos`",
            "A video in the form of new-api": "new-api 格式的视频查询",
            "Uploads a document for qwen-long, or the requests of a batch; passed on while it arrives": "上传供 qwen-long 阅读的文档，或批处理的请求文件；边接收边转发，不落盘",
            "The files of the key's account, the newest first": "密钥所属账号的文件列表，从新到旧",
            "What is known of a file": "文件信息",
            "Deletes a file": "删除文件",
            "The bytes of a file that a batch has written": "下载批处理生成的结果文件",
            "Starts a batch of chat or embeddings requests, at half the price": "创建批处理任务（对话或向量），价格减半",
            "The batches of the key's account, the newest first": "批处理任务列表，从新到旧",
            "How far a batch is, and the files with its results": "批处理任务的进度与结果文件",
            "Stops a batch": "取消批处理任务",
            "Begins an upload in parts, of which one file is made": "创建分段上传，各段合成一个文件",
            "Adds a part of at most 64 MB; kept on disk until the upload is completed, cancelled or an hour old": "上传一段，最大 64 MB；保存在磁盘上，直到完成、取消或满一小时",
            "Puts the parts together and passes them on as one file": "把各段合成一个文件，转发给 DashScope",
            "Gives an upload up": "取消分段上传",
            "The model catalogue; no call upstream": "模型目录，不访问上游",
            "One model; slashes in the id may be percent-encoded": "单个模型；id 中的斜杠可用百分号编码",
            "Service information; a page where `Accept` asks for HTML": "服务信息；`Accept` 要求 HTML 时返回页面",
            "Liveness: the process is alive; no call upstream": "存活检查：进程在运行；不访问上游",
            "Readiness: whether the process should be sent requests": "就绪检查：是否应向该进程发送请求",
            "Metrics for Prometheus, also as OpenMetrics": "Prometheus 指标，也支持 OpenMetrics",
            "The API as a page, with a playground": "接口文档页面，可在线试用",
            "The API as an OpenAPI 3.1 description": "OpenAPI 3.1 接口描述",
            "The catalogue.": "模型目录。",
            "On unless it is false.": "默认开启，设为 false 时关闭。",
            "Answers at once; needs a stored response.": "立即返回，在后台运行；要求保存响应。",
            "The first frame, or the image to go by: a URL, a data URL, or an object with `image_url`.": "首帧图像或参考图像：URL、data URL，或含 `image_url` 的对象。",
            "Needed where the model of the video makes none of another.": "原视频所用的模型不能由视频生成视频时必填。",
            "Whether the process should be sent requests.": "是否应向该进程发送请求。",
            "An error in OpenAI's shape.": "OpenAI 格式的错误。",
            "A limit of the gateway or of DashScope is reached.": "超出网关或 DashScope 的限额。",
            "The path takes another method.": "该路径不支持此方法。",
            "The completion, or a stream of chunks with `stream: true`.": "对话结果；`stream: true` 时为数据块的流。",
            "The message, or a stream of events with `stream: true`.": "消息；`stream: true` 时为事件流。",
            "An error in Anthropic's form.": "Anthropic 格式的错误。",
            "The estimate.": "估算值。",
            "The texts in the order prompt × n, or a stream of chunks with `stream: true`.": "补全的文本，先按提示词、再按 n 排列；`stream: true` 时为数据块的流。",
            "The vectors, in the order of the inputs.": "向量，顺序与输入一致。",
            "Images to go by: a URL or a data URL, or an array of them.": "参考图像：一个 URL 或 data URL，或由它们组成的数组。",
            "The images, or an event for each with `stream: true`.": "图像；`stream: true` 时每张图像一个事件。",
            "The image, or an array of images: a URL, a data URL, or an object with `image_url`.": "一张图像或图像数组：URL、data URL，或含 `image_url` 的对象。",
            "For models that take one: an image, white where the image is to change.": "蒙版，只用于支持蒙版的模型：一张图像，白色为要修改的区域。",
            "The audio, or events with `stream_format: sse`.": "音频；`stream_format: sse` 时为事件流。",
            "A URL (https, http, oss) or a data URL.": "URL（https、http、oss）或 data URL。",
            "The transcript, in the form that was asked for.": "转写结果，格式由请求指定。",
            "The transcript in English.": "英文译文。",
            "The results, the best first.": "排序结果，相关性从高到低。",
            "The response, or a stream of events with `stream: true`.": "响应；`stream: true` 时为事件流。",
            "An item that takes the place of the conversation.": "代替原对话的一项。",
            "The response, its events with `stream=true`, or that it is deleted.": "响应；`stream=true` 时为其事件流；删除时为删除结果。",
            "The items, the newest first.": "各项，从新到旧。",
            "The conversation.": "会话。",
            "The conversation, the items, or that it is deleted.": "会话、会话的各项，或删除结果。",
            "The item, or the conversation without it.": "该项；删除时为不再含有该项的会话。",
            "The video, whose task has begun.": "视频，其任务已开始。",
            "The videos, the newest first.": "视频列表，从新到旧。",
            "The video.": "视频。",
            "It is forgotten.": "已忘记该视频。",
            "The file.": "文件。",
            "The range of the file.": "文件中的这一段。",
            "The new video, whose task has begun.": "新的视频，其任务已开始。",
            "The task.": "任务。",
            "The task, and its video once it is there.": "任务；完成后包括视频。",
            "The files.": "文件列表。",
            "The file is deleted.": "文件已删除。",
            "JSON lines, one for each request.": "JSON Lines，每个请求一行。",
            "`24h` to `336h`, or in days.": "`24h` 到 `336h`，也可以用天数表示。",
            "Reported, without effect.": "不起作用，会报告。",
            "The batch.": "批处理任务。",
            "The batches.": "批处理任务列表。",
            "What all parts have together: at most 150 MB, a picture 20 MB; for `batch` 500 MB.": "各段的总大小：最大 150 MB，图片 20 MB；用于 `batch` 时 500 MB。",
            "The upload.": "分段上传。",
            "The part.": "上传的段。",
            "In the order of the file.": "按各段在文件中的顺序排列。",
            "Of the whole file, 32 hexadecimal digits.": "整个文件的 MD5，32 位十六进制数。",
            "The upload with its file.": "分段上传，包括合成的文件。",
            "The model.": "模型。",
            "Service information.": "服务信息。",
            "The process is alive.": "进程在运行。",
            "404 where an admin listener serves it.": "由管理监听地址提供时，这里返回 404。",
            "The metrics.": "指标。",
            "A page.": "页面。",
            "OpenAPI 3.1.": "OpenAPI 3.1。"
            }

            """##
        ),
    ]
}
