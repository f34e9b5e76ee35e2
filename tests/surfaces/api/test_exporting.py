"""A list as a file over REST: what the caller may export, as the page of the list gives it."""

from __future__ import annotations

import io
import json

import pytest
from openpyxl import load_workbook
from tests import factories as f
from tests.database import snapshot
from tests.surfaces.api.conftest import Program, program

from rapport.records.accounts.models import AuditEntry

NOVA = {"field": "last_name", "op": "is", "value": "Lind"}
ASKED = {"filter": NOVA, "fields": "last_name,job", "sort": "last_name"}


def export(asker: Program, form: str, path: str = "people", **query: object) -> bytes:
    answer = asker.ask("GET", f"{path}/export", query={**ASKED, "format": form, **query})
    assert answer.status_code == 200, answer.content
    assert answer.streaming
    assert f'filename="{path}-' in answer.headers["Content-Disposition"]
    return b"".join(answer.streaming_content)


def test_each_format(ada: Program) -> None:
    for name in ("Lind", "Other"):
        f.make(ada.caller, "person", last_name=name, job="=Buyer", emails=f"{name}@example.com")
    assert export(ada, "csv").decode("utf-8-sig").splitlines() == ["last name,job", "Lind,'=Buyer"]
    (line,) = export(ada, "jsonl").decode().splitlines()
    assert json.loads(line)["last_name"] == "Lind"
    sheet = load_workbook(io.BytesIO(export(ada, "xlsx"))).active
    assert sheet is not None
    assert [cell.value for cell in list(sheet.iter_rows())[1]] == ["Lind", "=Buyer"]
    assert export(ada, "vcard", fields="").decode().count("BEGIN:VCARD") == 1
    entry = AuditEntry.objects.filter(act="export").latest("id")
    assert (entry.subject, entry.actor_id, entry.detail["format"]) == ("person", ada.caller.user_id, "vcard")


@pytest.mark.parametrize(
    "wrong", [{"format": "pdf"}, {"fields": "nothing"}, {"filter": {"field": "x"}}, {"sort": "x"}, {"size": "1"}]
)
def test_what_is_wrong_is_told(ada: Program, wrong: dict[str, object]) -> None:
    answer = ada.ask("GET", "people/export", query=wrong)
    assert answer.status_code in {400, 422}
    assert next(iter(wrong)) in answer.content.decode()
    assert ada.ask("GET", "companies/export", query={"format": "vcard"}).status_code == 422
    assert not AuditEntry.objects.filter(act="export").exists()


def test_who_may_not_export_gets_nothing_v8_2(ada: Program) -> None:
    """ASVS 8.2: the right to read is not the right to export, and a scope is not one to other objects."""
    f.make(ada.caller, "person", job="Boss")
    reader = program(f.user(rights={"person": {"read": "all", "export": "none"}}))
    own = f.user("Own", rights={"person": {"read": "all", "export": "own"}}, fields={"person": {"job": "hidden"}})
    f.make(own, "person", last_name="Mine")
    before = snapshot("records_auditentry", "programs_usage", "records_apitoken")
    assert reader.ask("GET", "people/export").status_code == 403
    assert program(ada.caller, "read:company").ask("GET", "people/export").status_code == 403
    assert snapshot("records_auditentry", "programs_usage", "records_apitoken") == before
    lines = export(program(own), "csv", fields="last_name", filter={}).decode("utf-8-sig").splitlines()
    assert lines == ["last name", "Mine"]
    assert program(own).ask("GET", "people/export", query={"fields": "job"}).status_code == 422
