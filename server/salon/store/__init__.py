"""The store: what outlives the process, in SQLite or PostgreSQL. The only part that knows SQL."""
