"""The systems that people move from: one file each, and a row of this table."""

from __future__ import annotations

from rapport.apps.migration.shapes import Vendor
from rapport.apps.migration.vendors import hubspot, pipedrive, salesforce, zendesk, zoho

VENDORS: dict[str, Vendor] = {
    module.VENDOR.key: module.VENDOR for module in (hubspot, salesforce, pipedrive, zoho, zendesk)
}
