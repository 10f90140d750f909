// `@ag-ui/client` from npm: streaming, tools on both sides, a question answered, a thread joined, errors.
import assert from "node:assert/strict";
import { HttpAgent } from "@ag-ui/client";

const base = `${process.argv[2]}/ag-ui`;

function agent(name, threadId = crypto.randomUUID()) {
    return new HttpAgent({ url: `${base}/${name}`, threadId });
}

// The events of one run; the client itself refuses what does not follow AG-UI's rules.
async function run(one, text, parameters = {}) {
    const events = [];
    if (text !== undefined) one.addMessage({ id: crypto.randomUUID(), role: "user", content: text });
    const result = await one.runAgent(parameters, { onEvent: ({ event }) => void events.push(event) });
    return { events, result, kinds: events.map((event) => event.type) };
}

const said = (one) => one.messages.filter((message) => message.role === "assistant" && message.content);

// Streaming, and a thread that remembers.
const host = agent("concierge");
const hello = await run(host, "My name is Ann and my cat is called Tom.");
assert.ok(hello.kinds.filter((kind) => kind === "TEXT_MESSAGE_CONTENT").length > 2);
assert.equal(said(host).at(-1).name, "concierge");
await run(host, "What is my name?");
assert.match(said(host).at(-1).content, /Ann/);

// Tools of the agents, surfaces, shared state, and hand-offs of a team.
const office = agent("office");
const sums = await run(office, "@accountant please show the sales");
assert.ok(sums.kinds.includes("STEP_STARTED") && sums.kinds.includes("TOOL_CALL_RESULT"));
const chart = office.messages.find((message) => message.role === "activity");
assert.equal(chart.activityType, "salon.chart");
assert.equal(chart.content.title, "Sales");
assert.deepEqual(office.state, { shown: true });

// A tool of the frontend's.
const tools = [{ name: "get_weather", description: "Weather of a city", parameters: { type: "object", properties: { city: { type: "string" } } } }];
const weather = agent("concierge");
const asked = await run(weather, "What is the weather in the city of Paris? Use get_weather.", { tools });
const { outcome } = asked.events.at(-1);
assert.equal(outcome.type, "success");
assert.equal(outcome.pendingToolCallIds.length, 1);
weather.addMessage({ id: "result", role: "tool", toolCallId: outcome.pendingToolCallIds[0], content: "Sunny, 21 degrees" });
await run(weather, undefined, { tools });
assert.match(said(weather).at(-1).content, /21 degrees/);

// A question pauses the run; its answer resumes it.
const letter = agent("poet");
const paused = await run(letter, "Please send a letter to Bob");
assert.equal(paused.events.at(-1).outcome.type, "interrupt");
const [question] = letter.pendingInterrupts;
assert.equal(question.message, "Send the letter?");
assert.equal(question.responseSchema.properties.approved.type, "boolean");
const resume = [{ interruptId: question.id, status: "resolved", payload: { approved: true } }];
const resumed = await run(letter, undefined, { resume });
const result = resumed.events.find((event) => event.type === "TOOL_CALL_RESULT");
assert.match(result.content, /on its way/);
assert.equal(letter.pendingInterrupts.length, 0);

// Another frontend joins the thread and is told what is there.
const other = agent("office", office.threadId);
await run(other);
assert.deepEqual(
    other.messages.filter((message) => message.role === "user").map((message) => message.content),
    ["@accountant please show the sales"],
);
assert.equal(other.messages.find((message) => message.role === "activity").content.title, "Sales");
assert.deepEqual(other.state, { shown: true });

// A live room has several people in it.
const ann = agent("room:lounge");
const bob = agent("room:lounge");
await run(ann, "Hello, I am Ann");
await run(bob, "And I am Bob");
const heard = bob.messages.filter((message) => message.role === "user").map((message) => message.content);
assert.deepEqual(new Set(heard), new Set(["Hello, I am Ann", "And I am Bob"])); // the client keeps its own first

// Errors.
console.error = () => {}; // the client tells of them there too
await assert.rejects(run(agent("nobody"), "Hello"), /404|does not exist/);
await assert.rejects(run(letter, undefined, { resume }));
console.log("done");
