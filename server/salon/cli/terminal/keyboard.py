"""Reads lines from a person at a terminal, below a conversation that goes on while they type."""

import asyncio
from collections.abc import Iterable
from typing import get_args

from prompt_toolkit import PromptSession
from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import ANSI, StyleAndTextTuples
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.shortcuts import print_formatted_text

from salon.cli.terminal.chat import Chat
from salon.cli.terminal.typed import Name

REDRAW = 0.03
"""Shortest time between two drawings of the prompt, in seconds: a model's tokens come faster than eyes read."""


class Above:
    """A text file whose content appears above the prompt, in whole lines."""

    def __init__(self) -> None:
        self._waiting: list[str] = []
        self._task: asyncio.Future[None] | None = None

    def write(self, text: str) -> int:
        """Keep `text` until the next flush."""
        self._waiting.append(text)
        return len(text)

    def flush(self) -> None:
        """Draw what was written, together with what still comes before the terminal is free."""
        if self._waiting and (self._task is None or self._task.done()):
            self._task = asyncio.ensure_future(run_in_terminal(self._draw))

    def isatty(self) -> bool:
        """Colours and all."""
        return True

    async def drained(self) -> None:
        """Wait until everything is on the screen."""
        while self._task is not None and (self._waiting or not self._task.done()):
            await self._task
            self.flush()

    def _draw(self) -> None:
        text, self._waiting = "".join(self._waiting), []
        print_formatted_text(ANSI(text), end="")


class _Names(Completer):
    """Tab completes @agents and /commands."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:  # noqa: ARG002
        word = document.get_word_before_cursor(WORD=True)
        names = [f"@{card.id}" for card in self._chat.reader.roster]
        if word == document.text_before_cursor:
            names += [f"/{name}" for name in get_args(Name)]
        for name in names if word else ():
            if name.startswith(word):
                yield Completion(name, start_position=-len(word))


async def converse(chat: Chat, above: Above) -> int:
    """Take lines until the person leaves; returns the exit code."""
    session: PromptSession[str] = PromptSession(
        message=lambda: _message(chat),
        bottom_toolbar=chat.status,
        key_bindings=_keys(chat),
        completer=_Names(chat),
        complete_while_typing=False,
        erase_when_done=True,  # the screen shows what was said; the prompt leaves no second copy
    )
    session.app.min_redraw_interval = REDRAW
    chat.changed = session.app.invalidate
    while not chat.left:
        try:
            line = await session.prompt_async()
        except EOFError:
            break
        except KeyboardInterrupt:
            chat.stop()
            continue
        chat.enter(line)
    await above.drained()
    return 0


def _message(chat: Chat) -> StyleAndTextTuples:
    colour, name, words = chat.screen.tail
    spoken: StyleAndTextTuples = [(f"bold {_ansi(colour)}", name), ("", f"{words}\n")] if name or words else []
    return [*spoken, ("bold", chat.prompt())]


def _ansi(colour: str) -> str:
    """A colour's name as the prompt's library writes it."""
    return f"ansi{colour.replace('_', '')}" if colour else ""


def _keys(chat: Chat) -> KeyBindings:
    keys = KeyBindings()

    @keys.add("c-c")
    def _(event: KeyPressEvent) -> None:
        if event.app.current_buffer.text:
            event.app.current_buffer.reset()
            return
        chat.stop()
        if chat.left:
            event.app.exit(exception=EOFError)

    return keys
