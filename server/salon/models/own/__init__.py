"""Models that are the application's own code."""
