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
