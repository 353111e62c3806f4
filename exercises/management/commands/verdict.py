"""verdict: what was said of an answer, and whether the same would be said again."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

import grading
from exercises import marking
from exercises.models import Verdict
from grading import grader


class Command(BaseCommand):
    help = "Shows a verdict by its row's number; with --reproduce, derives it again bit for bit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", type=int)
        parser.add_argument(
            "--reproduce",
            action="store_true",
            help="grade the stored answer again and compare; fails where they differ",
        )

    def handle(self, *args: Any, id: int, reproduce: bool, **options: Any) -> None:
        row = (
            Verdict.objects.select_related(
                "submission__sheet__revision__exercise", "revision__exercise"
            )
            .filter(pk=id)
            .first()
        )
        if row is None:
            raise CommandError(f"There is no verdict {id}.")
        self.show(row)
        if reproduce:
            self.reproduce(row)

    def show(self, row: Verdict) -> None:
        score = "not final" if row.score is None else str(row.score)
        self.stdout.write(
            f"Verdict {row.pk} on submission {row.submission_id}, cause {row.cause}: {score}\n"
            f"Exercise {row.revision}, digest {row.revision.digest}\n"
            f"Sheet {row.submission.sheet.number}, seed {row.submission.sheet.seed}; "
            f"engine {row.engine}, {row.created_at:%Y-%m-%d %H:%M:%S} UTC"
        )
        for finding in row.spoken.every_finding():
            self.stdout.write(f"  {finding.place or 'all'}: [{finding.tone}] {grader.say(finding)}")

    def reproduce(self, row: Verdict) -> None:
        if row.cause.startswith("hand:"):
            raise CommandError(
                f"A person gave this verdict: audit line {row.cause.partition(':')[2]} says who. "
                "There is nothing to derive."
            )
        again = marking.judge(row.submission, row.revision).to_json()
        if _bits(again) == _bits(row.body):
            self.stdout.write("Reproduced: the same verdict, bit for bit.")
            return
        engine = (
            ""
            if row.engine == grading.VERSION
            else f" It is by engine {row.engine}, this is {grading.VERSION}."
        )
        raise CommandError(f"Not the same verdict.{engine} Now it is:\n{_bits(again)}")


def _bits(body: Any) -> str:
    return json.dumps(body, sort_keys=True, ensure_ascii=False)
