"""The HTTP surface: OpenAI's routes as a projection of room logs, what there is to call, and operations."""
