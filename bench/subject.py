"""A process that is measured: started, told what to do over stdin, asked for its CPU and memory, ended by its id."""

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO

from salon.contracts.types import Obj

ROOT = Path(__file__).parents[1]
SUBJECTS = Path(__file__).parent / "subjects"


class CannotMeasure(Exception):
    """A subject is not there or does not work; the text says why."""


class Subject:
    """A server process. Says `{"port": …}` when it listens, then answers each command with one line.

    Its environment is our own without any key: nothing that is measured may leave the machine.
    """

    def __init__(self, who: str, command: Sequence[str], *, patience: float = 60) -> None:
        self.who = who
        self.port = 0
        self._command = command
        self._patience = patience
        self._process: subprocess.Popen[bytes] | None = None
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115  # closed when the process is stopped

    def __enter__(self) -> "Subject":
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            cwd=ROOT,
            env=environment(),
            bufsize=0,
        )
        try:
            self.port = int(str(self.answer()["port"]))
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The process's id."""
        assert self._process is not None
        return self._process.pid

    def cpu(self) -> float:
        """CPU seconds that all its threads have used."""
        return cpu_of(self.pid)

    def memory(self) -> int:
        """Resident bytes."""
        return memory_of(self.pid)

    def peak_memory(self) -> int:
        """The most resident bytes it ever had."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024

    def send(self, command: str, **values: object) -> None:
        """Give a command; `answer` waits until it is done."""
        self._pipes()[0].write(json.dumps({"command": command, **values}).encode() + b"\n")

    def answer(self) -> Obj:
        """The next line it says, as JSON. Raises CannotMeasure when none comes."""
        said = self._pipes()[1]
        heard = select.poll()  # select() itself knows no more than 1,024 files
        heard.register(said, select.POLLIN)
        ends = time.monotonic() + self._patience
        while heard.poll(max(0.0, ends - time.monotonic()) * 1000):
            line = said.readline()
            if not line:
                raise CannotMeasure(f"{self.who} ended: {self._last_words()}")
            if line.startswith(b"{"):  # others greet in words of their own
                found: Obj = json.loads(line)
                return found
        raise CannotMeasure(f"{self.who} said nothing for {self._patience:g} s: {self._last_words()}")

    def tell(self, command: str, **values: object) -> Obj:
        """Give a command and wait until it is done."""
        self.send(command, **values)
        return self.answer()

    def stop(self) -> None:
        """End the process: it stops by itself when nobody talks to it any more."""
        process, pipes = self._process, self._pipes()
        assert process is not None
        pipes[0].close()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        pipes[1].close()
        self._complaints.close()

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        """Its stdin and its stdout."""
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        return self._process.stdin, self._process.stdout

    def _last_words(self) -> str:
        self._complaints.seek(0)
        lines = self._complaints.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else "without a word"


def python_subject(who: str, script: str, *arguments: str, python: str = sys.executable) -> Subject:
    """One of the scripts in `subjects/`."""
    return Subject(who, [python, "-m", f"bench.subjects.{script}", *arguments])


def environment(**values: str) -> Mapping[str, str]:
    """Our environment without what could make a server talk to anybody, or behave unlike a fresh one."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR", "PYTHONPATH") if name in os.environ}
    return {**kept, "PYTHONUNBUFFERED": "1", **values}


def cpu_of(pid: int) -> float:
    """CPU seconds of a process, from the kernel's clock of it, whose id on Linux is made of the pid."""
    return time.clock_gettime(~pid << 3 | 2)


def memory_of(pid: int) -> int:
    """Resident bytes of a process."""
    resident = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    return int(resident) * os.sysconf("SC_PAGE_SIZE")
