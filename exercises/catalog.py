"""From files or forms to exercises: lessons are loaded, wordings revised, compared and opened."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from django.core.exceptions import ValidationError
from django.db import transaction
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from exercises import prose
from exercises.models import Audit, Exercise, Lesson, Revision, Sheet, User, digest_of
from grading import grader
from grading.errors import BrokenExercise
from grading.exercise import Exercise as Opened
from grading.exercise import Variant
from grading.proof import Report

SHIPPED = Path(__file__).resolve().parent / "content" / "attention"
"""The lessons that come with the site."""

LOADING_SEEDS = range(8)
"""On how many sheets a file is proved before learners get it. The author's desk tries more."""

NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
"""What an exercise or a lesson may be called: its address, and its place in a lesson's text."""

LONGEST_NAME = 80

TAKEN = frozenset({"answers", "classrooms", "exercises", "join", "profile", "reading", "sheets"})
"""What no lesson may be called: where lessons have their address, these are pages."""

# --- Opening what is published --------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Wording:
    """One text of one exercise, known by its digest: the text itself is only read at need."""

    slug: str
    digest: str
    text: Callable[[], str] = field(compare=False)

    @classmethod
    def of(cls, revision: Revision, exercise: Exercise) -> Wording:
        return cls(slug=exercise.slug, digest=revision.digest, text=lambda: revision.text)


@lru_cache(maxsize=256)
def _open(wording: Wording) -> Opened:
    return grader.open(wording.text(), slug=wording.slug)


def _open_text(slug: str, text: str) -> Opened:
    return _open(Wording(slug=slug, digest=digest_of(text), text=lambda: text))


def opened(revision: Revision) -> Opened:
    """The exercise as this revision words it.

    Raises BrokenExercise where a later engine no longer accepts it.
    """
    return _open(Wording.of(revision, revision.exercise))


def current(exercise: Exercise) -> Opened | None:
    """The exercise as its current revision words it; None while none is published."""
    return None if exercise.current is None else _open(Wording.of(exercise.current, exercise))


def variant(sheet: Sheet, revision: Revision | None = None) -> Variant:
    """What a sheet holds, rebuilt from its stored numbers: the same for ever.

    ``revision`` words it otherwise, for a regrade.
    """
    revision = revision or sheet.revision
    return _rebuilt(
        Wording.of(revision, revision.exercise),
        sheet.seed,
        json.dumps(sheet.numbers, sort_keys=True),
    )


@lru_cache(maxsize=512)
def _rebuilt(wording: Wording, seed: int, numbers: str) -> Variant:
    """A sheet is looked at many times and its numbers never change, so what they make is kept."""
    return grader.rebuild(_open(wording), seed=seed, numbers=json.loads(numbers))


# --- Wordings -------------------------------------------------------------------------------------


def prove(text: str, *, slug: str, seeds: Sequence[int]) -> Report:
    """What proving a text on these seeds finds. A text that cannot be opened is a report too."""
    try:
        return grader.check(_open_text(slug, text), seeds=seeds)
    except BrokenExercise as error:
        return Report(
            digest=digest_of(text), faults=error.faults, warnings=(), samples=(), seeds_run=0
        )


def revise(exercise: Exercise, text: str, *, by: User | None = None) -> Revision:
    """Makes this wording the current one; the same wording again changes nothing.

    Raises BrokenExercise for a text that cannot be opened.
    """
    opened = _open_text(exercise.slug, text)
    with transaction.atomic():
        row = Exercise.objects.select_for_update().get(pk=exercise.pk)
        if row.current is not None and row.current.digest == opened.digest:
            return row.current
        newest = row.revisions.newest_first().first()
        revision = Revision.objects.create(
            exercise=row,
            number=newest.number + 1 if newest else 1,
            text=opened.text,
            digest=opened.digest,
            published_by=by,
        )
        row.title, row.current = opened.title, revision
        row.save(update_fields=["title", "current"])
        Audit.objects.note(
            "published", row, who=by, revision=revision.number, digest=revision.digest
        )
    exercise.title, exercise.current = row.title, revision
    return revision


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a difference: kept, taken out or put in."""

    change: Literal["kept", "out", "in"]
    text: str


def difference(old: str, new: str) -> tuple[Line, ...]:
    """How to get from one text to the other, line by line; what goes out stands first."""
    before, after = old.splitlines(), new.splitlines()
    lines: list[Line] = []
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            lines += (Line(change="kept", text=text) for text in before[i:j])
        else:
            lines += (Line(change="out", text=text) for text in before[i:j])
            lines += (Line(change="in", text=text) for text in after[k:m])
    return tuple(lines)


# --- Loading a folder -----------------------------------------------------------------------------


class BrokenContent(Exception):
    """A folder of lessons that cannot be loaded. Its author mends it."""


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """What became of one file."""

    name: str
    did: Literal["new", "changed", "same", "left", "broken"]
    """left: somebody changed it on the site, and their text stays; broken: learners do not get it
    until it is mended, and keep the wording they had."""
    why: str = ""


def load(folder: Path = SHIPPED) -> Iterator[Loaded]:
    """Loads every lesson of a folder, in order, and says of each file what became of it.

    A text that somebody changed on the site is never written over. Raises BrokenContent where the
    folder holds no lessons.
    """
    if not folder.is_dir():
        raise BrokenContent(f"There is no folder {folder}.")
    homes = sorted(home for home in folder.iterdir() if (home / "lesson.md").is_file())
    if not homes:
        raise BrokenContent(
            f"No lessons in {folder}: each lies in a folder of its own, as 01-its-name/lesson.md."
        )
    for home in homes:
        yield from _load_lesson(home)


def _load_lesson(home: Path) -> Iterator[Loaded]:
    name = f"{home.name}/lesson.md"
    try:
        told = _read_lesson(home)
    except (BrokenContent, OSError, UnicodeDecodeError) as error:
        yield Loaded(name=name, did="broken", why=str(error))
        return
    lesson, done = _keep_lesson(told)
    yield Loaded(name=name, did=done)
    files = {file.stem: file for file in sorted((home / "exercises").glob("*.yaml"))}
    known = set(Exercise.objects.filter(slug__in=files).values_list("slug", flat=True))
    for file in files.values():
        yield _load_exercise(file, f"{home.name}/exercises/{file.name}")
    # Where somebody moved an exercise on the site it stays, until the lesson itself is told anew.
    only = None if done in {"new", "changed"} else files.keys() - known
    missing = place(lesson, also=files, only=only)
    if missing:
        yield Loaded(
            name=name,
            did="broken",
            why=f"It places {', '.join(missing)}, and there is no such exercise.",
        )


def _keep_lesson(told: Lesson) -> tuple[Lesson, Literal["new", "changed", "same", "left"]]:
    """The row that now stands for a lesson read from its file."""
    with transaction.atomic():
        row = Lesson.objects.select_for_update().filter(slug=told.slug).first()
        if row is None:
            told.loaded_digest = told.digest
            told.save()
            return told, "new"
        if row.digest == told.digest:
            did: Literal["changed", "same", "left"] = "same"
        elif row.digest == row.loaded_digest:
            did = "changed"
        else:
            return row, "left"
        told.pk, told.loaded_digest = row.pk, told.digest
        if row.loaded_digest != told.digest:
            told.save(force_update=True)
        return told, did


def _load_exercise(file: Path, name: str) -> Loaded:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return Loaded(name=name, did="broken", why=str(error))
    if not NAME.fullmatch(file.stem) or len(file.stem) > LONGEST_NAME:
        why = "A file's name becomes an address: small letters, digits and single hyphens."
        return Loaded(name=name, did="broken", why=why)
    slug, digest = file.stem, digest_of(text)
    seen = Exercise.objects.select_related("current").filter(slug=slug).first()
    if seen is not None and seen.draft_digest not in (digest, seen.loaded_digest):
        return _left(name)
    if seen is not None and seen.current is not None and seen.current.digest == digest:
        if seen.loaded_digest != digest or seen.draft_digest != digest:
            with transaction.atomic():
                row = _still(slug, seen)
                if row is None:
                    return _left(name)
                _keep_draft(row, text)
        return Loaded(name=name, did="same")
    # Proving takes a while: it is done before anything is locked.
    report = prove(text, slug=slug, seeds=LOADING_SEEDS)
    with transaction.atomic():
        row = _still(slug, seen)
        if row is None:
            return _left(name)
        _keep_draft(row, text)
        keep_report(row, report)
        if not report.good:
            return Loaded(name=name, did="broken", why=faults_of(report))
        revise(row, text)
    return Loaded(name=name, did="changed" if seen else "new")


def _left(name: str) -> Loaded:
    return Loaded(name=name, did="left", why="Somebody changed it on the site.")


def _still(slug: str, seen: Exercise | None) -> Exercise | None:
    """The row, locked, if draft and wording still are as ``seen``; None where somebody was quicker.

    A row that was not there is made.
    """
    if seen is None:
        row, new = Exercise.objects.get_or_create(slug=slug)
        return row if new else None
    row = Exercise.objects.select_for_update().get(pk=seen.pk)
    as_seen = (row.draft, row.current_id) == (seen.draft, seen.current_id)
    return row if as_seen else None


def _keep_draft(row: Exercise, text: str) -> None:
    row.draft, row.loaded_digest = text, digest_of(text)
    row.save(update_fields=["draft", "loaded_digest"])


def keep_report(exercise: Exercise, report: Report) -> None:
    """Remembers what a proof found; it speaks of the text whose digest it carries."""
    exercise.report = report.to_json()
    exercise.report_digest = report.digest
    exercise.report_good = report.good
    exercise.save(update_fields=["report", "report_digest", "report_good"])


def faults_of(report: Report) -> str:
    """All that keeps an exercise from being published, one line each."""
    samples = (
        f"sample {sample.index + 1} (“{sample.answer}”) was to get {sample.expected}, "
        f"and got {sample.got}"
        for sample in report.samples
        if not sample.ok
    )
    return "\n".join([*(str(fault) for fault in report.faults), *samples])


def place(
    lesson: Lesson, also: Iterable[str] = (), only: Collection[str] | None = None
) -> list[str]:
    """Puts exercises into a lesson where its text places them; ``also`` come after those.

    One that came from a file and is placed no longer leaves the lesson; one made on the site stays
    where its author put it, after the others. Where ``only`` some are put into place, all others
    keep their order. Returns the names placed that no exercise has.
    """
    placed = [piece.name for piece in prose.pieces(lesson.body) if piece.kind == "exercise"]
    slugs = list(dict.fromkeys([*placed, *also]))
    with transaction.atomic():
        rows = {row.slug: row for row in Exercise.objects.filter(slug__in=slugs)}
        missing = [slug for slug in dict.fromkeys(placed) if slug not in rows]
        if only is not None:
            _slip_in([rows[slug] for slug in slugs if slug in only and slug in rows], lesson, slugs)
            return missing
        others = lesson.exercises.exclude(slug__in=slugs)
        others.exclude(loaded_digest="").update(lesson=None, position=0)
        for position, slug in enumerate(slugs, start=1):
            if slug in rows:
                _put(rows[slug], lesson, position)
        for position, row in enumerate(others.order_by("position", "slug"), len(slugs) + 1):
            _put(row, lesson, position)
    return missing


def _slip_in(fresh: Sequence[Exercise], lesson: Lesson, slugs: Sequence[str]) -> None:
    """Puts each behind the nearest one that ``slugs`` names before it.

    The others move no more than that takes.
    """
    here = [row for row in lesson.exercises.order_by("position", "slug") if row not in fresh]
    for row in fresh:
        before = reversed(slugs[: slugs.index(row.slug)])
        at = {one.slug: place for place, one in enumerate(here, start=1)}
        here.insert(next((at[slug] for slug in before if slug in at), 0), row)
    last = 0
    for row in here:
        last = last + 1 if row in fresh else max(row.position, last + 1)
        _put(row, lesson, last)


def _put(row: Exercise, lesson: Lesson, position: int) -> None:
    if (row.lesson_id, row.position) != (lesson.pk, position):
        row.lesson, row.position = lesson, position
        row.save(update_fields=["lesson", "position"])


# --- Reading a lesson's file ----------------------------------------------------------------------

_HOME = re.compile(r"(\d{1,4})-([a-z0-9]+(?:-[a-z0-9]+)*)")
_FRONT = re.compile(r"---\n(.*?\n)---\n(.*)", re.DOTALL)


def _read_lesson(home: Path) -> Lesson:
    named = _HOME.fullmatch(home.name)
    if named is None:
        raise BrokenContent("A lesson's folder is named by its place and its name: 01-soft-lookup.")
    if named[2] in TAKEN:
        raise BrokenContent(f"“{named[2]}” is the address of a page: give the lesson another name.")
    text = (home / "lesson.md").read_text(encoding="utf-8").replace("\r\n", "\n")
    parts = _FRONT.fullmatch(text)
    if parts is None:
        raise BrokenContent("A lesson opens with its title between two lines of three hyphens.")
    front = _read_front(parts[1])
    lesson = Lesson(
        slug=named[2],
        order=int(named[1]),
        title=front.get("title", ""),
        summary=front.get("summary", ""),
        minutes=front.get("minutes", 10),
        takeaways=front.get("takeaways", []),
        body=parts[2].strip() + "\n",
    )
    takeaways = lesson.takeaways
    if not (isinstance(takeaways, list) and all(isinstance(one, str) for one in takeaways)):
        raise BrokenContent("`takeaways` is a list of sentences.")
    try:
        lesson.clean_fields()
    except ValidationError as error:
        told = (f"`{field}`: {' '.join(words)}" for field, words in error.message_dict.items())
        raise BrokenContent(" ".join(told)) from error
    return lesson


def _read_front(text: str) -> Mapping[str, Any]:
    try:
        front = YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        raise BrokenContent(f"line {line}: {error.problem}.") from error
    except YAMLError as error:
        # A character that no YAML holds; its place is in the message.
        raise BrokenContent(" ".join(str(error).split())) from error
    if not isinstance(front, dict):
        raise BrokenContent("A lesson opens with `title: ...`, one key a line.")
    unknown = sorted(
        str(key) for key in front.keys() - {"title", "minutes", "summary", "takeaways"}
    )
    if unknown:
        raise BrokenContent(
            f"A lesson has title, minutes, summary and takeaways, not {', '.join(unknown)}."
        )
    return front
