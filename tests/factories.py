"""Things for tests, made by plain functions that say only what the test is about."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from exercises import catalog, classrooms, intake, marking
from exercises.models import (
    Assignment,
    Classroom,
    Exercise,
    Lesson,
    Membership,
    Sheet,
    Submission,
    User,
    Verdict,
)

_count = itertools.count(1)

MIX = """\
title: Mix three values
tries: 3
given:
  weights: [0.7, 0.2, 0.1]
  values: [[4, 1], [1, 5], [2, 3]]
parts:
  - name: output
    kind: lookup
    prompt: Mix the values {values} by the weights {weights}.
    ask: output
    weights: weights
    values: values
    tolerance: exact
    hints:
      - {say: Multiply each value by its weight first., cost: 0.1}
      - {say: Then add the products., cost: 0.2}
samples:
  - {answer: "3.2, 2", score: 1}
  - {answer: "4, 1", score: 0, finding: hard-lookup}
"""
"""An exercise that never draws: its right answer is 3.2, 2."""

TWO_PARTS = """\
title: Two numbers
parts:
  - {name: hops, kind: number, points: 3, prompt: "Hand-overs from 1 to 30?", answer: 29}
  - {name: paths, kind: number, points: 1, prompt: "And by attention?", answer: 1}
samples:
  - {answer: {hops: "29", paths: "1"}, score: 1}
  - {answer: {hops: "29"}, score: 0.75}
"""

DRAWN = """\
title: A soft lookup of your own
given:
  query: {draw: integers, low: 1, high: 4, shape: 3}
  keys: {draw: integers, low: -2, high: 2, shape: [3, 3], distinct: true}
  values: {draw: integers, low: -5, high: 5, shape: [3, 2], distinct: true}
parts:
  - name: steps
    kind: lookup
    prompt: Look the values {values} up by the keys {keys} with the query {query}.
    ask: [scores, output]
    query: query
    keys: keys
    values: values
    tolerance: {places: 2}
samples:
  - {answer: {steps: {scores: "0, 0, 0"}}, score: 0}
"""
"""An exercise whose numbers differ from sheet to sheet."""

MOON = """\
# By ideas, not by numbers.
title: Half a moon
parts:
  - name: why
    kind: explain
    prompt: Why do we often see only a part of the moon lit?
    model: The sun lights one half of the moon, and from the earth we see that half from the side.
    concepts:
      lit_half:  # the light
        any:
          - "sun / light|illuminate / half|moon"  # first

          - "half ..2 lit"
        feedback: {found: You say what the sun does., missing: What does the sun do to the moon?}
      angle:
        any: ["see near side|angle", "see ..4 part ..3 lit"]
        half: ["different view"]
        feedback: {missing: From where do we look at it?}
    misconceptions:
      shadow:
        any: ["shadow near moon"]
        effect: void
        say: What happens every month?
        example: The earth casts its shadow on the moon.
samples:
  - {answer: "The sun lights half of the moon, and we see it from the side.", label: correct}
  - {answer: "The sun always illuminates the moon.", label: partial}
  - {answer: "The moon grows and shrinks each month.", label: incorrect}
"""
"""An exercise decided by rules: two ideas, and a claim that voids."""


def said(text: str) -> dict[str, dict[str, str]]:
    """An answer to MOON."""
    return {"why": {"text": text}}


RIGHT = {"output": {"output": "3.2, 2"}}
WRONG = {"output": {"output": "4, 1"}}
UNREADABLE = {"output": {"output": "three, two"}}
"""Answers to MIX."""


def person(**fields: Any) -> User:
    username = fields.pop("username", f"person{next(_count)}")
    return User.objects.create_user(
        username,
        fields.pop("email", f"{username}@example.org"),
        fields.pop("password", None),
        **fields,
    )


def learner(**fields: Any) -> User:
    return person(**fields)


def teacher(**fields: Any) -> User:
    return person(is_teacher=True, **fields)


def author(**fields: Any) -> User:
    return person(is_author=True, **fields)


def admin(**fields: Any) -> User:
    return person(is_staff=True, is_superuser=True, **fields)


def lesson(**fields: Any) -> Lesson:
    number = next(_count)
    return Lesson.objects.create(
        **{"slug": f"lesson-{number}", "title": f"Lesson {number}", "order": number, **fields}
    )


def draft(text: str = MIX, *, by: User | None = None, **fields: Any) -> Exercise:
    """An exercise that was never published."""
    fields.setdefault("slug", f"exercise-{next(_count)}")
    made = Exercise.objects.create(draft=text, **fields)
    if by is not None:
        made.authors.add(by)
    return made


def exercise(text: str = MIX, *, by: User | None = None, **fields: Any) -> Exercise:
    """A published exercise."""
    made = draft(text, by=by, **fields)
    catalog.revise(made, text, by=by)
    return made


def sheet(of: Exercise | None = None, *, to: User | None = None) -> Sheet:
    return intake.deal(to or learner(), of or exercise())


def submission(on: Sheet | None = None, raw: Mapping[str, Mapping[str, str]] = RIGHT) -> Submission:
    """A try that waits for its verdict."""
    return intake.submit(on or sheet(), raw, uuid4())


def marked(on: Sheet | None = None, raw: Mapping[str, Mapping[str, str]] = RIGHT) -> Submission:
    """A try with its first verdict."""
    made = submission(on, raw)
    marking.mark(made.pk)
    return Submission.objects.for_reading().get(pk=made.pk)


def verdict(of: Submission | None = None) -> Verdict:
    return Verdict.objects.get(submission=of or marked())


def classroom(
    *, taught_by: User | None = None, with_learners: tuple[User, ...] = (), name: str = "Class"
) -> Classroom:
    made = classrooms.create(name, taught_by or teacher())
    for one in with_learners:
        Membership.objects.create(classroom=made, user=one)
    return made


def assignment(in_: Classroom, *of: Exercise, **fields: Any) -> Assignment:
    made = Assignment.objects.create(classroom=in_, **{"title": "Homework", **fields})
    made.exercises.set(of)
    return made
