"""Owns the surfaces of a room as a reader last saw them: what is new, and what has changed since. Pure."""

from collections.abc import Iterable, Iterator

from salon.cli.reading.shown import Note, Shown, Surfaced
from salon.contracts.events import UiA2ui, UiPatch, UiPut, UiRemoved
from salon.contracts.patch import PatchError, apply_patch


class Showcase:
    """A new surface is shown at once, a changed one with `changes`: a hundred steps are not a hundred bars."""

    def __init__(self) -> None:
        self._surfaces: dict[str, UiPut] = {}
        self._changed: dict[str, None] = {}

    def replace(self, surfaces: Iterable[UiPut]) -> Iterator[Shown]:
        """The surfaces there are now, in place of those before."""
        before, self._surfaces = self._surfaces, {surface.surface: surface for surface in surfaces}
        self._changed = {}
        for surface in self._surfaces.values():
            if surface != before.get(surface.surface):
                yield Surfaced(surface, changed=surface.surface in before)

    def receive(self, body: UiPut | UiPatch | UiRemoved | UiA2ui) -> Iterator[Shown]:
        """One change of one surface."""
        match body:
            case UiPut():
                new = body.surface not in self._surfaces
                self._surfaces[body.surface] = body
                if new:
                    yield Surfaced(body)
                else:
                    self._changed[body.surface] = None
            case UiPatch():
                self._patch(body)
            case UiRemoved():
                self._surfaces.pop(body.surface, None)
                self._changed.pop(body.surface, None)
            case UiA2ui():
                yield Note(f"{body.owner} shows an A2UI surface, which a terminal cannot")

    def changes(self) -> Iterator[Shown]:
        """The surfaces that have changed since they were last shown, each once, as they are now."""
        changed, self._changed = self._changed, {}
        for surface in changed:
            yield Surfaced(self._surfaces[surface], changed=True)

    def _patch(self, body: UiPatch) -> None:
        surface = self._surfaces.get(body.surface)
        if surface is None:
            return
        try:
            props = apply_patch(surface.props, body.ops)
        except PatchError:
            return  # the server sends what applies; should it not, the surface stays as it was last shown
        if isinstance(props, dict):
            self._surfaces[body.surface] = surface.model_copy(update={"props": props, "version": body.version})
            self._changed[body.surface] = None
