"""The built-in web app: its files, and what a browser may do while it shows them. It needs nothing from elsewhere."""

import hashlib
import mimetypes
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import Response

import salon
from salon.errors import SalonError

STATIC = "/static/web"
PAGE = "index.html"
_FOLDER = Path(salon.__file__).parent / "web"

_RULES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "connect-src": "'self'",
    "img-src": "'self' data:",  # a picture of an agent's choosing could tell another server what was said here
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'self'",
    "require-trusted-types-for": "'script'",  # text never becomes markup: no script of ours may even try
    "trusted-types": "'none'",
}
POLICY = "; ".join(f"{what} {where}" for what, where in _RULES.items())
"""The page's Content-Security-Policy."""


_MODULE = re.compile(rb'(?:type="module" src|rel="modulepreload" href)="static/web/([^"]+)"')
_IMPORT = re.compile(rb'^(?:import|export)\b[^;"]*?\bfrom "(\.[^"]+)"', re.MULTILINE)
_RELEASE = re.compile(r"^[0-9a-f]{16}/")


@dataclass(frozen=True, slots=True)
class _File:
    body: bytes
    media_type: str
    etag: str

    @classmethod
    def of(cls, path: str, body: bytes) -> "_File":
        media_type = "text/javascript" if path.endswith(".js") else mimetypes.guess_type(path)[0]
        return cls(body, media_type or "application/octet-stream", f'"{hashlib.sha256(body).hexdigest()[:32]}"')

    def answer(self, request: Request, *, cache: str = "no-cache", **headers: str) -> Response:
        """The file, or that the browser has it already."""
        headers = {"etag": self.etag, "cache-control": cache, "x-content-type-options": "nosniff", **headers}
        if self.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(self.body, media_type=self.media_type, headers=headers)


class WebApp:
    """The files in memory: they are few and small, and a page is made of many.

    The page asks for them below a folder that is named after all they hold. So a browser keeps them for good and asks
    only for the page, and an old module never stands beside new ones: modules find each other by relative addresses.
    """

    def __init__(self, folder: Path = _FOLDER) -> None:
        files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        held = hashlib.sha256(b"".join(name.encode() + body for name, body in sorted(files.items())))
        self._release = f"{held.hexdigest()[:16]}/"
        files[PAGE] = _with_preloads(files).replace(b"static/web/", f"static/web/{self._release}".encode())
        self._files = {path: _File.of(path, body) for path, body in files.items()}

    def page(self, request: Request) -> Response:
        """The page itself. Its addresses are relative, so it may stand below any path that ends with a slash."""
        rules = {"content-security-policy": POLICY, "referrer-policy": "no-referrer", "vary": "accept"}
        return self._files[PAGE].answer(request, **rules)

    def file(self, request: Request, path: str) -> Response:
        """One of the files that the page asks for. Raises SalonError (`not_found`).

        A page of another release, which is open over a restart or comes from another server, gets the file of this
        one: most work, and none is kept.
        """
        file = self._files.get(_RELEASE.sub("", path))
        if file is None:
            raise SalonError("not_found", f"the web app has no file {path[:200]!r}")
        kept = path.startswith(self._release)
        return file.answer(request, cache="public, max-age=31536000, immutable" if kept else "no-cache")


def _with_preloads(files: Mapping[str, bytes]) -> bytes:
    """The page, naming all that its modules import: else a browser learns of each only from who imports it."""
    page = files[PAGE]
    named = [found.decode() for found in _MODULE.findall(page)]
    needed = list(named)
    for module in needed:  # it grows meanwhile
        for found in _IMPORT.findall(files.get(module, b"")):
            wanted = posixpath.normpath(posixpath.join(posixpath.dirname(module), found.decode()))
            if wanted not in needed:
                needed.append(wanted)
    links = (f'<link rel="modulepreload" href="static/web/{path}">\n' for path in needed[len(named) :])
    return page.replace(b"</template>", "".join(links).encode() + b"</template>")


def add_web(app: FastAPI) -> None:
    """Add the web app to `app`: its files here, its page as `app.state.web` for whoever answers `GET /`."""
    app.state.web = web = WebApp()

    @app.get(STATIC + "/{path:path}", include_in_schema=False)
    async def file(request: Request, path: str) -> Response:
        return web.file(request, path)
