// `ai` from npm: a chat over its default transport: streaming, tools, an approval, resuming, errors.
import assert from "node:assert/strict";
import {
    AbstractChat,
    DefaultChatTransport,
    lastAssistantMessageIsCompleteWithApprovalResponses,
    lastAssistantMessageIsCompleteWithToolCalls,
} from "ai";

const api = `${process.argv[2]}/api/chat`;

// The state of a chat without a framework.
class State {
    status = "ready";
    error = undefined;
    constructor(messages) {
        this.messages = messages;
    }
    pushMessage = (message) => void (this.messages = [...this.messages, message]);
    popMessage = () => void (this.messages = this.messages.slice(0, -1));
    replaceMessage = (index, message) => void (this.messages = this.messages.with(index, message));
    snapshot = (value) => structuredClone(value);
}

class Chat extends AbstractChat {
    constructor({ messages = [], body = {}, id = crypto.randomUUID(), ...options } = {}) {
        super({ id, state: new State(messages), transport: new DefaultChatTransport({ api, body }), ...options });
    }
    get last() {
        return this.messages.at(-1);
    }
    text(message = this.last) {
        return message.parts.filter((part) => part.type === "text").map((part) => part.text).join("\n");
    }
    async settled() {
        while (this.status !== "ready" && this.status !== "error") await new Promise(setImmediate);
    }
}

// Streaming, and a chat that remembers.
const hello = new Chat();
await hello.sendMessage({ text: "My name is Ann and my cat is called Tom." });
assert.equal(hello.status, "ready");
assert.equal(hello.last.role, "assistant");
assert.equal(hello.last.parts.find((part) => part.type === "data-agent").data.source, "mock");
await hello.sendMessage({ text: "What is my name?" });
assert.match(hello.text(), /Ann/);
const before = hello.last.id;
await hello.regenerate();
assert.notEqual(hello.last.id, before);
assert.equal(hello.messages.length, 4);

// Tools of the agents, and surfaces.
const sales = new Chat();
await sales.sendMessage({ text: "@accountant please show the sales" });
const shown = sales.last.parts.find((part) => part.type === "dynamic-tool");
assert.equal(shown.state, "output-available");
assert.equal(sales.last.parts.find((part) => part.type === "data-surface").data.props.title, "Sales");

// A tool of the frontend's.
const tools = [{ name: "get_weather", description: "Weather of a city", parameters: { type: "object", properties: { city: { type: "string" } } } }];
const weather = new Chat({
    body: { tools, model: "concierge" },
    sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithToolCalls,
    onToolCall: ({ toolCall }) => {
        if (toolCall.dynamic) return;
        void weather.addToolOutput({ tool: toolCall.toolName, toolCallId: toolCall.toolCallId, output: "Sunny, 21 degrees" });
    },
});
await weather.sendMessage({ text: "What is the weather in the city of Paris? Use get_weather." });
while (!/21 degrees/.test(weather.text())) await new Promise(setImmediate);
await weather.settled();
assert.equal(weather.messages.length, 2);

// An approval pauses the run; another frontend still sees it; the answer goes on with the same message.
const letter = new Chat({
    body: { model: "poet" },
    sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithApprovalResponses,
});
await letter.sendMessage({ text: "Please send a letter to Bob" });
const waiting = letter.last.parts.find((part) => part.state === "approval-requested");
assert.equal(waiting.approval.requestReason, "Send the letter?");
const second = new Chat({ id: letter.id });
await second.resumeStream();
assert.equal(second.last.id, letter.last.id);
assert.equal(second.last.parts.find((part) => part.type === "dynamic-tool").state, "approval-requested");
await letter.addToolApprovalResponse({ id: waiting.approval.id, approved: true });
while (!letter.last.parts.some((part) => part.state === "output-available")) await new Promise(setImmediate);
await letter.settled();
assert.equal(letter.messages.length, 2);
assert.match(letter.last.parts.find((part) => part.type === "dynamic-tool").output, /on its way/);

// A page is reloaded in mid-stream: nothing lost, nothing doubled.
const story = new Chat({ body: { model: "concierge" } });
const reading = story.sendMessage({ text: "Please tell me something about the sea" });
while (story.last?.role !== "assistant" || !story.text()) await new Promise(setImmediate);
const part = story.text();
await story.stop();
await reading;
const reloaded = new Chat({ id: story.id, messages: story.messages.slice(0, 1) });
await reloaded.resumeStream();
assert.ok(reloaded.text().startsWith(part) && reloaded.text().length > part.length);
assert.equal(reloaded.last.id, story.last.id);
assert.equal(reloaded.messages.length, 2);
const whole = reloaded.text();
await reloaded.resumeStream(); // nothing is on any more
assert.equal(reloaded.text(), whole);

// Errors.
const failing = new Chat({ body: { model: "nobody" } });
await failing.sendMessage({ text: "Hello" });
assert.equal(failing.status, "error");
assert.match(failing.error.message, /does not exist/);
console.log("done");
