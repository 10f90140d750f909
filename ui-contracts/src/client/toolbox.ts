/** Runs the client's own tools when agents call them, each call once, and hands back what they give. */
import type { ClientTool, Json, ToolReady } from "../generated.js";

/** A function that agents may call. Its result is JSON; what it throws is told to the agent by its message. */
export interface Tool {
    readonly description?: string;
    /** JSON Schema of `args`. */
    readonly parameters?: Record<string, Json>;
    /** `signal` aborts when the result is no longer wanted. */
    run(
        args: Json,
        call: { readonly id: string; readonly agent: string | undefined; readonly signal: AbortSignal },
    ): unknown;
}

export type ToolAnswer = (call: string, ok: boolean, output: Json) => void;

export class Toolbox {
    readonly #tools: Readonly<Record<string, Tool>>;
    readonly #answer: ToolAnswer;
    readonly #running = new Map<string, AbortController>();

    constructor(tools: Readonly<Record<string, Tool>>, answer: ToolAnswer) {
        this.#tools = tools;
        this.#answer = answer;
    }

    /** What the server is told of the tools; undefined when there are none. */
    offered(): ClientTool[] | undefined {
        const tools = Object.entries(this.#tools);
        if (!tools.length) return undefined;
        return tools.map(([name, { description, parameters }]) => ({ name, description, parameters }) as ClientTool);
    }

    /** Run those of `calls` that are for `user` and still open; give up those that are not open any more. */
    look(calls: Iterable<ToolReady>, open: ReadonlyMap<string, ToolReady>, user: string): void {
        for (const [call, running] of this.#running) {
            if (open.has(call)) continue;
            running.abort();
            this.#running.delete(call);
        }
        for (const call of calls) {
            const tool = Object.hasOwn(this.#tools, call.name) ? this.#tools[call.name] : undefined;
            if (!tool || call.where !== "client" || call.assignee !== user) continue;
            if (open.has(call.call) && !this.#running.has(call.call)) void this.#run(tool, call);
        }
    }

    /** Give up whatever runs. */
    end(): void {
        this.look([], new Map(), "");
    }

    async #run(tool: Tool, { call: id, agent, args }: ToolReady): Promise<void> {
        const running = new AbortController();
        this.#running.set(id, running);
        let ok = true;
        let output: unknown;
        try {
            output = await tool.run(args, { id, agent, signal: running.signal });
        } catch (error) {
            ok = false;
            output = error instanceof Error ? error.message : String(error);
        }
        if (!running.signal.aborted) this.#answer(id, ok, (output ?? null) as Json);
    }
}
