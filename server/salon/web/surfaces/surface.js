/** A piece of generated UI: finds how to draw a component, and says in words what it cannot draw. */

import { Component, h, html } from "../vendor/preact.js";
import { Approval } from "./approval.js";
import { Chart } from "./chart/chart.js";
import { Document } from "./document.js";
import { Fallback } from "./fallback.js";
import { Form } from "./form/form.js";
import { Plan } from "./plan.js";
import { Buttons, Card, Code, Items, Markup, Picture, Progress, Words } from "./plain.js";
import { Table } from "./table.js";

/** How each component of the catalogue is drawn. */
const COMPONENTS = {
    text: Words,
    markdown: Markup,
    card: Card,
    list: Items,
    table: Table,
    chart: Chart,
    form: Form,
    buttons: Buttons,
    progress: Progress,
    image: Picture,
    code: Code,
    plan: Plan,
    document: Document,
    approval: Approval,
};

/** What this page can show, as the server is told. */
export const CAN_SHOW = Object.keys(COMPONENTS);

/**
 * The surface `id` as it is in the room now. One that another surface shows inside itself is not drawn a second time.
 * @param {{id: string, look: {live: object, inside: Set<string>}, nested?: boolean}} props
 */
export class Surface extends Component {
    shouldComponentUpdate({ id, look }) {
        return id !== this.props.id || look !== this.props.look;
    }

    componentDidMount() {
        this.stop = this.props.look.live.subscribe(() => {
            if (this.shown !== found(this.props)) this.forceUpdate();
        });
    }

    componentWillUnmount() {
        this.stop();
    }

    render({ id, look, nested = false }) {
        this.shown = found(this.props);
        if (this.shown === undefined || (!nested && look.inside.has(id))) return null;
        return html`<div class=${`surface${nested ? " nested" : ""}`} role="group" aria-label=${label(this.shown)}>
            <${Guard} key=${this.shown.version}>${h(Drawn, { surface: this.shown, look })}</${Guard}>
        </div>`;
    }
}

function Drawn({ surface, look }) {
    const drawn = Object.hasOwn(COMPONENTS, surface.component ?? "") ? COMPONENTS[surface.component] : Fallback;
    const { surface: id, version } = surface;
    // A person uses what they see: with its version, an older one is refused.
    const act = (name, context = {}) =>
        look.live.act({ kind: "ui_action", surface: id, name, context, ...(version && { version }) });
    return h(drawn, { ...surface.props, surface, look, act });
}

/** Props that do not fit are shown as they are: a mistake of one surface must not blank the room. */
class Guard extends Component {
    componentDidCatch(error) {
        console.warn("This surface cannot be drawn.", error);
        this.setState({ failed: true });
    }

    render({ children }, { failed }) {
        return failed ? html`<${Fallback} ...${children[0]?.props ?? children.props} />` : children;
    }
}

function found({ id, look: { live } }) {
    return live.state.surfaces.get(id) ?? live.state.a2ui.get(id);
}

function label({ component = "A2UI surface", props = {} }) {
    return typeof props.title === "string" ? `${component}: ${props.title}` : component;
}
