"""Owns how new ids are made: unique, sortable by age, and allowed wherever the wire takes an id."""

from __future__ import annotations

import uuid_utils


def new_id(prefix: str) -> str:
    """Makes an id such as `run_01a1fd93dd8f70ffa99e4f6fef226ad4`.

    `prefix` says what the id names and has to start with an ASCII letter or digit. Ids of one prefix made by one
    process sort in the order in which they were made (UUID version 7); across processes by millisecond.
    """
    return f"{prefix}_{uuid_utils.uuid7().hex}"
