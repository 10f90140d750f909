/** The form that a JSON Schema asks for, as fields of the component catalogue's `form`. Pure. */

const LONG = /text|comment|message|description|body|detail|reason/i;

/**
 * Fields for the properties of an object, or one field `answer` for any other value (`whole`).
 * @param {object} [schema]
 * @returns {{fields: object[], whole: boolean}}
 */
export function fieldsOf(schema = {}) {
    if (schema.type !== "object" || schema.properties === undefined) {
        return { fields: [fieldOf("answer", { title: "Your answer", ...schema }, true)], whole: true };
    }
    const required = new Set(schema.required ?? []);
    const fields = Object.entries(schema.properties).map(([name, each]) =>
        fieldOf(name, chosen(each, schema), required.has(name)),
    );
    return { fields, whole: false };
}

function fieldOf(name, schema, required) {
    const field = {
        name,
        label: schema.title ?? readable(name),
        required,
        help: schema.description,
        value: schema.default,
    };
    const options = (schema.enum ?? schema.oneOf?.map((each) => each.const))?.map((value) => ({
        value: String(value),
        of: value,
    }));
    if (options !== undefined) return { ...field, type: "choice", options };
    switch (schema.type) {
        case "boolean":
            return { ...field, type: "boolean", required: false };
        case "integer":
        case "number":
            return { ...field, type: schema.type, minimum: schema.minimum, maximum: schema.maximum };
        case "array": {
            const among = schema.items?.enum;
            if (among !== undefined)
                return {
                    ...field,
                    type: "choices",
                    options: among.map((value) => ({ value: String(value), of: value })),
                };
            return { ...field, type: "lines", help: field.help ?? "One on each line." };
        }
        case "object":
            return { ...field, type: "json", help: field.help ?? "As JSON." };
        default:
            return {
                ...field,
                type: textType(name, schema),
                min_length: schema.minLength,
                max_length: schema.maxLength,
            };
    }
}

function textType(name, { format, maxLength = 1000 }) {
    if (format === "email" || format === "date") return format;
    if (format === "uri") return "url";
    return LONG.test(name) && maxLength > 200 ? "multiline" : "text";
}

/** The schema itself behind `$ref`, and without the null that an optional value may be. */
function chosen(schema, root) {
    if (typeof schema.$ref === "string" && schema.$ref.startsWith("#/$defs/")) {
        return { ...root.$defs?.[schema.$ref.slice("#/$defs/".length)], ...schema };
    }
    const some = schema.anyOf?.filter(({ type }) => type !== "null");
    return some?.length === 1 ? { ...some[0], ...schema } : schema;
}

function readable(name) {
    const words = name.replaceAll(/[_-]+/g, " ");
    return words[0].toUpperCase() + words.slice(1);
}
