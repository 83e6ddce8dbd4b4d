"""Fields of forms as every page shows them: label, help, what is wrong, and the input.

Drawn here and not by a template, because the request form has more than thirty of them.
"""

from django import template
from django.forms import BaseForm, BoundField, CheckboxInput
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hausderbegegnung.web.applicant.forms.wish import WishForm
from hausderbegegnung.web.shared.forms.renderer import escaped
from hausderbegegnung.web.templatetags.look import icon

register = template.Library()


@register.simple_tag
def field(field: BoundField, needed_when: str = "") -> SafeString:
    """Draw one field; `needed_when` says when one is needed that is not always, instead of "optional"."""
    if field.is_hidden:
        return SafeString(field)
    classes = "field field--error" if field.errors else "field"
    label, error = escaped(field.label), field_error(field)
    help_text = (
        f'<p class="field__help" id="{field.auto_id}_helptext">{escaped(field.help_text)}</p>'
        if field.help_text
        else ""
    )
    if isinstance(field.field.widget, CheckboxInput):
        label = f'<label for="{field.id_for_label}">{label}</label>'
        return SafeString(
            f'<div class="{classes}">{error}<div class="check">{field} {label}{help_text}</div></div>'
        )
    if not field.field.required and field.field.initial is None:
        optional = needed_when or _("optional")
        label += f' <span class="field__optional">({escaped(optional)})</span>'
    if field.use_fieldset:
        described = f' aria-describedby="{field.aria_describedby}"' if field.aria_describedby else ""
        label = f"<legend>{label}</legend>"
        return SafeString(
            f'<fieldset class="{classes}"{described}>{label}{help_text}{error}{field}</fieldset>'
        )
    label = f'<label for="{field.id_for_label}">{label}</label>'
    return SafeString(f'<div class="{classes}">{label}{help_text}{error}{field}</div>')


@register.simple_tag
def room_choices(form: WishForm, *, with_facts: bool = False) -> SafeString:
    """Draw the rooms to be ticked, with what helps to choose one if `with_facts`."""
    word = escaped(_("step-free"))
    step_free = f'{icon("accessibility", 16)} <span class="room-choice__word">{word}</span>'
    drawn = []
    for option, room in form.room_choices():
        facts = ""
        if with_facts:
            capacity, area = room.capacity(), room.area_m2
            spans = [
                escaped(_up_to(capacity)) if capacity else "",
                f"{area}&nbsp;m²" if area else "",
                step_free if room.step_free else "",
            ]
            inner = "".join(f"<span>{span}</span>" for span in spans if span)
            facts = f'<span class="room-choice__facts">{inner}</span>'
        drawn.append(
            f'<label class="room-choice" for="{option.id_for_label}">{option.tag()}'
            f'<span class="room-choice__name">{escaped(room.name)}</span>{facts}</label>'
        )
    return SafeString(f'<div class="room-choices">{"".join(drawn)}</div>')


def _up_to(persons: int) -> str:
    return ngettext("up to %(number)s person", "up to %(number)s persons", persons) % {"number": persons}


@register.filter
def wrong_fields(form: BaseForm) -> list[BoundField]:
    """Return the fields with which something is wrong, in their order."""
    return [form[name] for name in form.fields if name in form.errors]


@register.simple_tag
def field_error(field: BoundField) -> SafeString:
    """Draw what is wrong with a field; nothing where nothing is."""
    if not field.errors:
        return SafeString("")
    announced = escaped(_("Error:"))
    sentences = "".join(f"{escaped(error)} " for error in field.errors)
    return SafeString(
        f'<p class="field__error" id="{field.auto_id}_error">{icon("circle-alert", 18)}'
        f'<span><span class="visually-hidden">{announced}</span> {sentences}</span></p>'
    )
