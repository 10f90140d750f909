"""Every promise of Salon by id: what a user gets, and the part of the plan that brings it.

A test claims what it shows with `@pytest.mark.requirement("S4-16")`; `tests/test_requirements.py` fails for a promise
without a test, unless it stands in `TO_COME`, and for a claim without a promise. A promise may be worded better, never
smaller.

Ids: M the product, S4 the WebSocket hub, S0 agents as a server, S1 skills and clients, S2 the agent library, S3 the
session router, H what follows from joining them. Areas: HUB, CHAT, AGENT, SKILL, LLM, TOOL, HTTP, ROUTER, STORE, MEM,
PAY, AUTH, GUARD, LIMIT, JOBS, FLOW, DYN, SCHEMA, SDK, OPS.
"""

from __future__ import annotations

from typing import NamedTuple


class Requirement(NamedTuple):
    """One promise, and the area of the product it belongs to (two where it belongs to both)."""

    area: str
    promise: str


_TABLE = """
M-01   HUB     Two WebSocket clients in one room see the same agents take their turns.
M-02   OPS     fastapi, uvicorn, websockets, ag2, pydantic, litellm, redis, orjson and pytest-asyncio are used.
M-03   OPS     The top level holds pyproject.toml, server, ui-contracts, tests, .env.example and README.md.
M-04   CHAT    Three specialists or more hand off inside an AG2 group chat; the wire tells who to whom and why.
M-05   HUB     Subscribers get state_update, action and error envelopes, each frame valid by the exported JSON Schema.
M-06   HTTP    The agents of the WebSocket rooms answer on the OpenAI-compatible route too.
M-07   LLM     Without any key everything works offline on the mock, and the whole suite runs so.
M-08   SCHEMA  Frontends consume the contracts from TypeScript: install, test and type check pass.
M-09   HTTP    curl and OpenAI's clients complete with and without streaming, and a stream ends with [DONE].
M-10   OPS     One command starts a demo offline, without a key.
S4-01  OPS     The server is a FastAPI app object that can be imported.
S4-02  HUB     A WebSocket client connects to /ws/agent.
S4-03  CHAT    AG2's group chat decides whose turn it is in a conversation of three agents.
S4-04  HUB     All clients in the room `default` get the same frames in the same order.
S4-05  SCHEMA  The Zod models are generated from the Pydantic models, and drift fails the build.
S4-06  OPS     Python 3.11 and every newer release is supported and declared.
S4-07  OPS     The project installs with pip, uv and Poetry from its standard metadata.
S4-08  OPS     A copy of .env.example named .env is read at start.
S4-09  LLM     OPENAI_API_KEY switches to the live provider; a placeholder counts as no key.
S4-10  OPS     A documented command runs the server with reload for development.
S4-11  OPS     uvicorn runs the app by its import string and serves /docs.
S4-12  HTTP    /docs answers, and /openapi.json lists every HTTP route.
S4-13  OPS     The app, the socket endpoint, the group chat and the message models each have a module of their own.
S4-14  HUB     An envelope has exactly type, payload and timestamp at its top; a client that knows only these works.
S4-15  HUB     The types are state_update, action, error, ping, pong; another is answered by an error, the socket stays.
S4-16  HUB     A ping is answered by a pong; the server pings a silent client and lets go of one that does not answer.
S4-17  HUB     An action with a message starts work that is told to its end; an empty message is an error.
S4-18  SCHEMA  A state_update carries the agents' actions, status, error and metadata in a validated form.
S4-19  HUB     Malformed JSON gets an error with a message and a code, and the socket stays open.
S4-20  HUB     A client that just connected gets the current state first.
S4-21  SCHEMA  A piece of interface is created, updated, deleted and rendered, with component, props and content.
S4-22  OPS     Formatter, linter and type checker pass on the server.
S4-23  OPS     The test suite passes with no key set.
S4-24  OPS     PORT sets the port, 8000 by default.
S4-25  OPS     HOST sets the address to listen on, 0.0.0.0 by default.
S4-26  AUTH    CORS_ORIGINS decides which origins may call over HTTP and open a WebSocket.
S4-27  LLM     OPENAI_API_KEY is the key that calls to OpenAI carry.
S4-28  LLM     OPENAI_MODEL sets the built-in team's model, gpt-4 by default, and one can see it.
S4-29  LLM     With keys missing or placeholders, agents, tools and hand-offs are real and only the model is a mock.
S4-30  CHAT    A custom agent or behaviour plugs in without an edit of the hub.
S4-31  OPS     /health says that the server is healthy.
S4-32  CHAT    MAX_AGENT_ROUNDS (10) and AGENT_TEMPERATURE (0.7) are honoured.
S4-33  LLM     The mock says that it is one: on every simulated turn and at /health.
S4-34  CHAT    A slow agent never delays pings or other rooms.
S4-35  HUB     Two rooms never see each other's text or actions.
S4-36  HUB     A client that does not read fills a bounded queue, is resynchronised or dropped, and delays nobody.
S4-37  GUARD   The text of an exception never reaches a client.
S0-01  AGENT   The agent class and the server class can be imported by their names.
S0-02  AGENT   An agent takes name, instructions, credits_per_token=10, tools, model, intents; defaults are not shared.
S0-03  AGENT   A name that is empty, reserved or not safe in a URL is refused.
S0-04  AGENT   An agent without instructions is refused when it is made.
S0-05  PAY     credits_per_token is the agent's rate, 10 by default.
S0-06  TOOL    Tools are plain callables or tool objects; both can be called by the model.
S0-07  CHAT    Intents route: a search over agents by what one wants ranks the fitting agent first.
S0-08  AGENT   Awaiting agent.run(messages=...) gives a response whose str() is the text.
S0-09  AGENT   agent.run(stream=True) gives a StreamingResponse that works as an SSE reply.
S0-10  TOOL    A function tool keeps name, description and price, whichever decorator stands outside.
S0-11  PAY     A tool with a fixed price adds it to the credits once a call.
S0-12  PAY     A custom agent may have its own price per token.
S0-13  AGENT   An agent with tools, an own rate and intents runs as the sample shows.
S0-14  HTTP    The server object is a FastAPI app: uvicorn runs it, routes and routers can be added.
S0-15  HTTP    POST /{agent}/chat/completions answers in OpenAI's shape.
S0-16  HTTP    GET /{agent} tells name, description, model, tools, intents and pricing.
S0-17  HTTP    A server without agents can be made.
S0-18  HTTP    @app.agent serves a path with typed parameters: completions, a plain POST, and information.
S0-19  HTTP    Its handler gets a request whose messages are a list that it may change.
S0-20  AGENT   A handler may run an agent with Runner and return its final output as text.
S0-21  PAY     get_server_context() gives a tool the context of its request, and None elsewhere.
S0-22  HTTP    An after_request hook runs once a request, also after streams and errors.
S0-23  PAY     The usage of a request tells its exact total credits and tokens.
S0-24  PAY     Usage is counted on every request, without any hook.
S0-25  PAY     X-Payment-Token carries the payment token over HTTP, and a socket can carry it too.
S0-26  PAY     An unknown, expired or revoked payment token is refused.
S0-27  PAY     Too small a balance is a 402 with a structured body, before any model is called.
S0-28  PAY     A request is charged exactly once; concurrent requests never overdraw, an aborted stream pays its part.
S0-29  PAY     Missing funds are a 402 over HTTP and payment_required on the socket.
S0-30  OPS     uvicorn.run(app, host=..., port=...) serves the app.
S1-01  AGENT   An agent with a model, skills, tools and workflows is constructed without a running loop.
S1-02  LLM     model="openai/gpt-4o" makes OpenAI's model skill.
S1-03  LLM     model="anthropic/..." makes Anthropic's.
S1-04  LLM     model="litellm/openai/gpt-4o" makes LiteLLM's; only the first slash separates.
S1-05  LLM     model="xai/..." makes xAI's.
S1-06  LLM     A configured model skill may be the model; its key, temperature and max_tokens reach the call.
S1-07  LLM     Without a model, a model skill among the skills becomes the agent's model.
S1-08  AGENT   run takes a plain list of messages and answers with choices.
S1-09  SKILL   tool, hook, handoff and Skill can be imported by their names.
S1-10  SKILL   A skill's initialize(agent) runs once, before the first run, in order of dependencies.
S1-11  SKILL   A bare @tool on a skill's method is registered by itself, with a schema from its signature.
S1-12  TOOL    The calculator computes arithmetic and answers attacks with "Invalid expression" within 50 ms.
S1-13  LLM     Asked for a calculation, the model calls the tool by itself and answers with the result.
S1-14  MEM     Short-term memory keeps a settable number of messages and lets the oldest go.
S1-15  MEM     Long-term memory connects when it is first used, and has an embedded form.
S1-16  MEM     An agent remembers across runs what a user told it, each user apart.
S1-17  LLM     An agent may have further model skills beside its main one.
S1-18  AGENT   agent.context.get_llm_skill() gives the main model skill.
S1-19  SKILL   agent.context.get_skill(name) gives a skill or None.
S1-20  MEM     Vector memory stores texts and finds the nearest, offline too.
S1-21  GUARD   Guardrails have levels: high blocks an injection and personal data, low lets pass.
S1-22  TOOL    Web search answers with one text, and offline says that it is off.
S1-23  STORE   The database skill inserts and reads, and refuses identifiers that are not plain names.
S1-24  SKILL   A tool's context parameter is filled in and hidden from the model.
S1-25  AUTH    context.peer_user_id names who is asking, "anonymous" by default.
S1-26  PAY     context.track_usage(credits, reason) shows up in the usage.
S1-27  SKILL   A skill reaches its sister skills through its agent.
S1-28  SKILL   A module function can be a tool with a scope; a clash of names is never silent.
S1-29  SKILL   The context of the running agent can be had anywhere in its call.
S1-30  AUTH    A tool for owners is neither offered to others nor executed for them.
S1-31  PAY/CHAT Skills for payments, discovery, talking to agents and storage work with local providers.
S1-32  AUTH    A scope may be a list.
S1-33  SKILL   Hooks have a priority (lower first) and a scope.
S1-34  SKILL   context.set and get hold values of one request, apart from concurrent ones.
S1-35  AUTH    Tokens give identity and scopes; expired ones, wrong audiences and alg=none are refused.
S1-36  STORE   The messages skill keeps a conversation that the store can read.
S1-37  CHAT    Specialist agents are reachable by name from a coordinator.
S1-38  CHAT    @handoff on a skill's method offers a hand-off with a type and a scope.
S1-39  CHAT    An agent can talk to another one, local first, then remote; depth and cycles are limited.
S1-40  CHAT    HandoffResult tells result and type, and is seen on the wire.
S1-41  CHAT    A coordinator finds two specialists, delegates to both and joins their answers.
S1-42  SKILL   A tool may answer with text about the user who asks.
S1-43  SKILL   A hook without a scope is for all.
S1-44  HTTP    A user's own endpoint returns run_streaming(...) or await run(...) unchanged.
S1-45  TOOL    Tools given by the caller come back as tool_calls and are not executed here.
S1-46  HTTP    A failing agent is a 500 in OpenAI's error shape that tells no secret.
S1-47  HTTP    The documented curl call to an agent's completions works as printed.
S1-48  SKILL   on_message hooks run once a message, after on_connection.
S1-49  AUTH    Hooks may be for owners only.
S1-50  AUTH    The scopes owner and premium open what they name; auth_scope tells the caller's.
S1-51  AGENT   Several agents of different make run side by side.
S1-52  HTTP    POST /agents/{agent}/chat/completions answers for each agent.
S1-53  HTTP    An unknown agent is a 404 that lists those there are.
S1-54  HTTP    GET /agents tells each agent's name, instructions in short, skills and numbers of tools and hooks.
S1-55  AGENT   Tools, hooks and skills of an agent can be looked at.
S1-56  SKILL   The context variable can be imported by its documented name.
S1-57  DYN     A factory creates agents by name, gives the same one again, and None for an unknown name.
S1-58  DYN     A completions route creates its agent on demand.
S1-59  HTTP    GET /agents/{agent}/info tells name, instructions, skills and numbers of tools, hooks and hand-offs.
S1-60  DYN     Cached agents expire after a settable time, never in use.
S1-61  DYN     Only agents that are used are made, once, also under concurrency.
S1-62  DYN     Agents are configured by YAML, JSON, database or Python.
S1-63  AUTH    Scopes hold for dynamic agents too.
S1-64  DYN     Idle agents are dropped, and a hook tells it.
S1-65  DYN     Tenants neither list nor call each other's agents.
S1-66  DYN     Variants of an agent are chosen by weight and stay with a user.
S1-67  DYN     Definitions may differ by environment, "development" by default.
S1-68  DYN     Agents come from a database; only allowed fields and skills are taken from it.
S1-69  DYN     Agents come from a portal over HTTP.
S1-70  DYN     An environment without a definition gives None.
S1-71  OPS     The memory that an active agent costs is measured and published.
S1-72  OPS     A container image builds, runs without root and answers /health.
S1-73  OPS     A compose file starts the app with its database; optional services may be missing.
S1-74  OPS     Kubernetes manifests run three replicas with probes, and rooms span replicas.
S1-75  SDK     The Python client's chat is both awaitable and an asynchronous iterator.
S1-76  SDK     It parses a stream however its bytes are split.
S1-77  SDK     The JavaScript client does both as well, and its sample runs unchanged.
S1-78  FLOW    @workflow declares a name, dependencies and a version.
S1-79  FLOW    A workflow's context gives dependencies and logs; a missing one fails before the first step.
S1-80  FLOW    A workflow returns a dictionary as its result.
S1-81  LLM     A model skill answers one query with plain text.
S1-82  STORE   The storage skill stores an object and reads it back.
S1-83  FLOW    An agent runs its workflows by name, offers them as tools and shows their progress.
S1-84  TOOL    The fetch tool retries, times out, caps what it reads and refuses addresses that are not public.
S1-85  SKILL   What the documents sum up about skills holds, point by point.
S1-86  DYN     Hundreds of definitions cost no memory until they are used.
S2-01  AGENT   An agent by role, provider and key runs; a placeholder key means the mock.
S2-02  AGENT   agent.chat gives text that can be printed.
S2-03  STORE   A second chat goes on with the same thread.
S2-04  STORE   agent.new_thread() starts with an empty history at once.
S2-05  AGENT   A definition has role, goal, constraints, personality, examples, and survives a round trip as a dict.
S2-06  AGENT   system_prompt holds all of a definition, always in the same words.
S2-07  AGENT   An agent takes a definition, a provider and a model.
S2-08  AGENT   The assistant template names its assistant.
S2-09  TOOL    The retrieval template works with the built-in document search.
S2-10  AGENT   The property manager template exists.
S2-11  LLM     Each provider gets the request it expects; an absent local one is a clear error, not a hang.
S2-12  AGENT   agent.stream yields the pieces of the text that chat gives.
S2-13  STORE   An agent with a connection survives a restart of its process.
S2-14  AUTH    A chat with a user id belongs to that user.
S2-15  AGENT   Runner, providers, strategies and stores can be imported by their names.
S2-16  LLM     get_provider and get_memory_strategy build by name, and an unknown name lists the known.
S2-17  AGENT   A runner takes connection, authorization, provider, memory and judge.
S2-18  GUARD   A judge looks at what users write, and an injection is blocked with a clear error.
S2-19  STORE   AgentStore.create gives the stored agent with its id.
S2-20  STORE   ThreadStore.create gives the stored thread.
S2-21  AUTH    A role on a thread can be given to a user.
S2-22  AGENT   A runner refuses a user without the role, and answers one who has it.
S2-23  MEM     last_n keeps the newest messages and never parts a tool call from its result.
S2-24  MEM     first_last keeps both ends, also where they overlap.
S2-25  MEM     token_window stays within its tokens, newest kept, with an offline tokenizer.
S2-26  TOOL    @tool with a description registers by name and leaves the function callable.
S2-27  TOOL    @tool takes functions that are not asynchronous.
S2-28  TOOL    The calculating tool evaluates arithmetic and never code.
S2-29  TOOL    Tools can be given by name; an unknown name fails at construction.
S2-30  TOOL    A tool may be a class with a definition and execute.
S2-31  TOOL    register_tool makes such a tool known to all agents.
S2-32  MEM     Facts about users have a store.
S2-33  MEM     A fact is set, or replaced, under a category, "general" by default.
S2-34  MEM     A fact is read back by its key.
S2-35  MEM     All facts of a user are listed.
S2-36  MEM     Facts are formatted for a prompt so that none can give orders.
S2-37  MEM     Facts are extracted from messages; malformed model output gives none.
S2-38  STORE   Threads can be archived, brought back and listed as archived.
S2-39  STORE   A fork copies a thread and its messages in one transaction.
S2-40  STORE   A branch ends with the named message; an unknown one is an error.
S2-41  STORE   A thread's statistics are live: messages, bytes, origin.
S2-42  STORE   Search covers titles and contents, never another user's.
S2-43  OPS     The agent library has a documented place for each of its parts.
S2-44  LIMIT   A limiter of requests and tokens a minute works in memory by default.
S2-45  LIMIT   check tells the seconds to wait, 0 if none.
S2-46  LIMIT   record takes what was really used, by keyword or position.
S2-47  LIMIT   acquire waits and records at once; no window ever exceeds its limit.
S2-48  LIMIT   Providers have default limits, and unknown ones a general default.
S2-49  LIMIT   Limits can be shared by processes through Redis without a miscount.
S2-50  OPS     A Redis configuration is anything with a url or a client.
S2-51  JOBS    A job queue works in memory by default.
S2-52  JOBS    Handlers are registered by name, asynchronous or not.
S2-53  JOBS    A job is enqueued with priority, retries and delay.
S2-54  JOBS    A job's status prints as pending, processing, completed or failed.
S2-55  JOBS    start_worker returns at once.
S2-56  JOBS    stop_worker drains or gives back the running job.
S2-57  JOBS    Jobs in Redis survive a killed worker and never run twice at once.
S2-58  JOBS    Summarising a thread and titling it are built-in jobs.
S2-59  GUARD   Guardrails by a model are part of the library.
S3-01  ROUTER  The router factory, the session dependency and the agent can be imported.
S3-02  AGENT   An agent by name, instructions and model is enough for a router.
S3-03  ROUTER  create_agent_router takes its arguments by keyword and by position.
S3-04  ROUTER  The routers work in a plain FastAPI app.
S3-05  ROUTER  POST /run answers final output, success and session.
S3-06  ROUTER  POST /stream answers as SSE, with memory, and ends with the final output.
S3-07  ROUTER  GET /info describes agent, endpoints and sessions in the documented keys.
S3-08  ROUTER  POST /chats creates a chat, with or without a slash at the end.
S3-09  STORE   A first turn is kept in its session.
S3-10  STORE   A follow-up remembers the turns before.
S3-11  STORE   Run and stream share one memory; what a broken stream said so far is kept.
S3-12  ROUTER  GET /chats/{id} tells the conversation and ISO times.
S3-13  ROUTER  PUT /chats/{id} with a null conversation clears it; an absent one leaves it.
S3-14  ROUTER  A deleted chat is gone for readers.
S3-15  ROUTER  The agent router has no routes that manage sessions.
S3-16  STORE   DATABASE_URL takes PostgreSQL and SQLite in every documented form.
S3-17  OPS     DATABASE_ECHO logs the SQL.
S3-18  STORE   Sessions work with nothing configured.
S3-19  STORE   Agents share a session and see who said what.
S3-20  STORE   A database session can be used by hand with a runner.
S3-21  STORE   Sessions survive a restart.
S3-22  AUTH    Users have their own chats, and others' do not exist for them.
S3-23  STORE   A long history costs an append, not a rewrite.
S3-24  STORE   updated_at moves with every turn.
S3-25  ROUTER  Errors have a status and a reason; a failing agent is not a success.
S3-26  STORE   The session satisfies the session protocol of OpenAI's agents library.
S3-27  STORE   Tables are made at start, and upgraded by migrations.
S3-28  ROUTER  An unknown session id is treated as documented.
S3-29  OPS     Metrics tell the use of sessions, also under load.
S3-30  ROUTER  A user's chats are listed in pages.
H-01   AUTH    One model of identity holds for socket, HTTP, router and skills.
H-02   PAY     One ledger of usage is fed by model calls, tools and prices, and read everywhere.
H-03   TOOL    One schema builder serves every form of tool.
H-04   STORE   One model of messages names user and agent, so that group turns survive every copy.
H-05   LIMIT   Limits and payment guard the socket as they guard HTTP.
H-06   HUB     A run outlives the socket that started it.
H-07   HTTP    Names that would shadow a route of the server are reserved.
H-08   OPS     Every variable the server reads is a field of one typed settings object and a line of .env.example.
H-09   LLM     The mock is deterministic, streams, calls tools, hands off, reports usage, and can be scripted.
H-10   GUARD   URLs, table names, expressions and stored agents from outside are treated as untrusted.
"""

REQUIREMENTS: dict[str, Requirement] = {
    row[0]: Requirement(row[1], row[2]) for line in _TABLE.strip().splitlines() if (row := line.split(maxsplit=2))
}


def _ids(family: str, numbers: str) -> list[str]:
    """`_ids("S2", "3-5 9")` -> S2-03, S2-04, S2-05, S2-09."""
    spans = [part.partition("-") for part in numbers.split()]
    return [f"{family}-{n:02}" for first, _, last in spans for n in range(int(first), int(last or first) + 1)]


PLAN: dict[str, list[str]] = {
    # Identity, payment, limits, deployment.
    "part 5": [
        *_ids("S0", "5 25-29"),
        *_ids("S1", "35 72-74"),
        *_ids("S2", "14 21 43-49"),
        *_ids("H", "1 2 5"),
    ],
}

TO_COME: dict[str, str] = {row: part for part, rows in PLAN.items() for row in rows}
"""The promises without a test yet, each with the part of the plan that brings it."""
