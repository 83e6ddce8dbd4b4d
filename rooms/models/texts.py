"""What the house has to say: its rules, and the pages that the law asks for."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from rooms.enums import PageKind
from rooms.models.house import House, PlanModel


class HouseRules(PlanModel):
    """One version of the rules that applicants accept; a request stores which one."""

    house = models.ForeignKey(
        House, on_delete=models.CASCADE, verbose_name=_("house"), related_name="house_rules"
    )
    version = models.CharField(_("version"), max_length=20, help_text=_("For example 2027-01."))
    text = models.TextField(_("text"))
    valid_from = models.DateField(_("valid from"))

    class Meta:
        verbose_name = _("house rules")
        verbose_name_plural = _("house rules")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["house", "version"], name="house_rules_version_unique_in_house")
        ]

    def __str__(self) -> str:
        return self.version


class HousePage(models.Model):
    """A text of the house that the law asks for, such as the imprint."""

    house = models.ForeignKey(House, on_delete=models.CASCADE, verbose_name=_("house"), related_name="pages")
    kind = models.CharField(_("kind"), max_length=20, choices=PageKind)
    text = models.TextField(
        _("text"), help_text=_("Blank lines separate paragraphs; a line starting with # is a heading.")
    )

    class Meta:
        verbose_name = _("page of the house")
        verbose_name_plural = _("pages of the house")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["house", "kind"], name="page_kind_unique_in_house")
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
