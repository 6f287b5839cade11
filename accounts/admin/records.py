"""The audit log, its seals and the background jobs: shown, never changed."""

from __future__ import annotations

import json
from copy import copy
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts import audit, notices
from accounts.admin.base import ByDoor, DoorFilter, ReadOnlyAdmin
from accounts.models import AuditEvent, AuditSeal, Retirement
from accounts.readers import reader_of
from core import jobs

# How far back the choices of a filter are gathered: a log of years is not read through for a list of words.
RECENT = 5000
# SECURITY: the reason and the facts are shown of these kinds of things only. A reporter's words about a case are no
# matter for the host of the portal (HFD 2018:48): a new kind is closed until somebody opens it.
OPEN_KINDS = {
    "user",
    "provider",
    "careunit",
    "agreement",
    "assignment",
    "document",
    "version",
    "visibilitygrant",
}


class ActionFilter(admin.SimpleListFilter):
    title = gettext_lazy("action")
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        recent = AuditEvent.objects.order_by("-pk").values_list("action", flat=True)[:RECENT]
        found = {*recent, *filter(None, [self.used_parameters.get(self.parameter_name)])}
        return [(action, action) for action in sorted(found)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        return queryset.filter(action=self.value()) if self.value() else queryset


@admin.register(AuditEvent)
class AuditEventAdmin(ByDoor, ReadOnlyAdmin):
    list_display = ("at", "action", "actor_label", "target_type", "target_id", "by_way_of")
    list_filter = (ActionFilter, DoorFilter, "at")
    search_fields = ("=target_id", "=request_id")
    search_help_text = gettext_lazy("The number of a document, a case or a thing, or the id of a request.")
    fields = ("at", "action", "actor_label", "target_type", "target_id", "by_way_of", "why", "facts", "request_id")
    readonly_fields = fields
    list_per_page = 50

    @admin.display(description=gettext_lazy("reason"))
    def why(self, event: AuditEvent) -> str:
        if event.target_type not in OPEN_KINDS and event.reason:
            return _("Shown only to those whose matter it is.")
        return event.reason or "–"

    @admin.display(description=gettext_lazy("facts"))
    def facts(self, event: AuditEvent) -> str:
        if event.target_type not in OPEN_KINDS and event.data:
            return _("Shown only to those whose matter it is.")
        return json.dumps(event.data, ensure_ascii=False, indent=1) if event.data else "–"


@admin.register(AuditSeal)
class AuditSealAdmin(ReadOnlyAdmin):
    list_display = ("sealed_at", "count", "digest")
    fields = ("sealed_at", "count", "first", "last", "first_at", "previous_digest", "digest")
    readonly_fields = fields
    search_fields = ("=digest",)
    list_per_page = 50


@admin.register(Retirement)
class RetirementAdmin(ReadOnlyAdmin):
    list_display = ("at", "table_name", "before", "count", "decision")
    fields = ("at", "table_name", "before", "count", "decision", "by")
    readonly_fields = fields
    search_fields = ("=decision",)
    list_per_page = 50


class StuckFilter(admin.SimpleListFilter):
    title = gettext_lazy("stuck")
    parameter_name = "stuck"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("failed", _("failed, and not tried again")),
            ("late", _("late: nobody has begun")),
            ("stalled", _("their worker has fallen silent")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ProcrastinateJob]) -> QuerySet[ProcrastinateJob]:
        found = jobs.STUCK.get(self.value() or "")
        return queryset.filter(pk__in=found().values("pk")) if found else queryset


STANDS = {
    "todo": gettext_lazy("waits"),
    "doing": gettext_lazy("is being done"),
    "succeeded": gettext_lazy("done"),
    "failed": gettext_lazy("failed"),
    "cancelled": gettext_lazy("taken away"),
    "aborted": gettext_lazy("stopped"),
}


class StandsFilter(admin.SimpleListFilter):
    title = gettext_lazy("how it stands")
    parameter_name = "stands"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(status, str(said)) for status, said in STANDS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ProcrastinateJob]) -> QuerySet[ProcrastinateJob]:
        return queryset.filter(status=self.value()) if self.value() in STANDS else queryset


# Its own page offers to stop jobs; a job of the portal is mended, not stopped. Taken out in `tidy`.
@admin.register(ProcrastinateJob)
class JobAdmin(ReadOnlyAdmin):
    list_display = ("id", "task", "stands", "tried", "waits_until")
    list_filter = (StuckFilter, StandsFilter)
    actions = ("try_again",)
    search_fields = ("=task_name",)
    fields = ("id", "task", "stands", "tried", "before_others", "one_at_a_time", "waits_until")
    readonly_fields = fields
    ordering = ("-id",)
    list_per_page = 50

    # The package speaks English only, and the names of its models belong to its migrations.
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.opts = copy(self.opts)
        self.opts.verbose_name, self.opts.verbose_name_plural = gettext_lazy("job"), gettext_lazy("jobs")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        found = super().get_changelist_instance(request)
        found.title = str(found.title).replace(str(found.opts.verbose_name), str(self.opts.verbose_name))
        found.opts = self.opts
        return found

    @admin.display(description=gettext_lazy("task"), ordering="task_name")
    def task(self, job: ProcrastinateJob) -> str:
        return job.task_name

    @admin.display(description=gettext_lazy("stands"), ordering="status")
    def stands(self, job: ProcrastinateJob) -> str:
        return str(STANDS.get(job.status, job.status))

    @admin.display(description=gettext_lazy("tried, times"), ordering="attempts")
    def tried(self, job: ProcrastinateJob) -> int:
        return job.attempts

    @admin.display(description=gettext_lazy("before others (a higher number is done first)"))
    def before_others(self, job: ProcrastinateJob) -> int:
        return job.priority

    @admin.display(description=gettext_lazy("not at the same time as others of"))
    def one_at_a_time(self, job: ProcrastinateJob) -> str:
        return ", ".join(filter(None, (job.lock, job.queueing_lock))) or "–"

    @admin.display(description=gettext_lazy("waits until"), ordering="scheduled_at")
    def waits_until(self, job: ProcrastinateJob) -> datetime | None:
        return job.scheduled_at

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        notices.mark_read(request, url=request.path)
        return super().changelist_view(request, extra_context)

    @admin.action(description=gettext_lazy("Try again"), permissions=["view"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[ProcrastinateJob]) -> None:
        """Failed jobs only: what waits or is done needs no second try."""
        ids = list(queryset.filter(status="failed").values_list("pk", flat=True))
        for pk in ids:
            app.job_manager.retry_job_by_id(pk, retry_at=timezone.now())
            audit.record("job_tried_again", by=reader_of(request), target_type="job", target_id=str(pk))
        text = ngettext("%d job is tried again.", "%d jobs are tried again.", len(ids)) % len(ids)
        self.message_user(request, text, messages.SUCCESS if ids else messages.WARNING)
