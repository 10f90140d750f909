/** First messages that show what a team can do. Pure. */

/** What the agents of the demo team are good at. */
const DEMO = {
    analyst: "Chart our revenue by region",
    planner: "Plan three days in Lisbon",
    researcher: "What is known about octopuses?",
    writer: "Write a short thank-you note and email it to ana@example.com",
    host: "What can this team do?",
};

/**
 * A few messages to begin with.
 * @param {{id: string}[]} roster
 * @returns {string[]}
 */
export function suggestionsFor(roster) {
    const known = Object.keys(DEMO).filter((id) => roster.some((agent) => agent.id === id));
    if (known.length === Object.keys(DEMO).length) return known.map((id) => DEMO[id]);
    const others = roster
        .filter(({ host }) => !host)
        .slice(0, 4)
        .map(({ id }) => `@${id} what can you do for me?`);
    return ["What can you do for me?", ...others];
}
