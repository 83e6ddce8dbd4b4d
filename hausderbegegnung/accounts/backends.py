"""How Django asks who may log in, and what somebody may do in the administration."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import Model

from bookings.access.permissions import can_administer
from hausderbegegnung.accounts.sessions import person_read_along
from hausderbegegnung.models import User


class AccountBackend(AuthenticationBackend):
    """People log in as allauth has it; may somebody administer, all tables of the site are open.

    Django's tables of permissions and groups are not asked: who may what is in `bookings.access`,
    which packages below it, such as rooms, can't import. The admin there asks `user.has_perm`.
    """

    def get_user(self, user_id: Any) -> User | None:
        person = person_read_along(user_id)
        if person is None:
            return super().get_user(user_id)
        return person if self.user_can_authenticate(person) else None

    def has_perm(self, user_obj: Any, perm: str, obj: Model | None = None) -> bool:
        return user_obj.is_active and can_administer(user_obj)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return user_obj.is_active and can_administer(user_obj)
