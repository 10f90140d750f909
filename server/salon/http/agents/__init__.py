"""Who is here: an agent's information, the list of all, the search among them, and the paths that begin with a name."""
