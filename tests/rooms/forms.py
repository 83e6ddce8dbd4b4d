"""Forms of the administration as a browser has them."""

from django.test import Client


def open_form(client: Client, address: str) -> dict:
    """What a browser would send back from a page that was opened and not touched."""
    response = client.get(address)
    sent = {}
    forms = [response.context["adminform"].form]
    for formset in response.context["inline_admin_formsets"]:
        forms += [formset.formset.management_form, *formset.formset.forms]
    for form in forms:
        for name, field in form.fields.items():
            value = form[name].value()
            if hasattr(field.widget, "decompress"):
                parts = field.widget.decompress(value)
                sent |= {
                    f"{form.add_prefix(name)}_{number}": part
                    for number, part in enumerate(parts)
                    if part is not None
                }
            elif value is not None and value is not False and value != "":
                sent[form.add_prefix(name)] = value
    return sent
