"""The teacher's forms: a classroom's name, a decision part by part, an override."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exercises.forms import NameField
from grading import grader

LONGEST = 4_000
"""The longest words of a teacher, in characters."""


class ShareField(forms.CharField):
    """A score from 0 to 1, written as people write it: 0.5, 1/2, 50 %. Its value is exact."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", 40)
        super().__init__(**options)
        self.widget.attrs.update({"class": "short", "autocomplete": "off"})

    def clean(self, value: Any) -> Fraction | None:
        text = super().clean(value)
        if not text:
            return None
        read = grader.read_text(text, None)
        if "error" in read or read["value"] is None:
            raise ValidationError(
                _("Write a number from 0 to 1, such as 0.5, 1/2 or 50 %."), code="unreadable"
            )
        score = Fraction(str(read["value"]))
        if not 0 <= score <= 1:
            raise ValidationError(_("A score lies between 0 and 1."), code="range")
        return score


class ClassroomForm(forms.Form):
    name = NameField(
        label=gettext_lazy("What is it called?"),
        help_text=gettext_lazy("Your learners see this name. You can use the same one again."),
        max_length=120,
        error_messages={"required": gettext_lazy("Give the classroom a name.")},
    )


@dataclass(frozen=True, kw_only=True)
class PartToDecide:
    """One part in the form: what to call it, and whether it waits for its score."""

    name: str
    label: str
    waits: bool


class SettleForm(forms.Form):
    """A score for each part that a person decides, and words to the learner."""

    say = forms.CharField(
        label=gettext_lazy("Your words to the learner"),
        help_text=gettext_lazy("They stand beside the verdict."),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, parts: Sequence[PartToDecide], data: Any = None) -> None:
        super().__init__(data, auto_id="settle-%s")
        for part in parts:
            self.fields[f"score-{part.name}"] = ShareField(
                label=part.label,
                help_text=_("From 0 to 1, such as 0.5, 1/2 or 50 %.")
                if part.waits
                else _(
                    "From 0 to 1, such as 0.5, 1/2 or 50 %. Left empty, its mark stays as it is."
                ),
                required=part.waits,
                error_messages={"required": _("Give a score: this part waits for one.")},
            )
        self.order_fields([f"score-{part.name}" for part in parts])

    @property
    def scores(self) -> Mapping[str, Fraction]:
        """The scores given, by part."""
        return {
            name.removeprefix("score-"): value
            for name, value in self.cleaned_data.items()
            if name.startswith("score-") and value is not None
        }

    def clean(self) -> dict[str, Any]:
        if not self.errors and not self.scores and not self.cleaned_data["say"]:
            raise ValidationError(_("Give a score, or say something to the learner."), code="empty")
        return self.cleaned_data


class OverrideForm(forms.Form):
    score = ShareField(
        label=gettext_lazy("Score of the whole answer"),
        help_text=gettext_lazy("From 0 to 1, such as 0.5, 1/2 or 50 %."),
        error_messages={"required": gettext_lazy("Give a score from 0 to 1.")},
    )
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        help_text=gettext_lazy("The learner reads this, and so does the next teacher."),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": gettext_lazy("Say why: the learner and the next teacher will want to know.")
        },
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="override-%s")


class LiftForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why it is lifted"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={
            "required": gettext_lazy("Say why: the learner and the next teacher will want to know.")
        },
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="lift-%s")


class PhraseForm(forms.Form):
    """Words of the learner's, and the idea that they are to count for."""

    phrase = forms.CharField(
        label=gettext_lazy("The words"),
        help_text=gettext_lazy(
            "Two to twelve words in a row, as they stand in the answer. Three dots leave some out: "
            "“squeezed … one vector”."
        ),
        strip=True,
        error_messages={"required": gettext_lazy("Choose the words that shall count.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-phrase": ""}),
    )
    idea = forms.ChoiceField(
        label=gettext_lazy("The idea they say"),
        error_messages={
            "required": gettext_lazy("Choose the idea that these words say."),
            "invalid_choice": gettext_lazy("Choose one of the ideas of this exercise."),
        },
    )

    def __init__(
        self, choices: Sequence[tuple[str, str]], data: Any = None, initial: Any = None
    ) -> None:
        super().__init__(data, auto_id="phrase-%s", initial=initial)
        self.fields["idea"].choices = [("", _("Choose an idea")), *choices]  # type: ignore[attr-defined]

    def clean_phrase(self) -> str:
        """One line of it; a NUL is no word, and no database takes it."""
        return " ".join(str(self.cleaned_data["phrase"]).replace("\0", " ").split())

    @property
    def part_and_concept(self) -> tuple[str, str]:
        part, _sep, concept = self.cleaned_data["idea"].partition(":")
        return part, concept


class WaitingForm(forms.Form):
    """Which of the waiting answers are shown."""

    exercise = forms.ChoiceField(label=gettext_lazy("Exercise"), required=False)
    reason = forms.ChoiceField(label=gettext_lazy("Why"), required=False)

    def __init__(
        self,
        exercises: Sequence[tuple[str, str]],
        reasons: Sequence[tuple[str, str]],
        data: Any = None,
    ) -> None:
        super().__init__(data)
        every = [("", _("all"))]
        self.fields["exercise"].choices = [*every, *exercises]  # type: ignore[attr-defined]
        self.fields["reason"].choices = [*every, *reasons]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> dict[str, str]:
        """What was chosen; a choice that does not exist chooses nothing."""
        self.is_valid()
        return {name: self.cleaned_data.get(name, "") for name in ("exercise", "reason")}
