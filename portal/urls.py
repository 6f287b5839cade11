"""Every address of the portal. A new pattern needs a row in tests/access/table.py, or the suite fails."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from documents.equal import views as equal
from documents.missing import views as missing
from documents.open_list import views as open_list
from portal import views
from portal.api import api

# Pages of allauth that the portal does not offer: an administrator vouches for people and their addresses, so nobody
# signs up, changes address or links an outside account by themselves. Sessions are on the profile (`accounts.profile`).
CLOSED = (
    "signup/",
    "email/",
    "confirm-email/",
    "inactive/",
    "sessions/",
    "password/set/",
    "login/code/confirm/",
    "3rdparty/",
    "3rdparty/signup/",
    "3rdparty/login/cancelled/",
    "3rdparty/login/error/",
    "social/login/cancelled/",
    "social/login/error/",
    "social/signup/",
    "social/connections/",
)

urlpatterns = [
    *(path(f"konto/{closed}", views.closed) for closed in CLOSED),
    path("", views.start, name="start"),
    path("dokument/", include("documents.urls")),
    path("avvikelser/", include("deviations.urls")),
    path("konto/", include("accounts.urls")),
    path("konto/", include("allauth.urls")),
    path("lika-tillgang/", equal.equal_access, name="equal_access"),
    path("lika-tillgang/tabell.csv", equal.equal_csv, name="equal_csv"),
    path("lika-tillgang/frysa/<str:day>/", equal.freeze, name="freeze_equal"),
    path("sitemap.xml", open_list.sitemap, name="sitemap"),
    path("opensearch.xml", open_list.opensearch, name="opensearch"),
    path("saknas/", missing.missing, name="missing"),
    path("tillganglighet/", views.page, {"slug": "accessibility"}, name="accessibility"),
    path("allmanna-handlingar/", views.page, {"slug": "public_records"}, name="public_records"),
    path("uppgifter/", views.page, {"slug": "personal_data"}, name="personal_data"),
    path("sprak/", views.language, name="language"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("api/v1/", api.urls),
    path("admin/", admin.site.urls),
]
if not settings.PRODUCTION:
    urlpatterns.append(path("komponenter/", views.components, name="components"))

handler400 = "portal.views.bad_request"
handler404 = "portal.views.not_found"
handler500 = "portal.views.server_error"
