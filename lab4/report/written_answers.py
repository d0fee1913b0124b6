"""A reader's own answers: a Markdown file with a heading for each blank and question. It is read, and never changed.

Headings of any level count, in either of Markdown's notations, and the whole text of a question without a sign. What
is below no heading of the form is named in a note.
"""

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from lab4.analysis.document import Document, Question, WritingSpace
from lab4.domain.errors import Lab4Error, in_words
from lab4.domain.text import counted, shortened, valid_text
from lab4.report import Student

#: The file's name in the folder of a form.
ANSWERS_FILE = "answers.md"
#: So many headings that the form does not have are named, by so many of their characters.
_NAMED, _SHOWN = 3, 60
#: A question's number, in bold or not.
_NUMBER = re.compile(r"(?:\*\*|__)?([\d.]*\d)")
#: Number signs before a heading, and a line that makes a heading of the paragraph above it.
_SIGNS, _UNDERLINE = re.compile(r" {0,3}(#{1,6})(?!#)"), re.compile(r" {0,3}(?:={3,}|-{3,})\s*")
#: What opens or closes a block of code, with anything after it.
_FENCE = re.compile(r"(`{3,}|~{3,}|)")
_NO_WORD = re.compile(r"[\W_]+")
#: So many lines may a question take that has no sign.
_MOST_LINES = 4
#: How the title of the file ends.
_TITLE_END = ": your answers"
_HEAD = (
    "Write below a heading. `lab4 worksheet` puts what you write into the form, in place of its drafts, and never "
    "changes this file."
)


@dataclass(frozen=True, slots=True)
class WrittenAnswers:
    """Who answered and what, and a sentence for each thing in the file that could not be used."""

    student: Student
    notes: tuple[str, ...] = ()


class _Heading(NamedTuple):
    """A heading: its first line and the one after it, counted from 0, and what it means, if the form has it."""

    first: int
    after: int
    level: int
    text: str
    key: str | None


class _Part(NamedTuple):
    """The text below a heading, and the line, counted from 1, where to look for it; without a heading, of its own."""

    heading: str
    key: str | None
    line: int
    body: str


def template(document: Document) -> str:
    """The file with its headings, and nothing below them."""
    headings = [*document.blanks, *_question_headings(document), *_space_headings(document)]
    return "\n".join([f"# {document.title}{_TITLE_END}", "", _HEAD, "", *(f"## {each}\n" for each in headings)])


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
    parts = list(_parts(text, _keys(document)))
    for part in parts:
        if part.body and part.key is not None:
            bodies.setdefault(part.key, []).append(part.body)
    written = {key: "\n\n".join(found) for key, found in bodies.items()}
    notes += [f"{path}: {each}" for each in _about(list(_unused(parts, document)))]
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


def _unused(parts: Sequence[_Part], document: Document) -> Iterator[_Part]:
    """The parts that are below no heading of the form; titles of the file and of the form's sections may be empty."""
    titles = {_plain(name) for section in document.sections for name in _names(section.title)}
    for number, part in enumerate(parts):
        is_title = number <= 1 or not part.heading or _plain(part.heading) in titles
        if part.key is None and (part.body or not is_title):
            yield part


def _about(unused: Sequence[_Part]) -> Iterator[str]:
    """A sentence about each of the first few parts that are left out, and one about the others."""
    for part in unused[:_NAMED]:
        if part.heading:
            shown = repr(shortened(part.heading, _SHOWN))
            yield (
                f"the form has no heading {shown} (line {part.line}); it is left out, with what is below it: correct "
                "the heading"
            )
        else:
            shown = repr(shortened(part.body.splitlines()[0], _SHOWN))
            yield (
                f"line {part.line}, {shown}, is below no heading of the form and is left out, with what follows it: "
                "write the heading of its question above it, such as '## 1.1'"
            )
    if (more := len(unused) - _NAMED) > 0:
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


def _parts(text: str, keys: Mapping[str, str]) -> Iterator[_Part]:
    """The file in parts: what is above all headings, and each heading with the text below it, one after another.

    A heading that the form does not have is part of an answer where it is of a deeper level than the answer's own.
    """
    lines = valid_text(text).splitlines()
    opened = [_Heading(0, 0, 0, "", None)]
    for heading in _headings(lines, keys):
        above = opened[-1]
        if heading.key is not None or above.key is None or heading.level <= above.level:
            opened.append(heading)
    ends = (*(heading.first for heading in opened[1:]), len(lines))
    for heading, end in zip(opened, ends, strict=True):
        begins = next((at for at in range(heading.after, end) if lines[at].strip() not in {"", _HEAD}), end)
        shown = "" if heading.text.endswith(_TITLE_END) else heading.text
        line = (heading.first if shown else begins) + 1
        yield _Part(shown, heading.key, line, "\n".join(lines[begins:end]).strip())


def _headings(lines: Sequence[str], keys: Mapping[str, str]) -> Iterator[_Heading]:
    """The headings outside of blocks of code.

    Where the form does not have it, only a line with number signs and a space is one: a line of dashes below a
    paragraph is more often meant to divide.
    """
    paragraph = 0  # where the paragraph begins that a line below may make a heading of
    for at, (line, is_code) in enumerate(zip(lines, _in_code(lines), strict=True)):
        signs = None if is_code else _SIGNS.match(line)
        text = line[signs.end() :].strip().rstrip("#").rstrip() if signs is not None else ""
        key = _key_of(text, keys)
        if signs is not None and (key is not None or line[signs.end() :][:1].strip() == ""):
            yield _Heading(at, at + 1, len(signs[1]), text, key)
        elif paragraph < at and not is_code and _UNDERLINE.fullmatch(line) is not None:
            text = _line(" ".join(lines[paragraph:at]))
            if (key := _key_of(text, keys)) is not None:
                yield _Heading(paragraph, at + 1, 1 if "=" in line else 2, text, key)
        elif paragraph == at and not is_code and (after := _after_question(lines, at, keys)):
            text = _line(" ".join(lines[at:after]))
            yield _Heading(at, after, 2, text, _key_of(text, keys))
        elif line.strip() and not is_code:
            continue
        paragraph = at + 1


def _after_question(lines: Sequence[str], at: int, keys: Mapping[str, str]) -> int | None:
    """The line after a whole question that begins here, and that no line below makes a heading."""
    for after in range(at + 1, min(at + _MOST_LINES, len(lines)) + 1):
        words = _plain(" ".join(lines[at:after]))
        if words in keys and words[:1].isdigit():
            return None if any(map(_UNDERLINE.fullmatch, lines[after : after + 1])) else after
    return None


def _in_code(lines: Sequence[str]) -> list[bool]:
    """Whether each line is in a fenced block of code, as CommonMark has them; a block without an end is none."""
    found, fence, begin = list[bool](), "", 0
    for number, line in enumerate(map(str.strip, lines)):
        opening = _FENCE.match(line)
        mark = opening[0] if opening else ""
        more = line[len(mark) :].strip()
        if not fence:
            if mark and not (mark[0] == "`" and "`" in more):
                fence, begin = mark, number
            found.append(bool(fence))
        else:
            found.append(True)
            if mark[:1] == fence[0] and len(mark) >= len(fence) and not more:
                fence = ""
    return found[:begin] + [False] * (len(found) - begin) if fence else found


def _keys(document: Document) -> dict[str, str]:
    """What headings of the form mean, by their plain words; those of questions by their numbers too.

    It is the number of the question, the blank in small letters, or nothing for the room to write.
    """
    blocks = [block for section in document.sections for block in section.blocks]
    spaces = {_plain(name): "" for title in _space_headings(document) for name in _names(title)}
    blanks = {_plain(each): each.lower() for each in document.blanks}
    numbers = {block.key: block.key for block in blocks if isinstance(block, Question)}
    questions = {_plain(each): each.split()[0] for each in _question_headings(document)}
    return {name: key for name, key in (spaces | blanks | numbers | questions).items() if name}


def _names(title: str) -> tuple[str, ...]:
    """A section's title, and what is before and after its colon."""
    return title, *title.split(":", 1)


def _plain(heading: str) -> str:
    """The words of a heading in small letters, without punctuation."""
    return " ".join(_NO_WORD.sub(" ", heading.lower()).split())


def _key_of(heading: str, keys: Mapping[str, str]) -> str | None:
    """What the heading means; ``None`` where the form does not have it."""
    number = _NUMBER.match(heading)
    return keys.get(number[1] if number is not None and number[1] in keys else _plain(heading))
