"""Erasing someone takes them out of what imports keep, and leaves the others there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from tests import factories as f

from rapport.features.transfer import importing, jobs, runs
from rapport.features.transfer.mapping import Column, ImportMapping
from rapport.features.transfer.models import ImportIssue, ImportRun, State
from rapport.records import write
from rapport.records.errors import NotFound
from rapport.records.jobs.worker import drain
from rapport.records.read import visible

pytestmark = pytest.mark.django_db


def kept() -> list[list[str]]:
    return list(ImportIssue.objects.order_by("line").values_list("cells", flat=True))


def test_refused_and_noted_rows_about_someone_are_removed(tmp_path: Path) -> None:
    admin = f.admin()
    noor = f.make(
        admin, "person", first_name="Noor", last_name="Okafor", emails="noor@example.com", phones="+49 171 5550142"
    )
    write.update(admin, "person", noor, {"emails": "n.okafor@example.org"})
    rows = (
        "first,last,mail,mobile,born",
        "Noor,Miller,NOOR@example.com,,x",
        "N.,O.,n.okafor@example.org;n@example.net,,x",
        "Someone,,,0171 555-0142,x",
        "Dr. Okafor,Noor,,,x",
        "Noor,Okonkwo,nora@example.com,0171 5550143,x",
        "Ann,Okafor,ann@example.com,142,x",
    )
    path = tmp_path / "people.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    columns = {"first": "first_name", "last": "last_name", "mail": "emails", "mobile": "phones", "born": "birthday"}
    report = importing.import_file(admin, "person", path, ImportMapping({n: Column(t) for n, t in columns.items()}))
    assert (report.rejected, report.waiting, len(kept())) == (4, 2, 6)
    write.erase(admin, "person", [noor])
    assert [cells[2] for cells in kept()] == ["nora@example.com", "ann@example.com"]


def test_a_file_that_waits_is_removed_when_it_tells_of_someone(django_capture_on_commit_callbacks: Any) -> None:
    admin = f.admin()
    noor = f.make(admin, "person", first_name="Noor", last_name="Okafor", emails="noor@example.com")
    about = jobs.start(admin, "person", ContentFile(b"last_name,emails\nMiller,noor@example.com\n", name="a.csv"))
    other = jobs.start(admin, "person", ContentFile(b"last_name,emails\nMiller,m@example.com\n", name="b.csv"))
    with django_capture_on_commit_callbacks(execute=True):
        write.erase(admin, "person", [noor])
    assert not default_storage.exists(about.path)
    assert default_storage.exists(other.path)
    with pytest.raises(NotFound), runs.local_file(ImportRun.objects.get(pk=about.pk)):
        pass
    drain()
    assert [ImportRun.objects.get(pk=run.pk).state for run in (about, other)] == [State.STOPPED, State.DONE]
    assert [row.title for row in visible(admin, "person").page().rows] == ["Miller"]
