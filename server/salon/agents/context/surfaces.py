"""What a tool may show: surfaces, the room's shared state, and events of the application's own."""

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import BaseModel, TypeAdapter

from salon.agents.context.call import Call
from salon.contracts.components import CATALOG, Cell, check_props
from salon.contracts.events import Guarded, GuardedKind, UiPut
from salon.contracts.types import Json, Obj, Patch, PatchOp

A2UI_MESSAGES = 200
"""As many as the wire takes for one surface."""

_PATCH: TypeAdapter[list[PatchOp]] = TypeAdapter(Patch)


class Surfaces(Call):
    """The part of a Context that shows things. Its methods may be called from any thread."""

    def put(self, component: str, props: Obj, surface: str | None = None, *, catalog: str | None = None) -> str:
        """Show a surface, or replace the one with the id `surface`; returns its id.

        `component` is one of the catalogue (`salon.contracts.components`), whose props are checked, or a name of your
        own; `catalog` says then which of your catalogues has it, for frontends that know that one (others show the
        props readably; `can_draw` tells whether anybody here does). Raises RequestError that names the prop which does
        not fit.
        """
        checked = check_props(component, props)
        return self._do(lambda: self._port.put(component, checked, surface=surface, catalog=catalog))

    def can_draw(self, component: str, *, catalog: str | None = None) -> bool:
        """Whether somebody who is in the room now can draw a component; everybody can those of the catalogue."""
        return component in CATALOG or self._do(
            lambda: any(screen.draws(component, catalog) for screen in self._port.screens)
        )

    @property
    def drawable(self) -> Sequence[str]:
        """The components beside those of the catalogue that somebody in the room can draw, by name."""
        return self._do(lambda: sorted({name for screen in self._port.screens for name in screen.components}))

    def chart(
        self,
        title: str,
        labels: Sequence[str],
        series: Mapping[str, Sequence[float | None]],
        *,
        kind: Literal["line", "bar", "area", "pie"] = "bar",
        unit: str | None = None,
        surface: str | None = None,
    ) -> str:
        """Show numbers as a chart: each series has a value for each label, None where there is none."""
        props: Obj = {
            "kind": kind,
            "title": title,
            "labels": list(labels),
            "series": [{"name": name, "values": list(values)} for name, values in series.items()],
        }
        if unit is not None:
            props["unit"] = unit
        return self.put("chart", props, surface)

    def table(
        self, title: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]], *, surface: str | None = None
    ) -> str:
        """Show rows of cells under the names of their columns."""
        keys = [f"c{number}" for number in range(len(columns))]
        props: Obj = {
            "title": title,
            "columns": [{"key": key, "label": label} for key, label in zip(keys, columns, strict=True)],
            "rows": [dict(zip(keys, row, strict=True)) for row in rows],
        }
        return self.put("table", props, surface)

    def a2ui(self, messages: Sequence[Obj], surface: str | None = None) -> str:
        """Show a surface that A2UI messages describe, for frontends that draw A2UI; they go there as they are.

        `surface` replaces what was shown under that id. Raises ValueError without messages, or for more than 200.
        """
        if not 1 <= len(messages) <= A2UI_MESSAGES:
            raise ValueError(f"messages: expected 1 to {A2UI_MESSAGES} A2UI messages, got {len(messages)}.")
        return self._do(lambda: self._port.a2ui(messages, surface=surface))

    def patch(self, surface: str, ops: Sequence[PatchOp | Obj]) -> None:
        """Change a surface's props by JSON Patch operations, such as `{"op": "replace", "path": "/title", "value": …}`.

        Raises SalonError when there is no such surface or the patch does not apply.
        """
        patch = _operations(ops)
        self._do(lambda: self._port.patch(surface, patch))

    def remove(self, surface: str) -> None:
        """Take a surface away."""
        self._do(lambda: self._port.remove(surface))

    def surface(self, surface: str) -> UiPut | None:
        """A surface as it is now, None when there is none of that id."""
        return self._do(lambda: self._port.surface(surface))

    @property
    def state(self) -> Json:
        """The room's shared state; change it with `patch_state`, never in place."""
        return self._do(self._port.state)

    def patch_state(self, ops: Sequence[PatchOp | Obj]) -> None:
        """Change the room's shared state by JSON Patch operations."""
        patch = _operations(ops)
        self._do(lambda: self._port.patch_state(patch))

    def emit(self, name: str, value: Json) -> None:
        """Tell everyone in the room something of the application's own."""
        self._do(lambda: self._port.custom(name, value))

    def tell_blocked(self, where: Guarded, kind: GuardedKind, reason: str) -> None:
        """Tell everyone in the room that a guardrail let something not pass; `reason` repeats nothing of it."""
        self._do(lambda: self._port.blocked(where, kind, reason))


def _operations(ops: Sequence[PatchOp | Obj]) -> list[PatchOp]:
    return _PATCH.validate_python([op if isinstance(op, BaseModel) else dict(op) for op in ops])
