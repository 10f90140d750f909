"""The command line: `salon serve`, `chat`, `agents`, `contracts`. It starts or calls things; it may hold no behaviour of the server."""
