"""The words of findings: a sentence made of the facts that were found, in the language of who reads."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from documents.reading.findings import FAULTS, FOUND

Evidence = dict[str, Any]


def _day(value: str | None) -> str:
    return date_format(date.fromisoformat(value), "j F Y") if value else ""


def _and(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else _("%(first)s and %(last)s") % {
        "first": ", ".join(parts[:-1]), "last": parts[-1],
    }  # fmt: skip


def kinds(found: list[str]) -> str:
    """Kinds of providers in a sentence, in their usual order."""
    names = {
        "public": pgettext("those who cannot read", "the public"),
        "regional": pgettext("those who cannot read", "the region's own"),
        "private": pgettext("those who cannot read", "private providers"),
        "municipal": pgettext("those who cannot read", "municipalities"),
    }
    return _and([name for kind, name in names.items() if kind in found])


def left_out(found: Evidence) -> str:
    if found["own"]:
        return _("Its owner's own people cannot read it")
    n = found["providers"]
    without = ngettext("One provider is without it.", "%(n)d providers are without it.", n) % {"n": n}
    said = _("It applies to some who cannot read it: %s.") % kinds(found["kinds"])
    return f"{said} {without}"


def grant_ends(found: Evidence) -> str:
    if found["nobody"]:
        return _("After that day nobody of these can read it: %s") % kinds(found["nobody"])
    return _("After that day these can no longer read it: %s") % ", ".join(found["names"])


def behind_source(found: Evidence) -> str:
    said = {
        "held_back": _("It came in closed: the rights in the source are missing or contradict each other"),
        "wider": _("The source proposes more readers than it has here"),
        "unclear": _("The source no longer tells who may read it"),
        "text": _("Its text is held back: something was found in the file that nobody has answered"),
        "absent": _("Version %(there)s is approved in %(source)s and not shown here"),
        "older": _("Version %(there)s is approved in %(source)s, and version %(here)s is shown here"),
        "revoked": _("It is revoked in %(source)s and still applies here"),
        "waiting": _("A delivery from %(source)s that changes or revokes it waits for a yes"),
    }
    return said[found["what"]] % found


def delivery_waits(found: Evidence) -> str:
    said = _("A delivery from %(source)s of %(day)s waits for a yes.") % {
        "source": found["source"], "day": _day(found["day"]),
    }  # fmt: skip
    n = found["new"]
    if not n:
        return said
    return said + " " + ngettext(
        "One document of it is not here yet.", "%(n)d documents of it are not here yet.", n
    ) % {"n": n}  # fmt: skip


def unexplained(found: Evidence) -> str:
    if found["moved"]:
        return _("Its readers are others than when they were last decided, and no reason is told")
    return _("Its readers are others than its type's default, and no reason is told")


def sensitive_open(found: Evidence) -> str:
    who = [kind for kind in ("public", "private", "municipal") if found[kind]]
    if who:
        return _("It is marked as commercially sensitive and open to others: %s") % kinds(who)
    n = found["named"]
    return ngettext(
        "It is marked as commercially sensitive and open to one named provider outside the region",
        "It is marked as commercially sensitive and open to %(n)d named providers outside the region",
        n,
    ) % {"n": n}


def outlived(found: Evidence) -> str:
    if found["nobody"]:
        return _("The agreement of %(provider)s ends. After that nobody of these can read it: %(kinds)s") % {
            "provider": found["provider"], "kinds": kinds([found["nobody"]]),
        }  # fmt: skip
    if found["closed"]:
        return _("%(unit)s (%(provider)s) is named, and the unit is closed") % found
    return _("%(provider)s is named, and has no access to the portal") % found


def expired(found: Evidence) -> str:
    if found["unfinished"]:
        return _("Its last day is %(day)s, and version %(n)s is not finished") % {
            "day": _day(found["day"]), "n": found["unfinished"],
        }  # fmt: skip
    return _("Its last day is %s, and no new version is on its way") % _day(found["day"])


def review_late(found: Evidence) -> str:
    return _("It should have been looked through by %s") % _day(found["day"])


def unpublished(found: Evidence) -> str:
    return _("Version %(n)s was approved on %(day)s and is not published") % {
        "n": found["version"], "day": _day(found["day"]),
    }  # fmt: skip


def owner_gone(found: Evidence) -> str:
    return _("The one who answers for its content has left")


def unreadable(found: Evidence) -> str:
    if found["fault"]:
        return str(FAULTS.get(found["fault"], FAULTS["damaged"]).what)
    if found["codes"]:
        return str(FOUND[found["codes"][0]].what)
    return _("It says nothing: there is neither a text nor a file with words")


def undescribed(found: Evidence) -> str:
    lacks = [
        word
        for name, word in (
            ("area", _("an area")),
            ("owner", _("somebody who answers for it")),
            ("title", _("a title that says what it is about")),
        )
        if found[name]
    ]
    return _("It lacks %s") % _and(lacks)


def dead_end(found: Evidence) -> str:
    said = {
        "gone": _("It links to %(number)s, which is not there, or which its own editors may not see"),
        "revoked": _("It leads to %(number)s, which is revoked"),
        "unpublished": _("It leads to %(number)s, which is not published"),
        "hidden": _("It leads to %(number)s, which some of its readers cannot see: %(groups)s"),
    }
    return said[found["what"]] % {
        "number": found["number"],
        "groups": kinds(found["groups"]) if found["groups"] else "",
    }


def dead_address(found: Evidence) -> str:
    return _("It links to an address that is gone: %s") % found["url"]


def tried(found: Evidence) -> str:
    said = _("These have looked for it and cannot read it: %s.") % kinds(found["kinds"])
    n = found["times"]
    often = ngettext("One time in the last month.", "%(n)d times in the last month.", n) % {"n": n}
    return f"{said} {often}" + (" " + _("Somebody has asked for it as missing.") if found["missing"] else "")


def silent_source(found: Evidence) -> str:
    if found["last"]:
        return _("%(source)s last delivered on %(day)s, and should deliver every %(n)s days") % {
            "source": found["source"], "day": _day(found["last"]), "n": found["days"],
        }  # fmt: skip
    return _("%(source)s has never delivered, and should deliver every %(n)s days") % {
        "source": found["source"], "n": found["days"],
    }  # fmt: skip
