"""What templates say with: icons, tones, scores, prose, a learner's words with marks in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any

from django import template
from django.forms import BaseForm
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from exercises import prose
from exercises.showing import Stretch, percent
from grading import grader
from grading.sentences import further, settled
from grading.verdict import Finding

register = template.Library()

ICONS = {
    "right": "M4.5 12.5l5 5 10-11",
    "partly": "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 4v16",
    "wrong": "M6 6l12 12M18 6L6 18",
    "ask": "M8.5 8.5a3.5 3.5 0 1 1 4.9 3.2c-.9.5-1.4 1.2-1.4 2.3M12 18v.2",
    "note": "M12 10.5V18M12 6v.2",
    "review": "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20c1-4 4-5.5 7.5-5.5s6.5 1.5 7.5 5.5",
    "waiting": "M12 6v6l4 2.5M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
    "todo": "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16z",
    "draft": "M5 19l1-4L16 5l3 3L9 18z",
}


@register.simple_tag
def icon(name: str) -> SafeString:
    """A small drawing beside a word, never instead of it."""
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">'
        '<path d="{}"/></svg>',
        ICONS[name],
    )


@register.filter
def heading(finding: Finding) -> str:
    """What stands over a finding: what it is, where that has a name, else its tone in words."""
    return {
        "concept-found": _("You say this"),
        "concept-missing": _("The next question"),
        "misconception-denied": _("Rightly rejected"),
        "half-met": _("Close"),
        "other-language": _("For a person"),
        "tangled": _("For a person"),
        "said-both": _("This and its opposite"),
        "said-both-marked": _("This and its opposite"),
    }.get(finding.code) or tone_word(finding.tone)


@register.filter
def tone_word(tone: str) -> str:
    """How a finding's tone is said in words."""
    return {
        "right": _("Right"),
        "partly": _("Partly right"),
        "wrong": _("To mend"),
        "ask": _("The next question"),
        "note": _("Worth knowing"),
    }[tone]


register.filter(percent)


@register.filter
def score_tone(score: Fraction | None) -> str:
    """Which of the tones a score has."""
    if score is None:
        return "note"
    return "right" if score == 1 else "partly" if score > 0 else "wrong"


@register.filter
def block(text: str, top: int = 3) -> SafeString:
    """Markdown as paragraphs."""
    return prose.block(text, top=top)


@register.filter
def inline(text: str) -> SafeString:
    """Markdown within a line."""
    return prose.inline(text)


@register.filter
def said(finding: Finding) -> str:
    """A finding's sentence. Only an author's own words are Markdown; facts stay as they are."""
    sentence = grader.say(finding)
    return prose.inline(sentence) if "say" in finding.facts else sentence


register.filter(further)
register.filter(settled)


@register.filter
def tied(stretches: Iterable[Stretch]) -> SafeString:
    """The learner's sentences, each quoted stretch with the number of the finding that quotes it.

    The number stands before the words and leads to the finding; a reader who does not see the
    light is told where it ends.
    """
    return format_html_join("", "{}", ((_stretch(one),) for one in stretches))


def _stretch(stretch: Stretch) -> SafeString:
    words = format_html("{}", stretch.text)
    for light in stretch.lights:
        tie = light.tie
        words = format_html(
            '<mark class="lit idea {} hue-{} lane-{}">{}</mark>',
            tie.tone,
            tie.hue,
            min(light.lane, 3),
            words,
        )
    opened = format_html_join(
        "",
        '<a class="tie {} hue-{}" href="#{}"{}>{}<span class="visually-hidden"> {}</span></a>',
        (
            (
                tie.tone,
                tie.hue,
                tie.to,
                format_html(' id="{}"', tie.back) if tie in stretch.first else "",
                tie.number,
                _("(what was said of these words)"),
            )
            for tie in stretch.opens
        ),
    )
    closed = format_html_join(
        "",
        '<span class="visually-hidden tie-end"> {} </span>',
        ((_("(end of %(number)d)") % {"number": tie.number},) for tie in stretch.closes),
    )
    return format_html("{}{}{}", opened, words, closed)


@register.filter
def at(sequence: Sequence[Any] | None, place: int) -> Any:
    """What stands at a place of a list, counted from 0; None where there is nothing."""
    return sequence[place] if sequence and place < len(sequence) else None


@register.filter
def lit(text: str, spans: Iterable[Any]) -> SafeString:
    """The learner's text with each span of it marked; spans have ``start`` and ``end``."""
    return _marked(text, spans, '<mark class="lit">{}</mark>')


@register.filter
def faulty(text: str, spans: Iterable[Any]) -> SafeString:
    """The learner's text with each stretch marked that could not be read."""
    return _marked(text, spans, '<mark class="fault">{}</mark>')


@register.filter
def error_links(form: BaseForm) -> list[dict[str, str]]:
    """The errors of a form in the order of its fields, each with the id of the box to mend."""
    visible = [field for field in form if not field.is_hidden]
    first = visible[0].id_for_label if visible else ""
    links = [{"target": first, "message": str(error)} for error in form.non_field_errors()]
    for field in form:
        target = getattr(form, "error_target", lambda bound: bound.id_for_label)(field)
        links += [{"target": target, "message": str(error)} for error in field.errors]
    return links


@register.simple_tag(takes_context=True)
def faces(context: template.Context) -> list[dict[str, str]]:
    """The faces of the site that this person may open, for the navigation."""
    request: HttpRequest | None = context.get("request")
    user = getattr(request, "user", None)
    if request is None or user is None or not user.is_authenticated:
        return []
    wanted = [
        (_("Lessons"), "learn:index", True),
        (_("My answers"), "learn:answers", True),
        (_("Teach"), "teach:index", user.teaches),
        (_("Write"), "author:index", user.writes),
        (_("Admin"), "admin:index", user.is_admin),
    ]
    return [
        {"label": label, "url": url, "here": here}
        for label, name, may in wanted
        if may
        for url in _address(name)
        for here in [_here(request.path, url, name)]
    ]


@register.simple_tag(takes_context=True)
def onward(context: template.Context) -> str:
    """What an address needs at its end to keep where the reader was going; mostly nothing."""
    request: HttpRequest | None = context.get("request")
    if request is None:
        return ""
    wanted = request.POST.get("next") or request.GET.get("next")
    return f"?{urlencode({'next': wanted})}" if wanted else ""


def _marked(text: str, spans: Iterable[Any], shape: str) -> SafeString:
    return format_html_join(
        "",
        "{}",
        (
            (format_html(shape, stretch) if inside else stretch,)
            for stretch, inside in _stretches(text, spans)
        ),
    )


def _stretches(text: str, spans: Iterable[Any]) -> Iterator[tuple[str, bool]]:
    """The text cut at the spans; overlapping ones are told as one, and none reaches outside."""
    at = 0
    for first, last in sorted((span.start, span.end) for span in spans):
        start, end = max(at, first), min(last, len(text))
        if start >= end:
            continue
        if at < start:
            yield text[at:start], False
        yield text[start:end], True
        at = end
    if at < len(text):
        yield text[at:], False


def _address(name: str) -> Iterator[str]:
    """The address of a face, or none where that face is not part of this site."""
    try:
        yield reverse(name)
    except NoReverseMatch:
        return


def _here(path: str, url: str, name: str) -> str:
    """Whether a face is the page itself, or holds it; two pages of the learner's are no lessons."""
    if path == url:
        return "page"
    apart = (reverse("learn:answers"), reverse("learn:profile"))
    if name == "learn:index" and path.startswith(apart):
        return ""
    return "true" if path.startswith(url) else ""
