"""Ids: allowed on the wire, unique, sortable."""

from __future__ import annotations

import re

from salon.ids import new_id


def test_an_id_tells_what_it_names_and_is_allowed_on_the_wire() -> None:
    assert re.fullmatch(r"run_[0-9a-f]{32}", new_id("run"))
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._:@/-]*", new_id("msg"))


def test_ids_are_unique_and_sort_in_the_order_in_which_they_were_made() -> None:
    made = [new_id("x") for _ in range(10_000)]
    assert made == sorted(set(made))
