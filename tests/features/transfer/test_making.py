"""What an import makes on the way or takes in place of what it does not find: stages, options, owners."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from tests import factories as f
from tests.features.transfer.test_importing import table

from rapport.features.transfer import drafts, importing
from rapport.features.transfer.mapping import Column, ImportMapping
from rapport.features.transfer.models import ImportDraft, ImportIssue
from rapport.records.accounts.caller import Caller
from rapport.records.jobs.worker import drain
from rapport.records.read import visible
from rapport.registry import catalog

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Caller:
    return f.admin()


def test_stages_are_told_by_their_pipeline_and_made_in_it(tmp_path: Path, admin: Caller) -> None:
    sales, renewal = (f.make(admin, "pipeline", name=name) for name in ("Sales", "Renewal"))
    first, second = (f.make(admin, "stage", name="New", pipeline=p, outcome="open") for p in (sales, renewal))
    path = table(
        tmp_path, ("name", "pipeline", "stage"), ("A", "Sales", "new"), ("B", "Renewal", "New"),
        ("C", "Renewal", "Proposal"), ("D", "Partners", "Hello"), ("E", "", "New"), ("F", "Renewal", "proposal"),
    )  # fmt: skip
    wanted = ImportMapping(
        {"name": Column("name"), "stage": Column("stage", missing="create"),
         "pipeline": Column("pipeline", missing="create")}
    )  # fmt: skip
    report = importing.import_file(admin, "deal", path, wanted)
    assert (report.created, report.rejected) == (5, 1)
    assert "Several records are called “New”" in ImportIssue.objects.get().reasons
    rows = visible(admin, "deal").page(columns=("pipeline", "stage"), sort="id").rows
    found = {row.title: (row.labels["pipeline"], row.labels["stage"], row.values["stage"]) for row in rows}
    assert found["A"] == ("Sales", "New", first)
    assert found["B"] == ("Renewal", "New", second)
    assert found["C"] == found["F"]
    assert found["C"][:2] == ("Renewal", "Proposal")
    assert found["D"][:2] == ("Partners", "Hello")
    made = visible(admin, "stage").page(
        columns=("pipeline",), filter={"field": "name", "op": "is", "value": "Proposal"}
    )
    assert [row.values["pipeline"] for row in made.rows] == [renewal]


def test_v8_2_who_may_not_make_pipelines_makes_none(tmp_path: Path, admin: Caller) -> None:
    f.make(admin, "stage", name="New", pipeline=f.make(admin, "pipeline", name="Sales"), outcome="open")
    seller = f.user(rights={"deal": {"create": "all"}, "pipeline": {"create": "none"}, "stage": {"create": "none"}})
    path = table(tmp_path, ("name", "pipeline", "stage"), ("A", "Sales", "Other"))
    wanted = ImportMapping({"name": Column("name"), "pipeline": Column("pipeline"),
                            "stage": Column("stage", missing="create")})  # fmt: skip
    before = visible(admin, "stage").count()
    assert importing.import_file(seller, "deal", path, wanted).rejected == 1
    assert "there is none called “Other”" in ImportIssue.objects.get().reasons
    assert (visible(admin, "stage").count(), visible(admin, "deal").count()) == (before, 0)


def test_owners_whom_nobody_knows(tmp_path: Path, admin: Caller) -> None:
    ben = f.user("Ben")
    path = table(tmp_path, ("last_name", "owner"), ("A", "Ben"), ("B", "Benjamin"), ("C", "Someone"), ("D", ""))
    owner = Column("owner", missing="mine", names={"benjamin": ben.user_id or 0})
    wanted = ImportMapping({"last_name": Column("last_name"), "owner": owner})
    report = importing.import_file(admin, "person", path, wanted)
    assert report.created == 4
    rows = visible(admin, "person").page(columns=("owner",), sort="id").rows
    assert [row.labels["owner"] for row in rows] == ["Ben", "Ben", "Ada", "Ada"]


def test_a_trial_tells_what_would_be_made(tmp_path: Path, admin: Caller) -> None:
    f.custom_field("person", "level", "choice", choices=[{"value": "gold", "label": "Gold", "tone": "neutral"}])
    content = b"last_name,level,company\nA,Silver,Newco\nB,gold,Newco\n"
    draft = drafts.make(admin, "person", ContentFile(content, name="people.csv"))
    columns = {"last_name": Column("last_name"), "level": Column("level", missing="create"),
               "company": Column("company", missing="create")}  # fmt: skip
    drafts.remap(admin, draft, columns)
    drafts.attempt(admin, draft)
    drain()
    trial = ImportDraft.objects.get().trial
    assert (trial["created"], trial["rejected"]) == (2, 0)
    assert trial["made"] == {"company": ["Newco"], "Level": ["Silver"]}
    assert visible(admin, "company").count() == 0
    drafts.begin(admin, ImportDraft.objects.get())
    drain()
    rows = visible(admin, "person").page(columns=("level",), sort="id").rows
    assert [row.values["level"] for row in rows] == ["silver", "gold"]
    assert len(catalog.current()["person"].fields["level"].choices) == 2
