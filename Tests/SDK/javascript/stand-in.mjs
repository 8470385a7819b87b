// Stands in for the packages `openai` and `@anthropic-ai/sdk` where npm cannot be reached: the methods that the
// playground's code calls, under the same names and with the same answers. Anything else is no function here.

import fs from "node:fs";
import path from "node:path";

const isFile = (value) => value instanceof fs.ReadStream;

async function blobOf(stream) {
    const parts = [];
    for await (const part of stream) parts.push(part);
    return new Blob(parts);
}

/** A body as the SDKs send it: JSON, or a form where there are files. */
async function payload(body) {
    const members = Object.entries(body);
    if (!members.some(([, value]) => [value].flat().some(isFile))) {
        return { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
    }
    const form = new FormData();
    for (const [name, value] of members) {
        for (const item of [value].flat()) {
            const field = Array.isArray(value) ? `${name}[]` : name;
            if (isFile(item)) form.append(field, await blobOf(item), path.basename(item.path));
            else form.append(field, String(item));
        }
    }
    return { body: form, headers: {} };
}

async function* events(response) {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const bytes of response.body) {
        const blocks = (rest + decoder.decode(bytes, { stream: true })).split("\n\n");
        rest = blocks.pop();
        for (const block of blocks) {
            const data = block.split("\n").find((line) => line.startsWith("data: "))?.slice(6);
            if (data === "[DONE]") return;
            if (data) yield JSON.parse(data);
        }
    }
}

class Client {
    constructor({ baseURL, apiKey }, headers) {
        if (!baseURL || !apiKey) throw new Error("baseURL and apiKey are needed");
        this.baseURL = baseURL;
        this.headers = headers;
    }

    async fetch(address, body) {
        const sent = body ? { method: "POST", ...await payload(body) } : {};
        const response = await fetch(this.baseURL + address, { ...sent, headers: { ...sent.headers, ...this.headers } });
        if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
        return response;
    }

    async call(address, body) {
        const response = await this.fetch(address, body);
        if (body?.stream) return events(response);
        const reply = response.headers.get("content-type").startsWith("application/json")
            ? await response.json() : await response.text();
        if (reply.object === "response") {
            const parts = reply.output.flatMap((item) => item.content ?? []);
            reply.output_text = parts.filter((part) => part.type === "output_text").map((part) => part.text).join("");
        }
        return reply;
    }

    at(address) { return { create: (body) => this.call(address, body) }; }
}

export class OpenAI extends Client {
    constructor(options) {
        super(options, { Authorization: `Bearer ${options.apiKey}` });
        this.chat = { completions: this.at("/chat/completions") };
        this.completions = this.at("/completions");
        this.responses = this.at("/responses");
        this.embeddings = this.at("/embeddings");
        this.images = {
            generate: (body) => this.call("/images/generations", body), edit: (body) => this.call("/images/edits", body),
        };
        this.audio = {
            speech: { create: (body) => this.fetch("/audio/speech", body) },
            transcriptions: this.at("/audio/transcriptions"),
        };
        this.videos = {
            ...this.at("/videos"), retrieve: (id) => this.call(`/videos/${id}`),
            downloadContent: (id) => this.fetch(`/videos/${id}/content`),
        };
    }
}

export class Anthropic extends Client {
    constructor(options) {
        super(options, { "x-api-key": options.apiKey, "anthropic-version": "2023-06-01" });
        this.messages = this.at("/v1/messages");
    }
}
