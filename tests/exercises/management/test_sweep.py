"""The sweep as a process: it goes on through faults, and stops when asked."""

import os
import signal
from threading import Timer

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from exercises import marking

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def signals_as_before():
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_once_says_what_it_woke(capsys):
    call_command("sweep")
    assert capsys.readouterr().out == "Woken: 0 waiting, 0 left behind.\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_goes_on_through_faults_and_stops_when_asked(monkeypatch, caplog, number):
    rounds = []

    def sweep():
        rounds.append(len(rounds))
        if len(rounds) == 1:
            raise OperationalError("no database here")
        if len(rounds) == 2:
            raise RuntimeError("something else")
        return marking.SweepReport(waiting=2, abandoned=1)

    monkeypatch.setattr(marking, "sweep", sweep)
    stop = Timer(0.3, os.kill, (os.getpid(), number))
    stop.start()
    caplog.set_level("INFO")
    call_command("sweep", every=0.02)
    stop.join()
    assert len(rounds) > 3
    assert "no database here" in caplog.text
    assert "It tries again" in caplog.text
    assert "woke 2 that waited and 1 that were left behind" in caplog.text


@pytest.mark.parametrize("text", ["0", "-1", "soon", "nan", "1e9"])
def test_a_pause_that_makes_no_sense_is_refused(text):
    with pytest.raises(CommandError, match="number of seconds"):
        call_command("sweep", "--every", text)
