"""Every vendor's tables name objects, fields, kinds and readers that there are; each file goes to its own table."""

from __future__ import annotations

import pytest
from tests import factories as f

from rapport.apps.migration.readers import READERS
from rapport.apps.migration.shapes import FILES, RECORDS, Col, Vendor
from rapport.apps.migration.vendors import VENDORS
from rapport.features.transfer.targets import parse
from rapport.registry import catalog

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=VENDORS)
def test_tables_name_what_there_is(vendor: Vendor) -> None:
    admin = f.admin()
    for table in vendor.tables:
        assert table.files or table.kind in {kind for other in vendor.tables for kind in other.also}
        assert {*table.also} <= vendor.by_kind.keys()
        for ref in table.refs:
            assert ref.by != "id" or ref.to.keys() <= vendor.by_kind.keys(), (table.kind, ref)
        if table.role != RECORDS:
            assert table.role != FILES or table.refs
            continue
        obj = catalog.current()[table.object]
        for target, col in table.cols():
            spec = parse(admin, obj, target).field
            assert not col.read or col.read in READERS
            _check_values(obj.key, spec, col)
        for ref in table.refs:
            for name in filter(None, ref.to.values()):
                assert name in obj.fields, (table.kind, name)
        if table.late:
            assert {table.late.key, *table.late.fields} <= obj.fields.keys()


def _check_values(key: str, spec: object, col: Col) -> None:
    choices = {choice.value for choice in getattr(spec, "choices", ())}
    if choices and col.values:
        assert {*col.values.values(), *({col.other} - {"="})} - {""} <= choices, (key, spec, col)
