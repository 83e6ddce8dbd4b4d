"""`manage.py create_token EMAIL`: a token for a program, for whoever runs the house."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from hausderbegegnung.accounts.codes import find_user
from hausderbegegnung.accounts.tokens import LONGEST_VALIDITY, Scope, make_token


class Command(BaseCommand):
    help = (
        "Print a token with which a program acts for this person, once: nobody can see it again. "
        "The program sends the header 'Authorization: Token …'. The person finds it in the account and can "
        "end it there."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="create_token", help="what the person knows it by")
        parser.add_argument(
            "--scope",
            action="append",
            dest="scopes",
            choices=Scope.values,
            help="what the program may do; give it several times for several. Default: read",
        )
        parser.add_argument("--days", type=int, default=LONGEST_VALIDITY.days, help="how long it is valid")

    def handle(
        self, *args: Any, email: str, name: str, scopes: list[str] | None, days: int, **options: Any
    ) -> None:
        user = find_user(email)
        if user is None:
            raise CommandError(
                f"Nobody has the address {email}. Make the account first: manage.py create_staff."
            )
        try:
            token, text = make_token(
                user=user,
                name=name,
                scopes=scopes or [Scope.READ],
                valid_for=timedelta(days=days),
                now=timezone.now(),
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(text)
        self.stderr.write(f"“{token.name}”: {', '.join(token.scopes)}, until {token.expires_at:%Y-%m-%d}.")
