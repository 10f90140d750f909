/** The fields of a form, each with its label, help and problem, and the values that stand in them. */

import { h, html, useMemo } from "../../vendor/preact.js";

let forms = 0;

/** @param {{fields: object[], problems: {name: string, text: string}[], disabled: boolean}} props */
export function Fields({ fields, problems, disabled }) {
    const form = useMemo(() => `form-${++forms}`, []);
    return fields.map((field) => {
        const problem = problems.find(({ name }) => name === field.name)?.text;
        return h(Field, { key: field.name, id: `${form}-${field.name}`, field, problem, disabled });
    });
}

function Field({ id, field, problem, disabled }) {
    const { name, type, label, help, required = false, value } = field;
    const described = [help && `${id}-help`, problem && `${id}-problem`].filter(Boolean).join(" ") || undefined;
    const common = {
        id,
        name,
        disabled,
        "aria-invalid": problem !== undefined,
        "aria-describedby": described,
        "aria-required": required,
    };
    const star = required && html` <span class="star" aria-hidden="true">*</span>`;
    const notes = html`
        ${help && html`<p class="soft help" id=${`${id}-help`}>${help}</p>`}
        ${problem && html`<p class="failed" id=${`${id}-problem`}>${problem}</p>`}`;
    switch (type) {
        case "choices":
            return html`<fieldset class="field" disabled=${disabled} aria-describedby=${described}>
                <legend>${label}${star}</legend>
                ${field.options.map((option) => h(Tick, { name, option, ticked: value?.includes(option.value) ?? false }))}
                ${notes}
            </fieldset>`;
        case "boolean":
            return html`<div class="field">
                <label class="check"><input type="checkbox" ...${common} defaultChecked=${value ?? false} />
                    <span>${label}${star}</span></label>
                ${notes}
            </div>`;
        default:
            return html`<div class="field">
                <label for=${id}>${label}${star}</label>
                <${Input} field=${field} common=${common} />
                ${notes}
            </div>`;
    }
}

function Tick({ name, option: { value, label = value }, ticked }) {
    return html`<label class="check"><input type="checkbox" name=${name} value=${value} defaultChecked=${ticked} />
        <span>${label}</span></label>`;
}

const KINDS = { email: "email", url: "url", date: "date", number: "number", integer: "number" };

function Input({ field, common }) {
    const { type, value, placeholder, options } = field;
    switch (type) {
        case "choice":
            return html`<select ...${common}><option value="">Choose …</option>${options.map(
                (option) => html`<option value=${option.value}
                selected=${option.value === value}>${option.label ?? option.value}</option>`,
            )}</select>`;
        case "multiline":
        case "lines":
        case "json":
            return html`<textarea ...${common} rows="4" placeholder=${placeholder}
                defaultValue=${value ?? ""}></textarea>`;
        default:
            return html`<input ...${common} type=${KINDS[type] ?? "text"} placeholder=${placeholder}
                defaultValue=${value ?? ""}
                step=${type === "number" ? "any" : undefined} />`;
    }
}

/**
 * What stands in a form's fields, and what is wrong with it, in words.
 * @param {object[]} fields
 * @param {HTMLFormElement} form
 */
export function valuesOf(fields, form) {
    const data = new FormData(form);
    const values = {};
    const problems = [];
    for (const field of fields) {
        const problem = read(field, data, values);
        if (problem !== null) problems.push({ name: field.name, text: problem });
    }
    return { values, problems };
}

function read(field, data, values) {
    const { name, type, required = false, options } = field;
    if (type === "boolean") {
        values[name] = data.has(name);
        return null;
    }
    if (type === "choices") {
        values[name] = data.getAll(name).map((value) => meant(options, value));
        return required && values[name].length === 0 ? "Choose at least one." : null;
    }
    const text = String(data.get(name) ?? "");
    if (text.trim() === "") return required ? "This is needed." : null;
    switch (type) {
        case "choice":
            values[name] = meant(options, text);
            return null;
        case "number":
        case "integer":
            return readNumber(field, text, values);
        case "lines":
            values[name] = text
                .split("\n")
                .map((line) => line.trim())
                .filter(Boolean);
            return null;
        case "json":
            return readJson(name, text, values);
        default:
            values[name] = text;
            return wrongText(field, text);
    }
}

function meant(options, value) {
    return options.find((option) => option.value === value)?.of ?? value;
}

function readNumber({ name, type, minimum, maximum }, text, values) {
    const value = Number(text);
    if (!Number.isFinite(value)) return "Write a number.";
    if (type === "integer" && !Number.isSafeInteger(value)) return "Write a whole number.";
    if (minimum !== undefined && value < minimum) return `Not less than ${minimum}.`;
    if (maximum !== undefined && value > maximum) return `Not more than ${maximum}.`;
    values[name] = value;
    return null;
}

function readJson(name, text, values) {
    try {
        values[name] = JSON.parse(text);
        return null;
    } catch {
        return "This is no JSON yet.";
    }
}

function wrongText({ type, min_length: least, max_length: most }, text) {
    if (least !== undefined && [...text].length < least) return `At least ${least} letters.`;
    if (most !== undefined && [...text].length > most) return `At most ${most} letters.`;
    if (type === "email" && !/^\S+@\S+\.\S+$/.test(text)) return "Write an email address, such as ana@example.com.";
    if (type === "url" && !URL.canParse(text)) return "Write a whole address, such as https://example.com.";
    return null;
}
