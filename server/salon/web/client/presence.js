export const NOBODY = { members: new Map(), typing: [] };
/** Who is there when a room is joined. */
export function arrived(members) {
    return new Map(members.map((member) => [member.client, member]));
}
/** The presence after some news of it. */
export function changed(presence, news) {
    const { joins, leaves, typing } = news;
    const signals = Object.entries(news.signals);
    if (!joins.length && !leaves.length && !signals.length)
        return { members: presence.members, typing };
    const members = new Map(presence.members);
    for (const member of joins)
        members.set(member.client, member);
    for (const client of leaves)
        members.delete(client);
    for (const [client, signal] of signals) {
        const member = members.get(client);
        if (member)
            members.set(client, { ...member, ...signal });
    }
    return { members, typing };
}
