"""Nobody is slowed down who works by hand; a script is, and only for itself and for a minute."""

import pytest
import time_machine
from django.core.cache import cache

from exercises import limits
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("action", list(limits.A_MINUTE))
def test_a_share_of_a_minute_is_counted_for_each_person_and_begins_anew(action):
    cache.clear()
    one, other = factories.learner(), factories.learner()
    with time_machine.travel("2030-01-01T10:00:00Z", tick=False) as clock:
        taken = [limits.within(action, one) for _ in range(limits.A_MINUTE[action] + 1)]
        assert taken == [True] * limits.A_MINUTE[action] + [False]
        assert limits.within(action, other)
        clock.shift(60)
        assert limits.within(action, one)


def test_codes_are_not_guessed_by_the_hundred(client):
    cache.clear()
    with time_machine.travel("2030-01-01T10:00:00Z", tick=False):
        client.force_login(factories.learner())
        codes = [client.post("/learn/join/", {"code": f"GUESS{n}"}).status_code for n in range(11)]
    assert codes == [422] * 10 + [429]


def test_a_box_read_too_often_gets_a_sentence_and_no_page(client):
    with time_machine.travel("2030-01-01T10:00:00Z", tick=False):
        client.force_login(factories.learner())
        for _ in range(limits.A_MINUTE["reading"] + 1):
            line = client.post("/learn/reading/", {"box": "x"}, headers={"HX-Request": "true"})
    assert line.status_code == 429
    assert line.content.decode() == limits.too_often()
