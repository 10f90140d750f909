"""A room's log in the database: entries, and in the same transaction all that is made of them.

It may not know what an entry means: it is given rows.
"""

from collections.abc import Sequence
from functools import cache

from sqlalchemy import Connection, Float, Insert, bindparam, delete, exists, func, insert, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from salon.errors import SalonError
from salon.store.database import Database
from salon.store.log.rows import MessageRow, NewThread, ReceiptRow, RoomWrite, StoredThread
from salon.store.tables import ID, Draft, Message, StoredEntry, StoredReceipt, StoredSnapshot, Table, Thread


class Entries:
    """The stored logs. Every method raises SalonError (`unavailable`) when the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def store(self, writes: Sequence[RoomWrite]) -> None:
        """Store all of it or nothing. What is stored already, since the answer to the first try was lost, counts.

        Raises SalonError: `conflict` when one of these can never be stored, as when somebody else has written the log.
        """
        try:
            await self._database.write(lambda connection: _store(connection, writes))
        except (DBAPIError, _Overtaken) as error:  # no outage: that is told apart by the database
            if not await self._database.read(lambda connection: all(_holds(connection, write) for write in writes)):
                raise SalonError("conflict", "one of these logs does not go on from what is stored") from error

    async def load(self, thread: str, *, receipts_since: float) -> StoredThread | None:
        """A thread as its room goes on from it, with the receipts since a wall time; None when there is none."""
        return await self._database.read(lambda connection: _load(connection, thread, receipts_since))

    async def state_at(self, thread: str, seq: int) -> tuple[tuple[int, bytes] | None, list[tuple[int, bytes]]]:
        """The newest snapshot up to `seq`, and the entries between it and `seq`."""
        return await self._database.read(lambda connection: _state(connection, thread, seq))

    async def page(self, thread: str, *, before: int | None, after: int | None, limit: int) -> tuple[list[bytes], bool]:
        """Up to `limit` entries, ascending: the newest before `before`, or the oldest after `after`; and if there are
        more in that direction."""
        forward = after is not None
        query = select(StoredEntry.data).where(StoredEntry.thread_id == thread)
        if after is not None:
            query = query.where(StoredEntry.seq > after)
        if before is not None:
            query = query.where(StoredEntry.seq < before)
        query = query.order_by(StoredEntry.seq if forward else StoredEntry.seq.desc()).limit(limit + 1)
        found = await self._database.read(lambda connection: list(connection.scalars(query)))
        page = found[:limit]
        return (page if forward else page[::-1]), len(found) > limit

    async def seq_of(self, thread: str, message: str) -> int | None:
        """Where a whole message stands in the log."""
        query = select(Message.seq).where(
            Message.thread_id == thread, Message.message_id == message, Message.kind == "message"
        )
        return await self._database.read(lambda connection: connection.scalar(query))

    async def holds(self, thread: str, id: str) -> bool:
        """Whether anything has this id among the thread's messages, whatever its kind."""
        query = select(exists().where(Message.thread_id == thread, Message.message_id == id))
        return bool(await self._database.read(lambda connection: connection.scalar(query)))

    async def delete(self, thread: str, at: float) -> None:
        """The thread is gone for readers; `purge` takes its rows away later."""
        query = update(Thread).where(Thread.id == thread, Thread.deleted_at.is_(None)).values(deleted_at=at)
        await self._database.write(lambda connection: connection.execute(query))


def _load(connection: Connection, thread: str, receipts_since: float) -> StoredThread | None:
    found = connection.execute(select(Thread.__table__).where(Thread.id == thread)).one_or_none()
    if found is None:
        return None
    snapshot, entries = _state(connection, thread, None)
    first = connection.scalar(select(func.min(StoredEntry.seq)).where(StoredEntry.thread_id == thread))
    drafts = connection.execute(select(Draft.message_id, Draft.text).where(Draft.thread_id == thread))
    receipts = connection.execute(
        select(*(getattr(StoredReceipt, column) for column in ReceiptRow._fields))
        .where(StoredReceipt.thread_id == thread, StoredReceipt.at >= receipts_since)
        .order_by(StoredReceipt.at)
    )
    return StoredThread(
        user_id=found.user_id,
        agent_id=found.agent_id,
        shared=found.shared,
        deleted=found.deleted_at is not None,
        epoch=found.epoch,
        sealed=found.sealed,
        first=first or 1,
        snapshot=snapshot,
        entries=entries,
        drafts={row.message_id: row.text for row in drafts},
        receipts=[ReceiptRow(*row) for row in receipts],
    )


def _state(
    connection: Connection, thread: str, seq: int | None
) -> tuple[tuple[int, bytes] | None, list[tuple[int, bytes]]]:
    newest = select(StoredSnapshot.seq, StoredSnapshot.data).where(StoredSnapshot.thread_id == thread)
    entries = select(StoredEntry.seq, StoredEntry.data).where(StoredEntry.thread_id == thread)
    if seq is not None:
        newest = newest.where(StoredSnapshot.seq <= seq)
        entries = entries.where(StoredEntry.seq <= seq)
    found = (connection.execute(newest.order_by(StoredSnapshot.seq.desc()).limit(1))).one_or_none()
    snapshot = (found.seq, found.data) if found is not None else None
    if snapshot is not None:
        entries = entries.where(StoredEntry.seq > snapshot[0])
    rows = connection.execute(entries.order_by(StoredEntry.seq))
    return snapshot, [(row.seq, row.data) for row in rows]


class _Overtaken(Exception):
    """Somebody else has written one of the logs."""


def _standing(connection: Connection, threads: Sequence[str]) -> dict[str, tuple[str, int | None]]:
    """How these logs are stored: epoch and seal. Nobody else changes them before the transaction ends."""
    if not threads:
        return {}
    found = connection.execute(_STANDING, {"threads": threads})
    return {thread: (epoch, sealed) for thread, epoch, sealed in found}


def _holds(connection: Connection, write: RoomWrite) -> bool:
    """Whether the log is stored as it is after `write`: nobody else made this very entry."""
    if _standing(connection, [write.thread]) != {write.thread: (write.epoch, write.sealed)}:
        return False
    if not write.entries:
        return write.sealed is not None
    seq, data = write.entries[-1]
    entry = select(StoredEntry.data).where(StoredEntry.thread_id == write.thread, StoredEntry.seq == seq)
    return connection.scalar(entry) == data


def _store(connection: Connection, writes: Sequence[RoomWrite]) -> None:
    kind = connection.dialect.name
    going_on = [write for write in writes if write.opened is None]
    standing = _standing(connection, [write.thread for write in going_on])
    for write in writes:
        if write.opened is not None:
            _open(connection, write, write.opened)
        elif standing.get(write.thread) != write.after:
            raise _Overtaken
        standing[write.thread] = (write.epoch, write.sealed)
    if entries := [{"thread_id": w.thread, "seq": seq, "data": data} for w in writes for seq, data in w.entries]:
        connection.execute(_ADD_ENTRY, entries)
    if messages := [{"thread_id": w.thread, "of": w.thread, **m._asdict()} for w in writes for m in w.messages]:
        connection.execute(_ADD_MESSAGE, messages)
    if receipts := [{"thread_id": w.thread, **receipt._asdict()} for w in writes for receipt in w.receipts]:
        add = _replacing(kind, StoredReceipt, ("thread_id", "user_id", "action_id"), ReceiptRow._fields[2:])
        connection.execute(add, receipts)  # an id may come again when its receipt is forgotten
    if going_on:
        epochs = [
            {"thread": w.thread, "new_epoch": w.epoch, "new_sealed": w.sealed, "at": w.at if w.entries else None}
            for w in going_on
        ]
        connection.execute(_GO_ON, epochs)
    for write in writes:
        _amend(connection, write)


@cache
def _replacing(dialect: str, table: type[Table], key: tuple[str, ...], values: tuple[str, ...]) -> Insert:
    """Adds rows; where there is one of the same `key`, it gets the new `values`."""
    new = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    return new.on_conflict_do_update(index_elements=key, set_={name: new.excluded[name] for name in values})


# What each commit says is put together once: doing it every time would cost more than SQLite's own work.
_STANDING = (
    select(Thread.id, Thread.epoch, Thread.sealed)
    .where(Thread.id.in_(bindparam("threads", expanding=True)))
    .order_by(Thread.id)
    .with_for_update()
)
_ADD_ENTRY = insert(StoredEntry)
_ADD_MESSAGE = insert(Message).values(
    owner=select(Thread.user_id).where(Thread.id == bindparam("of")).scalar_subquery()
)
_GO_ON = (
    update(Thread)
    .where(Thread.id == bindparam("thread"))
    .values(
        epoch=bindparam("new_epoch"),
        sealed=bindparam("new_sealed"),
        updated_at=func.coalesce(bindparam("at", type_=Float(53)), Thread.updated_at),
    )
    .execution_options(synchronize_session=False)
)


def _open(connection: Connection, write: RoomWrite, new: NewThread) -> None:
    source, at = new.copy or (None, None)
    connection.execute(
        insert(Thread).values(
            id=write.thread,
            user_id=new.user_id,
            agent_id=new.agent_id,
            shared=new.shared,
            created_at=new.created_at,
            updated_at=write.at,
            forked_from=source,
            forked_at=at,
            epoch=write.epoch,
            sealed=write.sealed,
        )
    )
    if source is None or at is None:
        return
    if new.messages is not None:
        said = [{"thread_id": write.thread, "of": write.thread, **message._asdict()} for message in new.messages]
        if said:
            connection.execute(_ADD_MESSAGE, said)
    for table, columns in _COPIED if new.messages is None else _COPIED[:1]:
        new_values: dict[str, str | None] = {"thread_id": write.thread}
        if table is Message:
            new_values["owner"] = new.user_id
        connection.execute(
            insert(table).from_select(
                [*new_values, *columns],
                select(
                    *(literal(value, ID) for value in new_values.values()),
                    *(getattr(table, column) for column in columns),
                )
                .where(table.thread_id == source, table.seq <= at)
                .order_by(table.seq),
            )
        )


_COPIED: list[tuple[type[StoredEntry | Message], list[str]]] = [
    (StoredEntry, ["seq", "data"]),
    (Message, [*MessageRow._fields]),
]


def _amend(connection: Connection, write: RoomWrite) -> None:
    """What few writes have: one statement each."""
    thread = write.thread
    if write.removed:
        connection.execute(delete(Message).where(Message.thread_id == thread, Message.message_id.in_(write.removed)))
    if write.cleared_to is not None:
        connection.execute(delete(Message).where(Message.thread_id == thread, Message.seq <= write.cleared_to))
    if write.changed:
        connection.execute(update(Thread).where(Thread.id == thread).values(**write.changed))
    if write.settled:
        connection.execute(delete(Draft).where(Draft.thread_id == thread, Draft.message_id.in_(write.settled)))
    drafts = [{"thread_id": thread, "message_id": message, "text": text} for message, text in write.drafts.items()]
    if drafts:
        connection.execute(_replacing(connection.dialect.name, Draft, ("thread_id", "message_id"), ("text",)), drafts)
    if write.outdated_snapshot is not None:
        connection.execute(
            delete(StoredSnapshot).where(
                StoredSnapshot.thread_id == thread, StoredSnapshot.seq == write.outdated_snapshot
            )
        )
    if write.snapshot is not None:
        seq, data = write.snapshot
        connection.execute(insert(StoredSnapshot).values(thread_id=thread, seq=seq, data=data))
