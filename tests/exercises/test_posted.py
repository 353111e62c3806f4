"""An address that only changes something leads whoever merely asks for it back to its page."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse

from exercises.posted import posted_from


@posted_from("learn:sheet")
def verb(request, sheet_id):
    return HttpResponse(f"changed {sheet_id}")


@pytest.mark.parametrize("method", ["get", "head"])
def test_asking_leads_to_the_page_and_changes_nothing(method):
    answer = verb(getattr(RequestFactory(), method)("/"), sheet_id=7)
    assert answer.status_code == 302
    assert answer["Location"] == reverse("learn:sheet", args=[7])


def test_a_sent_form_is_taken():
    assert verb(RequestFactory().post("/"), sheet_id=7).content == b"changed 7"


def test_any_other_method_is_refused():
    assert verb(RequestFactory().put("/"), sheet_id=7).status_code == 405
