/** Salon's rooms for React 18 and later: one hook. */
import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { RoomClient, type RoomOptions } from "../client/room.js";
import { BLANK, type RoomView } from "../client/view.js";

/**
 * What a component shows of a room. `client` does things there; it is absent while the first connection is being made.
 */
export interface UsedRoom extends RoomView {
    readonly client: RoomClient | undefined;
}

/**
 * Watch a room for as long as the component is there.
 *
 *     const { state, pending, status, client } = useRoom({ url: "http://localhost:8000", room: "kitchen" });
 *
 * Another `url`, `room`, `name` or `session` is another connection; all other options count when it is made. What
 * stayed the same is the same object in the next view, so memoised components need no comparison of their own.
 */
export function useRoom(options: RoomOptions): UsedRoom {
    const { url, room, name, session } = options;
    const [made, setMade] = useState<RoomClient>();
    useEffect(() => {
        const client = new RoomClient(options);
        setMade(client);
        return () => client.close();
    }, [url, room, name, session]);
    const client = made?.room === room ? made : undefined; // after a change of rooms it is the last one's for a moment
    const view = useSyncExternalStore(
        client?.subscribe ?? never,
        () => client?.view ?? BLANK,
        () => BLANK,
    );
    return useMemo(() => ({ ...view, client }), [view, client]);
}

/** There is nothing to be told of. */
function never(): () => void {
    return () => undefined;
}
