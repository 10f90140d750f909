"""Models as skills, one for each provider with a door of its own."""
