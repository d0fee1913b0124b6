"""The form's questions, worded anew, each with a draft answer from the run's own figures; one file a part."""

from collections.abc import Callable

from lab4.analysis.tables import Worksheet
from lab4.domain.registry import Registry
from lab4.report.drafts.phrases import Answer

__all__ = ["DRAFTS", "Answer", "answers"]

#: By the number of the part; Part 6 is the student's alone.
DRAFTS: Registry[Callable[[Worksheet], tuple[Answer, ...]]] = Registry(
    "part with questions",
    {
        "1": "lab4.report.drafts.hardware:answers",
        "2": "lab4.report.drafts.quantization:answers",
        "3": "lab4.report.drafts.pruning:answers",
        "4": "lab4.report.drafts.deployment:answers",
        "5": "lab4.report.drafts.comprehensive:answers",
    },
)


def answers(worksheet: Worksheet, part: int) -> tuple[Answer, ...]:
    """The questions of a part with their drafts; none where it has no questions."""
    return DRAFTS[str(part)](worksheet) if str(part) in DRAFTS else ()
