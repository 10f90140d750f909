"""What the mock says: answers, texts of some length, tool results in words, and what it remembers."""
