"""Signing in and making an account, in the site's own words; where each person lands afterwards."""

from __future__ import annotations

from typing import Any, cast

from allauth.account import forms
from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from exercises.models import User


class SignInAdapter(DefaultAccountAdapter):
    """Sends people to their own work once they are in, unless an address says otherwise."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "cannot_remove_primary_email": _("The main e-mail address cannot be removed."),
        "duplicate_email": _("You have given this e-mail address already."),
        "email_password_mismatch": _(
            "This e-mail address and this password do not belong together."
        ),
        "email_taken": _("Somebody has an account with this e-mail address already."),
        "incorrect_code": _("This is not the code that is expected now."),
        "incorrect_password": _("This is not your password."),
        "max_email_addresses": _("More than %d e-mail addresses are not kept."),
        "too_many_login_attempts": _(
            "Too many tries to sign in. Wait a few minutes, then try again."
        ),
        "unknown_email": _("Nobody here has this e-mail address."),
        "unverified_primary_email": _("Confirm your main e-mail address first."),
        "username_blacklisted": _("This user name is not to be had. Please choose another."),
        "username_password_mismatch": _("This user name and this password do not belong together."),
        "rate_limited": _("That was too often in a short time. Wait a little, then try again."),
    }

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """The face where this person's work is: an admin's desk, classrooms, drafts, lessons."""
        person = cast(User, request.user)
        if person.is_admin:
            return reverse("admin:index")
        if person.teaches:
            return reverse("teach:index")
        if person.writes:
            return reverse("author:index")
        return reverse("learn:index")


class SignInForm(forms.LoginForm):
    """User name or e-mail address, and the password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _call(self, login=_("User name or e-mail"), remember=_("Keep me signed in"))
        # The page has its own way to a new password, after the button.
        self.fields["password"].help_text = ""
        self.fields["login"].widget.attrs["autocomplete"] = "username"


class SignUpForm(forms.SignupForm):
    """What a new account needs."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _call(self, username=_("User name"), email=_("E-mail"))


class AddEmailForm(forms.AddEmailForm):
    """One more address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _call(self, email=_("E-mail"))


class ResetPasswordForm(forms.ResetPasswordForm):
    """Where the link for a new password goes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _call(self, email=_("E-mail"))


def _call(form: Any, **labels: Any) -> None:
    """Gives boxes their names. A label says what a box is for; no box says it again inside."""
    for name, label in labels.items():
        form.fields[name].label = label
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)
