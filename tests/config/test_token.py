"""`rapport token`."""

from __future__ import annotations

import pytest
from tests.config.deployment import Deployment

pytestmark = pytest.mark.once
ADA = "ada@example.com"


def test_tokens_are_made_listed_and_revoked(deployment: Deployment) -> None:
    deployment.must("init", RAPPORT_ADMIN_EMAIL=ADA, RAPPORT_ADMIN_PASSWORD="correct horse battery")
    made = deployment.must(
        "token", "create", "--user", ADA, "--name", "Shop", "--scope", "write:person", "--expires", "30"
    )
    assert made.strip().startswith("rpt_")
    listed = deployment.must("token", "list", "--user", ADA)
    assert "Shop" in listed
    assert "write:person" in listed
    assert made.strip() not in listed
    deployment.must("token", "revoke", "--user", ADA, listed.split()[0])
    assert deployment.must("token", "list", "--user", ADA).strip() == ""
    for wrong in (("--user", "x@example.com", "--name", "x"), ("--user", ADA, "--name", "x", "--scope", "all"),
                  ("--user", ADA, "--name", "x", "--expires", "soon")):  # fmt: skip
        done = deployment.run("token", "create", *wrong)
        assert done.returncode == 1
        assert "Error: " in done.stderr
