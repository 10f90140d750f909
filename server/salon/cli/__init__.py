"""The command line: `salon serve`, `chat`, `agents`, `contracts`. It starts things and may hold no server behaviour."""
