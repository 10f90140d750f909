"""An agent by itself, without a server: what it is asked, what it answers, and where it remembers."""
