"""The index keeps in step with every write."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from unittest.mock import patch

import pytest
from click.testing import CliRunner
from django.db import connection, transaction
from tests import factories
from tests.features.search.conftest import Titles

from rapport.features.search import checks, maintenance
from rapport.features.search.backends import back_end
from rapport.features.search.jobs import search
from rapport.features.search.models import SearchEntry, SearchKey
from rapport.features.search.texts import ID_BITS, searched
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid
from rapport.records.jobs import queue, worker
from rapport.records.jobs.models import JobRow
from rapport.records.write.together import together
from rapport.registry import catalog

pytestmark = pytest.mark.django_db


class Killed(Exception):
    """It ends here."""


def check_index() -> None:
    """On SQLite: the full-text index holds exactly what the entries say."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO search_words (search_words, rank) VALUES ('integrity-check', 1)")


def test_update_delete_and_restore(admin: Caller, titles: Titles) -> None:
    record = write.create(admin, "person", {"first_name": "Noor", "last_name": "Okafor"})
    write.update(admin, "person", record, {"last_name": "Adeyemi"})
    assert (titles("okafor"), titles("adeyemi")) == ([], ["Noor Adeyemi"])
    write.delete(admin, "person", [record])
    assert titles("adeyemi") == []
    assert not SearchEntry.objects.exists()
    write.restore(admin, "person", [record])
    assert titles("adeyemi") == ["Noor Adeyemi"]
    check_index()


def test_a_write_that_is_refused_leaves_the_index(admin: Caller, titles: Titles) -> None:
    record = write.create(admin, "person", {"last_name": "Okafor"})
    before = list(SearchEntry.objects.values_list("id", "text"))
    with pytest.raises(Invalid):
        write.update(admin, "person", record, {"last_name": "Adeyemi", "birthday": "never"})
    assert list(SearchEntry.objects.values_list("id", "text")) == before


def test_fields_that_are_not_searched_do_not_touch_the_index(admin: Caller, titles: Titles) -> None:
    record = write.create(admin, "person", {"last_name": "Okafor"})
    SearchEntry.objects.all().delete()
    write.update(admin, "person", record, {"likes": "tea"})
    assert not SearchEntry.objects.exists()


def test_bulk_writes(admin: Caller, titles: Titles) -> None:
    made = write.create_many(admin, "person", [{"first_name": f"Bulk{i}x", "last_name": "Many"} for i in range(1200)])
    ids = [i for i in made.ids if i]
    assert SearchEntry.objects.count() == 1200
    assert titles("bulk1077x") == ["Bulk1077x Many"]
    write.update_many(admin, "person", ids[:700], {"last_name": "Changed"})
    assert titles("bulk10x changed") == ["Bulk10x Changed"]
    assert titles("bulk10x many") == []
    assert titles("bulk900x many") == ["Bulk900x Many"]
    write.delete(admin, "person", ids[:700])
    assert SearchEntry.objects.count() == 500
    check_index()


def test_erasing_takes_entries_and_words_that_nobody_else_has(admin: Caller, titles: Titles) -> None:
    record = write.create(admin, "person", {"first_name": "Noor", "last_name": "Okafor", "job": "Zoologist"})
    write.update(admin, "person", record, {"last_name": "Adeyemi"})
    company = write.create(admin, "company", {"name": "Fjord"})
    write.create(admin, "employment", {"person": record, "company": company, "role": "Helmsman"})
    write.create(admin, "person", {"first_name": "Noor", "last_name": "Lee"})
    write.erase(admin, "person", [record])
    assert titles("adeyemi") == titles("okafor") == titles("zoologist") == titles("helmsman") == []
    words = set(SearchKey.objects.values_list("word", flat=True))
    assert words == {"noor", "lee", "fjord"}
    assert sorted(SearchEntry.objects.values_list("text", flat=True)) == [
        f"fjord ¦o{admin.user_id}", f"noor lee ¦o{admin.user_id}",
    ]  # fmt: skip
    check_index()


def test_erasing_from_the_trash_takes_the_words(admin: Caller) -> None:
    record = write.create(admin, "person", {"last_name": "Okafor"})
    write.delete(admin, "person", [record])
    write.erase(admin, "person", [record])
    assert not SearchKey.objects.exists()


def stored() -> bytes:
    """The full-text index of SQLite as it lies in its table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT block FROM search_words_data")
        return b"".join(block for (block,) in cursor.fetchall())


@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads the tables of SQLite's index")
def test_nothing_readable_is_left_of_erased_words(admin: Caller, titles: Titles) -> None:
    record = write.create(admin, "person", {"first_name": "Noor", "last_name": "Okafor"})
    back_end().scrub()
    write.create(admin, "person", {"first_name": "Mia", "last_name": "Lund"})
    write.erase(admin, "person", [record])
    assert b"okafor" in stored()
    job = JobRow.objects.get(name="search-scrub")
    JobRow.objects.filter(pk=job.pk).update(due_at=job.created_at)
    worker.drain()
    assert b"okafor" not in stored()
    assert (titles("lund"), titles("okafor")) == (["Mia Lund"], [])
    check_index()


@pytest.mark.django_db(transaction=True)
def test_the_index_is_whole_after_it_was_scrubbed(admin: Caller, titles: Titles) -> None:
    gone = write.create(admin, "person", {"first_name": "Noor", "last_name": "Okafor"})
    write.create(admin, "person", {"first_name": "Mia", "last_name": "Lund"})
    write.erase(admin, "person", [gone])
    back_end().scrub()
    assert (titles("lund"), titles("okafor")) == (["Mia Lund"], [])


def test_custom_fields_are_searched_unless_told_not_to(admin: Caller, titles: Titles) -> None:
    factories.custom_field("person", "badge", "text")
    factories.custom_field("person", "mobile", "phone")
    factories.custom_field("person", "quiet", "text", options={"searchable": False})
    factories.custom_field("person", "about", "longtext")
    values = {"badge": "Kingfisher", "mobile": "+4915112345678", "quiet": "Owl", "about": "Heron"}
    record = write.create(admin, "person", {"last_name": "Okafor", **values})
    assert titles("kingfisher") == titles("0151 12345678") == ["Okafor"]
    assert titles("owl") == titles("heron") == []
    write.update(admin, "person", record, {"badge": "Bittern"})
    assert (titles("kingfisher"), titles("bittern")) == ([], ["Okafor"])


def test_custom_objects_are_searched(admin: Caller, titles: Titles) -> None:
    factories.custom_object("boat", "boats")
    factories.custom_object("car", "cars")
    factories.custom_field("boat", "harbour", "text")
    boat = write.create(admin, "boat", {"name": "Kittiwake", "harbour": "Kiel"})
    write.create(admin, "car", {"name": "Kittiwake"})
    assert titles("kiel") == ["Kittiwake"]
    assert titles("kittiwake", objects=["car"]) == ["Kittiwake"]
    assert len(titles("kittiwake")) == 2
    write.delete(admin, "boat", [boat])
    assert len(titles("kittiwake")) == 1


def test_reindex_after_a_field_became_searched(admin: Caller, titles: Titles) -> None:
    row = factories.custom_field("person", "badge", "text", options={"searchable": False})
    write.create_many(admin, "person", [{"last_name": f"Okafor{i}", "badge": f"Heron{i}x"} for i in range(30)])
    assert titles("heron7x") == []
    row.options = {"searchable": True}
    row.save()
    factories.custom_field("person", "other", "text")
    assert maintenance.reindex("person") == 30
    assert titles("heron7x") == ["Okafor7"]
    check_index()


def test_a_change_of_definitions_is_followed(admin: Caller, titles: Titles) -> None:
    row = factories.custom_field("person", "badge", "text", options={"searchable": False})
    write.create(admin, "person", {"last_name": "Okafor", "badge": "Heron"})
    assert "person" in maintenance.follow()
    assert maintenance.follow() == []
    row.options = {}
    row.save()
    factories.custom_field("company", "other", "number")
    assert titles("heron") == []
    assert maintenance.follow() == ["person"]
    assert titles("heron") == ["Okafor"]


def test_rebuild_makes_the_index_from_nothing(admin: Caller, titles: Titles) -> None:
    write.create(admin, "person", {"last_name": "Okafor"})
    gone = write.create(admin, "company", {"name": "Okafor Ltd"})
    write.delete(admin, "company", [gone])
    SearchEntry.objects.all().delete()
    SearchKey.objects.all().delete()
    assert titles("okafor") == []
    done: list[int] = []
    assert maintenance.rebuild(lambda count, total: done.append(count)) == 1
    assert done == [1]
    assert titles("okafor") == titles("okafro") == ["Okafor"]
    check_index()


def test_tidy_takes_out_what_nothing_stands_behind(admin: Caller, titles: Titles) -> None:
    write.create(admin, "person", {"last_name": "Okafor"})
    gone = write.create(admin, "person", {"last_name": "Adeyemi"})
    plan = searched(catalog.current()["person"])
    back_end().put([(plan.doc(gone + 1000), "ghost"), (7 << ID_BITS | 1, "unknown")], fresh=True)
    back_end().remove([plan.doc(gone)])
    assert maintenance.tidy() == {"entries": 2, "words": 1}
    assert list(SearchEntry.objects.values_list("text", flat=True)) == [f"okafor ¦o{admin.user_id}"]
    assert set(SearchKey.objects.values_list("word", flat=True)) == {"okafor"}
    check_index()


def test_the_command_rebuilds(admin: Caller, titles: Titles) -> None:
    write.create(admin, "person", {"last_name": "Okafor"})
    SearchEntry.objects.all().delete()
    result = CliRunner().invoke(search, ["rebuild", "--object", "person"])
    assert (result.exit_code, result.output) == (0, "1 entries are in the search index.\n")
    assert titles("okafor") == ["Okafor"]
    assert CliRunner().invoke(search, ["rebuild"]).exit_code == 0
    wrong = CliRunner().invoke(search, ["rebuild", "--object", "nothing"])
    assert wrong.exit_code == 2
    assert "There is no object 'nothing'" in wrong.output


def test_the_job_reindexes(admin: Caller, titles: Titles) -> None:
    write.create(admin, "person", {"last_name": "Okafor"})
    SearchEntry.objects.all().delete()
    queue.enqueue("search-reindex", {"object": "person"})
    worker.drain()
    assert titles("okafor") == ["Okafor"]


def test_objects_have_numbers_of_their_own() -> None:
    assert checks.check_objects() == []
    same = replace(catalog.current()["person"], key="other")
    with patch.object(checks, "number_of", return_value=7):
        found = checks.clashes([catalog.current()["person"], same])
    assert [(e.id, e.msg) for e in found] == [("rapport.E020", "other: search can't tell it from person")]


def test_what_is_written_together_is_indexed_at_the_end(admin: Caller, titles: Titles) -> None:
    with transaction.atomic(), together():
        first = write.create(admin, "person", {"last_name": "Okafor"})
        second = write.create_many(admin, "person", [{"last_name": "Adeyemi"}]).ids[0]
        third = write.insert(write.cleaned(admin, "person", [{"last_name": "Bello"}])).ids[0]
        write.insert(write.cleaned(admin, "person", [{"last_name": "Musa"}]))
        write.update(admin, "person", third or 0, {"last_name": "Danjuma"})
    assert [titles(name) for name in ("okafor", "adeyemi", "danjuma", "musa")] == [
        ["Okafor"], ["Adeyemi"], ["Danjuma"], ["Musa"],
    ]  # fmt: skip
    assert titles("bello") == []
    write.delete(admin, "person", [first, second or 0])
    check_index()


def test_what_is_taken_back_while_writing_together_takes_nothing_along(admin: Caller, titles: Titles) -> None:
    with transaction.atomic(), together():
        kept = write.insert(write.cleaned(admin, "person", [{"last_name": "Okafor"}])).ids[0]
        with suppress(Killed), transaction.atomic():
            write.insert(write.cleaned(admin, "person", [{"last_name": "Adeyemi"}]))
            write.delete(admin, "person", [kept or 0])
            raise Killed
        write.insert(write.cleaned(admin, "person", [{"last_name": "Musa"}]))
    assert [titles(name) for name in ("okafor", "adeyemi", "musa")] == [["Okafor"], [], ["Musa"]]
    with suppress(Killed), transaction.atomic(), together():
        write.insert(write.cleaned(admin, "person", [{"last_name": "Danjuma"}]))
        raise Killed
    assert titles("danjuma") == []
    check_index()
