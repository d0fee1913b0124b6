"""A reader's own answers: a Markdown file with a heading for each blank and question. It is read, and never changed."""

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab4.analysis.document import Document, Question, WritingSpace
from lab4.domain.errors import Lab4Error, in_words
from lab4.domain.text import counted, shortened, valid_text
from lab4.report import Student

#: The file's name in the folder of a form.
ANSWERS_FILE = "answers.md"
#: So many headings that the form does not have are named, by so many of their characters.
_NAMED, _SHOWN = 3, 60
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
    bodies: dict[str, list[str]] = {}
    unknown, keys = list[str](), _keys(document)
    for heading, body in _parts(text):
        key = _key_of(heading, keys)
        if body and key is None:
            unknown.append(heading)
        elif body and key is not None:
            bodies.setdefault(key, []).append(body)
    written = {key: "\n\n".join(found) for key, found in bodies.items()}
    notes += [f"{path}: {each}" for each in _about_unknown(unknown)]
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


def student_in(path: Path, document: Document, note: Callable[[str], None], *, is_needed: bool = False) -> Student:
    """Who answered and what, as `read_answers`; ``note`` gets a sentence about each thing that could not be used.

    A file that cannot be read is one of these, unless it ``is_needed``: then raises `Lab4Error`.
    """
    try:
        answers = read_answers(path, document)
    except Lab4Error as error:
        if is_needed:
            raise
        note(f"{error}; the worksheet is written without it")
        return Student()
    for sentence in answers.notes:
        note(sentence)
    return answers.student


def _about_unknown(headings: Sequence[str]) -> Iterator[str]:
    """A sentence about each heading that the form does not have, and one about those after the first few."""
    for each in headings[:_NAMED]:
        shown = repr(shortened(each, _SHOWN))
        yield f"the form has no heading {shown}; what is below it is left out: correct the heading"
    if (more := len(headings) - _NAMED) > 0:
        yield f"the form does not have {counted(more, 'further heading')} either; what is below is left out as well"


def _line(text: str) -> str:
    return " ".join(text.split())


def _decoded(path: Path) -> tuple[str, list[str]]:
    content = path.read_bytes()
    if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return content.decode("utf-16", "replace"), []
    if content.count(b"\0") * 3 > len(content):  # UTF-16 without its mark: every second byte of Latin letters is 0
        return content.decode("utf-16-be" if content[:1] == b"\0" else "utf-16-le", "replace"), []
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        remark = f"{path} is not UTF-8 text and is read as Windows-1252: check its accents, or save it as UTF-8"
        return content.decode("cp1252", "replace"), [remark]


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """Each heading of the second level, with the text below it; in a block of code there is none."""
    heading, lines, given = "", list[str](), valid_text(text).splitlines()
    for line, is_code in zip(given, _in_code(given), strict=True):
        if is_code or not line.startswith("##") or line.startswith("###"):
            lines.append(line)
            continue
        if heading:
            yield heading, "\n".join(lines).strip()
        heading, lines = line[2:].strip().rstrip("#").rstrip(), []
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


def _keys(document: Document) -> dict[str, str]:
    """The keys of questions, and the headings of blanks and rooms to write in small letters, with what they mean.

    It is the key of the question, the blank in small letters, or nothing for the room to write.
    """
    blocks = [block for section in document.sections for block in section.blocks]
    return {
        **dict.fromkeys((each.lower() for each in _space_headings(document)), ""),
        **{each.lower(): each.lower() for each in document.blanks},
        **{block.key: block.key for block in blocks if isinstance(block, Question)},
    }


def _key_of(heading: str, keys: Mapping[str, str]) -> str | None:
    """What the heading means; ``None`` where the form does not have it."""
    number = _NUMBER.match(heading)
    return keys.get(number[1] if number is not None and number[1] in keys else heading.lower())
