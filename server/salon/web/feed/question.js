/** A question of an agent to people: yes or no, a choice, a text, or a form made of the schema of the answer. */

import { h, html, useState } from "../vendor/preact.js";
import { Fields, valuesOf } from "../surfaces/form/fields.js";
import { Markdown } from "../elements/markdown.js";
import { nameOf } from "../elements/people.js";
import { fieldsOf } from "../surfaces/form/schema.js";

/** @param {{question: object, look: object}} props */
export function Question({ question, look }) {
    const { live, me } = look;
    const { id, message, answer, allowed, agent, reason } = question;
    const open = answer === undefined && live.state.interrupts.has(id);
    const mayAnswer = allowed === undefined || allowed.includes(me);
    const called = (person) => nameOf({ id: person, name: live.called(person) }, me);
    if (!open) return h(Closed, { question, called });
    return html`<div class="question open" role="group" aria-label=${`${agent} asks`}>
        <p class="label">${agent} asks for your ${NEEDS[reason] ?? "answer"}</p>
        <${Markdown} text=${message ?? ""} />
        ${mayAnswer ? h(Answer, { question, live }) : html`<p
            class="soft">Only ${allowed.map(called).join(", ")} may answer.</p>`}
    </div>`;
}

/** An answered question is one line; what was asked is behind it. */
function Closed({ question, called }) {
    const { message = "", agent } = question;
    return html`<details class="question"><summary><span
        class="label">${agent} asked</span> ${message.split("\n", 1)[0]}
        <span class="outcome">${outcomeOf(question, called)}</span></summary><${Markdown} text=${message} /></details>`;
}

const NEEDS = { approval: "approval", choice: "choice", input: "answer" };

function Answer({ question: { id, response_schema: schema, reason }, live }) {
    const [problem, setProblem] = useState("");
    const [sent, setSent] = useState(false);
    const reply = async (status, value) => {
        setSent(true);
        try {
            await live.act({ kind: "resolve", interrupt: id, status, ...(value !== undefined && { value }) });
        } catch (error) {
            if (error.code !== "already_resolved") setProblem(error.message);
            setSent(false);
        }
    };
    const props = { reply, schema, sent };
    return html`<div class="answer">
        ${reason === "approval" || isYesOrNo(schema) ? h(YesOrNo, props) : h(SchemaForm, props)}
        ${problem && html`<p class="failed" role="alert">${problem}</p>`}
    </div>`;
}

function YesOrNo({ reply, schema, sent }) {
    const [comment, setComment] = useState("");
    const plain = schema?.type !== "object";
    const say = (approved) => () => reply("resolved", plain ? approved : { approved, ...(comment && { comment }) });
    return html`
        ${
            !plain &&
            "comment" in (schema.properties ?? {}) &&
            html`<label class="comment">Comment (you need not)
            <input value=${comment} onInput=${(event) => setComment(event.target.value)} maxlength="2000" /></label>`
        }
        <div class="buttons">
            <button type="button" class="primary" disabled=${sent} onClick=${say(true)}>Approve</button>
            <button type="button" disabled=${sent} onClick=${say(false)}>Decline</button>
        </div>`;
}

function SchemaForm({ reply, schema, sent }) {
    const { fields, whole } = fieldsOf(schema);
    const [missing, setMissing] = useState([]);
    const submit = (event) => {
        event.preventDefault();
        const { values, problems } = valuesOf(fields, event.target);
        setMissing(problems);
        if (problems.length === 0) void reply("resolved", whole ? values.answer : values);
    };
    return html`<form onSubmit=${submit} novalidate>
        <${Fields} fields=${fields} problems=${missing} disabled=${sent} />
        <div class="buttons">
            <button class="primary" disabled=${sent}>Answer</button>
            <button type="button" disabled=${sent} onClick=${() => reply("cancelled")}>I’d rather not</button>
        </div>
    </form>`;
}

function isYesOrNo(schema) {
    return schema?.type === "boolean";
}

function outcomeOf({ answer, reason }, called) {
    if (answer === undefined) return "This question is closed.";
    const who = answer.by === undefined ? "" : called(answer.by);
    if (answer.status === "expired") return "Nobody answered in time.";
    if (answer.status === "cancelled") return who ? `${who} did not want to answer.` : "The question was withdrawn.";
    const value = answer.value;
    if (reason === "approval" || typeof value === "boolean") {
        const yes = value === true || value?.approved === true;
        const said = value?.comment ? `: “${value.comment}”` : "";
        return `${yes ? "✓" : "✕"} ${who || "Somebody"} ${yes ? "approved" : "declined"}${said}.`;
    }
    return `${who || "Somebody"} answered: ${shortly(value)}`;
}

function shortly(value) {
    if (value !== null && typeof value === "object") {
        return Object.entries(value)
            .map(([name, each]) => (Object.keys(value).length > 1 ? `${name}: ${shortly(each)}` : shortly(each)))
            .join("; ");
    }
    return String(value ?? "nothing");
}
