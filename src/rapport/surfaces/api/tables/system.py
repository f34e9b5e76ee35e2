"""Routes of what is no object: who asks, users, rights, definitions, the feed."""

from __future__ import annotations

from rapport.records.accounts.api_tokens import ADMIN, WRITE
from rapport.surfaces.api.calls import LIST, Param, Route
from rapport.surfaces.api.handlers import asking, bulk, definitions, past, people
from rapport.surfaces.api.openapi import answering, shapes
from rapport.surfaces.api.tables.params import Q, size

ME, ACCOUNTS, DEFINITIONS, EVERYTHING = "Who asks", "Users and rights", "Objects and fields", "Everything"
OBJECTS = Param(name="objects", kind=LIST, help="Keys of objects, separated by commas; all without it.")
AFTER = Param(name="after", default="0", help="The `next` of the answer before; `latest` to begin from now on.")

ROUTES = (
    Route(name="me", method="GET", path="me", run=people.me, summary="Who asks", group=ME, scope="", answer=people.Me),
    Route(
        name="openapi", method="GET", path="openapi.json", run=answering.document, summary="This description", group=ME,
        scope="", answer=shapes.anything,
    ),
    Route(
        name="changes", method="GET", path="changes", run=past.changes, summary="Follow all changes", group=EVERYTHING,
        anywhere=True, query=(AFTER, OBJECTS, size(100, 1000)), answer=shapes.changes,
        help="In the order of their commits, without gaps: what stands behind a position that was read once never "
        "changes. Ask again with `next`; when `more` is false, after a while.",
    ),
    Route(
        name="search_all", method="GET", path="search", run=asking.find, summary="Search everything", group=EVERYTHING,
        anywhere=True, query=(Q, OBJECTS, size(20, 100)), answer=shapes.hits,
    ),
    Route(
        name="revert_batch", method="POST", path="batches/{batch}/revert", run=bulk.revert, scope=WRITE,
        summary="Take back a bulk act", group=EVERYTHING, anywhere=True, answer=bulk.Reverted,
    ),
    Route(
        name="users", method="GET", path="users", run=people.list_users, summary="List users", group=ACCOUNTS,
        anywhere=True, answer=people.Users,
    ),
    Route(
        name="user", method="GET", path="users/{id}", run=people.get_user, summary="Get a user", group=ACCOUNTS,
        anywhere=True, answer=people.UserAnswer,
    ),
    Route(
        name="update_user", method="PATCH", path="users/{id}", run=people.update_user, summary="Change a user",
        group=ACCOUNTS, scope=ADMIN, body=people.UserChange, answer=people.UserAnswer,
    ),
    Route(
        name="invite", method="POST", path="users/invite", run=people.invite, summary="Invite a user", group=ACCOUNTS,
        scope=ADMIN, body=people.Invite, answer=people.Invited, status=201,
    ),
    Route(
        name="teams", method="GET", path="teams", run=people.list_teams, summary="List teams", group=ACCOUNTS,
        anywhere=True, answer=people.Teams,
    ),
    Route(
        name="create_team", method="POST", path="teams", run=people.create_team, summary="Create a team",
        group=ACCOUNTS, scope=ADMIN, body=people.TeamGiven, answer=people.TeamAnswer, status=201,
    ),
    Route(
        name="update_team", method="PATCH", path="teams/{id}", run=people.update_team, summary="Change a team",
        group=ACCOUNTS, scope=ADMIN, body=people.TeamGiven, answer=people.TeamAnswer,
    ),
    Route(
        name="delete_team", method="DELETE", path="teams/{id}", run=people.delete_team, summary="Remove a team",
        group=ACCOUNTS, scope=ADMIN, status=204,
    ),
    Route(
        name="roles", method="GET", path="roles", run=people.list_roles, summary="List roles", group=ACCOUNTS,
        scope=ADMIN, answer=people.Roles,
    ),
    Route(
        name="role", method="GET", path="roles/{id}", run=people.get_role, summary="Get a role", group=ACCOUNTS,
        scope=ADMIN, answer=people.RoleAnswer,
    ),
    Route(
        name="create_role", method="POST", path="roles", run=people.create_role, summary="Create a role",
        group=ACCOUNTS, scope=ADMIN, body=people.RoleGiven, answer=people.RoleAnswer, status=201,
    ),
    Route(
        name="update_role", method="PATCH", path="roles/{id}", run=people.update_role, summary="Change a role",
        group=ACCOUNTS, scope=ADMIN, body=people.RoleGiven, answer=people.RoleAnswer,
    ),
    Route(
        name="delete_role", method="DELETE", path="roles/{id}", run=people.delete_role, summary="Remove a role",
        group=ACCOUNTS, scope=ADMIN, status=204,
    ),
    Route(
        name="objects", method="GET", path="objects", run=definitions.list_objects, summary="List objects",
        group=DEFINITIONS, anywhere=True, answer=definitions.Objects,
    ),
    Route(
        name="object", method="GET", path="objects/{key}", run=definitions.get_object, summary="Get an object",
        group=DEFINITIONS, anywhere=True, answer=definitions.ObjectAnswer,
    ),
    Route(
        name="create_object", method="POST", path="objects", run=definitions.create_object, group=DEFINITIONS,
        summary="Create a custom object", scope=ADMIN, body=definitions.ObjectGiven,
        answer=definitions.ObjectAnswer, status=201,
    ),
    Route(
        name="update_object", method="PUT", path="objects/{key}", run=definitions.update_object, group=DEFINITIONS,
        summary="Change a custom object", scope=ADMIN, body=definitions.ObjectGiven, answer=definitions.ObjectAnswer,
    ),
    Route(
        name="delete_object", method="DELETE", path="objects/{key}", run=definitions.delete_object, scope=ADMIN,
        summary="Remove a custom object", group=DEFINITIONS, status=204,
    ),
    Route(
        name="restore_object", method="POST", path="objects/{key}/restore", run=definitions.restore_object,
        summary="Bring back a custom object", group=DEFINITIONS, scope=ADMIN, answer=definitions.ObjectAnswer,
    ),
    Route(
        name="create_field", method="POST", path="objects/{key}/fields", run=definitions.create_field, scope=ADMIN,
        summary="Create a custom field", group=DEFINITIONS, body=definitions.FieldGiven,
        answer=definitions.FieldAnswer, status=201,
    ),
    Route(
        name="update_field", method="PUT", path="fields/{id}", run=definitions.update_field, group=DEFINITIONS,
        summary="Change a custom field", scope=ADMIN, body=definitions.FieldGiven, answer=definitions.FieldAnswer,
    ),
    Route(
        name="delete_field", method="DELETE", path="fields/{id}", run=definitions.delete_field, group=DEFINITIONS,
        summary="Remove a custom field", scope=ADMIN, status=204,
    ),
    Route(
        name="restore_field", method="POST", path="fields/{id}/restore", run=definitions.restore_field, scope=ADMIN,
        summary="Bring back a custom field", group=DEFINITIONS, answer=definitions.FieldAnswer,
    ),
)  # fmt: skip
