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
