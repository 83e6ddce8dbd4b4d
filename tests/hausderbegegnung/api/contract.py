"""The description of the API as what answers are held against, and bodies that break it, one rule each."""

import json
from collections.abc import Iterator
from datetime import datetime
from io import StringIO
from typing import Any

from django.core.management import call_command
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

JSON = "application/json"
PROBLEM = "application/problem+json"
HOME = "urn:description"
formats = FormatChecker()


@formats.checks("date-time", raises=ValueError)
def is_instant(value: Any) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


class Description:
    """The description, made anew, in English."""

    def __init__(self) -> None:
        text = StringIO()
        call_command("spectacular", lang="en", format="openapi-json", validate=True, stdout=text)
        self.document = json.loads(text.getvalue())
        resource = DRAFT202012.create_resource(self.document)
        self.registry = Registry().with_resource(HOME, resource)
        self.operations = {
            operation["operationId"]: (method, path, operation)
            for path, methods in self.document["paths"].items()
            for method, operation in methods.items()
        }

    def faults(self, name: str, response: Any) -> list[str]:
        """Return in what an answer differs from the description of the operation."""
        method, path, operation = self.operations[name]
        status = str(response.status_code)
        described = operation["responses"].get(status)
        if described is None:
            return [f"{name} answers {status}, which is not described: {response.content[:200]!r}"]
        kind = JSON if response.status_code < 300 else PROBLEM
        if response["Content-Type"] != kind or list(described["content"]) != [kind]:
            return [
                f"{name} {status} is {response['Content-Type']}, described as {list(described['content'])}"
            ]
        where = "/".join(
            part.replace("~", "~0").replace("/", "~1")
            for part in ["paths", path, method, "responses", status, "content", kind, "schema"]
        )
        return [f"{name} {status} {fault}" for fault in self._differences(f"#/{where}", response.json())]

    def sound(self, name: str, sent: dict[str, Any]) -> list[str]:
        """Return in what a body or query differs from what the operation says it takes."""
        properties, needed = self.taken(name)
        schema = {"properties": properties, "required": needed, "additionalProperties": False}
        return self._differences(self._rooted(schema), sent)

    def taken(self, name: str) -> tuple[dict[str, Any], list[str]]:
        """Return what the operation takes, by name, and what it needs: of its body, else of its query."""
        _method, _path, operation = self.operations[name]
        if "requestBody" in operation:
            schema = self.resolved(operation["requestBody"]["content"][JSON]["schema"])
            return schema["properties"], schema.get("required", [])
        query = [each for each in operation.get("parameters", ()) if each["in"] == "query"]
        return {each["name"]: each["schema"] for each in query}, [
            each["name"] for each in query if each.get("required")
        ]

    def broken(self, name: str, sent: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Return what was sent with one thing in it that the description forbids, again and again."""
        is_query = "requestBody" not in self.operations[name][2]
        properties, needed = self.taken(name)
        for field in needed:
            yield f"without {field}", {key: value for key, value in sent.items() if key != field}
        for field, schema in properties.items():
            for value in self.forbidden(self.resolved(schema), is_query=is_query):
                yield f"{field}={str(value)[:40]}", {**sent, field: value}

    def forbidden(self, schema: dict[str, Any], *, is_query: bool) -> Iterator[Any]:
        """Return values the schema does not allow.

        In an address everything is a text, and an empty one is none. Numbers are read as texts where
        texts are asked for, so that they are no fault.
        """
        if not is_query:
            texts: list[Any] = ["", "x" * 6000, "Unfug", "2027-13-45T25:61"]
            values = [*texts, None, [], {}, [None], ["x"] * 500]
            values += [] if schema.get("type") == "string" else [-1, 10**9, True]
        elif schema.get("type") == "array":
            values = [",".join(["x"] * 500)]
        else:
            values = ["x" * 6000, "-1", str(10**9), "Unfug"]
        for value in values:
            read = int(value) if is_query and schema.get("type") == "integer" and _is_number(value) else value
            if is_query and schema.get("type") == "array":
                read = value.split(",")
            if self._differences(self._rooted(schema), read):
                yield value

    def resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return the schema behind a reference."""
        while "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        return schema

    def _rooted(self, schema: dict[str, Any]) -> dict[str, Any]:
        return json.loads(json.dumps(schema).replace('"#/', f'"{HOME}#/'))

    def _differences(self, schema: Any, value: Any) -> list[str]:
        if isinstance(schema, str):
            schema = {"$ref": HOME + schema}
        validator = Draft202012Validator(schema, registry=self.registry, format_checker=formats)
        return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(value)]


def _is_number(text: str) -> bool:
    return text.lstrip("-").isdigit()
