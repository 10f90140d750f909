"""The built-in web app: its files, and what a browser may do while it shows them. It needs nothing from elsewhere."""

import hashlib
import mimetypes
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


@dataclass(frozen=True, slots=True)
class _File:
    body: bytes
    media_type: str
    etag: str

    @classmethod
    def read(cls, path: Path) -> "_File":
        body = path.read_bytes()
        media_type = "text/javascript" if path.suffix == ".js" else mimetypes.guess_type(path)[0]
        return cls(body, media_type or "application/octet-stream", f'"{hashlib.sha256(body).hexdigest()[:32]}"')

    def answer(self, request: Request, **headers: str) -> Response:
        """The file, or that the browser has it already. It asks each time: an old module beside new ones is a bug."""
        headers = {"etag": self.etag, "cache-control": "no-cache", "x-content-type-options": "nosniff", **headers}
        if self.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(self.body, media_type=self.media_type, headers=headers)


class WebApp:
    """The files in memory: they are few and small, and a page is made of many."""

    def __init__(self, folder: Path = _FOLDER) -> None:
        files = (path for path in folder.rglob("*") if path.is_file())
        self._files = {path.relative_to(folder).as_posix(): _File.read(path) for path in files}

    def page(self, request: Request) -> Response:
        """The page itself. Its addresses are relative, so it may stand below any path that ends with a slash."""
        rules = {"content-security-policy": POLICY, "referrer-policy": "no-referrer", "vary": "accept"}
        return self._files[PAGE].answer(request, **rules)

    def file(self, request: Request, path: str) -> Response:
        """One of the files that the page asks for. Raises SalonError (`not_found`)."""
        file = self._files.get(path)
        if file is None:
            raise SalonError("not_found", f"the web app has no file {path[:200]!r}")
        return file.answer(request)


def add_web(app: FastAPI) -> None:
    """Add the web app to `app`: its files here, its page as `app.state.web` for whoever answers `GET /`."""
    app.state.web = web = WebApp()

    @app.get(STATIC + "/{path:path}", include_in_schema=False)
    async def file(request: Request, path: str) -> Response:
        return web.file(request, path)
