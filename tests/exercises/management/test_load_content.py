"""The command that loads lessons."""

import pytest
from django.core.management import CommandError, call_command

from exercises.models import Exercise, Lesson
from tests import factories

pytestmark = pytest.mark.django_db


def test_the_shipped_lessons_load_whole(capsys):
    call_command("load_content", strict=True)
    assert Lesson.objects.exists()
    assert not Exercise.objects.filter(current=None).exists()
    assert "new" in capsys.readouterr().out


def test_a_second_load_says_nothing(capsys):
    call_command("load_content")
    capsys.readouterr()
    call_command("load_content")
    assert capsys.readouterr().out == ""


def test_a_broken_file_is_told_and_fails_only_a_build(tmp_path, capsys):
    home = tmp_path / "01-lesson"
    (home / "exercises").mkdir(parents=True)
    (home / "lesson.md").write_text("---\ntitle: T\n---\nText\n")
    (home / "exercises/mix.yaml").write_text("title: [\n")
    call_command("load_content", tmp_path)
    assert "mix.yaml is not ready for learners" in capsys.readouterr().err
    with pytest.raises(CommandError, match="1 of these files"):
        call_command("load_content", tmp_path, strict=True)


def test_an_authors_text_is_left_and_told(tmp_path, capsys):
    home = tmp_path / "01-lesson"
    (home / "exercises").mkdir(parents=True)
    (home / "lesson.md").write_text("---\ntitle: T\n---\nText\n")
    (home / "exercises/mix.yaml").write_text(factories.MIX)
    call_command("load_content", tmp_path)
    Exercise.objects.update(draft="an author's")
    call_command("load_content", tmp_path)
    assert "left as somebody changed it" in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(CommandError, match="no folder"):
        call_command("load_content", tmp_path / "nowhere")
