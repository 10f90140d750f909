"""What it costs that rooms last: opening, appending and searching, on SQLite and on PostgreSQL."""
