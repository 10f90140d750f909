"""`salon chat` in a process of its own, against a real server."""

import signal
from pathlib import Path

from salon.app import create_app
from salon.settings import Settings
from tests.e2e.processes import address, free_port, running, salon
from tests.serving import serving


async def test_a_piped_hello_is_answered_and_the_client_leaves(settings: Settings, tmp_path: Path) -> None:
    async with serving(create_app(settings)) as url:
        async with running(*salon("chat", "--url", url, "--name", "Bo"), cwd=tmp_path) as chat:
            chat.types("hello", "show me a chart of revenue by quarter")
            chat.closes_input()
            assert await chat.ends() == 0
        assert "MOCK models" in chat.out
        assert "agents: host, analyst" in chat.out
        hello, _, chart = chat.out.partition("you: show me")
        assert "you: hello\nhost (mock): " in hello
        assert "⇢ host → analyst: " in chart
        assert "█" in chart
        assert "⚙ analyst: revenue_chart(" in chart
        assert "analyst (mock): " in chart


async def test_ctrl_c_stops_the_answer_and_the_room_answers_the_next_line(settings: Settings, tmp_path: Path) -> None:
    app = create_app(settings.model_copy(update={"mock_pace": 0.2}))
    async with serving(app) as url, running(*salon("chat", "--url", url), cwd=tmp_path) as chat:
        chat.types("hello")
        await chat.shows("host (mock): ")
        chat.signal(signal.SIGINT)
        assert "[cut off]" in await chat.shows("! stopped")
        chat.types("hello again")
        await chat.shows("you: hello again\nhost (mock): ")
        chat.signal(signal.SIGINT)
        await chat.shows("! stopped", seen=chat.out.count("! stopped"))
        chat.signal(signal.SIGINT)
        assert await chat.ends() == 0


async def test_an_approval_is_answered_in_the_terminal_and_another_sees_who_answered(
    settings: Settings, tmp_path: Path
) -> None:
    async with (
        serving(create_app(settings)) as url,
        running(*salon("chat", "--url", url, "--room", "desk", "--name", "Bo"), cwd=tmp_path) as bo,
        running(*salon("chat", "--url", url, "--room", "desk", "--name", "Ann"), cwd=tmp_path) as ann,
    ):
        await ann.shows("agents:")
        bo.types("@writer send an email to ann@example.org with subject hello")
        await bo.shows("? writer asks: ")
        await ann.shows("? writer asks: ")
        bo.types("perhaps", "y")
        shown = await bo.shows("⚙ writer: send_email(")
        assert "type y or n" in shown
        assert "✓ you answered writer's question: yes" in shown
        await ann.shows("✓ Bo answered writer's question: yes")


async def test_the_chat_goes_on_after_the_server_was_killed_and_started_again(tmp_path: Path) -> None:
    port = str(free_port())
    serve = salon("serve", "--host", "127.0.0.1", "--port", port)
    async with running(*salon("chat", "--url", f"127.0.0.1:{port}"), cwd=tmp_path) as early:
        assert await early.ends() == 1
        assert "start one with `salon serve`" in early.out
    async with running(*serve, cwd=tmp_path, MOCK_PACE="0") as first:
        await address(first)
        async with running(*salon("chat", "--url", f"127.0.0.1:{port}"), cwd=tmp_path) as chat:
            chat.types("hello")
            await chat.shows("host (mock): ")
            first.signal(signal.SIGKILL)
            await chat.shows("connection lost, reconnecting…")
            chat.types("are you there")
            async with running(*serve, cwd=tmp_path, MOCK_PACE="0") as second:
                await address(second)
                shown = await chat.shows("✓ back")
                assert shown.count("reconnecting…") == 1
                chat.closes_input()
                assert await chat.ends() == 0
        assert "the server has started afresh" in chat.out
        assert "you: are you there\n" in chat.out
        assert chat.out.count("host (mock): ") == 2
