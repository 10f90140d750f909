"""What the suite promises about itself: no key, no settings of the machine, no network."""

from __future__ import annotations

import asyncio
import os
import socket

import pytest

from salon.settings import Settings
from tests.network import OutsideCall


@pytest.mark.requirement("S4-23")
def test_no_variable_or_dotenv_of_the_machine_reaches_a_test(settings: Settings) -> None:
    assert {name.upper() for name in Settings.model_fields} & set(os.environ) == {"DATABASE_URL"}
    assert os.environ["DATABASE_URL"] == "sqlite:///:memory:", "set by the suite itself: rooms do not outlive a test"
    assert Settings.model_config["env_file"] is None
    assert settings == Settings(host="127.0.0.1", port=0, mock_pace=0)


async def test_no_call_leaves_this_machine(outside_calls: list[str]) -> None:
    with pytest.raises(OutsideCall, match=r"192\.0\.2\.1"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with pytest.raises(OutsideCall, match=r"example\.org"):
        await asyncio.open_connection("example.org", 80)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as packet, pytest.raises(OutsideCall):
        packet.sendto(b"x", ("192.0.2.1", 53))
    assert len(outside_calls) == 3, "so that a test fails whose code swallows the refusal"
    outside_calls.clear()


async def test_calls_to_this_machine_go_through() -> None:
    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        writer.close()

    async with asyncio.timeout(5), await asyncio.start_server(greet, "localhost", 0) as server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
        assert await reader.read() == b"hello"
        writer.close()
        await writer.wait_closed()
