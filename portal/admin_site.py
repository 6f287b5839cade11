"""The Django admin: signed in to through allauth, open to administrators only."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from accounts import granting, readers
from core import jobs


class PortalAdminSite(AdminSite):
    site_header = _("Vårdgivarwebben administration")
    site_title = _("Administration")
    index_title = _("What do you want to manage?")
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_staff)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        # SECURITY: the portal's own sign-in with its limits and second step; Django's form would go round both, also
        # when one of the staff, signed in already, sends it somebody else's password.
        return secure_admin_login(lambda _request: redirect("admin:index"))(request)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        standing = jobs.standing() if granting.administers(readers.reader_of(request)) else None
        return super().index(request, {"jobs": standing, **(extra_context or {})})

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        # The package speaks English only, and names of its own models belong to its migrations.
        apps = super().get_app_list(request, app_label)
        for app in apps:
            if app["app_label"] == "procrastinate":
                for model in app["models"]:
                    model["name"] = _("Jobs")
        return apps

    def get_urls(self) -> list[Any]:
        # SECURITY: Django's short cut leads any staff from a kind and a number to a thing's own address, a case's too.
        return [url for url in super().get_urls() if getattr(url, "name", "") != "view_on_site"]
