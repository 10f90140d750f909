"""What agents remember: strategies for a conversation, facts about people, vectors. Knows no room and no model."""
