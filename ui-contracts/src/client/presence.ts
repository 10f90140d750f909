/** Who is in a room, who types, what they signal: the ephemeral lane of one room. Pure. */
import type { Ephemeral, Member } from "../generated.js";

/** A client that is in the room; `seen` is the last entry that its person was shown, if it tells. */
export interface Present extends Member {
    readonly seen?: number;
}

/** `typing` names clients, as the keys of `members` do. */
export interface Presence {
    readonly members: ReadonlyMap<string, Present>;
    readonly typing: readonly string[];
}

export const NOBODY: Presence = { members: new Map(), typing: [] };

/** Who is there when a room is joined. */
export function arrived(members: readonly Member[]): Presence["members"] {
    return new Map(members.map((member) => [member.client, member]));
}

/** The presence after some news of it. */
export function changed(presence: Presence, news: Ephemeral): Presence {
    const { joins, leaves, typing } = news;
    const signals = Object.entries(news.signals);
    if (!joins.length && !leaves.length && !signals.length) return { members: presence.members, typing };
    const members = new Map(presence.members);
    for (const member of joins) members.set(member.client, member);
    for (const client of leaves) members.delete(client);
    for (const [client, signal] of signals) {
        const member = members.get(client);
        if (member) members.set(client, { ...member, ...(signal as Partial<Present>) });
    }
    return { members, typing };
}
