"""Skills that remember: messages of a conversation, facts about people, texts by what they are about."""
