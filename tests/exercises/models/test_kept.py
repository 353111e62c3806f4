"""What was answered and what was said of it stays as written."""

from fractions import Fraction

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from exercises.models import Audit, NeverChanged, Override, Revision, Sheet, Submission, Verdict
from exercises.models.kept import FractionField
from tests import factories

pytestmark = pytest.mark.django_db


def kept_rows():
    submission = factories.marked()
    return [
        submission,
        submission.marking.current,
        submission.sheet,
        submission.sheet.revision,
        Audit.objects.order_by("pk").first(),
        Override.objects.create(
            submission=submission, score=Fraction(1), reason="fair", by=factories.teacher()
        ),
    ]


def test_no_kept_row_is_deleted_one_by_one_or_all_at_once():
    for row in kept_rows():
        with pytest.raises(NeverChanged):
            row.delete()
        with pytest.raises(NeverChanged):
            type(row).objects.all().delete()


def test_no_kept_row_is_saved_again():
    for row in kept_rows():
        with pytest.raises(NeverChanged):
            row.save()


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (Submission, {"raw": {}}),
        (Submission, {"try_number": 9}),
        (Verdict, {"score": Fraction(1)}),
        (Revision, {"text": "other"}),
        (Sheet, {"seed": 1}),
        (Sheet, {"numbers": {}, "draft": {}}),
        (Audit, {"verb": "other"}),
    ],
)
def test_no_kept_field_is_changed(model, change):
    factories.marked()
    row = model.objects.first()
    for name, value in change.items():
        setattr(row, name, value)
    with pytest.raises(NeverChanged):
        row.save(update_fields=list(change))
    with pytest.raises(NeverChanged):
        model.objects.update(**change)
    with pytest.raises(NeverChanged):
        model.objects.bulk_update([row], list(change))


def test_the_moving_fields_of_a_sheet_move():
    sheet = factories.sheet()
    sheet.draft = {"output": {"output": "3"}}
    sheet.save(update_fields=["draft"])
    assert Sheet.objects.get().draft == {"output": {"output": "3"}}


def test_a_new_row_never_takes_the_place_of_one_with_its_key():
    submission = factories.submission()
    twin = Submission(
        pk=submission.pk,
        sheet=submission.sheet,
        track=submission.track,
        learner=submission.learner,
        try_number=2,
        raw={},
    )
    with pytest.raises(IntegrityError):
        twin.save()


def test_rows_are_not_written_over_in_bulk():
    submission = factories.submission()
    with pytest.raises(NeverChanged):
        Submission.objects.bulk_create(
            [submission], update_conflicts=True, update_fields=["raw"], unique_fields=["id"]
        )


def test_a_score_comes_back_exactly():
    submission = factories.marked()
    third = Fraction(1, 3)
    Override.objects.create(submission=submission, score=third, reason="x", by=submission.learner)
    assert Override.objects.get().score == third
    assert list(Override.objects.values_list("score", flat=True)) == [third]


def test_no_score_is_too_long_for_its_row():
    submission = factories.marked()
    long = Fraction(1, 3**500)
    row = Override(submission=submission, score=long, reason="x", by=submission.learner)
    row.clean_fields()
    row.save()
    assert Override.objects.get().score == long
    assert all(model._meta.get_field("score").max_length is None for model in (Override, Verdict))


def test_a_score_that_is_no_number_is_refused():
    with pytest.raises(ValidationError):
        FractionField().to_python("1e-999999999")
    with pytest.raises(ValidationError):
        FractionField().to_python("a half")
    with pytest.raises(ValidationError):
        FractionField().to_python("1/0")
