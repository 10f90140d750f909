/** The contracts of Salon: for each frame, event, answer and component a type and a Zod schema of the same name. */
export * from "./generated.js";
export { DEEPEST, readJson } from "./json.js";
