/** Gives the web app its copy of the compiled client: `npm run web`. */
import { cpSync, rmSync } from "node:fs";

const copy = new URL("../server/salon/web/client", import.meta.url);
rmSync(copy, { recursive: true, force: true });
cpSync(new URL("dist/client", import.meta.url), copy, { recursive: true, filter: (file) => !file.endsWith(".d.ts") });
