"""From nothing, and from every earlier step, to the tables of now: on both databases, with what is stored kept."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from salon.contracts.events import Entry, MsgDone, RoomEvent, RoomOpened
from salon.errors import SalonError
from salon.rooms.log.stored import read_state, state_bytes
from salon.rooms.state import RoomState, fold_all
from salon.store import migrations
from salon.store.database import Database
from salon.store.messages.rows import MessageRows
from salon.store.migrations.scope import ours
from salon.store.tables import Table

PLACE = Path(migrations.__file__).parent


@pytest.fixture(params=["sqlite_database_url", "postgres_database_url"])
def lasting_url(request: pytest.FixtureRequest) -> str:
    """A database that is still there when its connection is not."""
    url: str = request.getfixturevalue(request.param)
    return url


@pytest.fixture
async def lasting(lasting_url: str) -> AsyncIterator[Database]:
    database = Database(lasting_url)
    yield database
    await database.close()


def test_the_steps_that_are_named_are_the_steps_that_there_are() -> None:
    config = Config()
    config.set_main_option("script_location", str(PLACE))
    steps = ScriptDirectory.from_config(config).walk_revisions()
    assert tuple(step.revision for step in steps)[::-1] == migrations.REVISIONS


@pytest.mark.requirement("S3-27")
async def test_all_steps_together_make_the_tables_of_the_models(lasting: Database) -> None:
    def differences(sync: Connection) -> list[object]:
        options = {"include_name": ours, "compare_type": True, "version_table": migrations.VERSIONS}
        return list(compare_metadata(MigrationContext.configure(sync, opts=options), Table.metadata))

    await lasting.open()
    async with lasting.reading() as conn:
        assert await conn.run_sync(differences) == [], "write a step: see CONTRIBUTING.md"


THREAD = """
INSERT INTO salon_threads (id, user_id, title, shared, created_at, updated_at, epoch)
VALUES ('t1', 'ann', 'Holiday plans', false, 1, 1, 'e')
"""
MESSAGE = """
INSERT INTO salon_messages (thread_id, owner, message_id, seq, kind, role, user_id, text, data, created_at)
VALUES ('t1', 'ann', 'm1', 2, 'message', 'user', 'ann', 'We go sailing', '{}', 1)
"""


@pytest.mark.requirement("S3-27")
async def test_what_an_earlier_salon_stored_is_there_after_the_upgrade_and_can_be_found(lasting: Database) -> None:
    assert await migrations.upgrade(lasting.engine, "0001") is None
    async with lasting.engine.begin() as conn:
        await conn.execute(text(THREAD))
        await conn.execute(text(MESSAGE))
    assert await lasting.upgrade() == "0001"
    rows = MessageRows(lasting)
    assert [row.text for row in await rows.page("t1")] == ["We go sailing"]
    assert [found.thread.title for found in await rows.search("sail", "ann")] == ["Holiday plans"]
    assert [found.thread.title for found in await rows.search("plan", "ann")] == ["Holiday plans"]
    assert await lasting.upgrade() == migrations.HEAD


SAID = {
    "event": "message.done",
    "message": "m1",
    "author": {"id": "ann", "role": "user"},
    "parts": [{"kind": "text", "text": "Café"}],
}
# A room's state as step 0004 stored it; whoever changes the form writes a step, or rooms cannot be read any more.
STATE = dict[str, object](
    seq=2, title=None, archived=False, team="demo", roster=[], floor=None, shared={}, version=0, messages=[SAID],
    more=False, streaming={}, surfaces={}, a2ui={}, runs={}, turns={}, started={}, calls={}, interrupts={}, agents={},
    summary=None, opening=[SAID], transcript=[SAID],
)  # fmt: skip
SNAPSHOT = "INSERT INTO salon_snapshots (thread_id, seq, data) VALUES ('t1', 2, :data)"


@pytest.mark.requirement("S3-27")
async def test_a_room_that_an_earlier_salon_kept_is_read_as_it_was(lasting: Database) -> None:
    await migrations.upgrade(lasting.engine, "0004")
    async with lasting.engine.begin() as conn:
        await conn.execute(text(THREAD))
        await conn.execute(text(SNAPSHOT), {"data": json.dumps(STATE).encode()})
    assert await lasting.upgrade() == "0004"
    async with lasting.reading() as conn:
        data = (await conn.execute(text("SELECT data FROM salon_snapshots"))).scalar_one()
    opened = RoomOpened(event="room.opened", team="demo", roster=[])
    bodies: tuple[RoomEvent, ...] = (opened, MsgDone.model_validate(SAID))
    state = fold_all(RoomState(), [Entry(seq=n, at=1.0, body=body) for n, body in enumerate(bodies, 1)])
    assert read_state("t1", (2, data), []) == state
    assert json.loads(state_bytes(state)) == json.loads(data), "the form of stored states is another: write a step"


@pytest.mark.requirement("S3-27")
async def test_servers_that_start_at_once_migrate_once(lasting: Database) -> None:
    others = [Database(lasting.engine.url.render_as_string(hide_password=False)) for _ in range(4)]
    async with asyncio.timeout(60):
        await asyncio.gather(*(database.open() for database in [lasting, *others]))
    async with lasting.reading() as conn:
        versions = await conn.execute(text(f"SELECT version_num FROM {migrations.VERSIONS}"))
        assert versions.scalars().all() == [migrations.HEAD]
    for database in others:
        await database.close()


async def test_the_tables_of_a_newer_salon_are_left_alone(lasting: Database) -> None:
    await lasting.open()
    async with lasting.writing() as conn:
        await conn.execute(text(f"UPDATE {migrations.VERSIONS} SET version_num = '9999'"))
    older = Database(lasting.engine.url.render_as_string(hide_password=False))
    with pytest.raises(SalonError, match="made by a newer Salon"):
        await older.open()
    await older.close()


def test_a_database_that_is_up_to_date_is_opened_without_the_tools_of_migrations(sqlite_database_url: str) -> None:
    program = (
        "import asyncio, sys\n"
        "from salon.store.database import Database\n"
        f"asyncio.run(Database({sqlite_database_url!r}).open())\n"
        "print('alembic' in sys.modules)"
    )
    for expected in ("True", "False"):
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
        assert done.stdout.splitlines()[-1] == expected
