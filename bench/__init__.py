"""`make bench`: what Salon's work costs in CPU time and memory, beside others doing the same work in the same minutes."""
