"""Users, teams, roles, shares, invitations, sign-in links, the organisation, the audit log."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from rapport.records.accounts import epochs


class UserManager(BaseUserManager["User"]):
    """Finds users by their address, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> User:
        """The user with this e-mail address. Raises User.DoesNotExist."""
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **values: Any) -> User:
        """A user; without a password, sign-in is by link, passkey or provider only."""
        user = self.model(email=self.normalize_email(email).lower(), **values)
        user.set_password(password)
        user.save(using=self._db)
        return user


class Team(models.Model):
    """A team; those above see what a team sees."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    parent = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="children", verbose_name=_("part of")
    )

    class Meta:
        verbose_name, verbose_name_plural = _("team"), _("teams")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Role(models.Model):
    """What its holders may do. What it leaves unsaid follows the object's own declaration (`Access`)."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    description = models.CharField(_("description"), max_length=300, blank=True)
    rights = models.JSONField(
        _("rights"), default=dict, help_text=_("Object, or * for all, to action to none, own, team or all.")
    )
    fields = models.JSONField(_("fields"), default=dict, help_text=_("Object to field to hidden, read or edit."))

    class Meta:
        verbose_name, verbose_name_plural = _("role"), _("roles")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class User(AbstractBaseUser):
    """A person who works in Rapport."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=150)
    is_active = models.BooleanField(_("active"), default=True)
    is_admin = models.BooleanField(_("administrator"), default=False)
    language = models.CharField(_("language"), max_length=10, default="en")
    zone = models.CharField(_("time zone"), max_length=60, default="UTC")
    theme = models.CharField(_("theme"), max_length=10, default="auto")
    title = models.CharField(_("job title"), max_length=100, blank=True)
    teams: models.ManyToManyField[Team, Any] = models.ManyToManyField(Team, blank=True, related_name="members")
    roles: models.ManyToManyField[Role, Any] = models.ManyToManyField(Role, blank=True, related_name="holders")
    preferences = models.JSONField(default=dict, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name, verbose_name_plural = _("user"), _("users")
        ordering = ("name", "id")

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A new password ends all other sessions: callers are resolved anew."""
        changed = getattr(self, "_password", None) is not None
        super().save(*args, **kwargs)
        if changed:
            epochs.raise_(epochs.RIGHTS)

    def __str__(self) -> str:
        return self.name or self.email


class Organisation(models.Model):
    """The one organisation of this deployment."""

    name = models.CharField(_("name"), max_length=150)
    country = models.CharField(_("country"), max_length=2, default="DE")
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    zone = models.CharField(_("time zone"), max_length=60, default="UTC")
    language = models.CharField(_("language"), max_length=10, default="en")
    set_up_at = models.DateTimeField(default=timezone.now)
    settings = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.name


class Share(models.Model):
    """A record shared with a user or a team beyond what roles give. `level` is read or edit."""

    object_key = models.CharField(max_length=60)
    record_id = models.BigIntegerField()
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    team = models.ForeignKey(Team, models.CASCADE, null=True, related_name="+")
    level = models.CharField(max_length=4, choices=[("read", _("read")), ("edit", _("edit"))], default="read")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["object_key", "record_id", "user"], name="share_user"),
            models.UniqueConstraint(fields=["object_key", "record_id", "team"], name="share_team"),
        )
        indexes = (
            models.Index(fields=["user", "object_key", "record_id"], name="share_by_user"),
            models.Index(fields=["team", "object_key", "record_id"], name="share_by_team"),
        )

    def __str__(self) -> str:
        return f"{self.object_key} {self.record_id}"


class Invitation(models.Model):
    """An invitation to join: single-use, expiring, kept as the hash of its token."""

    email = models.EmailField()
    token_hash = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=150, blank=True)
    is_admin = models.BooleanField(default=False)
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True)
    role = models.ForeignKey(Role, models.SET_NULL, null=True, blank=True)
    invited_by = models.ForeignKey(User, models.SET_NULL, null=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.email


class SignInLink(models.Model):
    """A single-use link that signs a user in."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.user_id} until {self.expires_at:%Y-%m-%d %H:%M}"


class ApiToken(models.Model):
    """A token with which a program acts as its user; kept as a hash. `scopes` as in `accounts.api_tokens`.

    With an `application`, it is what the user has allowed that one: it has no text of its own, the application's tokens
    (`accounts.applications`) come and go.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=100)
    token_hash = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=12)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    application = models.CharField(max_length=100, blank=True, default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["application", "user"], name="access_of_application",
                condition=models.Q(revoked_at=None) & ~models.Q(application=""),
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.name} {self.hint}…"


class SpentToken(models.Model):
    """A refresh token that was exchanged for a new one: whoever shows it again has stolen it, or was stolen from."""

    token_hash = models.CharField(max_length=64, unique=True)
    application = models.CharField(max_length=100)
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    spent_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return f"{self.application} {self.user_id}"


class SigningKey(models.Model):
    """A sealed RSA key with which Rapport signs who somebody is, for applications that sign people in."""

    sealed = models.TextField()
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.pk} {self.made_at:%Y-%m-%d}"


class AuditEntry(models.Model):
    """One security-relevant act: sign-in, refusal, export, change of rights."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    actor = models.ForeignKey(User, models.SET_NULL, null=True, db_constraint=False, related_name="+")
    act = models.CharField(max_length=60, db_index=True)
    subject = models.CharField(max_length=200, blank=True)
    detail = models.JSONField(default=dict)
    address = models.CharField(max_length=45, blank=True)

    class Meta:
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.act} {self.subject}"


class Epoch(models.Model):
    """Counters that every process reads once a request: `rights` and `registry`."""

    name = models.CharField(max_length=20, primary_key=True)
    value = models.BigIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.name} {self.value}"
