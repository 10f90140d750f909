// A peer: node's `ws`, the usual loop over all clients, without compression.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const { WebSocketServer } = createRequire(process.argv[2] + "/")("ws");
const say = (values) => process.stdout.write(JSON.stringify(values) + "\n");
const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
const fan = (text) => server.clients.forEach((client) => client.send(text));

const commands = {
  publish({ count, text, mark }) {
    for (let i = 1; i < count; i++) fan("x".repeat(text));
    fan(mark + "x".repeat(text - mark.length));
    say({});
  },
  speak({ agents, rate, seconds, mark, pad }) {
    let told = 0;
    const begin = performance.now();
    const rest = "x".repeat(pad);
    const step = () => {
      const due = ((performance.now() - begin) / 1000) * agents * rate;
      for (; told < due && told < agents * rate * seconds; told++)
        fan(` tokent${process.hrtime.bigint()}z${rest}`);
      if (told < agents * rate * seconds) setTimeout(step, 2);
      else (fan(mark), say({}));
    };
    step();
  },
};

server.on("listening", () => say({ port: server.address().port }));
const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const { command, ...values } = JSON.parse(line);
  commands[command](values);
});
lines.on("close", () => process.exit(0));
