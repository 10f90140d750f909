"""The TypeScript client against a real server, feature by feature; `live.js` is the program."""

import asyncio
from pathlib import Path

from salon import Agent, Settings, Team, create_app, tool
from salon.models.mock.scenario import Scenario
from tests.node import NODE
from tests.serving import serving


@tool(approval="Wipe it?")
def wipe() -> str:
    """Wipe the blackboard."""
    return "wiped"


GUIDE = Scenario.of(
    [
        {"when": "where am I", "call": "where_am_i", "then": [{"say": "You are in {result}."}]},
        {"when": "wipe", "call": "wipe", "then": [{"say": "It is {result}."}]},
        {"when": "everything", "say": "All of it. " * 200},
    ]
)


async def test_windows_of_the_client_and_a_server_do_everything_together(settings: Settings, package: Path) -> None:
    guide = Agent("guide", "You know the place.", tools=[wipe], scenario=GUIDE)
    app = create_app(settings.model_copy(update={"mock_pace": 0.002}), teams=[Team("desk", [guide])])
    async with serving(app) as url, asyncio.timeout(30):
        program = await asyncio.create_subprocess_exec(
            NODE, str(Path(__file__).with_name("live.js")), str(package), url, stderr=asyncio.subprocess.PIPE
        )
        try:
            _, problem = await program.communicate()
        finally:
            if program.returncode is None:
                program.kill()
    assert program.returncode == 0, problem.decode()
