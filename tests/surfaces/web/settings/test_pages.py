"""Pages of the settings: who may open them, and what their forms do."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests import factories as f
from tests.contract.conftest import signed_in
from tests.database import snapshot

from rapport.records import write
from rapport.records.accounts import roles, teams
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.models import AuditEntry, Invitation, Role, Team, User
from rapport.records.customising import actions, sync
from rapport.records.customising.definitions import FieldDefinition, ObjectDefinition
from rapport.records.customising.models import CustomField, CustomObject
from rapport.records.jobs.models import JobRow
from rapport.records.jobs.queue import enqueue
from rapport.records.jobs.worker import drain
from rapport.records.read import visible
from rapport.registry import catalog

pytestmark = pytest.mark.django_db
PAGES = (
    "users/", "users/invite/", "teams/", "teams/new/", "roles/", "roles/new/", "objects/", "objects/new/",
    "objects/person/", "objects/person/fields/new/", "objects/person/fields/new/?type=formula", "organisation/",
    "objects/person/fields/new/?type=rollup", "objects/person/fields/new/?type=rollup&relation=deals", "audit/",
    "objects/person/fields/new/?type=choice", "health/", "pipelines/", "archive/",
)  # fmt: skip


@pytest.fixture
def admin(db: None) -> Caller:
    return f.admin()


@pytest.fixture
def client(admin: Caller) -> Client:
    return signed_in(admin)


@pytest.mark.parametrize("path", PAGES)
def test_v8_3_1_administrators_only(client: Client, path: str) -> None:
    assert client.get(f"/settings/{path}").status_code == 200
    stranger = signed_in(f.user())
    before = snapshot()
    assert stranger.get(f"/settings/{path}").status_code == 403
    assert stranger.post(f"/settings/{path}", {"name": "x", "label": "x", "email": "x@example.com"}).status_code == 403
    assert snapshot() == before
    assert AuditEntry.objects.filter(act="refusal").count() == 2


def test_everybody_has_settings_jobs_trash_and_profile(client: Client) -> None:
    ann = signed_in(f.user())
    for path in ("/settings/", "/jobs/", "/trash/", "/profile/"):
        assert ann.get(path).status_code == 200
        assert client.get(path).status_code == 200
    assert "/settings/users/" not in ann.get("/settings/").content.decode()


def test_users_teams_and_roles(client: Client, admin: Caller) -> None:
    client.post("/settings/teams/new/", {"name": "North"})
    client.post("/settings/roles/new/", {"name": "Sales"})
    team, role, ann = Team.objects.get(), Role.objects.get(), f.user()
    answer = client.post(
        f"/settings/users/{ann.user_id}/",
        {"name": "Ann B.", "team_ids": [team.pk], "role_ids": [role.pk], "is_superuser": "true"},
    )
    assert answer.status_code == 303
    user = User.objects.get(pk=ann.user_id)
    assert (user.name, list(user.teams.all()), list(user.roles.all())) == ("Ann B.", [team], [role])
    last = client.post(f"/settings/users/{admin.user_id}/", {"name": "Ada"})
    assert last.status_code == 422
    assert "last administrator" in last.content.decode()
    assert User.objects.get(pk=admin.user_id).is_admin


def test_deactivating_and_handing_over_a_link(client: Client) -> None:
    ann = f.user()
    shown = client.post(f"/settings/users/{ann.user_id}/link/").content.decode()
    assert "/sign-in/" in shown
    client.post(f"/settings/users/{ann.user_id}/switch/")
    assert not User.objects.get(pk=ann.user_id).is_active
    assert client.post(f"/settings/users/{ann.user_id}/link/").status_code == 404


def test_invitations_are_withdrawn(client: Client) -> None:
    client.post("/settings/users/invite/", {"email": "tom@example.com"})
    invitation = Invitation.objects.get()
    client.post(f"/settings/users/invitations/{invitation.pk}/withdraw/")
    assert not Invitation.objects.exists()


def test_the_matrix_of_a_role_works_at_every_door(client: Client, admin: Caller) -> None:
    role = roles.create(admin, name="Sales")
    north, south = teams.create(admin, name="North"), teams.create(admin, name="South")
    ann = f.user(teams=(north,))
    User.objects.get(pk=ann.user_id).roles.add(role)
    matrix = {"right-person-read": "team", "right-*-export": "none"}
    client.post(f"/settings/roles/{role.pk}/", {"name": "Sales", **matrix})
    client.post(f"/settings/roles/{role.pk}/fields/person/", {"field-job": "hidden", "field-birthday": "read"})
    near = f.make(admin, "person", last_name="Near", team=north.pk, job="Pilot", birthday="1990-01-02")
    far = f.make(admin, "person", last_name="Far", team=south.pk, job="Pilot")
    caller, browser = f.caller_of(ann.user_id), signed_in(ann)
    page = browser.get("/people/?columns=name&columns=job&columns=birthday").content.decode()
    assert "Near" in page
    assert "Far" not in page
    assert "Pilot" not in page
    assert browser.get(f"/people/{far}/").status_code == 404
    assert "Pilot" not in browser.get(f"/people/{near}/").content.decode()
    assert 'name="job"' not in browser.get(f"/people/{near}/edit/").content.decode()
    hidden = {"filter": '{"field":"job","op":"is","value":"Pilot"}'}
    assert browser.get("/people/", hidden).status_code < 500
    assert ">Near<" not in browser.get("/people/", hidden).content.decode()
    assert "Near" not in browser.get("/search/", {"q": "Pilot"}).content.decode()
    assert "Near" in signed_in(admin).get("/search/", {"q": "Pilot"}).content.decode()
    before = snapshot()
    answer = browser.post(f"/people/{near}/edit/", {"last_name": "Near", "birthday": "2000-01-01", "job": "Boss"})
    assert answer.status_code < 500
    assert snapshot() == before
    assert not caller.may(catalog.current()["person"], "export")


def test_a_field_is_added_changed_and_removed_by_pages(client: Client, admin: Caller) -> None:
    options = {"choice_value": ["", ""], "choice_label": ["Gold", "Silver"], "choice_tone": ["yellow", "nothing"]}
    url = "/settings/objects/person/fields/new/?type=choice"
    assert client.post(url, {"label": "Tier", **options, "indexed": "true"}).status_code == 303
    row = CustomField.objects.get()
    assert row.choices == [
        {"value": "gold", "label": "Gold", "tone": "yellow"},
        {"value": "silver", "label": "Silver", "tone": "neutral"},
    ]
    assert row.indexed
    person = write.create(admin, "person", {"last_name": "Noor", "tier": "gold"})
    assert "Gold" in client.get("/people/?columns=name&columns=tier").content.decode()
    options = {"choice_value": ["gold", "silver"], "choice_label": ["Golden", "Silver"], "choice_tone": ["red", "blue"]}
    condition = '{"field":"job","op":"is","value":"Boss"}'
    answer = client.post(f"/settings/fields/{row.pk}/", {"label": "Level", "required_if": condition, **options})
    assert answer.status_code == 303
    assert "Golden" in client.get(f"/people/{person}/").content.decode()
    assert CustomField.objects.get().required_if == {"field": "job", "op": "is", "value": "Boss"}
    client.post(f"/settings/fields/{row.pk}/remove/")
    assert "Golden" not in client.get(f"/people/{person}/").content.decode()
    assert "Removed fields" in client.get("/settings/objects/person/").content.decode()
    client.post(f"/settings/fields/{row.pk}/restore/")
    assert "Golden" in client.get(f"/people/{person}/").content.decode()


@pytest.mark.parametrize(
    "values",
    [
        {"label": ""},
        {"label": "x" * 200},
        {"label": "Tier", "choice_label": [], "choice_value": [], "choice_tone": []},
        {"label": "Tier", "choice_label": ["A", "a"], "choice_value": ["", ""], "choice_tone": ["", ""]},
        {"label": "Tier", "choice_label": ["A"], "choice_value": ["forged"], "choice_tone": [""]},
        {"label": "Tier", "choice_label": ["A"], "choice_value": [""], "choice_tone": [""], "key": "name"},
        {
            "label": "Tier", "choice_label": ["A"], "choice_value": [""], "choice_tone": [""],
            "required_if": '{"field":"nothing","op":"is","value":1}',
        },
    ],
)  # fmt: skip
def test_wrong_definitions_are_shown_again(client: Client, values: dict[str, object]) -> None:
    before = snapshot()
    answer = client.post("/settings/objects/person/fields/new/?type=choice", values)
    assert answer.status_code == 422
    assert snapshot() == before


def test_a_formula_is_tried_by_its_page(client: Client, admin: Caller) -> None:
    f.make(admin, "person", last_name="Noor")
    url = "/settings/objects/person/fields/formula/"
    assert "4" in client.post(url, {"formula": "length(name)"}).content.decode()
    assert "no field nothing" in client.post(url, {"formula": "nothing"}).content.decode()


def test_an_object_is_made_used_and_removed_by_pages(client: Client) -> None:
    answer = client.post("/settings/objects/new/", {"label": "Project", "label_plural": "Projects", "icon": "rocket"})
    assert answer["Location"] == "/settings/objects/project/"
    assert client.get("/projects/").status_code == 200
    assert "Projects" in client.get("/").content.decode()
    may = {f"may_{a}": "all" for a in ("create", "read", "edit", "export")} | {"may_delete": "none"}
    names = {"label": "Job", "label_plural": "Tasks at hand", "icon": "rocket"}
    assert client.post("/settings/objects/project/edit/", {**names, **may}).status_code == 303
    assert "Tasks at hand" in client.get("/").content.decode()
    assert catalog.current()["project"].spec.access.delete == "none"
    client.post("/settings/objects/project/remove/")
    assert client.get("/projects/").status_code == 404
    client.post("/settings/objects/project/restore/")
    assert client.get("/projects/").status_code == 200
    client.post("/settings/objects/project/remove/")
    client.post("/settings/objects/project/delete/")
    assert not CustomObject.objects.exists()


def test_the_trash_gives_back_and_deletes_for_good(client: Client, admin: Caller) -> None:
    first, second = f.make(admin, "person", last_name="Noor"), f.make(admin, "person", last_name="Omar")
    write.delete(admin, "person", [first, second])
    assert "Noor" in client.get("/trash/").content.decode()
    client.post("/trash/restore/", {"object": "person", "ids": [first]})
    assert visible(admin, "person").get(first).title == "Noor"
    ann = signed_in(f.user())
    before = snapshot()
    for path in ("delete", "empty"):
        assert ann.post(f"/trash/{path}/", {"object": "person", "ids": [second]}).status_code == 403
    ann.post("/trash/restore/", {"object": "person", "ids": [second]})
    assert snapshot() == before
    client.post("/trash/delete/", {"object": "person", "ids": [second, first]})
    assert [r[0] for r in visible(admin, "person").trash()] == []
    assert visible(admin, "person").get(first)


def test_emptying_the_trash_is_a_job(client: Client, admin: Caller) -> None:
    person = f.make(admin, "person")
    row = actions.add_field(admin, "person", "text", FieldDefinition(label="Nickname"))
    sync.refresh()
    write.delete(admin, "person", [person])
    actions.remove_field(admin, row.pk)
    client.post("/trash/empty/")
    drain()
    assert not visible(admin, "person").trash()
    assert not CustomField.objects.exists()
    assert "Empty the trash" in client.get("/jobs/").content.decode()


def test_jobs_of_others_are_for_administrators(client: Client, admin: Caller) -> None:
    job = enqueue("empty-trash", user_id=admin.user_id)
    assert job is not None
    ann = signed_in(f.user())
    assert "Empty the trash" not in ann.get("/jobs/").content.decode()
    assert ann.post(f"/jobs/{job.pk}/cancel/").status_code == 404
    client.post(f"/jobs/{job.pk}/cancel/")
    assert JobRow.objects.get(pk=job.pk).state == "cancelled"
    client.post(f"/jobs/{job.pk}/retry/")
    assert JobRow.objects.get(pk=job.pk).state == "waiting"
    part = client.get("/jobs/", headers={"HX-Request": "true", "HX-Target": "div#jobs"}).content.decode()
    assert part.lstrip().startswith('<div id="jobs"')


def test_the_audit_log_is_filtered(client: Client, admin: Caller) -> None:
    client.post("/settings/teams/new/", {"name": "North"})
    client.post("/settings/roles/new/", {"name": "Night shift"})
    page = client.get("/settings/audit/", {"act": "team created"}).content.decode()
    assert "North" in page
    assert ">Night shift<" not in page
    for query in ({"who": "9" * 30}, {"on": "2026-99-99"}, {"before": "x"}, {"on": "0001-01-01"}, {"act": "\x00"}):
        assert client.get("/settings/audit/", query).status_code == 200


def test_pipelines_and_stages(client: Client, admin: Caller) -> None:
    client.post("/settings/pipelines/", {"act": "create", "name": "Partners"})
    pipeline = visible(admin, "pipeline").page().rows[0]
    rows = visible(admin, "stage").page(columns=("name", "outcome"), sort="position").rows
    assert [r.title for r in rows] == ["New", "Won", "Lost"]
    stages = {
        "stage_id": [rows[1].id, rows[0].id, rows[2].id, ""],
        "stage_name": ["Won", "Fresh", "", "Talk"],
        "stage_probability": ["100", "5", "0", "40"],
        "stage_outcome": ["won", "open", "lost", "open"],
        "stage_rotting_days": ["", "7", "", ""],
    }
    client.post("/settings/pipelines/", {"act": "save", "pipeline": pipeline.id, "name": "Partners", **stages})
    rows = visible(admin, "stage").page(columns=("name", "rotting_days"), sort="position").rows
    assert [(r.title, r.values["rotting_days"]) for r in rows] == [("Won", None), ("Fresh", 7), ("Talk", None)]
    client.post("/settings/pipelines/", {"act": "delete", "pipeline": pipeline.id})
    assert not visible(admin, "pipeline").page().rows


def test_queries_do_not_grow_with_users(client: Client) -> None:
    client.get("/settings/users/")
    counts = []
    for more in (1, 6):
        for _n in range(more):
            f.user()
        client.get("/settings/users/")
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/settings/users/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_custom_object_without_a_right_to_read_is_not_there(client: Client, admin: Caller) -> None:
    actions.add_object(admin, ObjectDefinition(label="Secret", label_plural="Secrets", access={"read": "none"}))
    ann = signed_in(f.user())
    assert "Secrets" not in ann.get("/").content.decode()
    assert "Secrets" in client.get("/").content.decode()
