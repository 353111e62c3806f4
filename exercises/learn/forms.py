"""The small forms of the learner's pages; the boxes of an exercise are in ``exercises.forms``."""

from __future__ import annotations

import zoneinfo
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from exercises import intake
from exercises.forms import NameField
from exercises.models import User

TRANSLATED = {"en", *(folder.name for folder in Path(__file__).parents[1].glob("locale/*"))}


class JoinForm(forms.Form):
    """A class code, however it is typed."""

    code = forms.CharField(
        label=_("Class code"),
        help_text=_("Eight letters and digits, from your teacher. Spaces and small letters do."),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
        error_messages={"required": _("Type the code that your teacher gave you.")},
    )


class DisputeForm(forms.Form):
    """Why somebody should look again."""

    reason = forms.CharField(
        label=_("What should somebody look at?"),
        help_text=_("A sentence or two. A person reads it together with your answer."),
        max_length=intake.REASON_LIMIT,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Say in a sentence or two what should be looked at.")},
    )


class ProfileForm(forms.ModelForm):
    """How the site calls a person, and whose clock and language it uses."""

    time_zone = forms.ChoiceField(
        label=_("Time zone"), help_text=_("Every time on this site is told by this clock.")
    )
    language = forms.ChoiceField(
        label=_("Language"),
        help_text=_("Of buttons and headings. Lessons stay in the language they are written in."),
    )

    class Meta:
        model = User
        fields = ("name", "time_zone", "language")
        field_classes = {"name": NameField}
        labels = {"name": _("Name")}
        help_texts = {"name": _("How your teachers see you.")}
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = sorted({"UTC", self.instance.time_zone, *_places()})
        self._offer("time_zone", [(zone, zone.replace("_", " ")) for zone in zones])
        languages = [pair for pair in settings.LANGUAGES if pair[0] in TRANSLATED]
        if len(languages) > 1:
            self._offer("language", languages)
        else:
            del self.fields["language"]

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


def _places() -> set[str]:
    """The time zones that are called after a place, as people look for theirs."""
    zones = zoneinfo.available_timezones()
    return {zone for zone in zones if "/" in zone and not zone.startswith(("Etc/", "SystemV/"))}
