import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { Parser } from "@asyncapi/parser";

test("the AsyncAPI document passes the parser of AsyncAPI, references included", async () => {
    const file = fileURLToPath(new URL("../schema/asyncapi.json", import.meta.url));
    const { document, diagnostics } = await new Parser().parse(readFileSync(file, "utf8"), { source: file });
    assert.deepEqual(diagnostics.filter(({ severity }) => severity <= 1), []);
    assert.equal(document.channels().all().length, 1);
    assert.ok(document.allMessages().all().length > 30);
});
