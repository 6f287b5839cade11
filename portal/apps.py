from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = "Portal"

    def ready(self) -> None:
        from accounts.notices import KINDS

        KINDS["jobs_stuck"] = _("Jobs in the background are stuck")
