"""The page that a page in the way leads back to."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme


def is_ours(address: str, request: HttpRequest) -> bool:
    """An address of the portal's own: what a form says of where one came from is anybody's to write."""
    return url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())


def back_to(address: str, request: HttpRequest) -> HttpResponseRedirect:
    """There, if it is ours, else to the start page. As it is written: `redirect` would look for a page of that name."""
    return HttpResponseRedirect(address if is_ours(address, request) else "/")
