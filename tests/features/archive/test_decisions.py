"""Every table has a decision: records are in an archive, and of all others somebody has said whether they are."""

from __future__ import annotations

from rapport.features.archive.tables import models_of, plan
from rapport.records.base import Record
from rapport.registry.extensions import ArchiveRule, all_of

IN = {
    "account.EmailAddress", "collaboration.Follower", "commerce.Letterhead", "commerce.QuoteLink",
    "customers.Identity", "customers.LifecycleChange", "customers.Participant", "files.FileVersion",
    "notifications.Notification", "programs.Work", "rates.ExchangeRate", "records.ApiToken", "records.AuditEntry",
    "records.Change", "records.Counter", "records.CustomField", "records.CustomObject", "records.Invitation",
    "records.Link", "records.Merge", "records.MergeMove", "records.MergedRecord", "records.Organisation",
    "records.Role", "records.Share", "records.Team", "records.UniqueValue", "records.User", "records.User_roles",
    "records.User_teams", "sales.DealState", "sales.StageChange", "scheduling.BookingPage", "scheduling.CalendarFeed",
    "sequences.StepRun", "socialaccount.SocialAccount", "views.DefaultView", "views.SavedView", "webhooks.Endpoint",
    "allauth_idp_oidc.Client", "duplicates.DoorPolicy", "duplicates.DuplicatePair", "duplicates.PassSetting",
    "cdp.Event", "cdp.IdentityLink", "mailing.Mailbox", "migration.Migration", "migration.MigrationStep",
    "migration.Provenance",
}  # fmt: skip
"""Tables that hold no records of objects and belong into an archive."""


def test_every_table_has_a_decision() -> None:
    records = {model._meta.label for model in models_of() if issubclass(model, Record)}
    named = {label for rule in all_of(ArchiveRule) for label in (*rule.out, *rule.secret)}
    undecided = {model._meta.label for model in models_of()} - records - IN - named
    assert not undecided, (
        f"{sorted(undecided)}: shall an archive of the organisation hold these rows? If so, add them to IN above; "
        "else register an extensions.ArchiveRule(out={'app.Model': 'why not'}), `secret` for what signs people in."
    )
    assert not records & named, "records of objects are never left out"
    assert not IN & named


def test_rules_name_what_there_is() -> None:
    columns = {f"{m._meta.label}.{f.name}" for m in models_of() for f in m._meta.local_concrete_fields}
    tables = {model._meta.label for model in models_of()}
    for rule in all_of(ArchiveRule):
        assert {*rule.out, *rule.secret} <= columns | tables, rule.name
        assert set(rule.sealed) <= columns, rule.name
        for label, names in rule.files.items():
            assert {f"{label}.{name}" for name in names} <= columns, rule.name
        assert all(why.strip() for why in rule.out.values()), rule.name


def test_columns_that_may_be_left_out_can_hold_a_text() -> None:
    """What stands instead of a column is a text: no other kind, nothing unique, no key."""
    whole = {(t.name, c.name): c for t in plan(secrets=True).tables for c in t.columns}
    for table in plan(secrets=False).tables:
        for column in table.columns:
            if not column.kept:
                assert whole[table.name, column.name].kind.name == "text", (table.name, column.name)


def test_what_refers_to_a_table_that_is_left_out_is_left_out_too() -> None:
    for secrets in (True, False):
        held = {table.model for table in plan(secrets=secrets).tables}
        for model in models_of():
            for field in model._meta.local_concrete_fields:
                if field.is_relation and model._meta.label in held and field.related_model is not None:
                    assert field.related_model._meta.label in held, f"{model._meta.label}.{field.name}"
