// Written by scripts/embed-web.py from the folder files; edit those and run the script.

/// The files of the pages, part of the program so that a single binary is enough.
enum WebFiles {
    static let all: [String: (type: StaticString, text: StaticString)] = [
        "app.js": (
            "text/javascript; charset=utf-8",
            ##"""
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
            <p class="lead" data-word="lead">Ask a model through this gateway. The request stands below as curl, Python and JavaScript.</p>
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
            <div class="checks" data-for="talk">
            <label><input id="stream" type="checkbox" checked> <span data-word="stream">Stream</span></label>
            <label><input id="thinking" type="checkbox"> <span data-word="thinking">Thinking</span></label>
            </div>
            <label class="field" data-for="talk"><span data-word="system">System instruction</span>
            <textarea id="system" rows="2"></textarea></label>
            <div class="two" data-for="text">
            <label class="field"><span data-word="temperature">Temperature</span>
            <input id="temperature" type="number" min="0" max="2" step="0.1"></label>
            <label class="field"><span data-word="maximum">Maximum output tokens</span>
            <input id="maximum" type="number" min="1" step="1"></label>
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
            <label class="field grow"><span data-word="picture">Picture</span>
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

            const number = (text) => (text === "" ? undefined : Number(text));

            /** A question as the parts that an endpoint wants; a text alone stays a text. */
            function content(turn, text, picture) {
                return turn.picture ? [picture(turn.picture), text(turn.text)] : turn.text;
            }

            function conversation(form, turns, text, picture) {
                return turns.map((turn) => ({ role: turn.role, content: content(turn, text, picture) }));
            }

            const chat = {
                id: "chat", name: "Chat", path: "v1/chat/completions", model: "qwen-plus", picture: "qwen-vl-plus",
                shows: ["talk", "text", "picture"], sdk: "openai", call: "chat.completions.create",
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
                shows: ["talk", "text", "picture"], sdk: "anthropic", call: "messages.create",
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
                shows: ["talk", "text", "picture"], sdk: "openai", call: "responses.create",
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
                shows: ["talk", "text"], single: true, sdk: "openai", call: "completions.create",
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
                shows: [], single: true, sdk: "openai", call: "embeddings.create",
                body: (form, turns) => ({ model: form.model, input: turns.at(-1).text }),
                whole(reply) {
                    const vector = reply.data?.[0]?.embedding ?? [];
                    const shown = Array.isArray(vector) ? vector.slice(0, 8).map((value) => value.toFixed(4)).join(", ") : "";
                    return { text: `[${shown}, …]  ${vector.length}`, usage: usage(reply.usage) };
                },
            };

            const rerank = {
                id: "rerank", name: "Rerank", path: "v1/rerank", model: "gte-rerank-v2", prompt: "query",
                shows: ["documents"], single: true,
                body: (form, turns) => ({
                    model: form.model, query: turns.at(-1).text, documents: form.documents.split("\n").filter((line) => line.trim()),
                }),
                whole(reply, body) {
                    const rows = (reply.results ?? []).map((result) =>
                        `${result.relevance_score.toFixed(4)}  ${body.documents[result.index]}`);
                    return { text: rows.join("\n"), usage: usage(reply.usage) };
                },
            };

            /** Usage in the words of one dialect or the other, in and out; what is not told stays undefined. */
            function usage(told) {
                if (!told) return undefined;
                return {
                    input: told.prompt_tokens ?? told.input_tokens ?? told.total_tokens,
                    output: told.completion_tokens ?? told.output_tokens,
                };
            }

            export const faces = [chat, messages, responses, completions, embeddings, rerank];

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
            <p class="lead" data-word="about">OpenAI and Anthropic clients on Alibaba Cloud Model Studio (DashScope), by its native API.</p>
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
                    row(about, name === "maximum_body_bytes" ? word("size") : name,
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
        "reference.js": (
            "text/javascript; charset=utf-8",
            ##"""
            // The API reference, read from the description at openapi.json.

            import { element, word } from "./words.js";

            let description;

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
                if (options && depth < 2) return [...new Set(options.map((option) => typeOf(option, depth + 1)))].join(" | ");
                const type = [found.type ?? "object"].flat().filter((name) => name !== "null").join(" | ");
                const range = [found.minimum, found.maximum];
                const bounds = range.every((bound) => bound === undefined) ? "" : ` ${range.map((bound) => bound ?? "").join("…")}`;
                if (type === "array" && depth < 2) return `array of ${typeOf(found.items, depth + 1)}`;
                return type + bounds;
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
                    const isRequired = (schema.required ?? []).includes(name);
                    row.insertCell().textContent = [isRequired ? word("required") : "", field.description ?? resolve(field).description ?? ""]
                        .filter(Boolean).join(". ");
                }
                return table;
            }

            /** Writes the reference anew, in the page's language. */
            export async function showReference(base) {
                description ??= await (await fetch(`${base}openapi.json`)).json();
                const place = document.getElementById("operations");
                place.replaceChildren();
                for (const [path, operations] of Object.entries(description.paths)) {
                    for (const [method, operation] of Object.entries(operations)) {
                        const details = element("details");
                        const summary = element("summary");
                        summary.append(element("code", "", `${method.toUpperCase()} ${path}`), " ", element("span", "what", operation.summary));
                        details.append(summary);
                        const schema = resolve(operation.requestBody?.content?.["application/json"]?.schema);
                        if (schema.properties) details.append(fields(schema));
                        if (operation.description) details.append(element("p", "", operation.description));
                        const statuses = Object.entries(operation.responses).map(([status, response]) =>
                            `${status}: ${resolve(response).description}`);
                        details.append(element("p", "note", statuses.join("  ·  ")));
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

            function curl(face, url, headers, body) {
                const lines = Object.entries(headers).map(([name, value]) => {
                    const header = `${name}: ${value}`;
                    return header.includes("$") ? `-H "${header}"` : `-H ${quoted(header)}`;
                });
                return [`curl ${body.stream ? "-N " : ""}${url}`, ...lines, `-d ${quoted(JSON.stringify(body))}`].join(" \\\n  ");
            }

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

            const environment = "$DASHSCOPE_API_KEY";

            function python(face, base, body, key) {
                const isOpen = key === environment;
                const secret = isOpen ? `os.environ["DASHSCOPE_API_KEY"]` : JSON.stringify(key);
                const imports = isOpen ? "import os\n" : "";
                if (!face.sdk) {
                    return `${imports}import json, urllib.request\n\nrequest = urllib.request.Request(\n    "${base}${face.path}",\n`
                        + `    json.dumps(${literal(body)}).encode(),\n`
                        + `    {"Authorization": "Bearer " + ${secret}, "Content-Type": "application/json"},\n)\n`
                        + "print(urllib.request.urlopen(request).read().decode())";
                }
                // What the SDK does not know goes into extra_body.
                const { enable_thinking: thinking, ...known } = body;
                const lines = Object.entries(known).map(([name, value]) => `    ${name}=${literal(value)},`);
                if (thinking !== undefined) lines.push(`    extra_body={"enable_thinking": ${literal(thinking)}},`);
                const isOpenAI = face.sdk === "openai";
                const client = isOpenAI ? `OpenAI(base_url="${base}v1", api_key=${secret})`
                    : `Anthropic(base_url="${base.replace(/\/$/, "")}", api_key=${secret})`;
                const reading = body.stream ? "for event in answer:\n    print(event)" : "print(answer)";
                return `${imports}from ${face.sdk} import ${isOpenAI ? "OpenAI" : "Anthropic"}\n\nclient = ${client}\n`
                    + `answer = client.${face.call}(\n${lines.join("\n")}\n)\n${reading}`;
            }

            function javascript(face, base, body, key) {
                const secret = key === environment ? "process.env.DASHSCOPE_API_KEY" : JSON.stringify(key);
                const text = JSON.stringify(body, null, 2);
                if (!face.sdk) {
                    return `const answer = await fetch("${base}${face.path}", {\n  method: "POST",\n`
                        + `  headers: { Authorization: \`Bearer \${${secret}}\`, "Content-Type": "application/json" },\n`
                        + `  body: JSON.stringify(${text.replaceAll("\n", "\n  ")}),\n});\nconsole.log(await answer.json());`;
                }
                const isOpenAI = face.sdk === "openai";
                const [name, address] = isOpenAI ? ["OpenAI", `${base}v1`] : ["Anthropic", base.replace(/\/$/, "")];
                const reading = body.stream ? "for await (const event of answer) console.log(event);" : "console.log(answer);";
                return `import ${name} from "${isOpenAI ? "openai" : "@anthropic-ai/sdk"}";\n\n`
                    + `const client = new ${name}({ baseURL: "${address}", apiKey: ${secret} });\n`
                    + `const answer = await client.${face.call}(${text});\n${reading}`;
            }

            export const codes = [
                { id: "curl", name: "curl", write: (face, base, headers, body) => curl(face, `${base}${face.path}`, headers, body) },
                { id: "python", name: "Python", write: (face, base, headers, body, key) => python(face, base, body, key) },
                { id: "javascript", name: "JavaScript", write: (face, base, headers, body, key) => javascript(face, base, body, key) },
            ];

            /** The headers of a request; without a key where none is needed. */
            export function headers(face, key) {
                const lines = {};
                if (key && face.sdk === "anthropic") lines["x-api-key"] = key;
                else if (key) lines.Authorization = `Bearer ${key}`;
                if (face.sdk === "anthropic") lines["anthropic-version"] = "2023-06-01";
                lines["Content-Type"] = "application/json";
                return lines;
            }

            /** What stands for a key that is not shown. */
            export const hiddenKey = environment;

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
            p.lead { color: var(--faint); max-width: 46rem; margin: 0.2rem 0 1rem; }
            button, input, select, textarea { font: inherit; color: inherit; }
            input, select, textarea { background: var(--paper); border: 1px solid var(--line); border-radius: 6px; padding: 0.4rem 0.55rem; width: 100%; }
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
            .checks input { width: auto; }
            .two { display: grid; grid-template-columns: 1fr 1fr; gap: 0.6rem; }
            .note { color: var(--faint); font-size: 0.85rem; margin: 0; }
            .talk { border: 1px solid var(--line); border-radius: 10px; min-height: 14rem; max-height: 34rem; overflow: auto; padding: 0.9rem; display: grid; gap: 0.8rem; align-content: start; }
            .turn { max-width: 92%; padding: 0.55rem 0.8rem; border-radius: 10px; white-space: pre-wrap; overflow-wrap: anywhere; }
            .turn.user { background: var(--panel); justify-self: end; }
            .turn.assistant { border: 1px solid var(--line); }
            .turn.error { border: 1px solid var(--bad); color: var(--bad); }
            .turn img { display: block; max-width: 12rem; max-height: 9rem; border-radius: 6px; margin-bottom: 0.4rem; }
            .turn details { color: var(--faint); font-size: 0.92rem; margin-bottom: 0.4rem; }
            .turn pre { margin: 0; max-height: 24rem; }
            .ask { display: grid; gap: 0.5rem; margin-top: 0.8rem; }
            .row { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; }
            .row .grow { flex: 1 1 12rem; }
            .row input[type="checkbox"] { width: auto; }
            .facts { display: flex; flex-wrap: wrap; gap: 0.2rem 1.1rem; font-size: 0.88rem; color: var(--faint); min-height: 1.5rem; margin-top: 0.5rem; }
            .facts b { color: var(--text); font-weight: 600; }
            .changes { font-size: 0.88rem; margin: 0.3rem 0 0; padding-left: 1.2rem; overflow-wrap: anywhere; }
            pre { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 0.8rem; overflow: auto; font: 13px/1.5 var(--mono); margin: 0.4rem 0; max-height: 28rem; }
            code { font-family: var(--mono); font-size: 0.92em; }
            table { border-collapse: collapse; width: 100%; }
            td, th { text-align: left; vertical-align: top; padding: 0.4rem 0.6rem 0.4rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
            .api details { border-bottom: 1px solid var(--line); padding: 0.45rem 0; }
            .api summary { cursor: pointer; }
            .api summary code { font-weight: 600; }
            .api .what { color: var(--faint); }
            [hidden] { display: none !important; }
            @media (max-width: 52rem) {
                .play { grid-template-columns: minmax(0, 1fr); }
                header nav { margin-left: 0; }
                main { padding: 0.6rem 0.8rem 2rem; }
                .turn { max-width: 100%; }
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
                    lead: "Ask a model through this gateway. The request stands below as curl, Python and JavaScript.",
                    key: "API key", keynote: "It stays in this page and is sent to this gateway only.",
                    keydemo: "An emulator answers here: any word is a key.", keyfree: "This gateway needs no key.",
                    model: "Model", models: "{n} models of the catalogue", modelshidden: "The catalogue is shown once the key is accepted.",
                    stream: "Stream", thinking: "Thinking", system: "System instruction", temperature: "Temperature",
                    maximum: "Maximum output tokens", prompt: "Your question", input: "Text", query: "Query",
                    documents: "Documents, one a line", picture: "Picture", pictureURL: "or its address", send: "Send", stop: "Stop",
                    clear: "New conversation", shortcut: "Ctrl + Enter sends.", code: "The request", copy: "Copy", copied: "Copied",
                    showkey: "with the key", thought: "Thoughts", first: "First request", firsttoken: "first token", total: "in all",
                    tokens: "tokens", status: "status", attempts: "attempts", stopped: "Stopped.", none: "Nothing came back.",
                    repairs: "Reported repairs",
                    repairstext: "Where a request has to be changed for the model, the answer says so in x-gateway-adjustments. With the header x-gateway-strict: true it is refused instead.",
                    errors: "Errors",
                    errorstext: "Errors have the caller's dialect and the status that fits. DashScope's own code is error.upstream_code, its request id the header x-request-id. After a stream has begun, an error is one event, without [DONE].",
                    field: "Field", type: "Type", meaning: "What it does", required: "required", unreachable: "The gateway cannot be reached.",
                    about: "OpenAI and Anthropic clients on Alibaba Cloud Model Studio (DashScope), by its native API.",
                    open: "Open the playground and the API reference", here: "This gateway", endpoints: "Endpoints",
                    programs: "Programs get this page as JSON.", version: "Version", upstream: "Upstream", listeners: "Listening on",
                    limits: "Limits", size: "Largest body",
                },
                zh: {
                    skip: "跳到提问", home: "首页", reference: "接口参考", theme: "浅色 / 深色", playground: "在线试用",
                    lead: "通过本网关向模型提问。请求的 curl、Python 和 JavaScript 写法见下方。",
                    key: "API 密钥", keynote: "密钥只留在本页面，只发给本网关。", keydemo: "这里由模拟器应答，密钥可以随便填。",
                    keyfree: "本网关无需密钥。", model: "模型", models: "目录中有 {n} 个模型", modelshidden: "密钥有效后显示模型目录。",
                    stream: "流式输出", thinking: "思考", system: "系统指令", temperature: "温度", maximum: "最大输出 Token 数",
                    prompt: "你的问题", input: "文本", query: "查询", documents: "文档，每行一篇", picture: "图片", pictureURL: "或图片地址",
                    send: "发送", stop: "停止", clear: "新对话", shortcut: "按 Ctrl + Enter 发送。", code: "请求代码", copy: "复制", copied: "已复制",
                    showkey: "包含密钥", thought: "思考过程", first: "第一个请求", firsttoken: "首个 Token", total: "总耗时", tokens: "Token",
                    status: "状态码", attempts: "尝试次数", stopped: "已停止。", none: "没有返回内容。", repairs: "请求调整",
                    repairstext: "为适配模型而改动请求时，应答会在 x-gateway-adjustments 中说明。请求头 x-gateway-strict: true 表示改为拒绝。",
                    errors: "错误",
                    errorstext: "错误采用调用方的格式和对应的状态码。DashScope 的错误码在 error.upstream_code 中，请求 ID 在响应头 x-request-id 中。流开始后出错时会收到一个错误事件，不再有 [DONE]。",
                    field: "字段", type: "类型", meaning: "作用", required: "必填", unreachable: "无法连接网关。",
                    about: "让 OpenAI 和 Anthropic 客户端通过原生接口使用阿里云百炼（DashScope）。",
                    open: "打开在线试用和接口参考", here: "本网关", endpoints: "接口", programs: "程序访问本地址得到 JSON。", version: "版本",
                    upstream: "上游", listeners: "监听地址", limits: "限额", size: "请求体上限",
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
    ]
}
