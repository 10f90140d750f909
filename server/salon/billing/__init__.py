"""What things cost: prices, and what a run has used. Knows no agent, no room and no wallet."""
