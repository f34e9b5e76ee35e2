"""Records are written by `rapport.records` alone: nowhere else is a model saved, created or deleted."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from tools.lint.rule import Example, Finding, Rule, is_own_python, room

ON_INSTANCES = {"save", "asave", "delete", "adelete"}
ON_QUERYSETS = {
    "create",
    "acreate",
    "update",
    "aupdate",
    "bulk_create",
    "abulk_create",
    "bulk_update",
    "abulk_update",
    "get_or_create",
    "aget_or_create",
    "update_or_create",
    "aupdate_or_create",
    "_raw_delete",
}
ALWAYS = ON_QUERYSETS - {"create", "update", "acreate", "aupdate"}
QUERYSET_STEPS = {
    "objects",
    "_default_manager",
    "_base_manager",
    "filter",
    "exclude",
    "all",
    "using",
    "order_by",
    "select_for_update",
    "get_queryset",
    "visible",
}
# Objects of Django's own that are no records.
STORES = {"session", "storage", "default_storage", "form", "formset", "queue"}


def _imported(tree: ast.AST) -> set[str]:
    """Names of modules and functions that the file imports (classes are capitalised and do not count)."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                name = (alias.asname or alias.name).split(".")[0]
                if not name[:1].isupper():
                    names.add(name)
    return names


def _chain(node: ast.expr) -> Iterator[str]:
    """Names along `a.b().c`, last first."""
    while True:
        if isinstance(node, ast.Attribute):
            yield node.attr
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Subscript):
            node = node.value
        else:
            if isinstance(node, ast.Name):
                yield node.id
            return


def _writes_record(call: ast.Call, imported: set[str]) -> bool:
    function = call.func
    if not isinstance(function, ast.Attribute):
        return False
    receiver = list(_chain(function.value))
    on_queryset = bool(QUERYSET_STEPS & set(receiver))
    if function.attr in ALWAYS:
        return True
    if function.attr in ON_QUERYSETS:
        return on_queryset
    if function.attr in ON_INSTANCES:
        if on_queryset:
            return True
        root = receiver[-1] if receiver else ""
        return not (len(receiver) == 1 and root in imported) and not (STORES & set(receiver[:1]))
    return False


def check(path: str, text: str) -> Iterable[Finding]:
    """Calls that write a model. A function of an imported module (`write.delete(…)`) is no such call."""
    tree = ast.parse(text, path)
    imported = _imported(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _writes_record(node, imported):
            steps = ".".join([*_chain(node.func)][::-1])
            yield Finding(path, node.lineno, f"{steps}(…) writes past the write path of rapport.records", steps)


def _applies(path: PurePosixPath) -> bool:
    return is_own_python(path) and room(path) not in ("", "records")


HERE = "src/rapport/features/notes/service.py"
WEBHOOKS = (
    "endpoints.py: Endpoint.objects.create",
    "endpoints.py: Endpoint.objects.filter.update",
    "endpoints.py: Delivery.objects.filter.delete",
    "endpoints.py: found.delete",
    "erasing.py: Delivery.objects.filter.update",
    "keeping.py: Delivery.objects.filter.update",
    "keeping.py: Delivery.objects.filter.delete",
    "keeping.py: Endpoint.objects.filter.update",
    "making.py: Delivery.objects.bulk_create",
    "sending.py: Endpoint.objects.filter.update",
)
MAILBOXES = (
    "mailboxes.py: made.save",
    "mailboxes.py: found.save",
    "mailboxes.py: found.delete",
    "fetching.py: Mailbox.objects.filter.update",
)
RULE = Rule(
    name="writes",
    why="Rights, history, events and webhooks hang on the write path; a write beside it skips them all.",
    applies=_applies,
    check=check,
    exceptions={
        "src/rapport/features/views/saving.py: view.save": "saved views are settings of a user and no records",
        "src/rapport/features/views/saving.py: view.delete": "saved views are settings of a user and no records",
        "src/rapport/features/views/saving.py: DefaultView.objects.update_or_create": "a setting of a user, no record",
        "src/rapport/features/views/saving.py: DefaultView.objects.filter.delete": "a setting of a user, no record",
        "src/rapport/apps/scheduling/booking.py: BookingPage.objects.update_or_create": "a setting, no record",
        "src/rapport/apps/scheduling/feed.py: CalendarFeed.objects.update_or_create": "a setting of a user, no record",
        "src/rapport/apps/scheduling/feed.py: CalendarFeed.objects.filter.delete": "a setting of a user, no record",
        "src/rapport/apps/scheduling/feed.py: CalendarFeed.objects.filter.update": "when it was read, no record",
        "src/rapport/features/notifications/devices.py: PushDevice.objects.update_or_create": "no record: a browser",
        "src/rapport/features/notifications/devices.py: PushDevice.objects.filter.delete": "no record: a browser",
        "src/rapport/features/notifications/devices.py: PushDevice.objects.filter.update": "no record: a browser",
        **{f"src/rapport/features/webhooks/{call}": "endpoints and their ledger, no records" for call in WEBHOOKS},
        **{f"src/rapport/apps/mailing/intake/{call}": "a setting, no record" for call in MAILBOXES},
        "src/rapport/surfaces/web/accounts/adapter.py: EmailAddress.objects.get_or_create": "a row of allauth's own",
    },
    good=(
        Example(
            HERE,
            "from rapport.records import write\nwrite.create(caller, values={})\nwrite.delete(caller, 1)",
        ),
        Example(HERE, "seen.update(names)\n{}.update(a=1)"),
        Example(HERE, "digest = hashlib.sha256()\ndigest.update(b'')"),
        Example(HERE, "from django.core.files.storage import default_storage\ndefault_storage.save('a', f)"),
        Example(HERE, "request.session.save()\nself.storage.delete(name)"),
        Example("src/rapport/records/write/create.py", "row.save()"),
        Example("tests/features/test_notes.py", "row.save()"),
    ),
    bad=(
        Example(HERE, "row.save()"),
        Example(HERE, "self.row.delete()"),
        Example(HERE, "Row.objects.create(a=1)"),
        Example(HERE, "Row.objects.filter(a=1).update(a=2)"),
        Example(HERE, "spec.model._default_manager.all().delete()"),
        Example(HERE, "model.objects.bulk_create(rows)"),
        Example(HERE, "rows.get_or_create(a=1)"),
        Example(
            "src/rapport/apps/sales/actions.py",
            "from rapport.apps.sales.models import Deal\nDeal(a=1).save()",
        ),
        Example("src/rapport/surfaces/web/views.py", "visible(user, spec).update(a=1)"),
    ),
)
