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
