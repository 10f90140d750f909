/** Who is who: names, initials and colours of agents and people. Pure. */

export const HUES = 8;

/**
 * A colour of the palette, `0` to `7`: by place in the roster, so that the agents of a team differ; others by their id.
 * @param {string} id
 * @param {{id: string}[]} roster
 */
export function hueOf(id, roster) {
    const place = roster.findIndex((agent) => agent.id === id);
    if (place !== -1) return place % HUES;
    let sum = 0;
    for (const letter of id) sum = (sum * 31 + letter.codePointAt(0)) % 9973;
    return sum % HUES;
}

/**
 * What a person is called here. Guests have no name but an id such as `guest-9b2e4c…`.
 * @param {{id: string, name?: string}} author
 * @param {string | null} me
 */
export function nameOf({ id, name }, me) {
    if (id === me) return "You";
    if (name) return name;
    const guest = /^guest[-_:](.{4})/.exec(id);
    return guest ? `Guest ${guest[1]}` : id;
}

/** One or two letters for a small picture. */
export function initialsOf(name) {
    const words = name.split(/[\s_-]+/).filter(Boolean);
    const letters = words.length > 1 ? words[0][0] + words[1][0] : name.slice(0, 2);
    return letters.toUpperCase();
}

/** People who are here, each once however many windows they have. */
export function peopleOf(members) {
    const users = new Map();
    for (const member of members) {
        if (member.role === "user") users.set(member.user, { id: member.user, name: member.name });
    }
    return [...users.values()];
}

const WHY = {
    host: () => "answers first here",
    sticky: () => "goes on",
    handoff: ({ by }) => `was handed the floor by ${by ?? "another agent"}`,
    mention: () => "was mentioned",
    person: () => "was chosen by a person",
    surface: () => "you used something it had shown",
    graph: () => "is next by the team’s rules",
};

/** Why an agent speaks, in words. */
export function whyOf(chosen) {
    return WHY[chosen.rule]?.(chosen) ?? chosen.rule;
}
