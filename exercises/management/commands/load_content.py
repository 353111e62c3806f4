"""load_content: lessons and exercises from files into the site."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from exercises import catalog


class Command(BaseCommand):
    help = (
        "Loads a folder of lessons. A text that somebody changed on the site is never written over."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "path",
            nargs="?",
            type=Path,
            default=catalog.SHIPPED,
            help="a folder of lessons; without it, the ones that come with the site",
        )
        parser.add_argument(
            "--strict", action="store_true", help="fail where a file is broken, for builds"
        )

    def handle(self, *args: Any, path: Path, strict: bool, **options: Any) -> None:
        count: Counter[str] = Counter()
        try:
            for loaded in catalog.load(path):
                count[loaded.did] += 1
                if loaded.did == "left":
                    self.stderr.write(f"{loaded.name}: left as somebody changed it on the site.")
                elif loaded.did == "broken":
                    self.stderr.write(f"{loaded.name} is not ready for learners:\n{loaded.why}")
                elif loaded.did != "same" and options["verbosity"] > 1:
                    self.stdout.write(f"{loaded.name}: {loaded.did}")
        except catalog.BrokenContent as fault:
            raise CommandError(str(fault)) from fault
        if count["new"] or count["changed"]:
            self.stdout.write(f"Lessons loaded: {count['new']} new, {count['changed']} changed.")
        if strict and count["broken"]:
            raise CommandError(f"{count['broken']} of these files are broken.")
