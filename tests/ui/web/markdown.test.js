import assert from "node:assert/strict";
import { test } from "node:test";

import { markdown } from "../../../server/salon/web/elements/markdown.js";

/** Elements as one would write them, to compare them by eye. */
function written(node) {
    if (node === null || node === undefined) return "";
    if (typeof node !== "object") return String(node);
    if (Array.isArray(node)) return node.map(written).join("");
    const { children, ...props } = node.props;
    const attributes = Object.entries(props).map(([name, value]) => ` ${name}=${value}`).join("");
    return `<${node.type}${attributes}>${written(children)}</${node.type}>`;
}

const AWAY = "target=_blank rel=noopener noreferrer nofollow";

for (const [text, expected] of [
    ["Plain *em* **strong** `a < b` ~~gone~~", "<p>Plain <em>em</em> <strong>strong</strong> <code>a < b</code> <del>gone</del></p>"],
    ["snake_case_name and 2*3*4", "<p>snake_case_name and 2<em>3</em>4</p>"],
    ["# One\nText", "<h3>One</h3><p>Text</p>"],
    ["- one\n- two\n  - deep\n- three\n\nafter", "<ul><li>one</li><li>two<ul><li>deep</li></ul></li><li>three</li></ul><p>after</p>"],
    ["3. three\n4. four", "<ol start=3><li>three</li><li>four</li></ol>"],
    ["> said\n> so", "<blockquote><p>said<br></br>so</p></blockquote>"],
    ["```js\n<b>*x*</b>\n```", "<pre tabIndex=0 data-language=js><code><b>*x*</b></code></pre>"],
    ["```\nnot closed yet", "<pre tabIndex=0><code>not closed yet</code></pre>"],
    ["[to](https://a.example/b)", `<p><a href=https://a.example/b ${AWAY}>to</a></p>`],
    ["See https://a.example/b.", `<p>See <a href=https://a.example/b ${AWAY}>https://a.example/b</a>.</p>`],
    ["\\*as it is\\*", "<p>*as it is*</p>"],
]) {
    test(`markdown of ${JSON.stringify(text)}`, () => assert.equal(written(markdown(text)), expected));
}

test("a table's columns stand as its second line says", () => {
    const shown = written(markdown("| a | b |\n|---|--:|\n| 1 | x \\| y |"));
    assert.match(shown, /<th class=align-left scope=col>a<\/th><th class=align-right scope=col>b<\/th>/);
    assert.match(shown, /<td class=align-right>x \| y<\/td>/);
});

test("an agent is marked where it is mentioned, and only there", () => {
    const shown = written(markdown("@host and @nobody, mail me@host", new Set(["host"])));
    assert.equal(shown, "<p><span class=mention>@host</span> and @nobody, mail me@host</p>");
});

test("nothing but the listed elements can be made, and no link leads elsewhere than to the web or a mailbox", () => {
    const hostile = [
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))", "[x](data:text/html,hi)",
        "![x](https://spy.example/?secret)", "<javascript:alert(1)>", "[x](  JaVaScRiPt:alert(1))", "[x]: javascript:alert(1)",
    ].join("\n\n");
    const seen = new Set();
    const look = (node) => {
        if (Array.isArray(node)) node.forEach(look);
        else if (node !== null && typeof node === "object") {
            seen.add(node.type);
            if (node.type === "a") assert.match(node.props.href, /^(https?:|mailto:)/);
            assert.deepEqual(Object.keys(node.props).filter((name) => name.startsWith("on") || name.startsWith("danger")), []);
            look(node.props.children ?? []);
        }
    };
    look(markdown(hostile));
    assert.deepEqual([...seen].sort(), ["a", "br", "p", "span"].filter((each) => seen.has(each)));
    assert.ok(!seen.has("img") && !seen.has("script"));
});

test("no text takes long: reading time grows with the length", () => {
    for (const piece of ["*", "_a ", "[", "[a](", "`a ``b ", "**a", "~~a", "> ", "- ", "|a", "![", "<http", "\\"]) {
        const begun = performance.now();
        markdown(piece.repeat(Math.ceil(30_000 / piece.length)));
        assert.ok(performance.now() - begun < 3000, `${piece} took too long`);
    }
});
