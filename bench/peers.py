"""The others: who can be measured here beside Salon, and why somebody cannot."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.figures import SALON
from bench.readers import PLAIN, Dialect, Readers, salon
from bench.subject import SUBJECTS, Subject, python_subject

ROOM = "bench"
WEBSOCKETS = "websockets broadcast()"
NODE = "node ws"
FLOOR = "send() in a loop (floor)"
NODE_MODULES = Path(tempfile.gettempdir()) / "salon-bench" / "node_modules"

Start = Callable[[], Subject]


@dataclass(frozen=True, slots=True)
class Contender:
    """A server that sends texts to everybody: how to start it, and how to become its reader."""

    start: Start
    dialect: Dialect = PLAIN


@dataclass(slots=True)
class Field:
    """Those who take part, by name, Salon first; and why others do not."""

    contenders: Mapping[str, Contender]
    missing: list[str] = field(default_factory=list)


@contextmanager
def on_stage(field: Field, readers: int) -> Iterator[Mapping[str, tuple[Subject, Readers]]]:
    """All contenders at once, each with its readers; they work one after the other."""
    with ExitStack() as stack:
        stage = {}
        for who, contender in field.contenders.items():
            subject = stack.enter_context(contender.start())
            stage[who] = subject, stack.enter_context(Readers(subject.port, readers, contender.dialect))
        yield stage


def salon_server(vendor: str = "", settings: str = "{}") -> Subject:
    """Salon, as `salon serve` runs it."""
    return python_subject(SALON, "salon_server", vendor, settings)


def broadcasters() -> Field:
    """Everybody who can be measured sending to many WebSockets."""
    contenders = {
        SALON: Contender(salon_server, salon(ROOM)),
        WEBSOCKETS: Contender(lambda: python_subject(WEBSOCKETS, "websockets_server")),
        FLOOR: Contender(lambda: python_subject(FLOOR, "bare_sockets")),
    }
    node, reason = _node()
    if reason:
        return Field(contenders, [f"{NODE}: {reason}"])
    command = [node, str(SUBJECTS / "ws_server.mjs"), str(NODE_MODULES.parent)]
    return Field({**contenders, NODE: Contender(lambda: Subject(NODE, command))})


def _node() -> tuple[str, str]:
    """The path of node, or why its `ws` cannot be measured. The package is put beside the repository, never into it."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None:
        return "", "node is not installed"
    if (NODE_MODULES / "ws").is_dir():
        return node, ""
    if npm is None:
        return "", "npm, which brings `ws`, is not installed"
    install = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(NODE_MODULES.parent), "ws@8"]
    try:
        subprocess.run(install, check=True, capture_output=True, timeout=60)
    except (subprocess.SubprocessError, OSError) as problem:
        return "", f"npm could not install `ws` ({type(problem).__name__})"
    return node, ""
