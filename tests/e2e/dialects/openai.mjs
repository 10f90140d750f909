// `openai` from npm: completions and responses; and the AI SDK's two providers that speak to servers of this kind.
import assert from "node:assert/strict";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, jsonSchema, stepCountIs, streamText, tool } from "ai";
import OpenAI from "openai";

const baseURL = `${process.argv[2]}/v1`;
const client = new OpenAI({ baseURL, apiKey: "none", maxRetries: 0 });
const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };

const completion = await client.chat.completions.create({
    model: "poet",
    messages: [{ role: "user", content: "A poem about tea" }],
});
assert.ok(completion.choices[0].message.content);

const stream = client.responses.stream({ model: "poet", input: "A poem about the sea" });
let streamed = "";
stream.on("response.output_text.delta", (event) => (streamed += event.delta));
const whole = await stream.finalResponse();
assert.equal(whole.status, "completed");
assert.equal(streamed, whole.output_text);

const first = await client.responses.create({ model: "concierge", input: "My name is Ann." });
const second = await client.responses.create({
    model: "concierge",
    input: "What is my name?",
    previous_response_id: first.id,
});
assert.match(second.output_text, /Ann/);

const called = await client.responses.create({
    model: "concierge",
    input: "What is the weather in Paris?",
    tools: [{ type: "function", name: "get_weather", parameters, strict: false }],
    tool_choice: "required",
});
assert.equal(called.output[0].type, "function_call");
await assert.rejects(client.responses.create({ model: "nobody", input: "Hello" }), (error) => {
    return error instanceof OpenAI.NotFoundError && error.code === "model_not_found";
});

const tools = {
    get_weather: tool({
        description: "Weather of a city",
        inputSchema: jsonSchema(parameters),
        execute: async () => "Sunny, 21 degrees",
    }),
};
const providers = {
    completions: createOpenAICompatible({ name: "salon", baseURL, includeUsage: true }),
    responses: createOpenAI({ baseURL, apiKey: "none" }),
};
for (const [name, provider] of Object.entries(providers)) {
    const told = streamText({ model: provider("poet"), prompt: "A poem about paper", maxRetries: 0 });
    let pieces = 0;
    for await (const _ of told.textStream) pieces++;
    assert.ok(pieces > 5, `${name}: streamed in ${pieces} pieces`);
    assert.equal(await told.finishReason, "stop", name);
    assert.ok((await told.usage).totalTokens > 0, name);

    const answered = await generateText({
        model: provider("concierge"),
        prompt: "What is the weather in the city of Paris?",
        tools,
        prepareStep: ({ stepNumber }) => ({ toolChoice: stepNumber === 0 ? "required" : "auto" }),
        stopWhen: stepCountIs(3),
        maxRetries: 0,
    });
    assert.match(answered.text, /21 degrees/, name);

    await assert.rejects(generateText({ model: provider("nobody"), prompt: "Hello", maxRetries: 0 }), (error) => {
        assert.equal(error.statusCode, 404, name);
        assert.match(error.message, /does not exist/, name);
        return true;
    });
}
console.log("done");
