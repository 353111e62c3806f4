"""demo: four people and a classroom to try the site with, in demo mode only."""

from __future__ import annotations

import os
import secrets
from argparse import ArgumentParser
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from exercises import classrooms
from exercises.models import Classroom, Membership, User

PEOPLE: dict[str, dict[str, Any]] = {
    "learner": {"name": "Lea Learner"},
    "teacher": {"name": "Tom Teacher", "is_teacher": True},
    "author": {"name": "Ada Author", "is_author": True},
    "admin": {"name": "Alex Admin", "is_staff": True, "is_superuser": True},
}

CLASSROOM = "Demo classroom"


class Command(BaseCommand):
    help = (
        "Makes learner, teacher, author and admin, and a classroom with the first two in it. The "
        "password is --password, else SPOTLIGHT_DEMO_PASSWORD, else a random one, which is printed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--password", default="", help="the password of all four")

    def handle(self, *args: Any, password: str, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError(
                "Demo people have one password among them, so they are made in demo mode only "
                "(SPOTLIGHT_MODE=demo)."
            )
        given = password or os.environ.get("SPOTLIGHT_DEMO_PASSWORD", "")
        made = {name: self.person(name, given) for name in PEOPLE}
        with transaction.atomic():
            self.classroom(made["teacher"], made["learner"])

    def person(self, name: str, given: str) -> User:
        """The person, made where there is none; only a given password replaces theirs."""
        email = f"{name}@demo.invalid"
        with transaction.atomic():
            person, new = User.objects.get_or_create(
                username=name, defaults={"email": email, **PEOPLE[name]}
            )
            if new and not given:
                password = secrets.token_urlsafe(9)
                person.set_password(password)
                self.stdout.write(f"{name}: sign in with the password {password}")
            elif given and not person.check_password(given):
                person.set_password(given)
            person.save()
            EmailAddress.objects.get_or_create(
                user=person, email=person.email, defaults={"verified": True, "primary": True}
            )
        return person

    def classroom(self, teacher: User, learner: User) -> None:
        classroom = Classroom.objects.open().taught_by(teacher).filter(name=CLASSROOM).first()
        if classroom is None:
            classroom = classrooms.create(CLASSROOM, teacher)
            self.stdout.write(f"{CLASSROOM}: learners join with the code {classroom.code}")
            Membership.objects.create(classroom=classroom, user=learner)
