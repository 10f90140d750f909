"""Who may do what: today, whose pages may reach the server."""
