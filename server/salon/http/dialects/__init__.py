"""Other protocols of the same rooms: OpenAI's Responses, AG-UI, the AI SDK's stream; each one projection of the log."""
