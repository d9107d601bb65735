"""The fence before what investors are offered: nobody in mainland China is served (INV-02).

Where a request comes from, an edge proxy says in a header, which it must set itself whatever the client
has sent; or its address is on a list of networks. Filings stay public everywhere: they are no offer.
"""

from __future__ import annotations

from ipaddress import ip_address

from fastapi import Depends, Request

from api.auth import InSimulator
from issuer.config import Settings
from issuer.services.access import require_overseas


def fence(
    request: Request,
    found: InSimulator,
) -> None:
    """Let nobody pass who asks from the mainland."""
    countries = _countries(request, found.settings)
    network = _network(request, found.settings)
    if not countries and network is None:
        return
    path = request.url.path
    subject = request.path_params.get("deal") or request.path_params.get("investor") or path
    asked = {"route": f"{request.method} {path}", "subject": subject}
    # A key that is unknown is for the route to refuse: here it is nobody's.
    key = request.headers.get("X-API-Key")
    require_overseas(found.context, key, countries, network, asked)


def _countries(request: Request, settings: Settings) -> tuple[str, ...]:
    """Every one that is named: a header that a client has put in before does not hide the proxy's."""
    named = ",".join(request.headers.getlist(settings.country_header)).upper()
    return tuple(sorted({each.strip() for each in named.split(",") if each.strip()}))


def _network(request: Request, settings: Settings) -> str | None:
    if request.client is None or not settings.mainland_networks:
        return None
    address = ip_address(request.client.host)
    address = getattr(address, "ipv4_mapped", None) or address
    return next((str(each) for each in settings.mainland_networks if address in each), None)


#: Put into `dependencies` of a route that offers the notes to investors.
OVERSEAS_ONLY = Depends(fence)
