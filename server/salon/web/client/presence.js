export const NOBODY = { members: new Map(), typing: [] };
/** Who is there when a room is joined. */
export function arrived(members) {
    return new Map(members.map((member) => [member.client, member]));
}
/** The presence after some news of it. */
export function changed(presence, news) {
    const members = new Map(presence.members);
    for (const member of news.joins)
        members.set(member.client, member);
    for (const client of news.leaves)
        members.delete(client);
    for (const [client, signal] of Object.entries(news.signals)) {
        const member = members.get(client);
        if (member)
            members.set(client, { ...member, ...signal });
    }
    return { members, typing: news.typing };
}
