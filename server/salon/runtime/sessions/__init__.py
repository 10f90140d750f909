"""A room as a session: items in OpenAI's shape, and an agent that answers in it without a server."""
