"""Every address of the portal. A new pattern needs a row in tests/access/table.py, or the suite fails."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from portal import views

urlpatterns = [
    path("", views.start, name="start"),
    path("dokument/", include("documents.urls")),
    path("avvikelser/", include("deviations.urls")),
    path("konto/", include("accounts.urls")),
    path("konto/", include("allauth.urls")),
    path("saknas/", views.missing, name="missing"),
    path("tillganglighet/", views.page, {"slug": "accessibility"}, name="accessibility"),
    path("allmanna-handlingar/", views.page, {"slug": "public_records"}, name="public_records"),
    path("uppgifter/", views.page, {"slug": "personal_data"}, name="personal_data"),
    path("sprak/", views.language, name="language"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("admin/", admin.site.urls),
]
if not settings.PRODUCTION:
    urlpatterns.append(path("komponenter/", views.components, name="components"))

handler404 = "portal.views.not_found"
