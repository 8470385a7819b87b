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
