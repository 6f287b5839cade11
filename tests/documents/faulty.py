"""A collection with planted faults whose truth is known: for each document the rules that must find it, and no others.

Most documents are sound, in many ways; some only look faulty (decoys), and must not be found.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from accounts.models import Agreement, CareUnit, Provider
from core import clock
from documents.models import (
    Document,
    DocumentEvent,
    DocumentTried,
    DocumentType,
    FailedSearch,
    Intake,
    MissingDocument,
    OutsideAddress,
    ProgrammeArea,
    Reading,
    Source,
    SourceDocument,
    Version,
    VisibilityGrant,
    VisibilityProposal,
)
from documents.watch.rules import UNREADABLE
from tests import cast as people
from tests.cast import Cast

KINDS = ("regional", "private", "municipal")


@dataclass
class Made:
    """A document before it is made, sound until somebody plants something. `expected`: the rules that find it."""

    number: str
    n: int
    rng: random.Random
    applies: set[str]
    flags: set[str]
    document: dict[str, Any] = field(default_factory=dict)
    version: dict[str, Any] = field(default_factory=dict)
    reading: dict[str, Any] = field(default_factory=dict)
    grants: list[dict[str, Any]] = field(default_factory=list)
    more_versions: list[dict[str, Any]] = field(default_factory=list)
    # What the last event of its visibility tells; None: what it has.
    told: set[str] | None = None
    verb: str = "visibility_changed"
    html: list[str] = field(default_factory=list)
    after: list[Callable[[Document], None]] = field(default_factory=list)
    expected: set[str] = field(default_factory=set)


@dataclass
class World:
    """The providers and sources round the collection."""

    cast: Cast
    ending: Provider
    to_come: Provider
    closed_unit: CareUnit
    source: Source
    silent: Source
    public: str = "RUT-9001"
    narrow: str = "RUT-9002"
    revoked: str = "RUT-9003"

    @property
    def private(self) -> list[Provider]:
        return [self.cast.bjorken, self.cast.ugglan, self.ending]


def _days(n: int) -> dt.date:
    return clock.today() + dt.timedelta(days=n)


def _world(cast: Cast) -> World:
    ending, to_come = people.private("Slutar AB", agreed=False), people.private("Börjar AB", agreed=False)
    people.agree(ending, principal=cast.region, last=_days(30))
    Agreement.objects.create(provider=to_come, principal=cast.region, valid_from=_days(10))
    closed = people.unit(cast.bjorken, "Stängda mottagningen", is_active=False)
    common = {"owner": cast.region, "ready_mapping": "centuri", "set_up_by_label": "Rut", "confirmed_at": clock.now()}
    source = Source.objects.create(code="lever", name="Levererar", delivers_every_days=3, **common)
    Intake.objects.create(source=source, by_label="x", door="command", name="a", state="done", ended_at=clock.now())
    silent = Source.objects.create(code="tiger", name="Tiger", delivers_every_days=1, **common)
    Intake.objects.create(
        source=silent, by_label="x", door="command", name="a", state="done", ended_at=clock.now() - dt.timedelta(days=2)
    )
    asking = Source.objects.create(code="fragar", name="Frågar", **common)
    Intake.objects.create(
        source=asking, by_label="x", door="portal", name="a", state="asks", numbers={"new": ["N-1"], "changed": []}
    )
    return World(cast, ending, to_come, closed, source, silent)


# Plants: each makes one fault, and says what must be found ----------------------------------------------------------
Plant = Callable[[Made, World], None]


def left_out_by_flag(one: Made, world: World) -> None:
    one.applies, one.flags = set(KINDS), {"regional", one.rng.choice(["private", "municipal"])}
    one.expected = {"left_out"}


def left_out_by_name(one: Made, world: World) -> None:
    one.applies, one.flags = {"regional", "private"}, {"regional"}
    one.grants = [{"provider": p} for p in world.private[: one.rng.randrange(2)]]
    one.expected = {"left_out"}


def owner_left_out(one: Made, world: World) -> None:
    one.document["owner"], one.applies, one.flags = world.cast.bjorken, {"private"}, set()
    one.document["content_owner"] = world.cast.eva
    one.expected = {"left_out"}


def grant_ends(one: Made, world: World) -> None:
    one.applies, one.flags = {"regional"}, {"regional"}
    one.grants = [{"provider": one.rng.choice(world.private[:2]), "until": _days(one.rng.randrange(60))}]
    one.expected = {"grant_ends"}


def _from_source(one: Made, world: World, **told: Any) -> None:
    facts = {"state": "published", "version": "3"} | told.pop("facts", {})

    def come(document: Document) -> None:
        SourceDocument.objects.create(
            source=world.source,
            document=document,
            number=f"C-{one.n}",
            version="3",
            facts=facts,
            rights=["public"],
            **told,
        )

    one.after.append(come)
    one.expected = {"behind_source"}


def behind_waits(one: Made, world: World) -> None:
    _from_source(one, world, waits=one.rng.choice(["held_back", "wider", "unclear"]))


def behind_older(one: Made, world: World) -> None:
    _from_source(one, world, facts={"version": "4"})


def behind_revoked(one: Made, world: World) -> None:
    _from_source(one, world, facts={"state": "revoked"})


def behind_absent(one: Made, world: World) -> None:
    _from_source(one, world)
    one.document["state"] = "revoked"


def behind_text(one: Made, world: World) -> None:
    _from_source(one, world)
    one.reading["found_late"] = ["hidden_text"]


def moved_by_hand(one: Made, world: World) -> None:
    one.applies = {"regional"}
    one.flags = one.flags | {"regional"} if "public" not in one.flags else one.flags
    one.told = (one.flags | {"municipal"}) if "municipal" not in one.flags else (one.flags - {"municipal"})
    one.expected = {"unexplained"}


def made_otherwise(one: Made, world: World) -> None:
    one.applies, one.flags, one.verb = {"regional"}, {"regional", "private"}, "created"
    one.expected = {"unexplained"}


def sensitive(one: Made, world: World) -> None:
    one.applies, one.flags, one.document["is_sensitive"] = {"regional"}, {"regional"}, True
    if one.rng.random() < 0.5:
        one.flags |= {one.rng.choice(["private", "municipal"])}
    else:
        one.grants = [{"provider": world.cast.ugglan}]
    one.expected = {"sensitive_open"}


def outlived(one: Made, world: World) -> None:
    one.applies, one.flags = {"regional"}, {"regional"}
    one.grants = [
        one.rng.choice(
            [{"provider": world.cast.tallen}, {"provider": world.cast.bjorken, "unit": world.closed_unit},
             {"provider": world.ending}]
        )
    ]  # fmt: skip
    one.expected = {"outlived_grant"}


def expired(one: Made, world: World) -> None:
    one.version["valid_to"] = _days(-one.rng.randrange(1, 90))
    one.expected = {"expired"}


def soon_expired(one: Made, world: World) -> None:
    one.version["valid_to"] = _days(one.rng.randrange(61))
    one.expected = {"expired"}


def late_review(one: Made, world: World) -> None:
    one.version["valid_from"] = _days(-800 - one.rng.randrange(200))
    one.expected = {"review_late"}


def left_lying(one: Made, world: World) -> None:
    one.more_versions = [{"number": 2, "state": "approved", "approved_at": _days(-14 - one.rng.randrange(50))}]
    one.expected = {"unpublished"}


def owner_gone(one: Made, world: World) -> None:
    one.document["content_owner"] = one.rng.choice([world.cast.nils, world.cast.eva, world.cast.anna])
    one.expected = {"owner_gone"}


def unreadable(one: Made, world: World) -> None:
    one.version["body"] = ""
    one.reading |= one.rng.choice(
        [{"state": "failed", "fault": "damaged"}, {"warnings": [one.rng.choice(UNREADABLE)]}, {"text": " \n"}]
    )
    one.expected = {"unreadable"}


def undescribed(one: Made, world: World) -> None:
    lack: dict[str, Any] = one.rng.choice(
        [{"area": None}, {"content_owner": None}, {"title": "Rutin"}, {"title": "PM 2"}]
    )
    one.document |= lack
    one.expected = {"undescribed"}


def dead_end(one: Made, world: World) -> None:
    there = one.rng.choice([world.narrow, world.revoked, "RUT-7777"])
    one.html.append(f'<p><a href="/dokument/{there}/">mer</a></p>')
    if there == world.narrow:
        one.applies, one.flags = {"regional"}, {"regional", "private"}
    one.expected = {"dead_end"}


def dead_end_by_number(one: Made, world: World) -> None:
    one.html.append(f"<p>Följ {world.narrow}.</p>")
    one.applies, one.flags = {"regional"}, {"regional", "municipal"}
    one.expected = {"dead_end"}


def dead_address(one: Made, world: World) -> None:
    url = f"https://www.example.org/borta/{one.n}"
    one.html.append(f'<p><a href="{url}#del">källan</a></p>')
    one.after.append(
        lambda _d: OutsideAddress.objects.create(url=url, next_at=clock.now(), status=404, gone_nights=3) and None
    )
    one.expected = {"dead_address"}


def _tries(one: Made, days: int, times: int, kind: str = "private") -> None:
    def count(document: Document) -> None:
        for back in range(days):
            DocumentTried.objects.create(document=document, provider_kind=kind, day=_days(-back), times=times)

    one.applies, one.flags = {"regional"}, {"regional"}
    one.after.append(count)


def tried(one: Made, world: World) -> None:
    _tries(one, 2, 2, one.rng.choice(["private", "municipal"]))
    one.expected = {"tried"}


def searched_for(one: Made, world: World) -> None:
    def count(document: Document) -> None:
        for back in (1, 5, 9):
            row = FailedSearch.objects.create(text=f"sökt {one.n}", provider_kind="municipal", day=_days(-back))
            row.hidden.add(document)

    one.applies, one.flags = {"regional"}, {"regional"}
    one.after.append(count)
    one.expected = {"tried"}


def missed(one: Made, world: World) -> None:
    def ask(document: Document) -> None:
        MissingDocument.objects.create(what=f"Saknar {one.n}", provider=world.cast.ugglan).hidden.add(document)

    one.applies, one.flags = {"regional"}, {"regional"}
    one.after.append(ask)
    one.expected = {"tried"}


PLANTS: list[Plant] = [
    left_out_by_flag, left_out_by_name, owner_left_out, grant_ends, behind_waits, behind_older, behind_revoked,
    behind_absent, behind_text, moved_by_hand, made_otherwise, sensitive, outlived, expired, soon_expired, late_review,
    left_lying, owner_gone, unreadable, undescribed, dead_end, dead_end_by_number, dead_address, tried, searched_for,
    missed,
]  # fmt: skip


# Decoys: near to a fault, and none -----------------------------------------------------------------------------------
def named_one_by_one(one: Made, world: World) -> None:
    one.applies, one.flags = {"regional", "private"}, {"regional"}
    one.grants = [{"provider": p} for p in world.private[:2]] + [{"provider": world.ending, "until": _days(30)}]
    one.expected = {"grant_ends"}  # the last of them has a last day, which is its agreement's too


def another_owners(one: Made, world: World) -> None:
    one.document["owner"], one.applies, one.flags = world.cast.bjorken, {"private"}, set()
    one.document["content_owner"] = world.cast.eva
    one.grants = [{"provider": world.cast.bjorken}]


def long_grant(one: Made, world: World) -> None:
    one.applies, one.flags = {"regional"}, {"regional"}
    one.grants = [{"provider": world.cast.ugglan, "until": _days(61 + one.rng.randrange(90))}]


def confirmed(one: Made, world: World) -> None:
    one.applies, one.flags, one.document["is_sensitive"] = {"regional"}, {"regional", "private"}, True

    def confirm(document: Document) -> None:
        VisibilityProposal.objects.create(
            document=document, state="confirmed", before={}, proposed={}, reason="Ja.", asked_by=world.cast.elin,
            asked_by_label="Elin", decided_at=clock.now(),
        )  # fmt: skip

    one.after.append(confirm)


def lately_approved(one: Made, world: World) -> None:
    one.more_versions = [{"number": 2, "state": "approved", "approved_at": _days(-13)}]


def renewed_in_time(one: Made, world: World) -> None:
    one.version["valid_to"] = _days(20)
    one.version["number"], one.version["state"] = 1, "superseded"
    later = clock.start_of_day(_days(20))
    one.more_versions = [{"number": 2, "state": "published", "published_at": clock.now(), "available_from": later}]


def tried_on_one_day(one: Made, world: World) -> None:
    _tries(one, 1, 9)


def tried_too_seldom(one: Made, world: World) -> None:
    _tries(one, 2, 1)


def written_here(one: Made, world: World) -> None:
    one.reading["warnings"] = ["no_text"]  # of a file beside a text that is written in the portal


def good_link(one: Made, world: World) -> None:
    one.html.append(f'<p><a href="/dokument/{world.public}/">mer</a> och ISO-9001, {one.number}.</p>')


def wide_link(one: Made, world: World) -> None:
    one.applies, one.flags = {"regional"}, {"regional"}
    one.html.append(f"<p>Se {world.narrow}.</p>")


def in_step_with_source(one: Made, world: World) -> None:
    _from_source(one, world)
    one.expected = set()


def agreement_to_come(one: Made, world: World) -> None:
    one.applies, one.flags = {"regional"}, {"regional"}
    one.grants = [{"provider": world.to_come}]


DECOYS: list[Plant] = [
    named_one_by_one, another_owners, long_grant, confirmed, lately_approved, renewed_in_time, tried_on_one_day,
    tried_too_seldom, written_here, good_link, wide_link, in_step_with_source, agreement_to_come,
]  # fmt: skip


# Sowing --------------------------------------------------------------------------------------------------------------
def sow(cast: Cast, seed: int, *, documents: int = 2000, faults: int = 200) -> set[tuple[str, str]]:
    """The collection, drawn by a seed. Gives the truth: (rule, number of the document, or code of the source)."""
    rng, world = random.Random(seed), _world(cast)
    planted = [PLANTS[n % len(PLANTS)] for n in range(faults)]
    decoys = [rng.choice(DECOYS) for _n in range(faults)]
    plants: list[Plant | None] = [*planted, *decoys, *[None] * (documents - 2 * faults - 3)]
    rng.shuffle(plants)
    made = [_sound(rng, n) for n in range(len(plants))]
    for one, plant in zip(made, plants, strict=True):
        if plant:
            plant(one, world)
    made += _landmarks(rng, world)
    _make(made, world)
    return {(rule, one.number) for one in made for rule in one.expected} | {
        ("silent_source", world.silent.code), ("delivery_waits", "fragar"),
    }  # fmt: skip


def _sound(rng: random.Random, n: int) -> Made:
    applies = {"regional", *rng.sample(KINDS, rng.randrange(3))}
    flags = {"public"} if rng.random() < 0.4 else set(applies) | set(rng.sample(KINDS, rng.randrange(3)))
    return Made(f"RUT-{1000 + n}", n, rng, applies, flags)


def _landmarks(rng: random.Random, world: World) -> list[Made]:
    """The documents that others link to."""
    public = Made(world.public, 9001, rng, set(KINDS), {"public"})
    narrow = Made(world.narrow, 9002, rng, {"regional"}, {"regional"})
    revoked = Made(world.revoked, 9003, rng, {"regional"}, {"public"}, document={"state": "revoked"})
    return [public, narrow, revoked]


def _make(made: list[Made], world: World) -> None:
    area, kind = ProgrammeArea.objects.first(), DocumentType.objects.get(code="RUT")
    common = {"type": kind, "area": area, "owner": world.cast.region, "content_owner": world.cast.elin}
    rows = [
        Document(
            number=one.number, **{"title": f"Provtagning vid tillstånd {one.n}"} | common | one.document,
            **{f"applies_{k}": k in one.applies for k in KINDS},
            **{f"visible_{k}": k in one.flags for k in ("public", *KINDS)},
        )
        for one in made
    ]  # fmt: skip
    documents = dict(zip((one.number for one in made), Document.objects.bulk_create(rows), strict=True))
    pairs = [(one, documents[one.number]) for one in made]
    VisibilityGrant.objects.bulk_create(VisibilityGrant(document=d, **g) for one, d in pairs for g in one.grants)
    published = {"state": "published", "published_at": clock.now() - dt.timedelta(days=100), "number": 1}
    dates = {"valid_from": _days(-100), "body": "Text."}
    first = [Version(document=d, title=d.title, **published | dates | one.version) for one, d in pairs]
    later = [Version(document=d, title=d.title, **more) for one, d in pairs for more in one.more_versions]
    Version.objects.bulk_create([*first, *later])
    Reading.objects.bulk_create(
        Reading(
            version=version, html="".join(one.html) or "<p>Text.</p>",
            **{"state": "none" if version.body else "read", "text": "Text."} | one.reading,
        )
        for (one, _d), version in zip(pairs, first, strict=True)
    )  # fmt: skip
    DocumentEvent.objects.bulk_create(_told(one, d) for one, d in pairs)
    for one, document in pairs:
        for act in one.after:
            act(document)


def _told(one: Made, document: Document) -> DocumentEvent:
    flags = one.flags if one.told is None else one.told
    after: dict[str, Any] = {f"visible_{k}": k in flags for k in ("public", *KINDS)}
    after["grants"] = [
        {"provider": g["provider"].pk, "unit": g["unit"].pk if g.get("unit") else None}
        | ({"until": g["until"].isoformat()} if g.get("until") else {})
        for g in one.grants
    ]
    return DocumentEvent(
        document=document, document_number=document.number, verb=one.verb, by_label="x", door="command", reason="Så.",
        after={"visibility": after} if one.verb == "created" else after,
    )  # fmt: skip
