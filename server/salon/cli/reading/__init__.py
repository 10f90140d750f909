"""What a person reads of a room: entries become lines. Pure; knows neither the link nor the terminal."""
