"""Django settings, derived from the `RAPPORT_*` variables of `variables.py`."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import dj_database_url

from rapport.config import variables

variables.require_valid()
DATA_DIR = variables.data_dir()
BASE_URL = variables.read("RAPPORT_BASE_URL").rstrip("/")
_base = urlsplit(BASE_URL)

SECRET_KEY = variables.secret_key()
DEBUG = False
ALLOWED_HOSTS = [
    _base.hostname or "localhost",
    "localhost",
    "127.0.0.1",
    "[::1]",
    *(h.strip() for h in variables.read("RAPPORT_ALLOWED_HOSTS").split(",") if h.strip()),
]
CSRF_TRUSTED_ORIGINS = [f"{_base.scheme}://{_base.netloc}"]

INSTALLED_APPS = [
    # First, so that its texts and templates hold before those of the packages.
    "rapport.ui",
    "rapport.config",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    # What it loads to call a provider costs each start a tenth, so only where one is configured.
    *(["allauth.socialaccount.providers.openid_connect"] if variables.read("RAPPORT_OIDC") else []),
    "allauth.usersessions",
    "allauth.idp.oidc",
    "rapport.records",
    "rapport.features.archive",
    "rapport.features.demo",
    "rapport.features.duplicates",
    "rapport.features.files",
    "rapport.features.notifications",
    "rapport.features.programs",
    "rapport.features.search",
    "rapport.features.timeline",
    "rapport.features.transfer",
    "rapport.features.rates",
    "rapport.features.views",
    "rapport.features.webhooks",
    "rapport.surfaces.api",
    "rapport.surfaces.mcp",
    "rapport.surfaces.web",
    "rapport.apps.customers",
    "rapport.apps.sales",
    "rapport.apps.leads",
    "rapport.apps.mailing",
    "rapport.apps.scheduling",
    "rapport.apps.commerce",
    "rapport.apps.service",
    "rapport.apps.collaboration",
    "rapport.apps.sequences",
    "rapport.apps.playbooks",
    "rapport.apps.migration",
    "rapport.apps.cdp",
]

MIDDLEWARE = [
    "rapport.config.health.Health",
    "rapport.config.middleware.RequestId",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "rapport.config.gate.Gate",
    "rapport.surfaces.api.door.Door",
    "rapport.surfaces.mcp.door.Door",
    "rapport.surfaces.public.door.Door",
    "rapport.config.compression.Compression",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "rapport.surfaces.web.middleware.ContentPolicy",
    "rapport.surfaces.web.middleware.CallerMiddleware",
]

ROOT_URLCONF = "rapport.config.urls"
WSGI_APPLICATION = "rapport.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "NAME": "jinja2",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {"environment": "rapport.ui.environment.environment"},
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    },
]

_SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 10,
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=OFF; "
        "PRAGMA cache_size=-32000; PRAGMA temp_store=MEMORY; PRAGMA mmap_size=2147418112; "
        "PRAGMA wal_autocheckpoint=100000;"  # pages; workers do it much earlier, so that no user waits for it
        "PRAGMA journal_size_limit=100000000;"  # bytes that are left of the log after a bulk write
    ),
}
if _url := variables.read("RAPPORT_DATABASE_URL"):
    _database = {**dj_database_url.parse(_url, conn_max_age=600), "CONN_HEALTH_CHECKS": True}
    # The server keeps the plan of what is asked again and again: planning is half of its work for a record.
    _kept = {"server_side_binding": True, "prepare_threshold": 3}
    _database["OPTIONS"] = {"connect_timeout": 5, **_kept, **_database.get("OPTIONS", {})}
else:
    _database = {
        "ENGINE": "rapport.config.sqlite3",
        "NAME": str(DATA_DIR / "rapport.sqlite3"),
        "CONN_MAX_AGE": None,
        "OPTIONS": _SQLITE_OPTIONS,
    }
DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# What limits of sign-ins count holds over all processes, so it lies where all of them see it.
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "records_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}
if _redis := variables.read("RAPPORT_REDIS_URL"):
    CACHES["default"] = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": _redis,
        "KEY_PREFIX": "rapport",
    }

AUTH_USER_MODEL = "records.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
SESSION_ENGINE = "rapport.config.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _base.scheme == "https"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = False
CSRF_FAILURE_VIEW = "rapport.config.errors.csrf_failed"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = str(DATA_DIR / "static")
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(DATA_DIR / "files")},
    },
    "staticfiles": {"BACKEND": "rapport.config.static.HashedFiles"},
}
if _files := variables.read("RAPPORT_FILES_URL"):
    _s3 = urlsplit(_files)
    _query = {k: v[0] for k, v in parse_qs(_s3.query).items()}
    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": _s3.hostname,
            "location": _s3.path.strip("/"),
            "endpoint_url": _query.get("endpoint"),
            "region_name": _query.get("region"),
            "default_acl": None,
            "querystring_auth": True,
        },
    }

EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = str(DATA_DIR / "mail")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = variables.read("RAPPORT_EMAIL_FROM")
if _mail := variables.read("RAPPORT_EMAIL_URL"):
    _smtp = urlsplit(_mail)
    _tls = parse_qs(_smtp.query).get("tls", ["none" if _smtp.port == 25 else "starttls"])[0]
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = _smtp.hostname or "localhost"
    EMAIL_PORT = _smtp.port or 587
    EMAIL_HOST_USER = unquote(_smtp.username or "")
    EMAIL_HOST_PASSWORD = unquote(_smtp.password or "")
    EMAIL_USE_TLS, EMAIL_USE_SSL = _tls == "starttls", _tls == "ssl"
    EMAIL_TIMEOUT = 20

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if variables.read("RAPPORT_PROXY") == "1":
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_ADAPTER = "rapport.surfaces.web.accounts.adapter.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "rapport.surfaces.web.accounts.adapter.SocialAccountAdapter"
ACCOUNT_SESSION_REMEMBER = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = _base.scheme != "https"
# Tracking would write a row on every request.
USERSESSIONS_TRACK_ACTIVITY = False
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "APPS": [
            {
                "provider_id": p["id"],
                "name": p.get("name", p["id"]),
                "client_id": p["client_id"],
                "secret": p.get("secret", ""),
                "settings": {"server_url": p["server_url"]},
            }
            for p in json.loads(variables.read("RAPPORT_OIDC") or "[]")
        ]
    }
}
IDP_OIDC_ADAPTER = "rapport.surfaces.web.oauth.server.Adapter"
IDP_OIDC_REFRESH_TOKEN_EXPIRES_IN = 90 * 24 * 3600
OAUTH_REGISTRATION = variables.read("RAPPORT_OAUTH_REGISTRATION") == "1"

API_PER_MINUTE = int(variables.read("RAPPORT_API_PER_MINUTE"))
EVENTS_PER_MINUTE = int(variables.read("RAPPORT_EVENTS_PER_MINUTE"))
PRIVATE_HOSTS = tuple(h.strip() for h in variables.read("RAPPORT_PRIVATE_HOSTS").split(",") if h.strip())
TRASH_DAYS = int(variables.read("RAPPORT_TRASH_DAYS"))
UPLOAD_BYTES = int(variables.read("RAPPORT_UPLOAD_MB")) * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = max(UPLOAD_BYTES, 5 * 1024 * 1024)
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "rapport.config.logs.JsonFormatter"},
        "text": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": variables.read("RAPPORT_LOG_FORMAT")}},
    "root": {"handlers": ["stderr"], "level": variables.read("RAPPORT_LOG_LEVEL")},
    "loggers": {
        # Refused requests are in the access line already.
        "django.request": {"level": "ERROR"},
        "django.security": {"level": "CRITICAL"},
    },
}
