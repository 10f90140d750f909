/**
 * Markdown as elements. What is not Markdown stays text, HTML too: nothing here can make an element that is not listed
 * here, and no link leads anywhere but to the web or a mailbox. Takes time in proportion to the text.
 */

import { h } from "../vendor/preact.js";
import { inline } from "./inline.js";

const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([^`]*)$/;
const HEADING = /^ {0,3}(#{1,6})\s+(.*?)(?:\s+#+)?\s*$/;
const RULE = /^ {0,3}(?:(?:\*\s*){3,}|(?:-\s*){3,}|(?:_\s*){3,})$/;
const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])(?:\s+(.*)|)$/;
const QUOTE = /^ {0,3}>\s?(.*)$/;
const DIVIDER = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;
const DEEPEST = 12;

/**
 * @param {string} text
 * @param {Set<string>} [mentions] names that are agents when written as `@name`
 * @returns {object[]} what to draw
 */
export function markdown(text, mentions = new Set()) {
    return blocks(text.replaceAll("\r\n", "\n").split("\n"), mentions, 0);
}

/** Markdown as a component. @param {{text: string, mentions?: Set<string>}} props */
export function Markdown({ text, mentions }) {
    return h("div", { class: "markdown" }, markdown(text, mentions));
}

function blocks(lines, mentions, depth) {
    if (depth > DEEPEST) return [h("p", null, lines.join("\n"))];
    const made = [];
    let at = 0;
    while (at < lines.length) {
        const read = blank(lines[at]) ? { next: at + 1, node: null } : block(lines, at, mentions, depth);
        if (read.node !== null) made.push(read.node);
        at = read.next;
    }
    return made;
}

function block(lines, at, mentions, depth) {
    const line = lines[at];
    const fence = FENCE.exec(line);
    if (fence) return code(lines, at, fence);
    const heading = HEADING.exec(line);
    if (heading) {
        // The page has its own first two levels.
        return { next: at + 1, node: h(`h${Math.min(6, heading[1].length + 2)}`, null, inline(heading[2], mentions)) };
    }
    if (RULE.test(line)) return { next: at + 1, node: h("hr") };
    if (QUOTE.test(line)) {
        const end = until(lines, at, (each) => !QUOTE.test(each));
        const inner = lines.slice(at, end).map((each) => QUOTE.exec(each)[1]);
        return { next: end, node: h("blockquote", null, blocks(inner, mentions, depth + 1)) };
    }
    if (ITEM.test(line)) return list(lines, at, mentions, depth);
    if (line.includes("|") && at + 1 < lines.length && lines[at + 1].includes("-") && DIVIDER.test(lines[at + 1])) {
        return table(lines, at, mentions);
    }
    const end = until(lines, at + 1, (each) => blank(each) || begins(each));
    return { next: end, node: h("p", null, inline(lines.slice(at, end).join("\n"), mentions)) };
}

function code(lines, at, [, mark, language]) {
    const closing = new RegExp(`^ {0,3}${mark[0] === "`" ? "`" : "~"}{${mark.length},}\\s*$`);
    const end = until(lines, at + 1, (line) => closing.test(line));
    const text = lines.slice(at + 1, end).join("\n");
    const label = language.trim().split(/\s/)[0];
    return {
        next: end + 1,
        node: h("pre", { tabIndex: 0, ...(label && { "data-language": label }) }, h("code", null, text)),
    };
}

function list(lines, at, mentions, depth) {
    const [, indent, mark] = ITEM.exec(lines[at]);
    const ordered = /\d/.test(mark);
    const items = [];
    while (at < lines.length) {
        const item = ITEM.exec(lines[at]);
        if (!item || item[1].length !== indent.length || /\d/.test(item[2]) !== ordered) break;
        const inside = indent.length + item[2].length + 1;
        const from = at + 1;
        at = until(lines, from, (line, n) =>
            blank(line)
                ? blank(lines[n + 1] ?? "") || (width(lines[n + 1]) <= indent.length && !sibling(lines[n + 1], indent))
                : width(line) <= indent.length && begins(line),
        );
        const rest = lines.slice(from, at).map((line) => line.slice(Math.min(width(line), inside)));
        while (rest.length > 0 && blank(rest.at(-1))) rest.pop();
        const tight = !rest.some(blank);
        const content = blocks([item[3] ?? "", ...rest], mentions, depth + 1);
        // A tight item's own words are no paragraph.
        items.push(
            h(
                "li",
                null,
                tight ? content.flatMap((node) => (node.type === "p" ? node.props.children : node)) : content,
            ),
        );
        while (at < lines.length && blank(lines[at]) && sibling(lines[at + 1] ?? "", indent)) at += 1;
    }
    const start = ordered && mark.slice(0, -1) !== "1" ? { start: Number(mark.slice(0, -1)) } : null;
    return { next: at, node: h(ordered ? "ol" : "ul", start, items) };
}

function table(lines, at, mentions) {
    const heads = cells(lines[at]);
    const aligns = cells(lines[at + 1]).map((cell) =>
        cell.endsWith(":") ? (cell.startsWith(":") ? "center" : "right") : "left",
    );
    const end = until(lines, at + 2, (line) => blank(line) || !line.includes("|"));
    const row = (tag, texts) =>
        h(
            "tr",
            null,
            heads.map((_, n) =>
                h(
                    tag,
                    { class: `align-${aligns[n] ?? "left"}`, ...(tag === "th" && { scope: "col" }) },
                    inline(texts[n] ?? "", mentions),
                ),
            ),
        );
    const body = lines.slice(at + 2, end).map((line) => row("td", cells(line)));
    const node = h(
        "div",
        { class: "scroll-x", tabIndex: 0, role: "region", "aria-label": "Table" },
        h("table", null, h("thead", null, row("th", heads)), h("tbody", null, body)),
    );
    return { next: end, node };
}

function cells(line) {
    const trimmed = line
        .trim()
        .replace(/^\|/, "")
        .replace(/(?<!\\)\|$/, "");
    return trimmed.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
}

function begins(line) {
    return FENCE.test(line) || HEADING.test(line) || RULE.test(line) || QUOTE.test(line) || ITEM.test(line);
}

function sibling(line, indent) {
    const item = ITEM.exec(line);
    return item !== null && item[1].length === indent.length;
}

function until(lines, from, stop) {
    for (let n = from; n < lines.length; n += 1) if (stop(lines[n], n)) return n;
    return lines.length;
}

function blank(line) {
    return line.trim() === "";
}

function width(line = "") {
    return line.length - line.trimStart().length;
}
