"""The context of every page: names, the reader, the menu by role, unread notices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from accounts.forms.device import tag_of
from accounts.readers import PUBLIC, Reader, unread_of
from accounts.roles import Role

MOST = 5
# A menu of more leaves these out, in this order: a report is begun from the cases too, the watch stands on the start
# page and on the desk.
BEGUN_ELSEWHERE = ("/avvikelser/ny/", "/dokument/publiceringskontroll/")


@dataclass(frozen=True)
class NavItem:
    url: str
    label: str
    icon: str
    current: bool


def navigation(reader: Reader, path: str) -> list[NavItem]:
    """The main menu: what this reader can do, at most five."""
    found = [("/", _("Start"), "home"), ("/dokument/", _("Documents"), "document")]
    if reader.edits_documents:
        found.append(("/dokument/skrivbord/", _("Desk"), "edit"))
        found.append(("/dokument/publiceringskontroll/", _("Watch"), "eye"))
    if reader.may_report:
        found.append(("/avvikelser/ny/", _("Report"), "report"))
    if reader.may_report or reader.handles_cases:
        found.append(("/avvikelser/", _("Cases"), "inbox"))
    if reader.is_medically_responsible:
        found.append(("/avvikelser/kommunen/", _("The municipality"), "eye"))
    if reader.leads_social_care:
        found.append(("/avvikelser/lex-sarah/", "Lex Sarah", "warning"))
    if reader.assignment_id and Role.SAFETY_COORDINATOR in reader.roles:
        found.append(("/avvikelser/samordning/", _("Coordination"), "shared"))
    if reader.assignment_id and Role.AGREEMENT_MANAGER in reader.roles:
        found.append(("/konto/avtal/", _("Agreements"), "building"))
    if reader.leads_people:
        found.append(("/konto/var-verksamhet/", _("Our provider"), "people"))
    if reader.is_staff:
        found.append(("/admin/", _("Administration"), "settings"))
    for elsewhere in BEGUN_ELSEWHERE:
        if len(found) > MOST:
            found = [item for item in found if item[0] != elsewhere]
    # The longest address that the path begins with is where one is.
    here = max((u for u, _l, _i in found if path == u or (u != "/" and path.startswith(u))), key=len, default="")
    return [NavItem(url, label, icon, url == here) for url, label, icon in found]


def portal(request: HttpRequest) -> dict[str, Any]:
    reader = getattr(request, "reader", PUBLIC)
    return {
        "portal_name": settings.PORTAL_NAME,
        "region_name": settings.PORTAL_REGION,
        "portal_demo": settings.PORTAL_DEMO,
        "registry_email": settings.PORTAL_REGISTRY_EMAIL,
        "reader": reader,
        "device_person": tag_of(reader.user_id) if reader.is_person and reader.user_id else "",
        "nav_items": SimpleLazyObject(lambda: navigation(reader, request.path)),
        "unread_notices": SimpleLazyObject(lambda: len(unread_of(request)) if hasattr(request, "unread") else 0),
    }
