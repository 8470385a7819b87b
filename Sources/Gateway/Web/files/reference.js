// The API reference, read from the description at openapi.json.

import { element, word } from "./words.js";

let description;

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
    if (options && depth < 2) return [...new Set(options.map((option) => typeOf(option, depth + 1)))].join(" | ");
    const type = [found.type ?? "object"].flat().filter((name) => name !== "null").join(" | ");
    const range = [found.minimum, found.maximum];
    const bounds = range.every((bound) => bound === undefined) ? "" : ` ${range.map((bound) => bound ?? "").join("…")}`;
    if (type === "array" && depth < 2) return `array of ${typeOf(found.items, depth + 1)}`;
    return type + bounds;
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
        const isRequired = (schema.required ?? []).includes(name);
        row.insertCell().textContent = [isRequired ? word("required") : "", field.description ?? resolve(field).description ?? ""]
            .filter(Boolean).join(". ");
    }
    return table;
}

/** Writes the reference anew, in the page's language. */
export async function showReference(base) {
    description ??= await (await fetch(`${base}openapi.json`)).json();
    const place = document.getElementById("operations");
    place.replaceChildren();
    for (const [path, operations] of Object.entries(description.paths)) {
        for (const [method, operation] of Object.entries(operations)) {
            const details = element("details");
            const summary = element("summary");
            summary.append(element("code", "", `${method.toUpperCase()} ${path}`), " ", element("span", "what", operation.summary));
            details.append(summary);
            const schema = resolve(operation.requestBody?.content?.["application/json"]?.schema);
            if (schema.properties) details.append(fields(schema));
            if (operation.description) details.append(element("p", "", operation.description));
            const statuses = Object.entries(operation.responses).map(([status, response]) =>
                `${status}: ${resolve(response).description}`);
            details.append(element("p", "note", statuses.join("  ·  ")));
            place.append(details);
        }
    }
}
