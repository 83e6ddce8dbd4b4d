"""Pages of the administration whose changes may hit approved dates ask first what becomes of these."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from bookings.services import settle_change
from hausderbegegnung.web.staff.impact import settle_or_ask
from rooms.models import House


class AsksFirst:
    """For a page of a table that decides what is bookable.

    Its own views do the change, whatever form and inlines it has; where it hits approved dates it is
    taken back, and the form is sent again with the answers.
    """

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        change = super().changeform_view  # type: ignore[misc]
        return self._ask_first(
            request,
            lambda: self._in_words(request, object_id, is_deleted=False),
            lambda: self._houses_of(request, object_id),
            lambda: change(request, object_id, form_url, extra_context),
        )

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        delete = super().delete_view  # type: ignore[misc]
        return self._ask_first(
            request,
            lambda: self._in_words(request, object_id, is_deleted=True),
            lambda: self._houses_of(request, object_id),
            lambda: delete(request, object_id, extra_context),
        )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list with its action: to delete the chosen rows."""
        view = super().changelist_view  # type: ignore[misc]
        return self._ask_first(
            request,
            lambda: _("Deleted: %(what)s") % {"what": self._name()},
            lambda: self._houses_of_chosen(request),
            lambda: view(request, extra_context),
        )

    def _ask_first(
        self,
        request: HttpRequest,
        name_change: Callable[[], str],
        houses: Callable[[], set[int]],
        change: Callable[[], HttpResponse],
    ) -> HttpResponse:
        house_ids = houses() if request.method == "POST" else set()
        if not house_ids:
            return change()
        back_url = reverse(f"admin:rooms_{self.model._meta.model_name}_changelist")  # type: ignore[attr-defined]
        if len(house_ids) > 1:
            messages.error(request, _("Please choose rows of one house at a time."))
            return redirect(back_url)
        (house_id,) = house_ids
        return settle_or_ask(
            request,
            house_id=house_id,
            act=lambda decisions: settle_change(
                house_id=house_id,
                make=change,
                actor=request.user,
                now=timezone.now(),
                decisions=decisions,
            ),
            done=lambda settled: settled.result,
            back_url=back_url,
            reason=request.POST.get("reason", ""),
            what=name_change(),
        )

    def _name(self) -> str:
        return capfirst(str(self.model._meta.verbose_name_plural))  # type: ignore[attr-defined]

    def _in_words(self, request: HttpRequest, object_id: str | None, *, is_deleted: bool) -> str:
        """Return what is changed: the kind of row, and which one it is so far."""
        row = self.get_object(request, unquote(object_id)) if object_id else None  # type: ignore[attr-defined]
        what = {"what": self._name() if row is None else f"{self._name()} ({row})"}
        if is_deleted:
            return _("Deleted: %(what)s") % what
        return (_("Added: %(what)s") if row is None else _("Changed: %(what)s")) % what

    def _houses_of(self, request: HttpRequest, object_id: str | None) -> set[int]:
        """Return the house of the row, or of a new row the one chosen; a row never moves to another house."""
        if object_id is None:
            chosen = request.POST.get("house", "")
            return (
                set(House.objects.filter(pk=chosen).values_list("pk", flat=True))
                if chosen.isdecimal()
                else set()
            )
        row = self.get_object(request, unquote(object_id))  # type: ignore[attr-defined]
        if row is None:
            return set()
        return {row.pk if isinstance(row, House) else row.plan_house_id()}

    def _houses_of_chosen(self, request: HttpRequest) -> set[int]:
        if request.POST.get("select_across") == "1":
            rows = self.get_changelist_instance(request).get_queryset(request)  # type: ignore[attr-defined]
        else:
            chosen = [row_id for row_id in request.POST.getlist("_selected_action") if row_id.isdecimal()]
            rows = self.get_queryset(request).filter(pk__in=chosen)  # type: ignore[attr-defined]
        name = "pk" if self.model is House else "house_id"  # type: ignore[attr-defined]
        return set(rows.order_by().values_list(name, flat=True))
