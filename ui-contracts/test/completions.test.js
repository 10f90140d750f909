import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";

import { BrokenAnswer, Client, ErrorAnswer, TimedOut, UnreadableAnswer, Unreachable } from "../src/completions.js";

const ASKED = [{ role: "user", content: "Hello" }];
const COMPLETION = { id: "x", choices: [{ index: 0, message: { role: "assistant", content: "Hello Ann" } }] };
const DONE = "data: [DONE]\n\n";

const said = (content, finish_reason = null) =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason }] })}\n\n`;
const tick = () => new Promise((done) => setImmediate(done));

/** What a server answers: one function for each request, the last one for all that come later. */
async function served(answers, use) {
  const asked = [];
  const server = createServer(async (request, response) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    asked.push({ path: request.url, headers: request.headers, body: JSON.parse(Buffer.concat(pieces).toString()) });
    await answers[Math.min(asked.length, answers.length) - 1](response, request);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  try {
    return await use(`http://127.0.0.1:${server.address().port}`, asked);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const json = (body, status = 200, headers = {}) => (response) => {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
};

const stream = (text, { split, resets = false, stays = false } = {}) => async (response) => {
  const bytes = Buffer.from(text);
  response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
  for (let at = 0; at < bytes.length; at += split ?? bytes.length) {
    response.write(bytes.subarray(at, at + (split ?? bytes.length)));
    await tick();
  }
  if (resets) setTimeout(() => response.destroy(), 5);
  else if (!stays) response.end();
};

const client = (url, settings = {}) => new Client(url, null, { sleep: async () => {}, ...settings });

async function words(chunks, got = []) {
  for await (const chunk of chunks) got.push(chunk.choices[0].delta.content);
  return got;
}

/** Both ways to ask. */
const USES = {
  whole: async (asker) => (await asker.chat("a", ASKED)).choices[0].message.content,
  streamed: async (asker) => (await words(asker.chat("a", ASKED, true))).join(""),
};
const good = (use) => (use === "whole" ? json(COMPLETION) : stream(said("Hello Ann", "stop") + DONE));

test("a chat is awaited for its completion", () =>
  served([json(COMPLETION)], async (url, asked) => {
    const asking = new Client(`${url}/`, "pt-1", { token: "key" }).chat("my assistant", ASKED, false, { max_tokens: 5 });
    assert.equal((await asking).choices[0].message.content, "Hello Ann");
    assert.equal(await asking, await asking, "one request, however often it is awaited");
    assert.equal(asked.length, 1);
    assert.equal(asked[0].path, "/my%20assistant/chat/completions");
    assert.deepEqual(asked[0].body, { max_tokens: 5, messages: ASKED, stream: false });
    assert.equal(asked[0].headers["x-payment-token"], "pt-1");
    assert.equal(asked[0].headers.authorization, "Bearer key");
  }));

for (const split of [undefined, 1, 7]) {
  test(`a chat is iterated over for its chunks, split by ${split}`, () =>
    served([stream(said("Grüße ") + ": beat\n\n" + said("€ 😀", "stop") + DONE + said("late"), { split })], async (url) => {
      assert.deepEqual(await words(client(url).chat("a", ASKED, true)), ["Grüße ", "€ 😀"]);
      assert.deepEqual(await words(await client(url).chat("a", ASKED, true)), ["Grüße ", "€ 😀"]);
    }));
}

test("nothing is sent until the chat is used", () =>
  served([json(COMPLETION)], async (url, asked) => {
    client(url).chat("a", ASKED);
    await tick();
    assert.equal(asked.length, 0);
  }));

for (const [use, ask] of Object.entries(USES)) {
  test(`${use}: a server that asks for it is asked later`, async () => {
    const naps = [];
    const sleep = async (seconds) => void naps.push(seconds);
    const later = (headers) => json({ error: { message: "later" } }, 503, headers);
    await served([later({ "retry-after": "3" }), later({ "retry-after-ms": "20" }), good(use)], async (url) => {
      assert.equal(await ask(client(url, { sleep })), "Hello Ann");
    });
    assert.deepEqual(naps, [3, 0.02]);
  });

  for (const headers of [{ "retry-after": "61" }, { "x-should-retry": "false" }]) {
    test(`${use}: what would not help is not tried again: ${JSON.stringify(headers)}`, () =>
      served([json({ error: { message: "no", code: "limit" } }, 429, headers)], async (url, asked) => {
        await assert.rejects(ask(client(url)), (error) => error instanceof ErrorAnswer && error.code === "limit");
        assert.equal(asked.length, 1);
      }));
  }

  test(`${use}: an error of the server is typed`, () =>
    served(
      [json({ error: { message: "no x", code: "not_found", param: "model" } }, 404, { "x-request-id": "r-1" })],
      async (url) => {
        const error = await ask(client(url)).catch((problem) => problem);
        assert.ok(error instanceof ErrorAnswer);
        const { code, message, status, param, requestId } = error;
        assert.deepEqual([code, message, status, param, requestId], ["not_found", "no x", 404, "model", "r-1"]);
      },
    ));

  test(`${use}: a connection that breaks before an answer is an error: the server may be at work`, () =>
    served([(response) => response.destroy(), good(use)], async (url, asked) => {
      await assert.rejects(ask(client(url)), (error) => error instanceof Unreachable && error.retryable);
      assert.equal(asked.length, 1);
    }));

  test(`${use}: nobody there is tried again, and then said`, async () => {
    const naps = [];
    const sleep = async (seconds) => void naps.push(seconds);
    const free = createServer().listen(0, "127.0.0.1");
    await new Promise((done) => free.on("listening", done));
    const { port } = free.address();
    await new Promise((done) => free.close(done));
    await assert.rejects(ask(client(`http://127.0.0.1:${port}`, { sleep })), Unreachable);
    assert.equal(naps.length, 2);
  });

  test(`${use}: giving up while it waits for another try ends the wait`, () =>
    served([json({ error: { message: "later" } }, 503, { "retry-after": "50" })], async (url, asked) => {
      const stop = new AbortController();
      const asker = new Client(url);
      const asking = asker.chat("a", ASKED, use === "streamed", { signal: stop.signal });
      const reading = use === "streamed" ? words(asking) : asking.then((answer) => answer);
      setTimeout(() => stop.abort(new Error("stopped by Ann")), 50);
      await assert.rejects(reading, /stopped by Ann/);
      assert.equal(asked.length, 1);
    }));

  test(`${use}: a server that says nothing is given up, and not asked again`, () =>
    served([() => {}], async (url, asked) => {
      await assert.rejects(ask(client(url, { timeout: 0.05, silence: 0.05 })), TimedOut);
      assert.equal(asked.length, 1);
    }));

  for (const bad of [json([1]), json({ choices: [] }), (response) => response.end("<html>")]) {
    test(`${use}: what is no answer is unreadable`, () =>
      served([bad], async (url) => {
        await assert.rejects(ask(client(url)), UnreadableAnswer);
      }));
  }
}

test("a stream cut at any byte is an error and never asked for again", async () => {
  const whole = Buffer.from(said("one ") + said("two "));
  for (let end = 0; end < whole.length; end += 5) {
    for (const resets of [true, false]) {
      const got = [];
      await served([stream(whole.subarray(0, end), { resets })], async (url, asked) => {
        await assert.rejects(words(client(url).chat("a", ASKED, true), got), BrokenAnswer, `at ${end}`);
        assert.equal(asked.length, 1);
      });
      assert.deepEqual(got, ["one ", "two "].slice(0, got.length));
    }
  }
});

test("an error in the middle of a stream is typed after what came before", () =>
  served([stream(said("one") + 'data: {"error":{"message":"away","code":"model_error"}}\n\n', { split: 3 })], async (url) => {
    const got = [];
    const error = await words(client(url).chat("a", ASKED, true), got).catch((problem) => problem);
    assert.ok(error instanceof ErrorAnswer);
    assert.deepEqual([got, error.code, error.message, error.status], [["one"], "model_error", "away", undefined]);
  }));

test("garbage in a stream is unreadable", () =>
  served([stream("data: {not json}\n\n" + DONE)], async (url) => {
    await assert.rejects(words(client(url).chat("a", ASKED, true)), UnreadableAnswer);
  }));

test("a stream that goes silent is given up after what came", () =>
  served([stream(said("one"), { stays: true })], async (url) => {
    const got = [];
    await assert.rejects(words(client(url, { silence: 0.05 }).chat("a", ASKED, true), got), TimedOut);
    assert.deepEqual(got, ["one"]);
  }));

test("leaving the loop closes the connection", () =>
  new Promise((closed) => {
    const answer = (response, request) => {
      request.socket.on("close", closed);
      return stream(said("one"), { stays: true })(response);
    };
    served([answer], async (url) => {
      for await (const chunk of client(url).chat("a", ASKED, true)) {
        assert.equal(chunk.choices[0].delta.content, "one");
        break;
      }
      await new Promise((done) => setTimeout(done, 50));
    });
  }));

test("the caller's signal gives up with its reason", () =>
  served([stream(said("one"), { stays: true })], async (url) => {
    const stop = new AbortController();
    const chunks = client(url).chat("a", ASKED, true, { signal: stop.signal });
    const reading = words(chunks);
    setTimeout(() => stop.abort(new Error("stopped by Ann")), 20);
    await assert.rejects(reading, /stopped by Ann/);
  }));

test("the whole answer has one time, however its parts come", () =>
  served([async (response) => {
    response.writeHead(200, { "content-type": "application/json" }).flushHeaders();
    for (let beat = 0; beat < 20 && !response.destroyed; beat++) {
      response.write(" ");
      await new Promise((done) => setTimeout(done, 20));
    }
    response.end("{}");
  }], async (url) => {
    await assert.rejects(USES.whole(client(url, { timeout: 0.1 })), TimedOut);
  }));

test("what cannot be sent is refused as it is", async () => {
  assert.throws(() => client("http://x", { headers: { "x-a": "a\nb" } }), TypeError);
  const endless = {};
  endless.self = endless;
  await assert.rejects(client("http://x").chat("a", [endless]).then(), TypeError);
});

test("what cannot be an address or a name is refused at once", () => {
  assert.throws(() => new Client("http://ada:hunter2@x"), (error) => !String(error).includes("hunter2"));
  assert.throws(() => new Client("ftp://x"), TypeError);
  assert.throws(() => new Client("localhost:8000"), TypeError);
  for (const name of ["", "a//b", "../v1"]) assert.throws(() => client("http://x").chat(name, ASKED), TypeError);
});
