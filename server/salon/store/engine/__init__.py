"""How a database is reached: its address, its driver, and how one tells that it does not answer."""
