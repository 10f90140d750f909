"""Where a memory is kept: in a database that its settings name, or where the agent is."""

from collections.abc import Mapping

SETTING = "connection_string"


def own_address(config: Mapping[str, object]) -> str | None:
    """The database that settings name; None when it is left out, or a placeholder such as `postgresql://...`.

    Raises ValueError for what is no text.
    """
    address = config.get(SETTING)
    if address is None:
        return None
    if not isinstance(address, str):
        raise ValueError(f"{SETTING}: expected an address such as 'postgresql://…', got {type(address).__name__}.")
    return None if not address.strip() or is_placeholder(address) else address.strip()


def is_placeholder(address: str) -> bool:
    """Whether a sample's dots stand where an address should."""
    return "..." in address or "…" in address
