"""Imported first, by processes that ask no vendor: AG2 imports the library of every vendor it finds, for seconds."""

from __future__ import annotations

import sys

sys.modules.update({"anthropic": None, "google.genai": None})  # type: ignore[dict-item]
