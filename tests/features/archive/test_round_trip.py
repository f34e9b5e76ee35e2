"""What was packed and brought back is what was there: any values, trash, merges, history, files, accounts."""

from __future__ import annotations

import datetime as dt
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests import factories as f
from tests.features.archive.copying import brought_in, packed, state, there_and_back, wiped

from rapport.features.archive.exporting import export
from rapport.features.archive.manifest import ArchiveError
from rapport.features.files.storing import store
from rapport.features.search.finding import search
from rapport.features.webhooks import secrecy
from rapport.features.webhooks.models import Endpoint
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.models import Change, User
from rapport.records.read import visible

pytestmark = pytest.mark.django_db

text = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30)
days = st.dates(dt.date(1000, 1, 1), dt.date(9998, 12, 31)).map(str)
moments = st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2999, 1, 1)).map(lambda m: f"{m.isoformat()}Z")
money = st.integers(1 - 10**15, 10**15 - 1).map(lambda n: {"amount": n, "currency": "EUR"})
decimals = st.decimals(Decimal("-999999.99"), Decimal("999999.99"), places=2).map(str)
anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e9, 1e9) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3), max_leaves=6,
).filter(lambda value: not isinstance(value, str))  # fmt: skip
"""Values of JSON; a text by itself would be read as JSON."""
person = st.fixed_dictionaries(
    {"first_name": text, "job": text, "likes": text, "birthday": st.none() | days},
    optional={
        "c_text": text, "c_decimal": decimals, "c_money": money, "c_date": days, "c_moment": moments, "c_bool":
        st.booleans(), "c_json": anything, "c_choices": st.lists(st.sampled_from(["a", "b"]), unique=True),
        "c_address": st.fixed_dictionaries({"street": text, "city": text}),
    },
)  # fmt: skip


@settings(
    max_examples=10, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(st.lists(person, min_size=2, max_size=5), st.data())
def test_random_records_come_back_as_they_were(tmp_path: Path, people: list[dict[str, Any]], data: Any) -> None:
    with transaction.atomic():
        ada = f.admin()
        f.every_custom_field("person")
        ids = [write.create(ada, "person", {"last_name": f"P{n}", **values}) for n, values in enumerate(people)]
        for record in ids:
            if data.draw(st.booleans(), "edited"):
                write.update(ada, "person", record, {"job": data.draw(text)})
        fate = data.draw(st.sampled_from(["kept", "trash", "merged", "unmerged"]))
        if fate == "trash":
            write.delete(ada, "person", [ids[0]])
        if fate in {"merged", "unmerged"}:
            merge = write.merge(ada, "person", ids[0], ids[1:]).pk
            if fate == "unmerged":
                write.unmerge(ada, "person", merge)
        before = state()
        there_and_back(tmp_path / "archive.zip", secrets=True)
        assert state() == before
        transaction.set_rollback(True)


def organisation_at_work() -> tuple[Caller, dict[str, int]]:
    """An administrator, and a record of several objects, with a custom object, a view, a file, history."""
    ada = f.admin()
    f.custom_object("boat", "boats")
    f.every_custom_field("boat")
    ids = {key: f.make(ada, key) for key in ("person", "deal", "quoteline", "task", "boat")}
    write.update(ada, "boat", ids["boat"], {"c_decimal": "12.50", "c_person": ids["person"]})
    store(ada, ContentFile("Grüße".encode(), name="hello.txt"), "person", ids["person"])
    write.delete(ada, "task", [ids["task"]])
    return ada, ids


def test_an_organisation_comes_back_whole(tmp_path: Path) -> None:
    ada, ids = organisation_at_work()
    values = visible(ada, "boat").get(ids["boat"]).values
    before, path = state(), visible(ada, "file").page(columns=["name"]).rows[0].id
    stored = connection_value("SELECT path FROM files_file WHERE id = %s", path)
    made = packed(tmp_path / "a.zip")
    assert (made.files, made.missing, made.secrets) == (1, [], False)
    with pytest.raises(ArchiveError, match="exists"):
        export(tmp_path / "a.zip")
    with pytest.raises(ArchiveError, match="no folder"):
        export(tmp_path / "none" / "a.zip")
    wiped()
    default_storage.delete(stored)
    brought_in(tmp_path / "a.zip")
    after = state()
    assert {name: rows for name, rows in after.items() if name != "records_user"} == {
        name: rows for name, rows in before.items() if name != "records_user"
    }
    assert default_storage.open(stored).read().decode() == "Grüße"
    again = f.caller_of(ada.user_id)
    assert visible(again, "boat").get(ids["boat"]).values == values
    name = str(visible(again, "person").get(ids["person"]).title)
    assert ids["person"] in [hit.id for hit in search(again, name)]
    assert write.restore(again, "task", [ids["task"]])


def test_keys_are_never_given_twice(tmp_path: Path) -> None:
    ada = f.admin()
    kept, gone = f.make(ada, "company"), f.make(ada, "company")
    write.erase(ada, "company", [gone])
    there_and_back(tmp_path / "a.zip")
    ada = f.caller_of(ada.user_id)
    assert f.make(ada, "company") > gone > kept
    assert Change.objects.filter(object_key="company", record_id=kept).exists()


def test_secrets_come_along_only_when_asked_for(tmp_path: Path) -> None:
    ada = f.admin()
    user = User.objects.get(pk=ada.user_id)
    Authenticator.objects.create(user=user, type="totp", data={"secret": "ABC"})
    secret, sealed = secrecy.new()
    Endpoint.objects.create(user=user, url="https://example.com/hook", secret=sealed)
    packed(tmp_path / "with.zip", secrets=True)
    made = packed(tmp_path / "without.zip")
    assert "records.User.password" in made.left_out
    for name in ("with.zip", "without.zip"):
        raw = b"".join(unpacked(tmp_path / name).values())
        assert (user.password.encode() in raw, sealed.encode() in raw) == (name == "with.zip",) * 2
    wiped()
    brought_in(tmp_path / "with.zip")
    assert User.objects.get().check_password("correct horse battery")
    assert secrecy.secrets_of(Endpoint.objects.get()) == [secret]
    assert Authenticator.objects.count() == 1
    wiped()
    brought_in(tmp_path / "without.zip")
    assert not User.objects.get().has_usable_password()
    assert Authenticator.objects.count() == 0
    with pytest.raises(secrecy.Unreadable):
        secrecy.secrets_of(Endpoint.objects.get())


def test_what_another_secret_key_has_sealed_is_emptied(tmp_path: Path, settings: Any) -> None:
    ada = f.admin()
    Endpoint.objects.create(user_id=ada.user_id, url="https://example.com/hook", secret=secrecy.new()[1])
    packed(tmp_path / "a.zip", secrets=True)
    wiped()
    settings.SECRET_KEY = "another one"
    brought_in(tmp_path / "a.zip")
    assert Endpoint.objects.get().secret == ""
    assert User.objects.get().has_usable_password()


def test_lost_bytes_are_told_and_hold_nothing_up(tmp_path: Path) -> None:
    ada = f.admin()
    store(ada, ContentFile(b"about to be lost", name="a.txt"))
    path = connection_value("SELECT path FROM files_file")
    default_storage.delete(path)
    made = there_and_back(tmp_path / "a.zip")
    assert (made.files, made.missing) == (0, [path])


def test_json_with_line_breaks_is_one_line(tmp_path: Path) -> None:
    f.admin()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE records_organisation SET settings = %s", ['{"a":\n [1,\n 2]}'])
    before = state()
    there_and_back(tmp_path / "a.zip", secrets=True)
    assert state() == before


def connection_value(statement: str, *values: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()[0]


def unpacked(path: Path) -> dict[str, bytes]:
    """The members of an archive."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
