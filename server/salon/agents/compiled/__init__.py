"""The door to AG2: agents, their tools and their hooks, in the form in which AG2 runs them."""
