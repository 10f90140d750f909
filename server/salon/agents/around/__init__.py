"""What is around an agent: whom else it can ask, and what its skills may use."""
