"""What programs reach a Salon server with: completions over HTTP, rooms over the socket. Knows the contracts only."""
