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
