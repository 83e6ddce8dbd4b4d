"""The pages on which staff word mails anew: every text of the catalogue has an address of its own."""

from collections.abc import Collection
from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from notifications.text_editor import (
    EditableText,
    find_text,
    last_message,
    list_texts,
    preview,
    restore_default,
    save_words,
    send_trial,
)
from notifications.wording.placeholders import check
from notifications.wording.texts import ABOUT_ALL_DATES, FIELDS, may_be_about_some
from rooms.admin_base import ReadOnly, StaffAdmin
from rooms.models import House


class MailTextForm(forms.Form):
    """What of a mail can be worded anew; a text that could not be used is refused."""

    def __init__(self, *args: Any, placeholders: Collection[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in FIELDS.items():
            widget = (
                UnfoldAdminTextInputWidget()
                if field.is_sentence
                else UnfoldAdminTextareaWidget(attrs={"rows": 5})
            )
            self.fields[name] = forms.CharField(
                label=str(field.label),
                help_text=str(field.help_text),
                max_length=field.max_length,
                required=field.is_sentence,
                widget=widget,
                validators=[partial(check, allowed=placeholders, one_line=field.is_sentence)],
            )

    @property
    def words(self) -> dict[str, str]:
        """What was entered, with the line ends of our texts."""
        return {name: value.replace("\r\n", "\n") for name, value in self.cleaned_data.items()}


class MailTextAdmin(ReadOnly, StaffAdmin):
    """A list of all texts and a page for each, instead of pages of rows: a text that is ours has no row."""

    def get_urls(self) -> list[URLPattern]:
        address = "<int:house_id>/<slug:kind>/<slug:language>/"
        page = self.admin_site.admin_view(self.text_page)
        return [path(address, page, name="mail_text"), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """List every text of every house, and whether it is ours or worded anew."""
        now = timezone.now()
        return self._page(
            request,
            "admin/mail_texts.html",
            title=_("Texts of mails"),
            houses=[(house, list(list_texts(house, now=now))) for house in House.objects.order_by("pk")],
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        stored = self.get_object(request, object_id)
        if stored is None:
            raise Http404
        return redirect("admin:mail_text", stored.house_id, stored.kind, stored.language)

    def text_page(self, request: HttpRequest, house_id: int, kind: str, language: str) -> HttpResponse:
        """Show one text with a preview; its buttons save, show, send to oneself, or restore the default."""
        house = get_object_or_404(House, pk=house_id)
        text = find_text(house=house, kind=kind, language=language, now=timezone.now())
        if text is None:
            raise Http404
        if request.method == "POST":
            return self._act(request, text)
        # A text that cannot be used any more says at once what is wrong with it.
        data = text.words if text.state == "broken" else None
        form = MailTextForm(data, initial=text.words, placeholders=text.placeholders)
        return self._text_page(request, text, form, text.words)

    def _act(self, request: HttpRequest, text: EditableText) -> HttpResponse:
        if "restore" in request.POST:
            restore_default(text)
            messages.success(request, _("The default text is used again."))
            return redirect(request.path)
        form = MailTextForm(request.POST, placeholders=text.placeholders)
        if not form.is_valid():
            return self._text_page(request, text, form, text.words, status=400)
        if "save" in request.POST:
            save_words(text, form.words)
            messages.success(request, _("The text is saved. The next mail of this kind uses it."))
            return redirect(request.path)
        if "test" in request.POST:
            message = send_trial(text, form.words, recipient=request.user.email)  # type: ignore[union-attr]
            link = '<a class="underline" href="{}">{}</a>'
            sentence = _("A test mail is on its way to %(address)s.") % {"address": message.recipient}
            address = reverse("message", args=[message.pk])
            messages.success(
                request, format_html("{} " + link, sentence, address, _("See what becomes of it"))
            )
        return self._text_page(request, text, form, form.words)

    def _text_page(
        self,
        request: HttpRequest,
        text: EditableText,
        form: MailTextForm,
        words: dict[str, str],
        *,
        status: int = 200,
    ) -> HttpResponse:
        message = None if form.errors else last_message(text)
        return self._page(
            request,
            "admin/mail_text.html",
            status=status,
            title=f"{capfirst(str(text.kind.label))} ({dict(settings.LANGUAGES)[text.language]})",
            text=text,
            form=form,
            fields=[(form[name], text.default[name]) for name in FIELDS],
            about_all_dates=ABOUT_ALL_DATES if may_be_about_some(text.kind) else (),
            is_saved=words == text.words,
            preview=None if form.errors else preview(text, words, message=message),
            message=message,
        )

    def _page(
        self, request: HttpRequest, template: str, *, status: int = 200, **context: Any
    ) -> TemplateResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, template, context, status=status)
