"""Fields of the database that several models have."""

from typing import Any

from django.db import models

from rooms.validators import single_line


class LineField(models.CharField):
    """A text in one line, kept as `rooms.validators.single_line` returns it, whoever stores it.

    To the database it is a CharField, and migrations know it as one.
    """

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, _path, arguments, options = super().deconstruct()
        return name, "django.db.models.CharField", list(arguments), options

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        return super().clean(single_line(value) if isinstance(value, str) else value, model_instance)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:  # noqa: FBT001
        value = getattr(model_instance, self.attname)
        if isinstance(value, str):
            value = single_line(value)
            setattr(model_instance, self.attname, value)
        return value
