/** What the generated schemas are made of where Zod and JSON Schema would count or read differently. */
import { z } from "zod";

/** Bounds of a text, in code points as in Python and JSON Schema, where JavaScript counts UTF-16 units. */
export interface Bounds {
    min?: number;
    max?: number;
    pattern?: RegExp;
}

/** A string without lone surrogates, which is no Unicode and cannot be sent. */
export function text({ min = 0, max = Infinity, pattern }: Bounds = {}): z.ZodString {
    let schema = z.string().refine((value) => value.isWellFormed(), "has a lone surrogate");
    if (min > 0) schema = schema.refine((value) => longEnough(value, min), `has fewer than ${min} characters`);
    if (max < Infinity) schema = schema.refine((value) => shortEnough(value, max), `has more than ${max} characters`);
    return pattern ? schema.regex(pattern) : schema;
}

/** An object whose keys are free. `__proto__` is refused: an assignment to it would not make a key. */
export function record<Value extends z.ZodType>(value: Value): z.ZodType<Record<string, z.output<Value>>> {
    const safe = (given: unknown) => !isObject(given) || !Object.hasOwn(given, "__proto__");
    return z.custom<unknown>(safe, "has a key __proto__").pipe(z.record(text(), value));
}

/** A property that may be left out. `null` is read as left out, as the server does; nobody sends it. */
export function absent<Value extends z.ZodType>(value: Value) {
    return value.nullish().transform((given) => given ?? undefined);
}

function longEnough(value: string, min: number): boolean {
    return value.length >= min && (value.length >= 2 * min || codePoints(value) >= min);
}

function shortEnough(value: string, max: number): boolean {
    return value.length <= max || (value.length <= 2 * max && codePoints(value) <= max);
}

function codePoints(value: string): number {
    let count = 0;
    for (const _ of value) count++;
    return count;
}

function isObject(value: unknown): value is object {
    return typeof value === "object" && value !== null;
}
