"""A room's runs: when they begin, what they may do, how they end."""
