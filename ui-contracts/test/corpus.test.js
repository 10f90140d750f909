import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";

import { verdict } from "../corpus/validators.js";

for (const contract of ["client", "server", "components"]) {
    test(`every validator says of the frozen texts of ${contract} what the server says`, () => {
        const file = new URL(`../corpus/${contract}.txt.gz`, import.meta.url);
        const lines = gunzipSync(readFileSync(file)).toString().trimEnd().split("\n");
        const judge = verdict(contract);
        const wrong = lines.filter((line) => judge(line.slice(2)) !== line[0].repeat(3));
        assert.deepEqual(wrong, []);
        assert.ok(lines.length >= 2000);
    });
}
