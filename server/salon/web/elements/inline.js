/** The inside of a Markdown paragraph as elements: emphasis, code, links, mentions. Everything else is text. */

import { h } from "../vendor/preact.js";

const DEEPEST = 8;

/** Each rule looks at the text from one place on; the first that fits makes an element. */
const RULES = [
    { at: "\\", rule: /\\([!-/:-@[-`{-~])/y, make: ([, mark]) => mark },
    {
        at: "`",
        rule: /(`+)([^`]|[^`][^]{0,4000}?[^`])\1(?!`)/y,
        make: ([, , text]) => h("code", null, text.replace(/^ (.*) $/s, "$1")),
    },
    {
        at: "!",
        rule: /!\[([^\]\n]{0,500})\]\(([^()\s]{1,2000})(?: "[^"\n]{0,300}")?\)/y,
        make: ([, alt, to]) => link(to, [`Picture: ${alt || to}`]),
    },
    {
        at: "[",
        rule: /\[([^[\]\n]{1,1000})\]\(([^()\s]{0,1000}(?:\([^()\s]{0,500}\)[^()\s]{0,500})?)(?: "[^"\n]{0,300}")?\)/y,
        make: ([, words, to], inner) => link(to, inner(words)),
    },
    {
        at: "*",
        rule: /\*\*\*(?=\S)([^\n*]{1,2000}?\S)\*\*\*/y,
        make: ([, words], inner) => h("strong", null, h("em", null, inner(words))),
    },
    {
        at: "*_",
        rule: /(\*\*|__)(?=\S)([^\n]{1,2000}?\S)\1/y,
        make: ([, , words], inner) => h("strong", null, inner(words)),
        word: true,
    },
    {
        at: "*_",
        rule: /([*_])(?=[^\s*_])([^\n]{0,2000}?[^\s*_])\1(?!\1)/y,
        make: ([, , words], inner) => h("em", null, inner(words)),
        word: true,
    },
    { at: "~", rule: /~~(?=\S)([^\n]{1,2000}?\S)~~/y, make: ([, words], inner) => h("del", null, inner(words)) },
    { at: "<", rule: /<((?:https?:\/\/|mailto:)[^\s<>]{1,2000})>/y, make: ([, to]) => link(to, [to]) },
    {
        at: "h",
        rule: /https?:\/\/[^\s<>"'`)\]]{0,1999}[^\s<>"'`)\].,;:!?*_~]/y,
        make: ([to]) => link(to, [to]),
        starts: true,
    },
    {
        at: "@",
        rule: /@([A-Za-z0-9][A-Za-z0-9_-]{0,63})/y,
        make: ([all, name], inner, mentions) => (mentions.has(name) ? h("span", { class: "mention" }, all) : all),
        starts: true,
    },
    { at: "\n", rule: / *\n/y, make: () => h("br") },
];
const SPECIAL = /[\\`![*_~<@\n]|h(?=ttps?:\/\/)/g;
const LETTER = /[\p{L}\p{N}]/u;

/**
 * @param {string} text
 * @param {Set<string>} mentions
 * @returns {(string | object)[]}
 */
export function inline(text, mentions, depth = 0) {
    if (depth > DEEPEST) return [text];
    const inner = (words) => inline(words, mentions, depth + 1);
    const made = [];
    let plain = 0;
    let from = 0;
    for (;;) {
        SPECIAL.lastIndex = from;
        const special = SPECIAL.exec(text);
        if (special === null) break;
        const at = special.index;
        const found = match(text, at);
        if (found === null) {
            from = at + 1;
            continue;
        }
        if (at > plain) made.push(text.slice(plain, at));
        made.push(found.rule.make(found.words, inner, mentions));
        plain = from = at + found.words[0].length;
    }
    if (plain < text.length) made.push(text.slice(plain));
    return made;
}

function match(text, at) {
    const within = at > 0 && LETTER.test(text[at - 1]);
    for (const rule of RULES) {
        if (!rule.at.includes(text[at]) || (rule.starts && within)) continue;
        if (rule.word && text[at] === "_" && within) continue; // snake_case is no emphasis
        rule.rule.lastIndex = at;
        const words = rule.rule.exec(text);
        if (words !== null) return { rule, words };
    }
    return null;
}

function link(to, words) {
    if (!/^(?:https?:\/\/|mailto:)/i.test(to)) return h("span", null, words);
    return h("a", { href: to, target: "_blank", rel: "noopener noreferrer nofollow" }, words);
}
