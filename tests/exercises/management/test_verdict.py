"""A verdict shown and derived again from its row, bit for bit."""

from fractions import Fraction

import pytest
from django.core.management import CommandError, call_command

import grading
from exercises import catalog, intake, marking, review
from exercises.models import Verdict
from tests import factories
from tests.factories import DRAWN, MIX, WRONG

pytestmark = pytest.mark.django_db


def test_a_verdict_says_where_it_came_from(capsys):
    row = factories.verdict(factories.marked(raw=WRONG))
    call_command("verdict", row.pk)
    said = capsys.readouterr().out
    assert str(row.submission.sheet.seed) in said
    assert row.revision.digest in said
    assert "cause first: 0" in said


def test_a_verdict_is_derived_again_bit_for_bit(capsys, settings):
    sheet = factories.sheet(factories.exercise(DRAWN))
    intake.take_hint(sheet, "steps")
    row = factories.verdict(factories.marked(sheet, {"steps": {"scores": "1, 2, 3"}}))
    # Neither a new wording nor a new secret may change it.
    catalog.revise(sheet.exercise, DRAWN.replace("places: 2", "places: 3"))
    settings.SECRET_KEY = "another secret"
    call_command("verdict", row.pk, reproduce=True)
    assert "bit for bit" in capsys.readouterr().out


def test_a_verdict_that_would_differ_today_is_told():
    submission = factories.marked()
    lying = Verdict.saying(
        factories.marked(raw=WRONG).marking.current.spoken,
        submission=submission,
        cause="change:1",
        engine="0.0.0",
        revision=submission.sheet.revision,
    )
    lying.save()
    with pytest.raises(CommandError, match=r"Not the same.*engine 0\.0\.0"):
        call_command("verdict", lying.pk, reproduce=True)


def test_a_regrades_verdict_is_derived_from_its_own_revision(capsys):
    submission = factories.marked()
    newer = catalog.revise(submission.sheet.exercise, MIX + "# reworded\n")
    regraded = Verdict.saying(
        marking.judge(submission, newer),
        submission=submission,
        cause="change:1",
        engine=grading.VERSION,
        revision=newer,
    )
    regraded.save()
    call_command("verdict", regraded.pk, reproduce=True)
    said = capsys.readouterr().out
    assert newer.digest in said
    assert "bit for bit" in said


def test_what_a_person_decided_is_not_derived():
    submission = factories.marked(raw=WRONG)
    row = review.settle(submission, by=factories.teacher(), scores={"output": Fraction(1)})
    with pytest.raises(CommandError, match="A person gave this verdict"):
        call_command("verdict", row.pk, reproduce=True)


def test_a_number_that_is_no_verdict_is_told():
    with pytest.raises(CommandError, match="no verdict 7"):
        call_command("verdict", 7)
