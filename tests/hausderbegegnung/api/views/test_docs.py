"""The description of the interface is valid and complete; its page works from our own origin alone."""

import json
import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import get_resolver

from tests.factories import make_house

# What Swagger UI ships with. A list that may only shrink.
KNOWN_AXE_FINDINGS = {"heading-order", "nested-interactive", "region", "scrollable-region-focusable"}


@pytest.fixture
def schema(tmp_path: Path) -> dict:
    target = tmp_path / "schema.json"
    call_command(
        "spectacular",
        validate=True,
        fail_on_warn=True,
        format="openapi-json",
        file=str(target),
        stdout=StringIO(),
    )
    return json.loads(target.read_text())


def test_the_schema_is_valid_and_names_every_address(schema):
    addresses = {
        "/" + pattern.pattern.describe().split("'")[1]
        for pattern in get_resolver("hausderbegegnung.api.urls").url_patterns
        if pattern.name not in {"api_schema", "api_docs", "api_unknown"}
    }
    described = {path.replace("{", "<").replace("}", ">") for path in schema["paths"]}
    assert described == {re.sub(r"<\w+:", "<", address) for address in addresses}


def test_every_operation_names_its_problems(schema):
    for operations in schema["paths"].values():
        for operation in operations.values():
            assert "429" in operation["responses"]
            assert operation["responses"]["429"]["content"] == {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            }


def test_only_the_bookings_need_a_login(schema):
    needs_login = {
        path
        for path, operations in schema["paths"].items()
        for operation in operations.values()
        if {} not in operation.get("security", [{}])
    }
    assert needs_login == {path for path in schema["paths"] if path.startswith("/api/v1/bookings/")}


def test_every_operation_that_takes_a_token_names_its_scope(schema):
    operations = [operation for path in schema["paths"].values() for operation in path.values()]
    scopes = {}
    for operation in operations:
        if {"tokenAuth": []} in operation.get("security", []):
            scope = scopes[operation["operationId"]] = operation["x-required-scope"]
            assert operation["description"].endswith(f"A token needs the scope `{scope}`.")
            assert "403" in operation["responses"]
        else:
            assert "x-required-scope" not in operation
    assert {scopes[name] for name in ("bookings", "check_wish")} == {"read"}
    assert (scopes["request_booking"], scopes["decide_booking"], scopes["move_dates"]) == (
        "request",
        "decide",
        "manage",
    )
    (scheme,) = [each for each in schema["components"]["securitySchemes"].values() if "Token" in str(each)]
    assert scheme["description"] == (
        "`Token hdb_…`; it has one or more of the scopes `read`, `request`, `decide`, `manage`."
    )


def test_the_schema_is_served(client, db):
    response = client.get("/api/schema/?format=json")
    assert response.status_code == 200
    assert response.json()["openapi"] == "3.1.0"


def test_the_policy_of_the_page_is_relaxed_only_as_needed(client, db):
    make_house()
    policy = client.get("/api/docs/")["Content-Security-Policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == "'self'"
    assert "script-src" not in directives
    assert directives["style-src"] == "'self' 'unsafe-inline'"
    assert directives["img-src"] == "'self' data:"


@pytest.mark.django_db(transaction=True)
def test_the_page_shows_the_operations_from_our_own_origin_alone(page, axe_findings):
    make_house()
    page.goto("/api/docs/")
    page.locator("#operations-bookings-approve_booking").wait_for()
    page.locator("#operations-house-rooms").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    page.locator(".live-responses-table").wait_for()
    assert {finding.split(":")[0] for finding in axe_findings(page)} == KNOWN_AXE_FINDINGS
