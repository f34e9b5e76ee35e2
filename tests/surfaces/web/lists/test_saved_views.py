"""Saved views by page: keeping, changing, sharing, opening with one."""

from __future__ import annotations

from typing import Any

from tests import factories as f
from tests.surfaces.web.lists.conftest import Office, client_of

from rapport.features.views.models import SavedView
from rapport.records import write
from rapport.records.accounts.models import Team

FILTER = '{"field":"industry","op":"is","value":"media"}'


def save(office: Office, **data: Any) -> SavedView:
    office.client.post(f"/companies/views/?filter={FILTER}&sort=-name", {"name": "Media", "share": "private", **data})
    return SavedView.objects.latest("pk")


def test_a_view_keeps_what_the_list_shows(office: Office) -> None:
    view = save(office)
    assert (view.filter, view.sort) == ({"field": "industry", "op": "is", "value": "media"}, "-name")
    text = office.client.get(f"/companies/?view={view.pk}").content.decode()
    assert "Industry is Media and publishing" in text
    assert "Changed, not saved" not in text


def test_changes_show_and_are_saved(office: Office) -> None:
    view = save(office)
    text = office.client.get(f"/companies/?view={view.pk}&sort=name").content.decode()
    assert "Changed, not saved" in text
    office.client.post(f"/companies/views/{view.pk}/save/?view={view.pk}&sort=name")
    view.refresh_from_db()
    assert view.sort == "name"
    assert view.filter


def test_a_filter_of_a_view_can_be_taken_away(office: Office) -> None:
    view = save(office)
    text = office.client.get(f"/companies/?view={view.pk}&filter=").content.decode()
    assert "Industry is" not in text
    assert "Changed, not saved" in text


def test_the_list_opens_with_the_default_until_all_is_asked_for(office: Office) -> None:
    view = save(office)
    office.client.post("/companies/views/default/", {"view": view.pk})
    assert "Industry is" in office.client.get("/companies/").content.decode()
    assert "Industry is" not in office.client.get("/companies/?view=all").content.decode()
    office.client.post("/companies/views/default/", {"view": ""})
    assert "Industry is" not in office.client.get("/companies/").content.decode()


def test_private_views_do_not_exist_for_others(office: Office) -> None:
    view = save(office)
    other = client_of(f.user("Tom"))
    assert "Media" not in other.get("/companies/").content.decode()
    assert other.get(f"/companies/?view={view.pk}").status_code == 404
    for name in ("", "save/", "delete/"):
        assert other.post(f"/companies/views/{view.pk}/{name}", {"name": "Mine"}).status_code == 404
    assert SavedView.objects.get().name == "Media"


def test_shared_views_are_seen_and_not_changed_by_others(office: Office) -> None:
    north = Team.objects.create(name="North", parent=Team.objects.create(name="Sales"))
    member, stranger = client_of(f.user("Tom", teams=(north,))), client_of(f.user("Eve"))
    team = save(office, share="team", team=north.parent_id)
    assert member.get(f"/companies/?view={team.pk}").status_code == 200
    assert stranger.get(f"/companies/?view={team.pk}").status_code == 404
    everyone = save(office, share="everyone")
    assert stranger.get(f"/companies/?view={everyone.pk}").status_code == 200
    assert stranger.post(f"/companies/views/{everyone.pk}/delete/").status_code == 403
    assert SavedView.objects.count() == 2


def test_only_administrators_share_with_everyone(office: Office) -> None:
    client = client_of(f.user("Tom"))
    assert client.post("/companies/views/", {"name": "X", "share": "everyone"}).status_code == 403
    assert client.post("/companies/views/", {"name": "X", "share": "team", "team": "1"}).status_code == 422
    assert client.post("/companies/views/", {"name": " ", "share": "private"}).status_code == 422
    assert not SavedView.objects.exists()


def test_rename_and_delete(office: Office) -> None:
    view = save(office)
    office.client.post(f"/companies/views/{view.pk}/?view={view.pk}", {"name": "Press", "share": "private"})
    view.refresh_from_db()
    assert (view.name, view.sort) == ("Press", "-name")
    office.client.post(f"/companies/views/{view.pk}/delete/")
    assert not SavedView.objects.exists()


def test_a_view_of_a_record_that_was_merged_shows_the_survivor(office: Office) -> None:
    ada = f.admin()
    stays, goes = (f.make(ada, "company", name=name) for name in ("Lindqvist AB", "Lindqvist"))
    f.make(ada, "person", last_name="Of Lindqvist", company=goes)
    said = f'{{"field":"company","op":"is","value":{goes}}}'
    office.client.post(f"/people/views/?filter={said}", {"name": "Theirs", "share": "private"})
    view = SavedView.objects.latest("pk")
    made = write.merge(ada, "company", stays, [goes])
    for address in (f"/people/?view={view.pk}", f"/people/?filter={said}"):
        text = office.client.get(address).content.decode()
        assert "Of Lindqvist" in text
        assert "Company is Lindqvist AB" in text
    assert "Changed, not saved" not in office.client.get(f"/people/?view={view.pk}").content.decode()
    write.unmerge(ada, "company", made.pk)
    assert "Company is Lindqvist<" in office.client.get(f"/people/?view={view.pk}").content.decode()
