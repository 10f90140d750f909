/** The validators that have to agree with the server about every text, and what they say of one. */
import Ajv from "ajv/dist/2020.js";
import { z } from "zod";

import { Catalogue, ClientFrame, ServerFrame, readJson } from "@salon/ui-contracts";
import components from "@salon/ui-contracts/schema/components.schema.json" with { type: "json" };
import wire from "@salon/ui-contracts/schema/wire.schema.json" with { type: "json" };

/** For each contract its JSON Schema, and what the schemas written by `salon contracts` say. */
const CONTRACTS = {
    client: [rooted("ClientFrame"), accepting(ClientFrame)],
    server: [rooted("ServerFrame"), accepting(ServerFrame)],
    components: [components, isCatalogued],
};

/** The validators in the order of a verdict's digits. */
export const VALIDATORS = ["generated", "ajv", "fromJSONSchema"];

/**
 * A function that tells of a text which validators accept it: a digit for each, 1 where it does.
 * What `readJson` does not read none of them sees.
 * @param {string} contract client, server or components
 * @returns {(text: string) => string}
 */
export function verdict(contract) {
    const [schema, generated] = CONTRACTS[contract];
    const ajv = new Ajv({ strict: true, allowUnionTypes: true }).addVocabulary(["discriminator"]).compile(schema);
    const ownReading = z.fromJSONSchema(schema); // its unions are slow at telling all that is wrong, which nobody asks
    const judges = [generated, (value) => ajv(value), (value) => ownReading.validate(value)];
    return (text) => {
        let value;
        try {
            value = readJson(text);
        } catch {
            return "0".repeat(judges.length);
        }
        return judges.map((accepts) => Number(accepts(value))).join("");
    };
}

function rooted(definition) {
    const { anyOf: _, ...rest } = wire;
    return { ...rest, $ref: `#/$defs/${definition}` };
}

function accepting(schema) {
    return (value) => schema.safeParse(value).success;
}

/** Props by component, as in components.schema.json. */
function isCatalogued(value) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
    return Object.entries(value).every(([name, props]) => {
        return Object.hasOwn(Catalogue, name) && Catalogue[name].safeParse(props).success;
    });
}
