"""Pages of the documentation, as tests read them: blocks, the addresses they list, commands pasted and run."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from fastapi import FastAPI


def blocks(page: str, language: str) -> list[str]:
    """What stands between the fences of a language."""
    return re.findall(rf"```{language}\n(.*?)```", page, flags=re.DOTALL)


async def paste(commands: str, url: str, folder: Path) -> None:
    """Run a block of commands in `folder`, with the server at `url`; fails when one of them is refused."""
    (folder / ".curlrc").write_text("fail-with-body\n")  # a refusal ends the script
    process = await asyncio.create_subprocess_exec(
        "sh",
        "-ec",
        commands.replace("http://localhost:8000", url),
        cwd=folder,
        env={"HOME": str(folder), "PATH": "/usr/local/bin:/usr/bin:/bin"},
        stdout=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(30):
        out, _ = await process.communicate()
    assert process.returncode == 0, out.decode()


def listed(page: str) -> set[str]:
    """The addresses in a page's table, each with its method."""
    return set(re.findall(r"^\| `([A-Z]+ /\S*)` \|", page, flags=re.MULTILINE))


def served(app: FastAPI, prefix: str) -> set[str]:
    """Those that an application has under `prefix`."""
    paths = app.openapi()["paths"]
    return {
        f"{method.upper()} {path}" for path, methods in paths.items() for method in methods if path.startswith(prefix)
    }
