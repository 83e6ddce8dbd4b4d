"""The inline styles of mails, by name: mail programs read no style sheets, and only mails may use these."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

_SANS = "font-family: 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif;"
_SERIF = "font-family: 'Iowan Old Style', Charter, 'Palatino Linotype', Georgia, serif;"

# In every cell anew: where a mail program drops the doctype, tables take no colour and size from outside.
_TEXT = f"{_SANS} font-size: 16px; line-height: 1.55;"
_INK = f"{_TEXT} color: #2a201a;"
_SOFT = f"{_TEXT} color: #5f5247;"
_BOX = "background-color: #fbf0e6; border-left: 4px solid #a5421c; border-radius: 6px;"
_HEADING = f"{_SERIF} font-weight: bold; color: #2a201a;"
_ROW = "border-bottom: 1px solid #e4d8c6; vertical-align: top;"

STYLES = {
    "ground": f"margin: 0; padding: 0; background-color: #fbf7f0; {_SANS}",
    "card": (
        f"{_INK} padding: 36px 40px; background-color: #ffffff; border: 1px solid #e4d8c6;"
        " border-radius: 14px; overflow-wrap: anywhere; hyphens: auto;"
    ),
    "brand": f"margin: 0 0 24px; {_SERIF} font-size: 17px; font-weight: bold; color: #93380f;",
    "p": "margin: 0 0 16px;",
    "after": "margin: 20px 0 16px;",
    "h1": f"{_HEADING} margin: 0 0 16px; font-size: 25px; line-height: 1.25;",
    "h2": f"{_HEADING} margin: 28px 0 12px; font-size: 19px; line-height: 1.3;",
    "closing": "margin: 28px 0 0;",
    "footer": (
        f"{_SANS} padding: 20px 16px; font-size: 14px; line-height: 1.6; color: #5f5247; text-align: center;"
    ),
    "footer_link": "color: #5f5247; text-decoration: underline;",
    "date": f"{_INK} {_BOX} padding: 12px 16px;",
    "quiet_date": f"{_INK} border-left: 4px solid #e4d8c6; padding: 4px 16px;",
    "soft": "color: #5f5247;",
    "rows": "margin: 0 0 20px; border-top: 1px solid #e4d8c6; border-collapse: collapse;",
    "th": (
        f"{_SOFT} {_ROW} padding: 8px 16px 8px 0; text-align: left; font-weight: normal;"
        " overflow-wrap: normal; hyphens: none;"
    ),
    "td": f"{_INK} {_ROW} padding: 8px 0;",
    "date_row": f"{_INK} {_ROW} padding: 8px 16px 8px 0; text-align: left; font-weight: normal; width: 64%;",
    "list": "margin: 0 0 20px; padding: 0 0 0 20px;",
    "link": "color: #93380f; text-decoration: underline;",
    # Outlook for Windows knows no padding of links.
    "button": "background-color: #a5421c; border-radius: 8px; mso-padding-alt: 12px 22px;",
    "button_link": (
        f"{_TEXT} display: inline-block; padding: 12px 22px; color: #ffffff; font-weight: bold;"
        " text-decoration: none;"
    ),
    "code": (
        f"{_BOX} margin: 0 0 20px; padding: 16px 20px; font-family: Consolas, Menlo, monospace;"
        " font-size: 28px; font-weight: bold; letter-spacing: 0.12em;"
    ),
}

# What fits beside other words on a narrow phone.
MOST_UNBROKEN = 20


@register.simple_tag
def mail_style(name: str) -> SafeString:
    """Return the declarations for a style attribute."""
    return mark_safe(STYLES[name].replace("'", "&#39;"))  # noqa: S308 - our own constants


@register.filter
def unbroken(text: str) -> str:
    """Keep a phone number, or a word that stands alone, in one line; but not a whole sentence."""
    if len(text) > MOST_UNBROKEN:
        return text
    return format_html('<span style="white-space: nowrap;">{}</span>', text)


@register.filter
def paragraphs(words: str) -> list[str]:
    """Split a plain text at its blank lines."""
    return [part for part in words.split("\n\n") if part]
