"""What may not pass between people, agents and tools: attempts at take-over, personal data, what harms people."""
