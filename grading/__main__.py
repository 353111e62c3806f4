"""The mind from a shell: check, show, read, grade, bench. No other file here meets the disk."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import LazyLoader, find_spec, module_from_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grading.document import Document, read_document
from grading.errors import BrokenExercise, Unreadable
from grading.exercise import Exercise, Field, Raw, Variant
from grading.numeric.grids import read_text
from grading.verdict import Verdict


def _when_used(name: str) -> Any:
    """The module of this name, loaded at its first use.

    Below the grader stands sympy, which takes longer to load than ten thousand numbers to read.
    """
    if name in sys.modules:
        return sys.modules[name]
    spec = find_spec(name)
    if spec is None or spec.loader is None:
        raise ImportError(f"there is no module {name}")
    loader = spec.loader = LazyLoader(spec.loader)
    module = sys.modules[name] = module_from_spec(spec)
    loader.exec_module(module)
    return module


if TYPE_CHECKING:
    from grading import grader, proof, tables
    from grading.concepts.bench import telling
else:
    grader, proof = _when_used("grading.grader"), _when_used("grading.proof")
    tables, telling = _when_used("grading.tables"), _when_used("grading.concepts.bench.telling")

CONTENT = Path(__file__).resolve().parent.parent / "exercises" / "content"
LARGEST_SEED = 2**63 - 1
INTERRUPTED = 130
"""What a shell expects of a command that was stopped by Ctrl-C."""


@dataclass(frozen=True)
class NotJson:
    """A line that holds no JSON value, and why."""

    message: str


class OneLine(logging.Formatter):
    """What goes wrong inside is told in a line: nobody at a shell can do anything with the rest."""

    def format(self, record: logging.LogRecord) -> str:
        """The message, and what was raised."""
        raised = record.exc_info[1] if record.exc_info else None
        return record.getMessage() + (f": {raised!r}" if raised else "")


class Complaint(Exception):
    """Something the person at the shell can mend, in one sentence."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 where all is well, 1 where something failed, 2 for a wrong call."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a sign is no reason to show nothing.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    told = logging.StreamHandler()
    told.setFormatter(OneLine())
    logging.basicConfig(handlers=[told])
    given = sys.argv[1:] if arguments is None else list(arguments)
    options = _parser().parse_args(_minus_kept(given))
    try:
        code = int(options.run(options))
        sys.stdout.flush()
    except Complaint as complaint:
        print(complaint, file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The reader of our output (head, say) has seen enough. Nothing may be written at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def _minus_kept(arguments: list[str]) -> list[str]:
    """The arguments, a text to be read such as ``-1/2`` moved to where it is no option."""
    if arguments[:1] != ["read"] or "--" in arguments:
        return arguments
    for index, argument in enumerate(arguments):
        value = arguments[index - 1] in ("--lines", "--shape")
        if len(argument) > 1 and argument[0] == "-" != argument[1] != "h" and not value:
            return [*arguments[:index], *arguments[index + 1 :], "--", argument]
    return arguments


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m grading", description=__doc__)
    commands = parser.add_subparsers(required=True)

    check = commands.add_parser("check", help="prove exercises: samples, seeds, wrong turns")
    check.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    check.add_argument("--seeds", type=int, default=25, metavar="N")
    check.set_defaults(run=_check)

    show = commands.add_parser("show", help="what a learner sees of one variant")
    show.add_argument("exercise", metavar="EXERCISE")
    show.add_argument("--seed", type=_seed, default=0)
    show.set_defaults(run=_show)

    read = commands.add_parser("read", help="read a number, a vector or a grid")
    what = read.add_mutually_exclusive_group(required=True)
    what.add_argument("text", nargs="?", metavar="TEXT")
    what.add_argument("--lines", metavar="FILE", help="one JSON value a line; - for standard input")
    read.add_argument("--shape", type=_shape, metavar="2 | 3x2")
    read.set_defaults(run=_read)

    grade = commands.add_parser("grade", help="grade answers, one JSON value a line")
    grade.add_argument("exercise", metavar="EXERCISE")
    grade.add_argument("--seed", type=_seed, default=0)
    grade.add_argument("--answers", required=True, metavar="FILE", help="- for standard input")
    grade.set_defaults(run=_grade)

    bench = commands.add_parser("bench", help="hold an exercise's rules against marked answers")
    bench.add_argument(
        "exercises",
        nargs="+",
        metavar="EXERCISE[=Q]",
        help="with =Q, on the rows whose column q is Q; several are pooled",
    )
    bench.add_argument(
        "--marked",
        required=True,
        metavar="FILE",
        help="CSV, XLSX or JSON lines with columns answer and label; - for standard input",
    )
    bench.add_argument("--only", action="append", default=[], type=_pair, metavar="COLUMN=TEXT")
    bench.add_argument("--against", type=Path, metavar="FILE.yaml", help="an edited version")
    bench.add_argument("--part", default="", metavar="NAME")
    bench.add_argument("--patterns", action="store_true", help="tell of every pattern")
    bench.add_argument("--json", action="store_true")
    bench.set_defaults(run=_bench)
    return parser


def _seed(text: str) -> int:
    if text.isascii() and text.isdecimal() and len(text) < 20 and int(text) <= LARGEST_SEED:
        return int(text)
    raise argparse.ArgumentTypeError(f"a seed is a whole number from 0 to {LARGEST_SEED}")


def _shape(text: str) -> tuple[int, ...]:
    sizes = text.lower().split("x")
    if len(sizes) <= 2 and all(
        size.isascii() and size.isdecimal() and len(size) < 4 and 1 <= int(size) <= 400
        for size in sizes
    ):
        return tuple(map(int, sizes))
    raise argparse.ArgumentTypeError(
        "a shape is a count such as 2, or rows x columns such as 3x2, each at most 400"
    )


def _pair(text: str) -> tuple[str, str]:
    column, sign, wanted = text.partition("=")
    if column and sign:
        return column.strip().casefold(), " ".join(wanted.split())
    raise argparse.ArgumentTypeError("write the column, =, and what stands in it: q=q1")


def _check(options: argparse.Namespace) -> int:
    files = [file for path in options.paths for file in _exercise_files(path)]
    if not files:
        raise Complaint("There are no exercises (*.yaml) there.")
    if options.seeds < 1:
        raise Complaint("--seeds is at least 1.")
    # A list, and not all(): every file is told of, whatever is wrong with the one before.
    good = [_check_file(file, options.seeds) for file in files]
    return 0 if all(good) else 1


def _check_file(file: Path, seeds: int) -> bool:
    """Print every fault of one file, each on a line that begins with its place."""
    try:
        exercise = grader.open(_text(file), slug=file.stem)
    except Complaint as complaint:
        print(f"{file}:1:1: {complaint}")
        return False
    except BrokenExercise as error:
        for fault in error.faults:
            print(f"{file}:{fault.line}:{fault.column}: {_one_line(fault.message)}")
        return False
    report = grader.check(exercise, seeds=range(seeds))
    for line in _report_lines(report, read_document(exercise.text)):
        print(f"{file}:{line}")
    asked = [sample for sample in report.samples if not sample.struck]
    good = sum(sample.ok for sample in asked)
    state = "good" if report.good else "FAILS"
    struck = len(report.samples) - len(asked)
    besides = f", {struck} struck" if struck else ""
    print(f"{file}: {state}: {good}/{len(asked)} samples{besides}, {report.seeds_run} seed(s)")
    return report.good


def _report_lines(report: proof.Report, document: Document) -> Iterator[str]:
    for fault in report.faults:
        yield f"{fault.line}:{fault.column}: {_one_line(fault.message)}"
    for fault in report.warnings:
        yield f"{fault.line}:{fault.column}: warning: {_one_line(fault.message)}"
    for sample in report.samples:
        if sample.struck:
            line, column = document.spots["samples", sample.index]
            yield (
                f"{line}:{column}: struck: sample {sample.index + 1}, {sample.made_by}: "
                f"{_one_line(sample.struck)}"
            )
        if not sample.ok:
            line, column = document.spots["samples", sample.index]
            got = _one_line(sample.got).rstrip(".")
            made = f", {sample.made_by}" if sample.made_by else ""
            yield (
                f"{line}:{column}: sample {sample.index + 1}{made}: {sample.answer!r} promised "
                f"{sample.expected}; got {got}. {_one_line(sample.why)}"
            )


def _one_line(text: str) -> str:
    """A message of several lines would hide its second fault from whoever reads line by line."""
    return " ".join(text.split())


def _show(options: argparse.Namespace) -> int:
    variant = _variant(options)
    print(f"# {variant.exercise.title}\n")
    if variant.exercise.intro:
        print(f"{variant.exercise.intro.strip()}\n")
    for given in variant.given:
        print(f"{given.label}:")
        if given.columns:
            print("    " + "  ".join(given.columns))
        for index, row in enumerate(given.values):
            head = f"{given.rows[index]}: " if given.rows else ""
            print(f"    {head}{'  '.join(row)}")
        print()
    for name, shown in variant.shown.items():
        print(f"## {name}\n\n{shown.prompt}\n")
        for field in shown.fields:
            shape = "x".join(map(str, field.shape))
            print(
                f"- {field.name} ({' '.join(filter(None, (field.widget, shape)))}): {field.label}"
            )
            for line in _box_lines(field):
                print(f"    {line}")
        print()
    return 0


def _box_lines(field: Field) -> Iterator[str]:
    """What stands beside a box and in it: help, names of cells, what is given, choices."""
    if field.help:
        yield field.help
    for what, names in (("rows", field.rows), ("columns", field.columns)):
        if names:
            yield f"{what}: {', '.join(names)}"
    if any(field.fixed):
        width = field.shape[-1]
        cells = [fixed or "__" for fixed in field.fixed]
        for start in range(0, len(cells), width):
            yield "  ".join(cells[start : start + width])
    for option in field.options:
        yield f"{option.value} = {option.label}"


def _read(options: argparse.Namespace) -> int:
    if options.lines is None:
        print(json.dumps(read_text(options.text, options.shape)))
        return 0
    for value in _json_lines(options.lines):
        if isinstance(value, NotJson):
            print(json.dumps({"error": "json", "message": value.message, "span": [0, 0]}))
        else:
            print(json.dumps(read_text(value, options.shape)))
    return 0


def _grade(options: argparse.Namespace) -> int:
    variant = _variant(options)
    for value in _json_lines(options.answers):
        print(json.dumps(_grade_one(variant, value)))
    return 0


def _grade_one(variant: Variant, value: Any) -> dict[str, Any]:
    """One answer's verdict as the command line tells it."""
    try:
        return _told(grader.grade(variant, _raw(variant, value)))
    except Unreadable as error:
        findings = [
            {
                "code": m.code,
                "tone": "ask",
                "message": m.message,
                "quotes": [{"start": m.start, "end": m.end, "text": _typed(variant, value, m)}],
            }
            for m in error.misreadings
        ]
    except Complaint as complaint:
        # The answer's form is at fault, as a program may get it wrong; a page cannot.
        findings = [{"code": "type", "tone": "ask", "message": str(complaint), "quotes": []}]
    return {"outcome": "unreadable", "score": None, "findings": findings}


def _told(verdict: Verdict) -> dict[str, Any]:
    return {
        "outcome": verdict.outcome,
        "score": None if verdict.score is None else float(verdict.score),
        "findings": [
            {
                "code": finding.code,
                "tone": finding.tone,
                "message": grader.say(finding),
                "quotes": [
                    {"start": q.start, "end": q.end, "text": q.text} for q in finding.quotes
                ],
            }
            for finding in verdict.every_finding()
        ],
    }


def _bench(options: argparse.Namespace) -> int:
    pairs = [_exercise_and_q(name) for name in options.exercises]
    if len(pairs) > 1 and (options.against or not all(q for _, q in pairs)):
        raise Complaint("Several exercises are written EXERCISE=Q each, and without --against.")
    slugs = [exercise.slug for exercise, _ in pairs]
    if len(set(slugs)) < len(slugs):
        raise Complaint("An exercise is named twice.")
    try:
        marked = grader.read_marked(_bytes(options.marked), only=dict(options.only))
    except tables.BadTable as error:
        raise Complaint(f"{options.marked}: {error}") from None
    for bad in marked.bad:
        print(f"{options.marked}:{bad.line}: left out: {bad.message}", file=sys.stderr)
    for note in marked.notes:
        print(f"{options.marked}:{note.line}: {note.message}", file=sys.stderr)
    named = {q for _, q in pairs}
    if None not in named:
        others = sum(row.of not in named for row in marked.rows)
        if others:
            print(f"{others} rows belong to none of these exercises.", file=sys.stderr)
    reports = {}
    for exercise, q in pairs:
        rows = [row for row in marked.rows if q is None or row.of == q]
        if not rows:
            of = f" for {exercise.slug}" if q else ""
            raise Complaint(f"{options.marked} holds no marked answer that can be used{of}.")
        reports[exercise.slug] = _run_bench(exercise, rows, options)
    if options.against:
        edited = _sound(str(options.against))
        (before,) = reports.values()
        rows = [judged.row for judged in before.judged]
        return _tell_comparison(grader.compare(before, _run_bench(edited, rows, options)), options)
    return _tell_benches(reports, options)


def _exercise_and_q(name: str) -> tuple[Exercise, str | None]:
    """An exercise, and the rows that are its own; None for all."""
    path, sign, q = name.rpartition("=")
    if sign and path and not _is(Path(name).is_file):
        return _sound(path), q
    return _sound(name), None


def _sound(name: str) -> Exercise:
    try:
        return _exercise(name)
    except BrokenExercise as error:
        raise Complaint("\n".join(f"{name}: {fault}" for fault in error.faults)) from None


def _bytes(name: str) -> bytes:
    """A file's content, and no more of it than will be read."""
    try:
        if name == "-":
            return sys.stdin.buffer.read(tables.LARGEST + 1)
        with Path(name).open("rb") as stream:
            return stream.read(tables.LARGEST + 1)
    except OSError as error:
        raise Complaint(f"{name} cannot be read: {error.strerror}.") from None


def _run_bench(
    exercise: Exercise, rows: Sequence[grader.Marked], options: argparse.Namespace
) -> grader.Bench:
    try:
        report = grader.bench(exercise, rows, part=options.part)
    except ValueError as error:
        raise Complaint(f"{exercise.slug}: {error}.") from None
    for bad in report.refused:
        print(f"{options.marked}:{bad.line}: left out: {bad.message}", file=sys.stderr)
    return report


def _tell_comparison(comparison: grader.Comparison, options: argparse.Namespace) -> int:
    if options.json:
        print(json.dumps(telling.comparison_json(comparison)))
        return 0
    for line in telling.told_comparison(comparison):
        print(line)
    return 0


def _tell_benches(reports: Mapping[str, grader.Bench], options: argparse.Namespace) -> int:
    """One report whole; of several, a line each and all of them put together."""
    if len(reports) == 1:
        (report,) = reports.values()
        if options.json:
            print(json.dumps(telling.as_json(report)))
            return 0
        lines = list(telling.told(report, patterns=options.patterns))
    else:
        pooled = grader.pool(reports)
        if options.json:
            whole = {
                "exercises": {slug: telling.as_json(one) for slug, one in reports.items()},
                "pooled": telling.figures_json(pooled),
            }
            print(json.dumps(whole))
            return 0
        lines = [
            *telling.told_pool(reports),
            "",
            *telling.told_figures(pooled),
            *telling.told_misses(reports),
        ]
    for line in lines:
        print(line)
    return 0


def _raw(variant: Variant, value: Any) -> Mapping[str, Raw]:
    """The answer by part and box; a bare text where there is one of each."""
    if isinstance(value, NotJson):
        raise Complaint(value.message)
    if isinstance(value, str):
        (name, *more_parts) = variant.shown
        if more_parts or len(variant.shown[name].fields) != 1:
            raise Complaint("This exercise has several boxes: give {part: {field: text}}.")
        return proof.named_boxes(variant, {name: {"": value}})
    if isinstance(value, dict) and all(
        isinstance(texts, dict) and all(isinstance(text, str) for text in texts.values())
        for texts in value.values()
    ):
        for name, texts in value.items():
            shown = variant.shown.get(name)
            if shown is None:
                raise Complaint(f"There is no part {name!r}; there are {', '.join(variant.shown)}.")
            known = [field.name for field in shown.fields]
            for field in texts:
                if field not in known:
                    raise Complaint(f"{name!r} has no box {field!r}; it has {', '.join(known)}.")
        return value
    raise Complaint("An answer is a text, or {part: {field: text}}.")


def _typed(variant: Variant, value: Any, misreading: Any) -> str:
    raw = _raw(variant, value)
    part, _, field = misreading.field.partition(".")
    return raw.get(part, {}).get(field, "")[misreading.start : misreading.end]


def _variant(options: argparse.Namespace) -> Variant:
    return grader.vary(_sound(options.exercise), seed=options.seed)


def _exercise(name: str) -> Exercise:
    """An exercise by its file, or by its slug under exercises/content/."""
    path = Path(name)
    if not _is(path.is_file):
        found = sorted(file for file in CONTENT.rglob("*.yaml") if file.stem == name)
        if not found:
            raise Complaint(f"There is no file and no exercise called {name!r}.")
        path = found[0]
    return grader.open(_text(path), slug=path.stem)


def _exercise_files(path: Path) -> Iterator[Path]:
    if _is(path.is_dir):
        yield from sorted(path.rglob("*.yaml"))
    elif _is(path.is_file):
        yield path
    else:
        raise Complaint(f"There is no file or folder {str(path)!r}.")


def _is(look: Callable[[], bool]) -> bool:
    """What a look at a path says; no where it cannot be looked at (too long a name, say)."""
    try:
        return look()
    except OSError:
        return False


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise Complaint(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise Complaint(f"{path} cannot be read: it is not text in UTF-8.") from None


def _json_lines(name: str) -> Iterator[Any]:
    """Each line's JSON value, NotJson for a line that holds none; blank lines are passed over."""
    try:
        content = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise Complaint(f"{name} cannot be read: {error.strerror}.") from None
    # Only \n ends a line: a JSON string may hold U+2028, at which splitlines would cut.
    for number, line in enumerate(content.removeprefix(BOM_UTF8).split(b"\n"), start=1):
        if not line.strip():
            continue
        # One line out for every line in: what is wrong with one must not touch the others.
        try:
            yield json.loads(line.decode())
        except UnicodeDecodeError:
            yield NotJson(f"Line {number} is not text in UTF-8.")
        except json.JSONDecodeError as error:
            yield NotJson(f"Line {number} is not JSON: {error.msg} (column {error.colno}).")
        except (ValueError, RecursionError):
            yield NotJson(f"Line {number} is not JSON of a kind that is read: too long or deep.")


if __name__ == "__main__":
    sys.exit(main())
