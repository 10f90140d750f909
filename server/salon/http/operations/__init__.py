"""What an operator sees of the server: is it well, what does it do, what was asked of it."""
