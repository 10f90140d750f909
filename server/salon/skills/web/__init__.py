"""The web as agents may use it: pages read and searches made, and no way into the network that the server stands in."""
