// The API reference, read from the description at openapi.json, and from zh-CN.json what it says in Chinese.

import { element, isChinese, word } from "./words.js";

let description;
let chinese;

async function read(address) {
    const reply = await fetch(address);
    if (!reply.ok) throw new Error(`${reply.status} ${address}`);
    return reply.json();
}

/** Reads the translations; without them the reference is English. */
async function readChinese(base) {
    try { chinese ??= new Map(Object.entries(await read(`${base}docs/zh-CN.json`))); } catch { /* The next time, perhaps. */ }
}

/** Follows a reference into the description's components. */
function resolve(schema) {
    let found = schema ?? {};
    for (let steps = 0; found.$ref && steps < 10; steps += 1) {
        found = found.$ref.split("/").slice(1).reduce((place, name) => place?.[name], description) ?? {};
    }
    return found;
}

/** A schema's type in a few words. */
function typeOf(schema, depth = 0) {
    const found = resolve(schema);
    if (found.const !== undefined) return JSON.stringify(found.const);
    if (found.enum) return found.enum.map((value) => JSON.stringify(value)).join(" | ");
    const options = found.anyOf ?? found.oneOf;
    if (options && depth < 2) return [...new Set(options.map((option) => typeOf(option, depth + 1)))].filter(Boolean).join(" | ");
    const type = [found.type ?? "object"].flat().filter((name) => name !== "null").join(" | ");
    const range = [found.minimum, found.maximum];
    const bounds = range.every((bound) => bound === undefined) ? "" : ` ${range.map((bound) => bound ?? "").join("…")}`;
    if (type === "array" && depth < 2) return word("array", typeOf(found.items, depth + 1));
    return type + bounds;
}

/** A text of the description in the page's language; each of its lines is translated by itself. */
function said(text = "") {
    const lines = text.split("\n");
    return isChinese() ? lines.map((line) => chinese?.get(line) ?? line).join("") : lines.join(" ");
}

/** Writes a text into a place; what stands between backticks is code. */
function write(place, text) {
    text.split("`").forEach((part, index) => place.append(index % 2 ? element("code", "", part) : part));
    return place;
}

function fields(schema) {
    const table = element("table");
    const head = table.createTHead().insertRow();
    for (const name of ["field", "type", "meaning"]) head.append(element("th", "", word(name)));
    const rows = table.createTBody();
    for (const [name, field] of Object.entries(schema.properties)) {
        const row = rows.insertRow();
        row.insertCell().append(element("code", "", name));
        row.insertCell().textContent = typeOf(field);
        const meaning = said(field.description ?? resolve(field).description);
        const isRequired = (schema.required ?? []).includes(name) && !meaning.includes(word("required"));
        write(row.insertCell(), [isRequired ? word("required") : "", meaning].filter(Boolean).join(isChinese() ? "" : " "));
    }
    return table;
}

/** Writes the reference anew, in the page's language; what was open stays so. */
export async function showReference(base) {
    const translations = isChinese() ? readChinese(base) : undefined;
    description ??= await read(`${base}openapi.json`);
    await translations;
    const place = document.getElementById("operations");
    const open = new Set([...place.querySelectorAll("details[open]")].map((details) => details.dataset.operation));
    place.replaceChildren();
    for (const [path, operations] of Object.entries(description.paths)) {
        for (const [method, operation] of Object.entries(operations)) {
            const details = element("details");
            details.dataset.operation = `${method.toUpperCase()} ${path}`;
            details.open = open.has(details.dataset.operation);
            const summary = element("summary");
            summary.append(element("code", "", details.dataset.operation), " ", write(element("span", "what"), said(operation.summary)));
            details.append(summary);
            const schema = resolve(operation.requestBody?.content?.["application/json"]?.schema);
            if (schema.properties) details.append(fields(schema));
            if (operation.description) details.append(write(element("p"), said(operation.description)));
            const statuses = Object.entries(operation.responses).map(([status, response]) =>
                (status === "default" ? word("otherwise") : status) + word("colon") + said(resolve(response).description));
            details.append(write(element("p", "note"), statuses.join("  ·  ")));
            place.append(details);
        }
    }
}
