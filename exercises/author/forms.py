"""The author's forms: a new exercise, a draft, a seed, two versions to compare."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exercises.models import Lesson

BIGGEST_SEED = 2**63 - 1

LARGEST_FILE = 4 * 2**20
"""Bytes of a file of marked answers."""


class NewForm(forms.Form):
    slug = forms.CharField(
        label=gettext_lazy("Its name in addresses"),
        help_text=gettext_lazy(
            "Small letters, digits and hyphens, such as mix-four-values. It stays for good."
        ),
        max_length=80,
        error_messages={"required": gettext_lazy("Give the exercise a name.")},
    )
    lesson = forms.ModelChoiceField(
        label=gettext_lazy("Lesson"),
        help_text=gettext_lazy("Where learners find it."),
        queryset=Lesson.objects.none(),
        required=False,
        empty_label=gettext_lazy("In no lesson yet"),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        # Asked for anew each time: lessons come and go while the site runs.
        self.fields["lesson"].queryset = Lesson.objects.in_order()  # type: ignore[attr-defined]


class DraftField(forms.CharField):
    """A text kept whatever stands in it, but for NULs, which no database keeps."""

    def to_python(self, value: Any) -> Any:
        return (super().to_python(value) or "").replace("\x00", "")


class DraftForm(forms.Form):
    """The text of a draft, whatever stands in it; ``base`` says which draft it was begun from."""

    text = DraftField(
        label=gettext_lazy("The exercise, as YAML"),
        required=False,
        strip=False,
        widget=forms.Textarea(
            attrs={
                "rows": 32,
                "wrap": "off",
                "spellcheck": "false",
                "autocapitalize": "off",
                "autocomplete": "off",
                "data-editor": "",
            }
        ),
    )
    base = forms.CharField(required=False, widget=forms.HiddenInput)


class SeedForm(forms.Form):
    seed = forms.IntegerField(
        label=gettext_lazy("Seed"),
        min_value=0,
        max_value=BIGGEST_SEED,
        error_messages={
            name: gettext_lazy("A seed is a whole number from 0 to 9223372036854775807.")
            for name in ("required", "invalid", "min_value", "max_value")
        },
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "short"}),
    )


class CompareForm(forms.Form):
    old = forms.ChoiceField(label=gettext_lazy("From"))
    new = forms.ChoiceField(label=gettext_lazy("To"))

    def __init__(self, choices: list[tuple[str, str]], data: Any) -> None:
        super().__init__(data)
        for name in ("old", "new"):
            self.fields[name].choices = choices  # type: ignore[attr-defined]
            self.fields[name].error_messages["invalid_choice"] = gettext_lazy(
                "There is no such version."
            )


class BenchForm(forms.Form):
    """Marked answers from a file, or the site's own; and which part they answer."""

    part = forms.ChoiceField(label=gettext_lazy("Which part?"))
    marked = forms.FileField(
        label=gettext_lazy("Marked answers"),
        help_text=gettext_lazy(
            "CSV, XLSX or JSON lines with the columns answer and label (correct, partial or "
            "incorrect, or a score from 0 to 1). The file is read and not kept."
        ),
        required=False,
        allow_empty_file=True,
        widget=forms.ClearableFileInput(
            attrs={"accept": ".csv,.tsv,.txt,.xlsx,.jsonl,.ndjson,.json"}
        ),
    )

    def __init__(self, parts: Sequence[str], data: Any = None, files: Any = None) -> None:
        super().__init__(data, files)
        self.fields["part"].choices = [(name, name) for name in parts]  # type: ignore[attr-defined]
        if len(parts) == 1:
            self.fields["part"].widget = forms.HiddenInput()
            self.fields["part"].initial = parts[0]

    def clean_marked(self) -> bytes | None:
        """What the file holds, read only where it is not too large."""
        sent = self.cleaned_data["marked"]
        if self.data.get("from") != "file":
            return None
        if sent is None:
            raise forms.ValidationError(_("Choose a file first."), code="required")
        if sent.size > LARGEST_FILE:
            raise forms.ValidationError(
                _("This file has %(size)s MB; %(most)s MB is the most that is read.")
                % {"size": round(sent.size / 2**20, 1), "most": LARGEST_FILE // 2**20},
                code="size",
            )
        return bytes(sent.read())
