"""Writes what is shown to a terminal or a pipe: names in colours, streams word by word, everything else in lines.

It may not know the room; it gets `Shown` values and draws them in the order they come.
"""

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from salon.cli.reading.answers import fields
from salon.cli.reading.clean import brief, clean
from salon.cli.reading.shown import Asked, Note, Said, Shown, Speech, SpeechEnded, Surfaced
from salon.cli.terminal.surfaces import draw

COLOURS = ("cyan", "magenta", "green", "yellow", "bright_blue", "bright_red", "bright_cyan", "bright_magenta")
_TONES = {"quiet": "dim", "handoff": "bold", "tool": "dim", "good": "green", "warn": "yellow", "bad": "bold red"}
_SIGNS = {"quiet": "·", "handoff": "⇢", "tool": "⚙", "good": "✓", "warn": "!", "bad": "✗"}
_MOCK = " (mock)"
_CUT_OFF = " [cut off]"
YOU = "you"
"""How the reader is called."""


class Screen:
    """Draws on a console.

    With `live`, the line being spoken is not written until it is complete but held in `tail`, for a prompt that shows
    it above what a person types; otherwise every piece is written at once.
    """

    def __init__(self, console: Console, *, live: bool) -> None:
        self.console = console
        self._live = live
        self._colours: dict[str, str] = {}
        self._speaking: str | None = None
        self._line = Text()

    @property
    def tail(self) -> tuple[str, str, str]:
        """The line being spoken, in three parts: colour, name (on its first line) and words."""
        style = str(self._line.spans[0].style) if self._line.spans else ""
        cut = self._line.spans[0].end if self._line.spans else 0
        return style.removeprefix("bold "), self._line.plain[:cut], self._line.plain[cut:]

    def show(self, shown: Shown) -> None:
        """Draw one thing below what is there."""
        match shown:
            case Speech():
                self._speak(shown)
            case SpeechEnded():
                if shown.partial:
                    self._say(_CUT_OFF)
                if shown.message == self._speaking:
                    self._finish_line()
            case Said():
                self._finish_line()
                if self._live and shown.author == YOU:
                    self.console.print()  # each exchange stands apart
                self._write(self._headed(shown.author, mock=shown.mock).append(shown.text))
            case Note():
                self._note(shown)
            case Surfaced():
                self._finish_line()
                self.console.print(draw(shown.surface, changed=shown.changed))
            case Asked():
                self._ask(shown)

    def note(self, text: str, tone: str = "quiet") -> None:
        """A line of the client's own."""
        self._finish_line()
        line = Text(f"{_SIGNS[tone]} {text}", style=_TONES[tone])
        if self._live and tone == "tool":
            line.truncate(self.console.width - 1, overflow="ellipsis")
        self._write(line)

    def colour(self, author: str) -> str:
        """The colour of a name: the same for as long as the client runs."""
        if author == YOU:
            return "white"
        return self._colours.setdefault(author, COLOURS[len(self._colours) % len(COLOURS)])

    def _note(self, note: Note) -> None:
        self.note(note.text, note.tone)

    def _headed(self, author: str, *, mock: bool = False) -> Text:
        return Text().append(f"{author}{_MOCK if mock else ''}: ", style=f"bold {self.colour(author)}")

    def _speak(self, speech: Speech) -> None:
        if speech.message != self._speaking:
            self._finish_line()
            self._speaking = speech.message
            self._line = self._headed(speech.author, mock=speech.mock)
            if not self._live:
                self.console.print(self._line, end="", soft_wrap=True)
        self._say(speech.text)

    def _say(self, text: str) -> None:
        if self._live:
            self._line.append(text)
            self._write_full_lines()
        else:
            self.console.print(Text(text), end="", soft_wrap=True)
            self.console.file.flush()

    def _write_full_lines(self) -> None:
        """Give away every line that is complete: ended by a newline, or as wide as the terminal."""
        while "\n" in self._line.plain:
            line, self._line = self._line.divide([self._line.plain.index("\n")])
            self._write(line)
            self._line = self._line[1:]
        width = max(20, self.console.width)
        while cell_len(self._line.plain) >= width:
            cut = _fit(self._line.plain, width)
            line, self._line = self._line.divide([cut])
            line.rstrip()
            self._write(line)

    def _finish_line(self) -> None:
        if self._speaking is None:
            return
        self._speaking = None
        if self._live:
            line, self._line = self._line, Text()
            if line.plain:
                self._write(line)
        else:
            self.console.print()

    def _ask(self, asked: Asked) -> None:
        self._finish_line()
        question = asked.question
        first, _, rest = clean(question.message or question.reason).partition("\n")
        self._write(Text(f"? {question.agent} asks: {first}", style="bold yellow"))
        if rest:
            self._write(Text(rest.strip("\n")))
        for field in fields(question):
            for number, choice in enumerate(field.choices, 1):
                self._write(Text(f"    {number}  {brief(choice)}"))
        if not asked.mine:
            self.note(f"to be answered by {', '.join(question.allowed or [])}")

    def _write(self, text: Text) -> None:
        self.console.print(text, soft_wrap=not self._live, highlight=False)


def _fit(line: str, width: int) -> int:
    """Where to cut `line` so that its beginning fits into `width` cells: after a word if there is one."""
    cells = cut = 0
    for index, character in enumerate(line):
        cells += cell_len(character)
        if cells >= width:
            return cut or max(1, index)
        if character == " ":
            cut = index + 1
    return len(line)
