/** The top of a room: what it is called, who is in it, and whether its models are real. */

import { html, useState } from "../vendor/preact.js";
import { hashOf } from "../route.js";
import { useLive } from "./context.js";
import { Icon } from "../elements/icon.js";
import { People } from "./people.js";

export function Header({ route, listed, list }) {
    const live = useLive();
    const { room } = live;
    const { title } = live.state;
    document.title = `${title ?? "New room"} · Salon`;
    return html`<header class="top">
        <button type="button" class="quiet menu" aria-label="Rooms" aria-expanded=${listed} aria-controls="rooms"
            onClick=${() => list(!listed)}><${Icon} name="menu" /></button>
        <h1 title=${title}>${title ?? "New room"}</h1>
        ${live.view.welcome?.mode === "mock" && html`<${MockBadge} />`}
        <span class="space"></span>
        <${People} live=${live} />
        <div class="buttons">
            <${Invite} />
            <a class="quiet button" href=${hashOf({ view: route.view === "timeline" ? "room" : "timeline", room })}
                title=${route.view === "timeline" ? "Back to the conversation" : "Timeline: every entry of this room"}>
                <${Icon} name="timeline" />${" "}
                <span class="wide">${route.view === "timeline" ? "Conversation" : "Timeline"}</span></a>
            <${Theme} />
        </div>
    </header>`;
}

const EXPLAINED =
    "No model key is set, so the answers come from Salon’s own offline mock. The agents, their tools, hand-offs and " +
    "everything you see here are real; only the words are not a model’s.";

function MockBadge() {
    return html`<details class="badge popover"><summary>Mock<span class="longer"> models</span></summary>
        <div class="sheet">
            <p>${EXPLAINED}</p>
            <p class="soft">Set a key such as <code>OPENAI_API_KEY</code>, start again, and the models are live.</p>
        </div></details>`;
}

function Invite() {
    const [said, say] = useState("");
    const copy = () => {
        navigator.clipboard.writeText(location.href).then(
            () => say("Link copied"),
            () => say("Copy the address above"),
        );
        setTimeout(() => say(""), 2500);
    };
    return html`<button type="button" class="quiet button" aria-label="Invite: copy the link to this room"
        title="Copy the link to this room: whoever opens it is in it" onClick=${copy}>
        <${Icon} name="link" /> <span class="wide">${said || "Invite"}</span><span class="sr"
            role="status">${said}</span></button>`;
}

function Theme() {
    const root = document.documentElement;
    const [theme, setTheme] = useState(root.dataset.theme);
    const other = theme === "dark" ? "light" : "dark";
    const turn = () => {
        root.dataset.theme = other;
        localStorage.setItem("salon.theme", other);
        setTheme(other);
    };
    return html`<button type="button" class="quiet button" aria-label=${`Use ${other} colours`}
        title=${`Use ${other} colours`} onClick=${turn}>
        <${Icon} name=${theme === "dark" ? "sun" : "moon"} /></button>`;
}
