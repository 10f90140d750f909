"""Starting a server in every way that the README, and the programs it came from, promise."""

import asyncio
import json
import signal
import socket
from pathlib import Path

import httpx
import pytest
import websockets

from tests.e2e.processes import START, address, free_port, running, salon


async def get(url: str, path: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.get(f"http://{url}{path}", timeout=10)


async def comes_up(url: str) -> httpx.Response:
    """Wait until a server without a first screen answers."""
    async with asyncio.timeout(START):
        while True:
            try:
                return await get(url, "/health")
            except httpx.TransportError:
                await asyncio.sleep(0.1)


@pytest.mark.requirement("M-10", "S4-08", "S4-24", "S4-25")
async def test_the_module_alone_serves_as_environment_and_dotenv_say_without_any_key(
    tmp_path: Path,
) -> None:
    port = free_port()
    (tmp_path / ".env").write_text(f"HOST=127.0.0.1\nPORT={port}\nENVIRONMENT=from-dotenv\nOPENAI_MODEL=from-dotenv\n")
    async with running(*salon(), cwd=tmp_path, ENVIRONMENT="from-environment") as server:
        assert await address(server) == f"127.0.0.1:{port}"
        assert "MOCK" in server.out
        assert "no API key is set" in server.out
        health = (await get(f"127.0.0.1:{port}", "/health")).json()
        assert (health["status"], health["mode"]) == ("healthy", "mock")
        assert health["model"] == "from-dotenv"
        assert health["environment"] == "from-environment", "the environment goes before .env"
        with pytest.raises(httpx.ConnectError):  # HOST names one address of this machine, not all of them
            await get(f"127.0.0.2:{port}", "/health")
        assert (await get(f"127.0.0.1:{port}", "/")).status_code == 200
        async with websockets.connect(f"ws://127.0.0.1:{port}/ws/agent") as client:
            await client.send('{"type": "ping"}')
            async with asyncio.timeout(5):
                while json.loads(await client.recv())["type"] != "pong":
                    pass
        server.signal(signal.SIGINT)
        assert await server.ends() == 0
        assert "Stopping" in server.out


@pytest.mark.requirement("S4-11")
async def test_uvicorn_serves_the_application_by_its_import_string(tmp_path: Path) -> None:
    url = f"127.0.0.1:{(port := free_port())}"
    arguments = ("-m", "uvicorn", "salon.app:app", "--host", "127.0.0.1", "--port", str(port))
    async with running(*arguments, cwd=tmp_path):
        assert (await comes_up(url)).status_code == 200
        assert "swagger" in (await get(url, "/docs")).text.lower()


@pytest.mark.requirement("S0-30")
async def test_uvicorn_runs_an_application_from_a_program(tmp_path: Path) -> None:
    url = f"127.0.0.1:{(port := free_port())}"
    program = (
        "import uvicorn\n"
        "from salon import Agent, AgentServer\n"
        "app = AgentServer(agents=[Agent(name='assistant', instructions='You are helpful')])\n"
        f"uvicorn.run(app, host='0.0.0.0', port={port})\n"
    )
    async with running("-c", program, cwd=tmp_path, MOCK_PACE="0"):
        assert (await comes_up(url)).status_code == 200
        async with httpx.AsyncClient(base_url=f"http://{url}", trust_env=False, timeout=20) as client:
            asked = {"messages": [{"role": "user", "content": "Hello"}]}
            answer = (await client.post("/assistant/chat/completions", json=asked)).json()
        assert answer["choices"][0]["message"]["content"]


@pytest.mark.requirement("S4-10")
async def test_with_reload_a_changed_file_starts_the_server_again(tmp_path: Path) -> None:
    shop = tmp_path / "shop.py"
    source = "from salon import Agent, create_app\napp = create_app(agents=[Agent('NAME', 'You sell.')])\n"
    shop.write_text(source.replace("NAME", "clerk"))
    arguments = salon("--reload", "--host", "127.0.0.1", "--port", "0", "--app", "shop:app")
    async with running(*arguments, cwd=tmp_path) as server:
        url = await address(server)
        assert list((await get(url, "/agents")).json()["agents"]) == ["clerk"]
        shop.write_text(source.replace("NAME", "cashier"))
        await server.shows("Team cashier")
        assert list((await get(url, "/agents")).json()["agents"]) == ["cashier"]
        server.signal(signal.SIGINT)
        assert await server.ends() == 0


async def test_a_busy_port_ends_the_command_with_a_clear_message(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        async with running(*salon("serve", "--host", "127.0.0.1", "--port", str(port)), cwd=tmp_path) as server:
            assert await server.ends() == 1
    assert f"port {port} is in use already" in server.out
    assert "Traceback" not in server.out


async def _flood(url: str) -> None:
    async with websockets.connect(f"ws://{url}/ws/agent", max_size=None) as client, asyncio.timeout(10):
        await client.send("x" * 10_485_760)
        while True:
            await client.recv()


async def test_a_frame_far_beyond_the_limit_is_refused_and_the_server_goes_on(tmp_path: Path) -> None:
    async with running(*salon("serve", "--host", "127.0.0.1", "--port", "0"), cwd=tmp_path) as server:
        url = await address(server)
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await _flood(url)
        assert closed.value.rcvd is None or closed.value.rcvd.code == 1009
        assert (await get(url, "/health")).status_code == 200
