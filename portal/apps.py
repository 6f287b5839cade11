from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = "Portal"

    def ready(self) -> None:
        from django_structlog import signals

        from accounts.notices import KINDS
        from portal import logs

        signals.bind_extra_request_metadata.connect(logs.began, dispatch_uid="portal.began")
        signals.bind_extra_request_finished_metadata.connect(logs.timed, dispatch_uid="portal.timed")
        signals.bind_extra_request_failed_metadata.connect(logs.timed, dispatch_uid="portal.timed_failed")
        KINDS["jobs_stuck"] = _("Jobs in the background are stuck")
