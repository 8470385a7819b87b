// Values of forms and answers that several endpoints have.

/** What a field says as a number; undefined where it is empty. */
export const number = (text) => (text === "" ? undefined : Number(text));

/** Usage in the words of any endpoint; what is not told stays undefined. */
export function usage(told) {
    if (!told) return undefined;
    return {
        input: told.prompt_tokens ?? told.input_tokens ?? told.total_tokens,
        output: told.completion_tokens ?? told.output_tokens,
        images: told.image_count, characters: told.characters,
        seconds: told.seconds ?? told.output_video_duration ?? told.video_duration ?? told.duration,
    };
}

/** The bytes that base64 stands for. */
export const bytesOf = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

/** A file as a data URL. */
export function dataURL(file) {
    return new Promise((resolve, reject) => {
        const reader = new FileReader();
        reader.onload = () => resolve(reader.result);
        reader.onerror = () => reject(reader.error);
        reader.readAsDataURL(file);
    });
}
