"""The documentation page works without a network: everything it loads comes from the server itself."""

import re

import httpx
import pytest

from salon import Settings, create_app
from tests.serving import serving


@pytest.mark.requirement("S4-12")
@pytest.mark.parametrize("page", ["/docs", "/redoc"])
async def test_the_documentation_loads_nothing_from_elsewhere(settings: Settings, page: str) -> None:
    async with serving(create_app(settings)) as url, httpx.AsyncClient(base_url=url) as http:
        html = (await http.get(page)).raise_for_status().text
        loaded = re.findall(r'(?:src|href)="([^"]+)"', html)
        assert len(loaded) >= 2
        for address in loaded:
            assert address.startswith("/"), address
            assert (await http.get(address)).status_code == 200
