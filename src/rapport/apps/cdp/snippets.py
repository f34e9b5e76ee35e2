"""How to send to a source, ready to be copied: the key and the address filled in."""

from __future__ import annotations

from rapport.apps.cdp.models import SourceKind

CURL = """curl -u {key}: {base}/v1/track \\
  -H 'Content-Type: application/json' \\
  -d '{{"userId": "u-1042", "event": "Order Completed", "properties": {{"revenue": 49.9}}}}'
"""
PYTHON = """import segment.analytics as analytics  # pip install segment-analytics-python

analytics.write_key = "{key}"
analytics.host = "{base}"
analytics.identify("u-1042", {{"email": "anna@example.com", "firstName": "Anna"}})
analytics.track("u-1042", "Order Completed", {{"product": "Rowing machine", "revenue": 49.9}})
analytics.flush()
"""
BROWSER = """import {{ AnalyticsBrowser }} from "@segment/analytics-next"

const analytics = AnalyticsBrowser.load({{ writeKey: "{key}", cdnURL: "{base}" }})
analytics.page()
analytics.identify("u-1042", {{ email: "anna@example.com" }})
analytics.track("Product Viewed", {{ product: "Rowing machine" }})
"""


def of(kind: str, base: str, key: str) -> list[tuple[str, str]]:
    """Name and text of each, those that suit a kind of source first."""
    found = [("curl", CURL), ("Python", PYTHON), ("JavaScript", BROWSER)]
    ordered = found[::-1] if kind == SourceKind.WEBSITE else found
    return [(name, text.format(base=base, key=key)) for name, text in ordered]
