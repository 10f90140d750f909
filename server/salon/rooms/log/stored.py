"""What is stored of a room, read back and written: its state, entries and receipts. What cannot be read is told so."""

from collections.abc import Sequence

import structlog
from pydantic import TypeAdapter, ValidationError

from salon.contracts.events import Entry
from salon.contracts.runs import Receipt
from salon.errors import SalonError
from salon.ids import new_id
from salon.rooms.log.receipts import Kept
from salon.rooms.state import RoomState, fold_all
from salon.store.log.rows import ReceiptRow

log = structlog.get_logger(__name__)

_ENTRY: TypeAdapter[Entry] = TypeAdapter(Entry)
_STATE: TypeAdapter[RoomState] = TypeAdapter(RoomState)
_RECEIPT: TypeAdapter[Receipt] = TypeAdapter(Receipt)


def read_state(room: str, snapshot: tuple[int, bytes] | None, rows: Sequence[tuple[int, bytes]]) -> RoomState:
    """The state that a snapshot and the entries after it add up to. Raises SalonError (`unavailable`)."""
    try:
        state = _STATE.validate_json(snapshot[1]) if snapshot is not None else RoomState()
        return fold_all(state, [_ENTRY.validate_json(data) for _, data in rows])
    except (ValidationError, SalonError) as error:
        raise _unreadable(room, error) from None


def read_entries(room: str, rows: Sequence[bytes]) -> list[Entry]:
    """Stored entries. Raises SalonError (`unavailable`)."""
    try:
        return [_ENTRY.validate_json(data) for data in rows]
    except ValidationError as error:
        raise _unreadable(room, error) from None


def read_receipts(room: str, rows: Sequence[ReceiptRow]) -> list[Kept]:
    """Stored receipts. Raises SalonError (`unavailable`)."""
    try:
        return [Kept(r.user_id, r.action_id, r.digest, _RECEIPT.validate_json(r.receipt), r.at) for r in rows]
    except ValidationError as error:
        raise _unreadable(room, error) from None


def receipt_row(kept: Kept) -> ReceiptRow:
    """A receipt as it is stored."""
    return ReceiptRow(kept.user, kept.action, kept.digest, _RECEIPT.dump_json(kept.receipt), kept.at)


def state_bytes(state: RoomState) -> bytes:
    """A state as it is stored in a snapshot."""
    return _STATE.dump_json(state)


def _unreadable(room: str, error: Exception) -> SalonError:
    incident = new_id("err")
    log.error("room_unreadable", room=room, incident=incident, error=type(error).__name__)
    message = f"the room cannot be read at the moment; the server's log has it as {incident}"
    return SalonError("unavailable", message, room=room, retry_after=5)
