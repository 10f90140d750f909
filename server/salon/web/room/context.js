/** What every part of the page may ask for: the room that is shown, and a redraw when it changes. */

import { createContext, useContext, useEffect, useState } from "../vendor/preact.js";

const RoomContext = createContext(null);

export const RoomProvider = RoomContext.Provider;

/** The room that is shown. @returns {import("./live.js").Live} */
export function useRoom() {
    return useContext(RoomContext);
}

/** The same, drawing the component anew when something in the room has changed. */
export function useLive() {
    const live = useRoom();
    const [, redraw] = useState(0);
    useEffect(() => live.subscribe(() => redraw((count) => count + 1)), [live]);
    return live;
}
