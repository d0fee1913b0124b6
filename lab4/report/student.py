"""Whose document it is."""

from dataclasses import dataclass

__all__ = ["Student"]


@dataclass(frozen=True, slots=True)
class Student:
    """The content of the blanks at a document's head, and the student's own words; empty ones are left to fill in."""

    name: str = ""
    student_id: str = ""
    date: str = ""
    reflection: str | None = None

    def blank(self, title: str) -> str:
        """What to write into the blank of this title; nothing where it asks for something else.

        >>> Student("Ada").blank("Name")
        'Ada'
        """
        return {"name": self.name, "student id": self.student_id, "date": self.date}.get(title.lower(), "")

    @property
    def words(self) -> int:
        """How many words the reflection has."""
        return len((self.reflection or "").split())
