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
