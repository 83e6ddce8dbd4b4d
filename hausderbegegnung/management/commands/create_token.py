"""`manage.py create_token EMAIL`: a token for the API."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rest_framework.authtoken.models import Token

from hausderbegegnung.accounts.codes import find_user


class Command(BaseCommand):
    help = (
        "Print the token with which programs act as this person: "
        "they send the header 'Authorization: Token …'."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--new", action="store_true", help="replace the old token, which stops working")

    def handle(self, *args: Any, email: str, new: bool, **options: Any) -> None:
        user = find_user(email)
        if user is None:
            raise CommandError(
                f"Nobody has the address {email}. Make the account first: manage.py create_staff."
            )
        if new:
            Token.objects.filter(user=user).delete()
        token, _created = Token.objects.get_or_create(user=user)
        self.stdout.write(token.key)
