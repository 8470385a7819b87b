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
