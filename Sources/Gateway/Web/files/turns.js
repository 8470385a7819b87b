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
