"""Python reads this at its start, in processes that use no extra: AG2 imports the library of each that it finds.

That takes seconds, and so many a test's time.
"""

import sys

sys.modules.update(dict.fromkeys(("anthropic", "google.genai", "mcp", "ddgs")))  # type: ignore[arg-type]
