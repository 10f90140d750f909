/** Buttons of a surface: each tells the agent that owns it what was pressed. */

import { html, useState } from "../vendor/preact.js";

/** @param {{buttons: object[], act: (name: string, context: object) => Promise<unknown>}} props */
export function Press({ buttons, act }) {
    const [pressed, press] = useState(null);
    const [problem, setProblem] = useState("");
    const use =
        ({ name, context }, n) =>
        async () => {
            press(n);
            setProblem("");
            try {
                await act(name, context ?? {});
            } catch (error) {
                setProblem(error.message);
            }
            press(null);
        };
    return html`<div class="buttons">${buttons.map(
        (button, n) => html`<button type="button" key=${n} class=${button.style ?? "secondary"}
        disabled=${button.disabled || pressed !== null} onClick=${use(button, n)}>${button.label}</button>`,
    )}</div>
        ${problem && html`<p class="failed" role="alert">${problem}</p>`}`;
}
