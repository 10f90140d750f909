"""One example of every action, event and answer: data for documents and tests, told as one conversation."""
