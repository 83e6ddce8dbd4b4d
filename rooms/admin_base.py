"""What all pages of the administration have in common: which house, what follows a change.

Who may open them is asked as Django does, by `user.has_perm`; the answer comes from above.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.db import DataError, models
from django.db.models import Model, QuerySet
from django.forms import BaseModelFormSet, ModelForm
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline
from unfold.overrides import FORMFIELD_OVERRIDES_INLINE
from unfold.views import ChangeList
from unfold.widgets import UnfoldAdminSingleTimeWidget

from rooms.models import House, PlanModel, raise_plan_version

# Times are entered without seconds.
CLOCK = "%H:%M"


class ReadOnly:
    """To be looked at; whatever changes it is done on the own pages of staff."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class StaffChangeList(ChangeList):
    """A list that says so where a filter in its address makes no sense, such as the year 0.

    Django says so of what it finds while it makes the query; this is what it finds when the query is sent.
    """

    def get_results(self, request: HttpRequest) -> None:
        try:
            super().get_results(request)
        except (ValueError, OverflowError, DataError) as error:
            raise IncorrectLookupParameters from error


class StaffAdmin(ModelAdmin):
    """The base of all pages here: the only house is filled in, and a row never moves to another one."""

    warn_unsaved_form = True
    formfield_overrides = {models.TimeField: {"widget": UnfoldAdminSingleTimeWidget(format=CLOCK)}}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return StaffChangeList

    def get_list_display(self, request: HttpRequest) -> list[str]:
        return _without_only_house(super().get_list_display(request))

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return _without_only_house(super().get_list_filter(request))

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial = super().get_changeform_initial_data(request)
        houses = list(House.objects.order_by("pk")[:2])
        if len(houses) == 1:
            initial.setdefault("house", houses[0].pk)
        return initial

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        fields = list(super().get_readonly_fields(request, obj))
        if obj is not None and hasattr(obj, "house_id"):
            fields.append("house")
        return fields

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        # One by one, because a bulk delete would go around what the models do when deleted.
        for row in queryset:
            row.delete()

    def save_related(
        self, request: HttpRequest, form: ModelForm, formsets: Iterable[BaseModelFormSet], change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        if isinstance(form.instance, PlanModel):
            # Chosen rooms, parts and equipment are written after the row, without save().
            raise_plan_version(form.instance.plan_house_id())


class StaffInline(TabularInline):
    extra = 0
    tab = True
    hide_title = True
    formfield_overrides = {
        **FORMFIELD_OVERRIDES_INLINE,
        models.TimeField: {"widget": UnfoldAdminSingleTimeWidget(format=CLOCK)},
    }


def _without_only_house(names: Iterable[Any]) -> list[Any]:
    """Leave out the house of each row where there is only one."""
    names = list(names)
    if "house" in names and House.objects.count() < 2:
        names.remove("house")
    return names


def opened_id(request: HttpRequest) -> str | None:
    """Return the key of the row whose page is open, None on a new page and on lists."""
    return request.resolver_match.kwargs.get("object_id") if request.resolver_match else None


def limit_to_house_of_page(field: Any, model: type[Model], request: HttpRequest) -> None:
    """Offer only rows of the house of the row whose page is open; all of them on a new page."""
    opened = opened_id(request)
    if field is not None and opened:
        houses = model._default_manager.filter(pk=opened).values("house_id")  # noqa: SLF001 - Django's own way
        field.queryset = field.queryset.filter(house_id__in=houses)
