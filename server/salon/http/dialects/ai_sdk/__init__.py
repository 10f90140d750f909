"""The AI SDK's chat: a chat is a room, an assistant's message is a run, and its stream can be joined at any time."""
