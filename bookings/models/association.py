"""Who uses the house, and who acts for whom."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from bookings.enums import AssociationKind, MemberRole
from rooms.fields import LineField
from rooms.models import raise_plan_version


class Association(models.Model):
    """Who uses the house: also an initiative without legal form, or one person."""

    name = LineField(_("name"), max_length=160)
    kind = models.CharField(_("kind"), max_length=30, choices=AssociationKind)
    address = LineField(_("address"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    phone = LineField(_("phone"), max_length=40, blank=True)
    is_blocked = models.BooleanField(
        _("blocked"), default=False, help_text=_("A blocked association cannot send requests.")
    )
    block_reason = LineField(_("reason of the block"), max_length=200, blank=True)
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="Membership", related_name="associations"
    )
    created_at = models.DateTimeField(_("entered at"), editable=False)

    class Meta:
        verbose_name = _("association")
        verbose_name_plural = _("associations")

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, and say that the plans that show its name change."""
        with transaction.atomic():
            super().save(*args, **kwargs)
            for house_id in self.bookings.values_list("house_id", flat=True).distinct():
                raise_plan_version(house_id)


class Membership(models.Model):
    """A person who may act for an association."""

    association = models.ForeignKey(
        Association, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("association")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="memberships",
        verbose_name=_("person"),
    )
    role = models.CharField(_("role"), max_length=20, choices=MemberRole, default=MemberRole.REPRESENTATIVE)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["association", "user"], name="membership_unique_in_association")
        ]

    def __str__(self) -> str:
        return f"{self.user} – {self.association}"
