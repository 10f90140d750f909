"""The jobs that the product itself has: each a handler that is given what it works with."""
