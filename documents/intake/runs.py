"""A whole delivery: looked through, planned, and taken in document by document; its report is kept (`Intake`)."""

from __future__ import annotations

import contextlib
import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.readers import Reader
from core import clock
from core.files.receiving import Received
from core.files.types import RejectedFile
from core.refused import NotAllowed, Refused
from documents.delivery import looking, mapping, package
from documents.delivery.looking import Fault
from documents.intake import planning, sources, taking
from documents.models import Intake, Source

# The page of a run that goes on is right to this many seconds.
_TOLD_EVERY = 1.0
MOST_FAULTS, MOST_NUMBERS = 2_000, 500
Step = Callable[[int, int], None]
S = Intake.State


def dry_run(source: Source, path: Path, *, by: Reader, is_part: bool = False, step: Step | None = None) -> Intake:
    """Tells what taking a delivery in would do; nothing is changed. Raises BadDelivery, BadMapping."""
    run = begin(source, path.name, by=by, is_dry=True, is_part=is_part)
    carry_out(run, path, step=step)
    return run


def take_in(
    source: Source, path: Path, *, by: Reader, is_part: bool = False, agreed: str = "", step: Step | None = None
) -> Intake:
    """Takes a delivery in. Run again it goes on where it was broken off. Raises NotAllowed, BadDelivery, BadMapping."""
    run = begin(source, path.name, by=by, is_dry=False, is_part=is_part, agreed=agreed)
    carry_out(run, path, step=step)
    return run


def begin(
    source: Source, name: str, *, by: Reader, is_dry: bool, is_part: bool = False, agreed: str = "", **more: Any
) -> Intake:
    """A delivery that waits to be carried out. Raises NotAllowed where the source does not work, but for a dry run.

    `agreed`: the mark (`Plan.mark`) of what somebody was shown and said yes to. A run that would do anything else stops
    and asks, and so does one without a yes that would take many documents from their readers.
    """
    if not (is_dry or sources.works(Source.objects.get(pk=source.pk))):
        raise NotAllowed(_("%s waits for the yes of a steward of its owner. Nothing is taken in.") % source.name)
    return Intake.objects.create(
        source=source, is_dry=is_dry, is_part=is_part, agreed=agreed, by_id=by.user_id, by_label=by.record_label,
        door=by.door, name=name[:200], **more,
    )  # fmt: skip


def carry_out(run: Intake, path: Path, *, step: Step | None = None) -> None:
    """Looks the delivery through and, unless it is a dry run, takes it in; waits meanwhile for another of its source.
    Carried out again after its process died, it goes on. Raises NotAllowed, BadDelivery, BadMapping."""
    with contextlib.ExitStack() as stack:
        if not run.is_dry:
            stack.enter_context(alone(run.source))
            others = run.source.intakes.filter(state=S.RUNNING, is_dry=False).exclude(pk=run.pk)
            others.update(state=S.BROKEN, ended_at=clock.now())
        run.state = S.RUNNING
        run.save(update_fields=["state"])
        stack.enter_context(_stopped(run))
        found, progress = stack.enter_context(package.opened(path)), _Progress(run, step)
        plan = _planned(run, found, progress)
        if not run.is_dry and _has_to_ask(run, plan):
            _end(run, S.ASKS)
            return
        if not run.is_dry:
            _take(run, plan, found, progress)
        _end(run, S.DONE)


def take_one(
    source: Source, found: package.Delivery, looked: looking.Looked, *, by_label: str
) -> tuple[Intake, list[Fault]]:
    """Takes in the one document of a delivery that was looked through without faults. Gives its report, and the faults
    that are seen beside what is here, with which nothing is done. Raises Busy, Refused, RejectedFile, ValidationError.
    """
    with alone(source, waits=False):
        plan = planning.plan(source, looked, is_part=True)
        run = Intake(source=source, is_part=True, by_label=by_label, door="api", name=looked.wanted[0].number, rows=1)
        if plan.faults:
            return run, plan.faults
        (planned,) = plan.planned
        if planned.outcome in (planning.Outcome.UNCHANGED, planning.Outcome.PASSED):
            source.documents.filter(number__iexact=planned.wanted.number).update(delivered_at=clock.now())
            run.counts = planning.sums(plan)
            return run, []  # a system may ask this again and again: it leaves no report
        taking.take(source, planned, taking.receive(planned, found), by=taking.system_of(source, "job"))
        run.counts = planning.sums(plan) | {"faults": 0, "takes_away": len(plan.takes_away)}
        run.numbers = {name: told for name, told in planning.numbers_of(plan).items() if told}
        _end(run, S.DONE)
    return run, []


def _has_to_ask(run: Intake, plan: planning.Plan) -> bool:
    """SECURITY: under the lock. One that goes on after its process died was found to be what was agreed before."""
    if run.agreed_at:
        return False
    if run.agreed != plan.mark if run.agreed else plan.asks:
        return True
    if run.agreed:
        run.agreed_at = clock.now()
        run.save(update_fields=["agreed_at"])
    return False


class Busy(Exception):
    """Another delivery of the source is being taken in."""


@contextmanager
def alone(source: Source, *, waits: bool = True) -> Iterator[None]:
    """No other delivery of the source is taken in meanwhile: a second one waits, or (`waits` False) raises Busy. The
    database lets go of it when the process dies."""
    key = [f"documents.intake.{source.pk}"]
    with connection.cursor() as cursor:
        if waits:
            cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", key)
        else:
            cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s))", key)
            if not cursor.fetchone()[0]:
                raise Busy
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", key)


class _Progress:
    """Tells how far a run has come: on its row, and to whoever asks."""

    def __init__(self, run: Intake, step: Step | None) -> None:
        self.run, self.step, self.told_at = run, step, 0.0

    def begin(self, rows: int) -> None:
        self.run.rows, self.run.rows_done = rows, 0
        self.run.save(update_fields=["rows", "rows_done"])

    def one(self) -> None:
        self.run.rows_done += 1
        if self.step:
            self.step(self.run.rows_done, self.run.rows)
        if (now := time.monotonic()) - self.told_at >= _TOLD_EVERY:
            self.told_at = now
            Intake.objects.filter(pk=self.run.pk).update(rows_done=self.run.rows_done)


@contextmanager
def _stopped(run: Intake) -> Iterator[None]:
    """A delivery of which nothing can be read leaves its reason in the report."""
    try:
        yield
    except (package.BadDelivery, mapping.BadMapping, NotAllowed) as error:
        run.notes = [*run.notes, str(error)]
        _end(run, S.BROKEN if isinstance(error, NotAllowed) else S.STOPPED)
        raise
    except Exception:
        _end(run, S.BROKEN)
        raise


def _planned(run: Intake, found: package.Delivery, progress: _Progress) -> planning.Plan:
    progress.begin(len(found.rows))
    looked = looking.look_through(found, sources.mapping_of(run.source), step=progress.one)
    plan = planning.plan(run.source, looked, is_part=run.is_part)
    faults = [*looked.faults, *plan.faults]
    run.counts = planning.sums(plan) | {"faults": len(faults)}
    run.numbers = {name: told[:MOST_NUMBERS] for name, told in planning.numbers_of(plan).items() if told}
    run.notes = _notes(found, looked, plan)
    run.mark, run.counts["takes_away"] = plan.mark, len(plan.takes_away)
    _tell(run, faults)
    run.save()
    return plan


def _notes(found: package.Delivery, looked: looking.Looked, plan: planning.Plan) -> list[str]:
    told = list(found.notes)
    if looked.unread:
        told.append(_("Columns that were not read: %s") % ", ".join(looked.unread))
    if looked.unnamed:
        told.append(
            _("Files that no row names: %(n)d (%(names)s)")
            % {"n": len(looked.unnamed), "names": ", ".join(looked.unnamed[:5])}
        )
    if plan.absent is None:
        told.append(_("A row's number could not be told. Documents that the delivery leaves out are not revoked."))
    return told


def _tell(run: Intake, faults: list[Fault]) -> None:
    run.faults = [[fault.line, fault.column, fault.words] for fault in sorted(faults, key=lambda f: f.line)]
    run.faults = run.faults[:MOST_FAULTS]


def _take(run: Intake, plan: planning.Plan, found: package.Delivery, progress: _Progress) -> None:
    by = taking.system_of(run.source, "command" if run.door == "command" else "job")
    progress.begin(len(plan.planned) + len(plan.absent or ()))
    same: list[int] = []
    for planned, received in _received(plan.planned, found):
        if planned.known is not None and planned.outcome in (planning.Outcome.UNCHANGED, planning.Outcome.PASSED):
            same.append(planned.known.pk)
        else:
            _try(
                run, planned.wanted.line, lambda one=planned, came=received: taking.take(run.source, one, came(), by=by)
            )  # type: ignore[misc]
        progress.one()
    run.source.documents.filter(pk__in=same).update(delivered_at=clock.now())
    for absent in plan.absent or ():
        _try(run, 0, lambda one=absent: taking.revoke_absent(run.source, one, by=by))  # type: ignore[misc]
        progress.one()


def _received(
    rows: list[planning.Planned], found: package.Delivery
) -> Iterator[tuple[planning.Planned, Callable[[], Received | None]]]:
    """Each row with the way to its file: the files of some rows to come are received meanwhile, on all cores."""
    ahead = 2 * (os.cpu_count() or 1)
    with ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="receiving") as pool:
        waiting: deque[tuple[planning.Planned, Future[Received | None]]] = deque()
        try:
            for row in rows:
                waiting.append((row, pool.submit(taking.receive, row, found)))
                if len(waiting) > ahead:
                    planned, future = waiting.popleft()
                    yield planned, future.result
            while waiting:
                planned, future = waiting.popleft()
                yield planned, future.result
        finally:
            pool.shutdown(cancel_futures=True)


def _try(run: Intake, line: int, act: Callable[[], None]) -> None:
    """One document; what its verb refuses is a fault of its line, and the rest goes on."""
    try:
        act()
    except RejectedFile as rejected:
        words = rejected.message
    except ValidationError as error:
        words = " ".join(error.messages)
    except NotAllowed:
        raise  # the yes to the source has been taken back
    except Refused as refusal:
        words = str(refusal)
    else:
        return
    run.faults.append([line, "", words])
    run.counts["faults"] += 1


def _end(run: Intake, state: str) -> None:
    run.state, run.ended_at, run.rows_done = state, clock.now(), run.rows if state == S.DONE else run.rows_done
    run.save()


# The report's counts in words, in the order that they are told.
WORDS = {
    "new": gettext_lazy("New"),
    "changed": gettext_lazy("Changed"),
    "unchanged": gettext_lazy("As before"),
    "renumbered": gettext_lazy("Renumbered"),
    "revoked": gettext_lazy("Revoked by the source"),
    "absent": gettext_lazy("Left out by the source, and revoked"),
    "narrowed": gettext_lazy("Narrowed by the source"),
    "closed": gettext_lazy("Closed by the source"),
    "held_back": gettext_lazy("Held back: rights missing or contradictory"),
    "wider": gettext_lazy("Proposed wider than here, for a steward"),
    "passed": gettext_lazy("Passed over: revoked already, or never here"),
    "faults": gettext_lazy("Faults"),
}


def sums(run: Intake) -> list[tuple[str, str, int, list[str]]]:
    """A report's counts that are not zero: code, words, count, and the first numbers."""
    return [
        (code, str(words), count, run.numbers.get(code, []))
        for code, words in WORDS.items()
        if (count := run.counts.get(code, 0))
    ]


def told(run: Intake) -> list[str]:
    """A report in lines: its counts, the first numbers of each, and its notes."""
    lines = []
    for _code, words, count, numbers in sums(run):
        named = ", ".join(numbers[:5]) + (" …" if numbers and count > 5 else "")
        lines.append(f"{words}: {count}" + (f" ({named})" if named else ""))
    return [*lines, *run.notes]
