export class Toolbox {
    #tools;
    #answer;
    #running = new Map();
    constructor(tools, answer) {
        this.#tools = tools;
        this.#answer = answer;
    }
    /** What the server is told of the tools; undefined when there are none. */
    offered() {
        const tools = Object.entries(this.#tools);
        if (!tools.length)
            return undefined;
        return tools.map(([name, { description, parameters }]) => ({ name, description, parameters }));
    }
    /** Run those of `calls` that are for `user` and still open; give up those that are not open any more. */
    look(calls, open, user) {
        for (const [call, running] of this.#running) {
            if (open.has(call))
                continue;
            running.abort();
            this.#running.delete(call);
        }
        for (const call of calls) {
            const tool = Object.hasOwn(this.#tools, call.name) ? this.#tools[call.name] : undefined;
            if (!tool || call.where !== "client" || call.assignee !== user)
                continue;
            if (open.has(call.call) && !this.#running.has(call.call))
                void this.#run(tool, call);
        }
    }
    /** Give up whatever runs. */
    end() {
        this.look([], new Map(), "");
    }
    async #run(tool, { call: id, agent, args }) {
        const running = new AbortController();
        this.#running.set(id, running);
        let ok = true;
        let output;
        try {
            output = await tool.run(args, { id, agent, signal: running.signal });
        }
        catch (error) {
            ok = false;
            output = error instanceof Error ? error.message : String(error);
        }
        if (!running.signal.aborted)
            this.#answer(id, ok, (output ?? null));
    }
}
