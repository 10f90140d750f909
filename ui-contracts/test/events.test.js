import assert from "node:assert/strict";
import { test } from "node:test";

import { EventReader } from "../src/events.js";

const STREAM = new TextEncoder().encode(
  "\uFEFF: a comment\n\ndata: one\n\ndata:two\r\ndata: lines\r\n\r\nevent: ping\rdata: ü€😀\r\r" +
    "id: 7\nretry: 10\nnonsense\n\ndata\n\ndata:  kept\n\n\n\nevent: lonely\n\ndata: after\n\n",
);
const EVENTS = [
  ["message", "one"],
  ["message", "two\nlines"],
  ["ping", "ü€😀"],
  ["message", ""],
  ["message", " kept"],
  ["message", "after"],
];

function read(pieces) {
  const reader = new EventReader();
  return [...pieces.flatMap((piece) => [...reader.feed(piece)]), ...reader.close()].map(({ name, data }) => [name, data]);
}

test("a stream reads the same one byte at a time", () => {
  assert.deepEqual(read([STREAM]), EVENTS);
  assert.deepEqual(read([...STREAM].map((byte) => Uint8Array.of(byte))), EVENTS);
});

test("a stream reads the same wherever it is split in three", () => {
  for (let first = 0; first <= STREAM.length; first++) {
    for (let second = first; second <= STREAM.length; second += 7) {
      const pieces = [STREAM.slice(0, first), STREAM.slice(first, second), STREAM.slice(second)];
      assert.deepEqual(read(pieces), EVENTS, `split at ${first} and ${second}`);
    }
  }
});

test("an event without its blank line counts at the end and says that it was cut", () => {
  const reader = new EventReader();
  assert.deepEqual([...reader.feed(new TextEncoder().encode("data: [DONE]"))], []);
  assert.deepEqual([...reader.close()], [{ data: "[DONE]", name: "message", cut: true }]);
});

test("an event that does not end is refused, and comments may come for ever", () => {
  const bytes = (text) => new TextEncoder().encode(text);
  const reader = new EventReader(100);
  for (let n = 0; n < 100; n++) assert.deepEqual([...reader.feed(bytes(": are you there\n\n"))], []);
  assert.throws(() => [...reader.feed(bytes("data: more\n".repeat(12)))], RangeError);
});
