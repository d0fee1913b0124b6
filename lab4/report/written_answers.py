"""A reader's own answers: a Markdown file with a heading for each blank and question. It is read, and never changed."""

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab4.analysis.document import Document, Question, WritingSpace
from lab4.domain.errors import Lab4Error, in_words
from lab4.domain.text import valid_text
from lab4.report import Student

#: The file's name in the folder of a form.
ANSWERS_FILE = "answers.md"
_HEADING = re.compile(r"##(?!#)\s*(.*?)\s*#*\s*")
_NUMBER = re.compile(r"(\d+\.\d+)(?!\d)")
_HEAD = (
    "Write below a heading. `lab4 worksheet` puts what you write into the form, in place of its drafts, and never "
    "changes this file."
)


@dataclass(frozen=True, slots=True)
class WrittenAnswers:
    """Who answered and what, and a sentence for each thing in the file that could not be used."""

    student: Student
    notes: tuple[str, ...] = ()


def template(document: Document) -> str:
    """The file with its headings, and nothing below them."""
    headings = [*document.blanks, *_question_headings(document), *_space_headings(document)]
    return "\n".join([f"# {document.title}: your answers", "", _HEAD, "", *(f"## {each}\n" for each in headings)])


def _question_headings(document: Document) -> Iterator[str]:
    for section in document.sections:
        for block in section.blocks:
            if isinstance(block, Question) and block.key:
                yield f"{block.key} {' '.join(block.text.split())}"


def _space_headings(document: Document) -> Iterator[str]:
    for section in document.sections:
        if any(isinstance(block, WritingSpace) for block in section.blocks):
            yield section.title


def ensure_file(document: Document, folder: Path) -> Path | None:
    """Write the file with its headings where a form has none in its folder; the path, if it was written.

    Raises:
        OutputError: if it cannot be written.
    """
    from lab4.storage.atomic import write_atomically

    path = folder / ANSWERS_FILE
    if not document.is_form or path.exists():
        return None
    write_atomically(path, template(document).encode())
    return path


def read_answers(path: Path, document: Document) -> WrittenAnswers:
    """What somebody wrote below the headings; text in another encoding is read as well as it can be.

    Raises:
        Lab4Error: if the file cannot be read.
    """
    try:
        text, notes = _decoded(path)
    except OSError as error:
        raise Lab4Error(f"cannot read {path}: {in_words(error)}") from None
    written: dict[str, str] = {}
    for heading, body in _parts(text):
        key = _key_of(heading, document)
        if key is None:
            if body:
                where = f"{path}: the form has no heading {heading!r}"
                notes.append(f"{where}; what is below it is left out: correct the heading")
        elif body:
            written[key] = f"{written[key]}\n\n{body}" if key in written else body
    answers = {key: each for key, each in written.items() if _NUMBER.fullmatch(key)}
    found = {key: each for key, each in written.items() if key not in answers}
    return WrittenAnswers(
        Student(
            _line(found.get("name", "")),
            _line(found.get("student id", "")),
            _line(found.get("date", "")),
            found.get(""),
            answers,
        ),
        tuple(notes),
    )


def _line(text: str) -> str:
    return " ".join(text.split())


def _decoded(path: Path) -> tuple[str, list[str]]:
    content = path.read_bytes()
    if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return content.decode("utf-16", "replace"), []
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        remark = f"{path} is not UTF-8 text and is read as Windows-1252: check its accents, or save it as UTF-8"
        return content.decode("cp1252", "replace"), [remark]


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """Each heading of the second level, with the text below it; in a block of code there is none."""
    heading, lines, given = "", list[str](), valid_text(text).splitlines()
    for line, is_code in zip(given, _in_code(given), strict=True):
        found = None if is_code else _HEADING.fullmatch(line)
        if found is None:
            lines.append(line)
            continue
        if heading:
            yield heading, "\n".join(lines).strip()
        heading, lines = found[1], []
    if heading:
        yield heading, "\n".join(lines).strip()


def _in_code(lines: Sequence[str]) -> list[bool]:
    """Whether each line is in a fenced block of code; none is where the last block has no end."""
    found, is_open = list[bool](), False
    for line in map(str.strip, lines):
        is_fence = line.startswith("```") and (not line.strip("`") if is_open else "`" not in line.lstrip("`"))
        is_open ^= is_fence
        found.append(is_open or is_fence)
    return [False] * len(found) if is_open else found


def _key_of(heading: str, document: Document) -> str | None:
    """The key of the question, the blank in small letters, or nothing for the room to write."""
    number = _NUMBER.match(heading)
    keys = {block.key for section in document.sections for block in section.blocks if isinstance(block, Question)}
    if number is not None and number[1] in keys:
        return number[1]
    if heading.lower() in {each.lower() for each in document.blanks}:
        return heading.lower()
    return "" if heading.lower() in {each.lower() for each in _space_headings(document)} else None
