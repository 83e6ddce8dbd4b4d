"""`manage.py create_staff EMAIL`: the first staff account, without a mail server."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction

from hausderbegegnung.accounts.codes import get_or_create_user, prove_address
from hausderbegegnung.accounts.links import make_login_link


class Command(BaseCommand):
    help = (
        "Make a staff account with all rights, or give all rights to an existing one, and print a link "
        "that logs in once within an hour. No password is set and no mail is sent."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="", help="first and last name")

    def handle(self, *args: Any, email: str, name: str, **options: Any) -> None:
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"{email} is not an e-mail address.") from error
        with transaction.atomic():
            user = get_or_create_user(email, language="de")
            user.become_staff(name=name)
            prove_address(user)
        self.stdout.write(
            f"{user.email} may now decide on requests and set up the house.\n"
            f"Log in with this link, once and within an hour:\n{make_login_link(user)}"
        )
