"""Searching for words whatever the case of their letters, also on SQLite, which knows that of A to Z only.

There `icontains` and its kind take "ü" and "Ü" for different letters. A word that has such letters is
looked for by a function of Python's, as Django does for regular expressions; every other word costs what
it did.
"""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models import Field, lookups
from django.db.models.sql.compiler import SQLCompiler
from django.dispatch import receiver


@receiver(connection_created, dispatch_uid="hausderbegegnung.operations.sqlite.add_casefold")
def add_casefold(connection: BaseDatabaseWrapper, **_kwargs: Any) -> None:
    """Give every new connection to SQLite the function `casefold`."""
    if connection.vendor == "sqlite":
        connection.connection.create_function("casefold", 1, _casefold, deterministic=True)


def _casefold(value: object) -> str | None:
    return None if value is None else str(value).casefold()


class _AnyCase(lookups.BuiltinLookup):
    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_context: Any
    ) -> tuple[str, tuple[Any, ...]]:
        sought, words = self.process_rhs(compiler, connection)
        if all(str(word).isascii() for word in words):
            sql, params = self.as_sql(compiler, connection)
            return sql, tuple(params)
        column, params = self.process_lhs(compiler, connection)
        folded = (str(word).casefold() for word in words)
        return f"casefold({column}) {self.get_rhs_op(connection, sought)}", (*params, *folded)


@Field.register_lookup
class IContains(_AnyCase, lookups.IContains):
    pass


@Field.register_lookup
class IStartsWith(_AnyCase, lookups.IStartsWith):
    pass


@Field.register_lookup
class IEndsWith(_AnyCase, lookups.IEndsWith):
    pass


@Field.register_lookup
class IExact(_AnyCase, lookups.IExact):
    pass
