"""Settings, read from the environment through `portal.env`.

Production is the default and demands what it needs; `PORTAL_ENV=development` is what `make run` sets and
`PORTAL_ENV=test` what the tests set. Every variable can also be given as a file by `NAME_FILE`.
docs/operations.md lists them.
"""

import base64
import os
import re
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from portal.env import Env, SettingsError

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env(os.environ)

PORTAL_ENV = env.choice("PORTAL_ENV", ["production", "development", "test"], default="production")
PRODUCTION = PORTAL_ENV == "production"
DEBUG = env.bool("PORTAL_DEBUG", default=False)
DEV_KEY = "only-for-development-" * 3


def outside_production(default: Any) -> dict[str, Any]:
    """A default for development and tests; production has to be told."""
    return {} if PRODUCTION else {"default": default}


def _own_key(text: str) -> str | None:
    """The fault of a text that nobody must be able to guess, or None."""
    if PRODUCTION and text == DEV_KEY:
        return "is the one that anybody can read in the code"
    return "is the same few characters over and over" if len(set(text)) < 8 else None


def _random_text(name: str, min_length: int) -> str:
    example = "$(python -c 'import secrets; print(secrets.token_urlsafe(48))')"
    return env.str(
        name, secret=True, min_length=min_length, check=_own_key, example=example, **outside_production(DEV_KEY)
    )


SECRET_KEY = _random_text("SECRET_KEY", 50)


def _host(text: str) -> str | None:
    """The fault of the name of a host, or None."""
    if text == "*":
        # SECURITY: links in mails are made of the host that was asked for.
        return "lets every host in" if PRODUCTION else None
    return "is an address and no name; leave out https:// and what follows" if "/" in text else None


ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", check=_host, **outside_production(["localhost", "127.0.0.1", "[::1]", "testserver"])
)


# Keys for what is encrypted in the database: the first encrypts, all decrypt (docs/operations.md, "Keys").
def _fernet_key(text: str) -> str | None:
    """The fault of a key, or None."""
    try:
        right = len(base64.urlsafe_b64decode(text)) == 32
    except ValueError:
        right = False
    return None if right else "is not 32 bytes in URL-safe base64"


PORTAL_ENCRYPTION_KEYS = env.list(
    "PORTAL_ENCRYPTION_KEYS",
    secret=True,
    check=_fernet_key,
    expected="keys of 32 bytes in URL-safe base64, divided by commas",
    **outside_production(["ZGV2ZWxvcG1lbnQtb25seS1rZXktbm90LXNlY3JldCE="]),
)
PORTAL_HASH_KEY = _random_text("PORTAL_HASH_KEY", 32)

PORTAL_NAME = "Vårdgivarwebben"
PORTAL_REGION = env.str("PORTAL_REGION", default="Region Fjällmark")


def _own_address(text: str) -> str | None:
    """The fault of the portal's own address, or None."""
    try:
        parts = urlsplit(text)
        has_port = parts.port is None or 0 < parts.port < 65536
    except ValueError:
        return "is no address"
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.fragment:
        return "is no address"
    if not has_port:
        return "has a port that is none"
    # SECURITY: cookies are for HTTPS alone, and links in mails lead here.
    return "is not https" if PRODUCTION and parts.scheme != "https" else None


PORTAL_URL = env.str(
    "PORTAL_URL",
    check=_own_address,
    expected="the portal's own address, as people write it",
    example="https://vardgivare.region.example",
    **outside_production("http://localhost:8000"),
).rstrip("/")
# The address for requests of public records and for accessibility faults.
PORTAL_REGISTRY_EMAIL = env.str("PORTAL_REGISTRY_EMAIL", default="registrator@region.example")
# Facts that only the operator knows, for the pages on accessibility, public records and personal data.
PORTAL_OPERATOR = {
    "accessibility_phone": env.str("PORTAL_ACCESSIBILITY_PHONE", default=""),
    "accessibility_reviewed": env.str("PORTAL_ACCESSIBILITY_REVIEWED", default=""),
    "registry_phone": env.str("PORTAL_REGISTRY_PHONE", default=""),
    "registry_address": env.str("PORTAL_REGISTRY_ADDRESS", default=""),
    "data_protection_email": env.str("PORTAL_DATA_PROTECTION_EMAIL", default=""),
    "processors": env.str("PORTAL_PROCESSORS", default=""),
}
PORTAL_DEMO = env.bool("PORTAL_DEMO", default=False)

INSTALLED_APPS = [
    "portal",
    "deviations",
    "documents",
    "accounts",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "portal.admin_config.PortalAdminConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.usersessions",
    "pgtrigger",
    "pghistory",
    "procrastinate.contrib.django",
    "django_htmx",
    "csp",
    "django_structlog",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.middleware.CompressPagesMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "portal.outage.OutageMiddleware",
    "portal.middleware.BadInputMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "accounts.signin.middleware.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.viewing.asking.ReaderMiddleware",
    "accounts.viewing.asking.OpenedAsMiddleware",
    "accounts.signin.middleware.TwoStepMiddleware",
    "accounts.viewing.seeing_as.ViewAsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.middleware.PrivateByDefaultMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "portal.context.portal",
            ],
            "builtins": ["portal.templatetags.components", "portal.templatetags.charts"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.append("django.forms")

# Database ---------------------------------------------------------------------------------------------------
MIGRATING = len(sys.argv) > 1 and sys.argv[1] in {"migrate", "sqlmigrate"}
if PRODUCTION or os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_URL_FILE"):
    _default = env.url_database("DATABASE_URL")
    # Two roles: the app's cannot TRUNCATE or change what is append-only; the owner's migrates.
    if MIGRATING and (os.environ.get("MIGRATION_DATABASE_URL") or os.environ.get("MIGRATION_DATABASE_URL_FILE")):
        _default = env.url_database("MIGRATION_DATABASE_URL")
else:
    from tools.devdb import Cluster

    _default = Env({"DATABASE_URL": Cluster(BASE_DIR / ".pgdata").url}).url_database("DATABASE_URL")
_default.setdefault("OPTIONS", {})
# The pool demands CONN_MAX_AGE=0: it keeps the connections itself.
_default["CONN_MAX_AGE"] = 0
if PORTAL_ENV != "test":
    _default["OPTIONS"]["pool"] = {
        "min_size": 1,
        "max_size": env.int("PORTAL_DB_POOL", default=8, minimum=1, maximum=1000),
        # Nobody waits long for a database that is away, and its return is noticed within seconds (portal/outage.py).
        "timeout": 2,
        "reconnect_timeout": 3,
    }
    # A connection that a restart of the server has broken is not handed out.
    _default["CONN_HEALTH_CHECKS"] = True
    # A host that has gone silent is given up; the address of the database may say otherwise.
    for _option, _value in {"connect_timeout": 3, "keepalives_idle": 10, "tcp_user_timeout": 10_000}.items():
        _default["OPTIONS"].setdefault(_option, _value)
if PORTAL_ENV == "test" and (_template := os.environ.get("TEST_DATABASE_TEMPLATE")):
    _default["TEST"] = {"TEMPLATE": _template}
DATABASES = {"default": _default}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "portal_cache"}}

# Sign-in ----------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTH_PASSWORD_VALIDATORS[1]["OPTIONS"] = {"min_length": 12}  # type: ignore[assignment]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if PORTAL_ENV == "test":
    # Real hashing costs 0.3 s for each sign-in; the tests sign in hundreds of times.
    PASSWORD_HASHERS.insert(0, "django.contrib.auth.hashers.MD5PasswordHasher")
LOGIN_URL = "/konto/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.signin.adapters.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "accounts.signin.adapters.SocialAccountAdapter"
MFA_ADAPTER = "accounts.signin.adapters.MFAAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # an administrator vouches for the address; sign-up is closed
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
# Wrong passwords are counted by core/limits.py; right ones are not limited. SECURITY: what allauth counts as
# `login_failed` is then wrong codes of the second step, by person (`accounts.signin`); a right one forgets them.
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": "5/10m/key,30/d/key"}
# SECURITY: an identity provider that asserts an address must not take over an account.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = PORTAL_NAME
# A telephone's clock may be half a minute off.
MFA_TOTP_TOLERANCE = 1
# Offered to all; demanded of those who administer or handle cases, unless this is a demonstration.
PORTAL_TWO_STEP_REQUIRED = env.bool("PORTAL_TWO_STEP_REQUIRED", default=PRODUCTION)
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("PORTAL_TRUSTED_PROXIES", default=1 if PRODUCTION else 0, minimum=0, maximum=10)

SESSION_COOKIE_AGE = 60 * 60 * 8  # a working day
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_SERIALIZER = "django.contrib.sessions.serializers.JSONSerializer"
CSRF_COOKIE_HTTPONLY = True
SECURE_COOKIES = PRODUCTION
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE_COOKIES
if SECURE_COOKIES:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
CSRF_FAILURE_VIEW = "portal.views.csrf_failure"
CSRF_TRUSTED_ORIGINS = [PORTAL_URL] if PRODUCTION else []

# Transport and browser --------------------------------------------------------------------------------------
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
if env.bool("PORTAL_BEHIND_PROXY", default=PRODUCTION):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: []
    for feature in (
        "accelerometer",
        "browsing-topics",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
        "xr-spatial-tracking",
    )
}

# Files ------------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
# Tests serve them where they stand. Else they are collected, named by what is in them, and compressed: when the
# container is built, or by `manage.py collect_changed` when a server of development begins.
COLLECTED = PORTAL_ENV != "test"
STATIC_ROOT = BASE_DIR / ("staticfiles" if PRODUCTION else ".run/static")
STATICFILES_DIRS = [BASE_DIR / "static"]


def _folder(text: str) -> str | None:
    """The fault of the folder of the files, or None. Outside production it is made."""
    if not PRODUCTION:
        return None
    if not Path(text).is_absolute():
        return "does not begin with /"
    return None if Path(text).is_dir() else "is no folder that is there; mount it, or make it"


MEDIA_ROOT = Path(
    env.str(
        "PORTAL_FILES_DIR",
        check=_folder,
        expected="the folder of the files",
        example="/srv/portal/files",
        **outside_production(str(BASE_DIR / "media")),
    )
)
_bucket = env.str("PORTAL_S3_BUCKET", default="")
STORAGES = {
    "default": (
        {
            "BACKEND": "storages.backends.s3.S3Storage",
            # SECURITY: never a public or signed address: files leave only through the permission check.
            "OPTIONS": {
                "bucket_name": _bucket,
                "default_acl": "private",
                "file_overwrite": False,
                "endpoint_url": env.str("PORTAL_S3_ENDPOINT", default="") or None,
            },
        }
        if _bucket
        else {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    ),
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not COLLECTED
# Each file is looked for when it is asked for: the tests begin hundreds of clients, and few of them ask for any.
WHITENOISE_AUTOREFRESH = not COLLECTED
FILE_UPLOAD_PERMISSIONS = 0o640
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# The licence that open documents are passed on under, as an address or in words; empty: none is told.
PORTAL_OPEN_LICENCE = env.str("PORTAL_OPEN_LICENCE", default="")
# Counts of cases below this are not told to those who are no party; never fewer than five are.
PORTAL_SMALL_NUMBERS = max(5, env.int("PORTAL_SMALL_NUMBERS", default=5))


def _site(text: str) -> str | None:
    """The fault of a site that may frame the open lists, or None."""
    parts = urlsplit(text)
    scheme = ("https",) if PRODUCTION else ("https", "http")
    is_origin = parts.scheme in scheme and parts.hostname and not parts.path and not parts.query
    # SECURITY: it stands in a header, and lets every page of that site show ours in a frame.
    is_plain = not set(text) & set("*;,'\" ")
    return None if is_origin and is_plain else "is no site like https://www.region.example"


# Sites whose pages may show the open lists in a frame (`documents.open_list`).
PORTAL_EMBED_SITES = env.list("PORTAL_EMBED_SITES", check=_site, default=[])
# So many days after its last agreement ended, a provider's people fetch what was its own (`accounts.departed`).
PORTAL_TAKE_OUT_DAYS = env.int("PORTAL_TAKE_OUT_DAYS", default=30, minimum=0, maximum=365)
# Whether addresses of other sites in documents are asked, each night, if they are still there (`core.outbound`).
PORTAL_OUTBOUND = env.bool("PORTAL_OUTBOUND", default=False)
# An approved version that nobody has published after so many days is a finding of the publication watch.
PORTAL_UNPUBLISHED_DAYS = env.int("PORTAL_UNPUBLISHED_DAYS", default=14, minimum=1, maximum=365)
PORTAL_MAX_FILE_BYTES = env.int("PORTAL_MAX_FILE_MB", default=50, minimum=1, maximum=2000) * 1024 * 1024


def _rate(text: str) -> str | None:
    """The fault of a rate, or None."""
    return None if re.fullmatch(r"[1-9]\d{0,6}/(s|min|hour|day)", text) else "is no rate like 120/min"


# Questions of one key to the API, as 120/min.
PORTAL_API_RATE = env.str("PORTAL_API_RATE", default="120/min", check=_rate)
# A delivery of a management system as it is uploaded, a zip (`documents.intake.uploads`).
PORTAL_MAX_DELIVERY_BYTES = env.int("PORTAL_MAX_DELIVERY_MB", default=1000, minimum=1, maximum=20_000) * 1024 * 1024
# clamd://host:port, clamd-unix:///path or icap://host:port/service. Fail-closed where required.


def _scanner(text: str) -> str | None:
    """The fault of a scanner's address, or None."""
    try:
        address = urlsplit(text)
        port_is_good = address.port is None or 0 < address.port < 65536
    except ValueError:
        return "is no address"
    if address.scheme not in ("clamd", "clamd-unix", "icap"):
        return "has another scheme"
    named = address.path if address.scheme == "clamd-unix" else address.hostname
    return None if named and port_is_good else "names no host, path or port that can be"


FILE_SCANNER_URL = env.str(
    "FILE_SCANNER_URL",
    default="",
    check=_scanner,
    expected="the address of a scanner: clamd://, clamd-unix:// or icap://",
    example="clamd://127.0.0.1:3310",
)
FILE_SCANNER_REQUIRED = env.bool("FILE_SCANNER_REQUIRED", default=bool(FILE_SCANNER_URL) and PRODUCTION)

# Language and time ------------------------------------------------------------------------------------------
LANGUAGE_CODE = "sv"
LANGUAGES = [("sv", _("Swedish")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_NAME = "language"
USE_I18N = USE_TZ = True
TIME_ZONE = "Europe/Stockholm"

# E-mail and jobs --------------------------------------------------------------------------------------------
_smtp = env.str("PORTAL_SMTP_HOST", **outside_production(""))
if PORTAL_ENV == "test":
    EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
elif _smtp:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = _smtp, env.int("PORTAL_SMTP_PORT", default=587, minimum=1, maximum=65535)
    EMAIL_HOST_USER = env.str("PORTAL_SMTP_USER", default="")
    EMAIL_HOST_PASSWORD = env.str("PORTAL_SMTP_PASSWORD", default="")
    EMAIL_USE_TLS = env.bool("PORTAL_SMTP_TLS", default=True)
    EMAIL_TIMEOUT = 20
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = BASE_DIR / ".run" / "mail"
DEFAULT_FROM_EMAIL = env.str("PORTAL_MAIL_FROM", default="Vårdgivarwebben <noreply@portal.example>")
PROCRASTINATE_ON_APP_READY = None
PROCRASTINATE_IMPORT_PATHS = ["accounts.tasks", "deviations.tasks", "documents.tasks", "portal.tasks"]

# Logs: ids and outcomes, never texts, addresses or names (portal/logs.py) -----------------------------------
from portal.logs import configure as _configure_logs  # noqa: E402  (structlog must be set up after env is read)

_level = env.choice("PORTAL_LOG_LEVEL", ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], default="INFO")
LOGGING = _configure_logs(as_json=PRODUCTION, level=_level)
DJANGO_STRUCTLOG_USER_ID_FIELD = "pk"
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False

SILENCED_SYSTEM_CHECKS: list[str] = []
env.known("PORTAL_PG_BIN", "PORTAL_PG_PREFER", "PORTAL_PG_RUN_AS", "PORTAL_BIND", "PORTAL_BROWSER_REQUIRED")
env.check()
if PRODUCTION and DEBUG:
    # SECURITY: the debug pages show settings, queries and what people typed to whoever causes a fault.
    raise SettingsError("PORTAL_DEBUG: the debug pages are for development; remove it, or set PORTAL_ENV=development.")
if PORTAL_DEMO and set(ALLOWED_HOSTS) - {"localhost", "127.0.0.1", "[::1]", "testserver"}:
    raise SettingsError(
        "PORTAL_DEMO: the demonstration has known passwords and may only be served on this machine; "
        "remove it, or set ALLOWED_HOSTS to localhost."
    )
