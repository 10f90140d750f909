/** The surfaces that are mostly words: text, markdown, card, list, buttons, progress, picture, code. */

import { h, html, useState } from "../vendor/preact.js";
import { Markdown } from "../elements/markdown.js";
import { Surface } from "./surface.js";
import { Press } from "./press.js";

export function Words({ text, tone = "neutral" }) {
    return html`<p class=${`words tone-${tone}`}>${text}</p>`;
}

export function Markup({ text }) {
    return h(Markdown, { text });
}

export function Card({ title, subtitle, text, image, link, tone = "neutral", buttons, children = [], look, act }) {
    return html`<div class=${`card tone-${tone}`}>
        ${image && html`<${Safe} url=${image} alt="" />`}
        ${title && html`<h3>${title}</h3>`}
        ${subtitle && html`<p class="soft">${subtitle}</p>`}
        ${text && html`<p class="words">${text}</p>`}
        ${link && html`<p><${Out} to=${link} /></p>`}
        ${children.map((id) => h(Surface, { key: id, id, look, nested: true }))}
        ${buttons && html`<${Press} buttons=${buttons} act=${act} />`}
    </div>`;
}

export function Items({ title, items, ordered = false }) {
    const lines = items.map(
        ({ text, detail, link, done }) => html`<li class=${done === undefined ? "" : done ? "ticked" : "unticked"}>
        ${done !== undefined && html`<span class="tick" role="img"
            aria-label=${done ? "done" : "not done"}>${done ? "✓" : ""}</span>`}
        <div><span>${link ? html`<${Out} to=${link}>${text}</${Out}>` : text}</span>
        ${detail && html`<span class="soft detail">${detail}</span>`}</div></li>`,
    );
    return html`<div class="items">
        ${title && html`<h3>${title}</h3>`} ${ordered ? html`<ol>${lines}</ol>` : html`<ul>${lines}</ul>`}
    </div>`;
}

export function Buttons({ text, buttons, act }) {
    return html`<div class="choices">${text && html`<p>${text}</p>`}<${Press} buttons=${buttons} act=${act} /></div>`;
}

const STATE = { running: "under way", done: "done", failed: "failed" };

export function Progress({ label, value, status = "running", text }) {
    const known = value === undefined ? {} : { value };
    const done =
        value === undefined
            ? STATE[status]
            : `${Math.round(value * 100)} %${status === "running" ? "" : `, ${STATE[status]}`}`;
    return html`<div class=${`progress ${status}`}>
        <div class="row"><span>${label}</span><span class="soft">${done}</span></div>
        <progress max="1" ...${known} aria-label=${label}></progress>
        ${text && html`<p class="soft">${text}</p>`}
    </div>`;
}

export function Picture({ url, alt, caption, width, height }) {
    return html`<figure class="picture"><${Safe} url=${url} alt=${alt} width=${width} height=${height} />
        ${caption && html`<figcaption>${caption}</figcaption>`}</figure>`;
}

export function Code({ code, language, title }) {
    const [said, say] = useState("Copy");
    const copy = () =>
        navigator.clipboard.writeText(code).then(
            () => say("Copied"),
            () => say("The browser did not allow it"),
        );
    return html`<figure class="code">
        <figcaption><span>${title ?? language ?? "Code"}</span> <button type="button" class="quiet"
            onClick=${copy}>${said}</button></figcaption>
        <pre tabindex="0"><code>${code}</code></pre>
    </figure>`;
}

/** A picture that is here already is shown; one from elsewhere is a link: fetching it would tell of this room. */
function Safe({ url, alt, width, height }) {
    if (url.startsWith("data:image/")) return html`<img src=${url} alt=${alt} width=${width} height=${height} />`;
    return html`<p class="elsewhere">Picture${alt && `: ${alt}`} – <${Out} to=${url} /></p>`;
}

function Out({ to, children }) {
    if (!/^https?:\/\//i.test(to)) return html`<span>${children ?? to}</span>`;
    return html`<a href=${to} target="_blank" rel="noopener noreferrer nofollow">${children ?? hostOf(to)}</a>`;
}

function hostOf(to) {
    return URL.canParse(to) ? `open at ${new URL(to).host}` : to;
}
