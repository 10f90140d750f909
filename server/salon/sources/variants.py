"""Which variant of an agent a user gets: each as often as its weight says, the same user always the same one. Pure."""

import hashlib

from salon.sources.definition import AgentData


def chosen(name: str, data: AgentData, user: str) -> tuple[str, AgentData]:
    """The label of the variant that `user` gets, "" for an agent without any, and the agent that it is."""
    if not data.variants:
        return "", data
    drawn = int.from_bytes(hashlib.sha256(f"{name}\n{user}".encode()).digest()[:8]) / 2**64
    left = drawn * sum(variant.weight for variant in data.variants)
    for variant in data.variants:
        left -= variant.weight
        if left < 0:
            break
    return variant.label, data.varied(variant)
