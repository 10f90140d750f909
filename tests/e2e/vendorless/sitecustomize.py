"""Python reads this at its start, in processes that ask no vendor: AG2 imports the library of each that it finds.

That takes seconds, and so many a test's time.
"""

import sys

sys.modules.update({"anthropic": None, "google.genai": None})  # type: ignore[dict-item]
