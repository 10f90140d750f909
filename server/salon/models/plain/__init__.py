"""Models without a conversation: a question that is answered with a text, a text that becomes a vector."""
