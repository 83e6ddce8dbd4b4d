"""Expressions that the migrations name: they stay as they are, new ones come beside them."""

from typing import Any

from django.db import models


class ADayAfter(models.Func):
    """Whether an instant is a day or more after another one, in words each database can store."""

    arity = 2
    output_field = models.BooleanField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        template, between = "(julianday(%(expressions)s) >= 1)", ") - julianday("
        return self.as_sql(compiler, connection, template=template, arg_joiner=between, **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        template = "((%(expressions)s) >= interval '24:00')"
        return self.as_sql(compiler, connection, template=template, arg_joiner=" - ", **context)
