"""``lab4 class``: what a class handed in, for its instructor, and a page for each student."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from lab4.cli.commands import Command
from lab4.cli.shared import answer, columns, note
from lab4.domain.errors import Lab4Error
from lab4.domain.text import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lab4.analysis.classroom.assessment import Assessment
    from lab4.analysis.classroom.submission import Submission
    from lab4.cli.class_pages import StudentPage
    from lab4.domain.catalogue import Catalogue
    from lab4.domain.run import Run
    from lab4.reading.classroom import StudentFiles
    from lab4.report import Student

#: In the folder to write to: what has names, and what may be published.
_PRIVATE, _PUBLIC, _KEY = "private", "students", "key.json"
_NOT_WRITTEN = 2


def _declare(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    text = "read what every student handed in, and write the instructor's page and a page per student"
    action = actions.add_parser("import", help=text, description=text)
    action.add_argument("folder", type=Path, metavar="FOLDER", help="it has a subfolder or a run.json per student")
    action.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="folder to write to")
    action.add_argument(
        "--reference",
        type=Path,
        metavar="RUN",
        help="a run whose cells every student is asked for (default: the cells of the worksheet)",
    )


def _import(arguments: Namespace) -> int:
    from lab4.analysis.classroom.assessment import assess
    from lab4.cli.class_pages import write_pages
    from lab4.history.run_file import read_run
    from lab4.reading.class_key import ids_of
    from lab4.reading.classroom import students_in
    from lab4.report.classroom import plain, text
    from lab4.report.written_answers import ANSWERS_FILE

    private = arguments.output / _PRIVATE
    _require_other_folder(arguments.folder, arguments.output)
    reference = None if arguments.reference is None else _asked_by(read_run(arguments.reference))
    handed_in = students_in(arguments.folder, ANSWERS_FILE)
    _require_a_run(arguments.folder, handed_in)
    ids = ids_of(private / _KEY, [each.student for each in handed_in], note)
    answers = [_answers(each) for each in handed_in]
    pairs = zip(handed_in, answers, strict=True)
    submissions = [_submission(each, ids[each.student], own, reference) for each, own in pairs]
    found = assess(submissions, _known(reference))
    paths = [*_class_files(found, private), private / _KEY]
    public = arguments.output / _PUBLIC
    written = list(write_pages(_student_pages(found, answers), public, are_real_cells=reference is not None))
    faults = [each.fault for each in written if each.fault]
    for fault in faults:
        note(fault)
    pages = [str(each.path) for each in written if not each.fault]
    plain_paths = {"private": list(map(str, paths)), "students": pages, "not_written": faults}
    ending = (
        *(printable(str(path)) for path in paths),
        f"{printable(str(public))}: {len(pages)} pages, one per student",
        f"The folder {_PRIVATE} has the students' names; {_PUBLIC} has none, and may be published.",
    )
    answer(arguments, "\n".join([text(found, columns()), "", *ending]), plain(found) | {"written": plain_paths})
    return _NOT_WRITTEN if faults else 0


def _asked_by(reference: "Run") -> "Run":
    """The reference, if it has measured anything; a note where it was interrupted."""
    from lab4.domain.outcome import Measured

    if not any(isinstance(each.outcome, Measured) for each in reference.measurements):
        raise Lab4Error(f"the reference {reference.source} has measured no cell, so that nothing would be asked for")
    if not reference.complete:
        note(f"the reference {reference.source} was interrupted: the cells that it did not reach are not asked for")
    return reference


def _require_other_folder(folder: Path, output: Path) -> None:
    """Refuse to write among what is read: the next import would take it for a student's."""
    if output.is_file():
        raise Lab4Error(f"-o {str(output)!r} is not a folder; name the folder to write to")
    if folder.resolve() in {output.resolve(), *output.resolve().parents}:
        raise Lab4Error(f"-o {str(output)!r} is in {folder}, where students' files are; name a folder elsewhere")


def _require_a_run(folder: Path, handed_in: "Sequence[StudentFiles]") -> None:
    """Refuse a folder without any run that can be used, with the first reason."""
    if not any(each.files for each in handed_in):
        first, refused = next((each, one) for each in handed_in for one in each.refused)
        name = "/".join(filter(None, (first.student, refused.name)))
        raise Lab4Error(f"no run in {folder} can be used; the first, {name}: {refused.reason}")


def _submission(files: "StudentFiles", student_id: str, answers: "Student", reference: "Run | None") -> "Submission":
    from lab4.analysis.classroom.submission import Submission, asked_of
    from lab4.worksheet import asked_cells

    runs = tuple(each.run for each in files.files)
    asked = asked_cells(runs) if reference is None else asked_of(reference, runs)
    written = (*answers.answers.values(), answers.reflection or "")
    return Submission(files.student, student_id, files.files, files.refused, asked, written)


def _known(reference: "Run | None") -> "Catalogue":
    """The traits of devices that the students have no say in: lab4's own, and those of the instructor's run."""
    from lab4.devices import DEVICES
    from lab4.domain.catalogue import Catalogue, merged

    own = Catalogue(devices={name: DEVICES[name].traits for name in DEVICES.own})
    return own if reference is None else merged([Catalogue(devices=reference.catalogue.devices), own])


def _class_files(found: "Assessment", folder: Path) -> list[Path]:
    """Write the instructor's page, and the table for a gradebook."""
    from lab4.analysis.classroom.overview import class_document
    from lab4.report.classroom import gradebook
    from lab4.report.files import write_documents
    from lab4.storage.atomic import write_atomically

    written = write_documents([class_document(found)], folder, ("html", "md"))
    table = folder / "gradebook.csv"
    write_atomically(table, gradebook(found).encode(), keep_earlier=True)
    return [*written.paths, table]


def _student_pages(found: "Assessment", answers: "Sequence[Student]") -> "list[StudentPage]":
    """What each student's own page is made of."""
    from lab4.analysis.classroom.privacy import owners
    from lab4.cli.class_pages import StudentPage

    pairs = zip(found.students, answers, strict=True)
    names = [(each.submission.student, own.name, own.student_id) for each, own in pairs]
    return [StudentPage(*each) for each in zip(found.students, answers, owners(names), strict=True)]


def _answers(files: "StudentFiles") -> "Student":
    """The student's own answers, none where there is no file of them that can be read."""
    from lab4.report import Student
    from lab4.report.written_answers import read_answers
    from lab4.worksheet import blank_form

    if files.answers is None:
        return Student()
    try:
        found = read_answers(files.answers, blank_form())
    except Lab4Error as error:
        note(str(error))
        return Student()
    for sentence in found.notes:
        note(sentence)
    return found.student


_ACTIONS = {"import": _import}

CLASS = Command(
    "read what a class handed in: who lacks what, whose figures are out of line, what was handed in twice",
    _declare,
    lambda arguments: _ACTIONS[arguments.action](arguments),
    ("lab4 class import handed-in -o class", "lab4 class import handed-in -o class --reference reference/run.json"),
)
