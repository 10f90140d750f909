"""OpenAI's chat completions, as a projection of a room's log and never a way around it."""
