/** Parts of the page that come when they are needed. */

import { h, html, useEffect, useState } from "./vendor/preact.js";

/**
 * A component whose module is fetched when it is first drawn.
 * @param {() => Promise<object>} load
 * @param {string} name of the component in that module
 */
export function Lazy(load, name) {
    return function Fetched(props) {
        const [part, setPart] = useState(null);
        useEffect(() => {
            load().then(
                (module) => setPart({ component: module[name] }),
                (error) => setPart({ error }),
            );
        }, []);
        if (part === null) return html`<p class="soft" role="status">…</p>`;
        if (part.error)
            return html`<p class="failed"
                role="alert">This part of the page could not be fetched. Load the page again.</p>`;
        return h(part.component, props);
    };
}
