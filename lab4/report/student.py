"""Whose worksheet it is."""

from dataclasses import dataclass

__all__ = ["Student"]


@dataclass(frozen=True, slots=True)
class Student:
    """The head of the form, and the reflection where the student has written one; empty fields are left to fill in."""

    name: str = ""
    student_id: str = ""
    date: str = ""
    reflection: str | None = None

    @property
    def words(self) -> int:
        """How many words the reflection has."""
        return len((self.reflection or "").split())
