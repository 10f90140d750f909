/** Reads texts, one a line, and prints for each which validators accept it: `node judge.js CONTRACT < texts`. */
import { readFileSync } from "node:fs";

import { verdict } from "./validators.js";

const texts = readFileSync(0, "utf8").split("\n");
console.log(texts.map(verdict(process.argv[2])).join("\n"));
