"""The messages of all threads: pages of them, and the search in what was said."""
