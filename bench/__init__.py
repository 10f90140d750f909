"""`make bench`: what Salon's work costs in CPU time and memory, beside others that do the same in the same minutes."""
