"""The Django admin: signed in to through allauth, open to administrators only."""

from allauth.account.decorators import secure_admin_login
from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class PortalAdminSite(AdminSite):
    site_header = _("Vårdgivarwebben administration")
    site_title = _("Administration")
    index_title = _("What do you want to manage?")
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_staff)


PortalAdminSite.login = secure_admin_login(PortalAdminSite.login)  # type: ignore[method-assign]
