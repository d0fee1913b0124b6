"""What a measure is, what it is asked of, and how its value is had from what was measured."""

from collections.abc import Callable
from dataclasses import dataclass

from lab4.analysis.distribution import Summary
from lab4.analysis.observations import Observation, Observations
from lab4.analysis.tables import Kind, NotMeasured, Quantity, Text, Value
from lab4.domain.cell import Cell
from lab4.domain.observed import Latency
from lab4.domain.outcome import Failed, Measured, Unavailable

NOT_RECORDED = "not in the record"
NOT_OBSERVED = "this cell does not measure it"
NO_TIME = "shorter than the clock can measure"

#: What was found: a number and a text are values as they are, ``None`` is one that is missing.
Found = Value | float | str | None


@dataclass(frozen=True, slots=True)
class Subject:
    """A cell, measured or not, among all that was observed."""

    observations: Observations
    cell: Cell

    @property
    def observation(self) -> Observation | None:
        """What was observed of the cell, ``None`` where no run planned it."""
        return self.observations.at(self.cell)

    @property
    def original(self) -> Observation | None:
        """The unmodified model that the cell's artifact is made from."""
        return self.observations.original(self.cell.model)

    @property
    def is_original(self) -> bool:
        """Whether the cell is of the unmodified model itself."""
        return self.observations.catalogue.is_original(self.cell)


@dataclass(frozen=True, slots=True)
class Measure:
    """The usual heading, the kind of values, and how to have one.

    Raises:
        MissingTraitError: (``value``) where an entry does not declare a trait that the value needs.
    """

    heading: str
    kind: Kind
    value: Callable[[Subject], Value]


def observed(observation: Observation | None, figure: Callable[[Measured], Found], why: str = NOT_OBSERVED) -> Value:
    """Return ``figure`` of what was measured, or why there is none: ``why`` where the cell was measured."""
    if observation is None:
        return NotMeasured("not in this run")
    match observation.outcome:
        case Measured() as measured:
            return _value(figure(measured), why)
        case Unavailable(reason):
            return NotMeasured(reason)
        case Failed() as failed:  # pragma: no branch  # the union ends here
            return failed


def of_measured(figure: Callable[[Measured], Found], why: str = NOT_OBSERVED) -> Callable[[Subject], Value]:
    """A value from what was measured."""
    return lambda subject: observed(subject.observation, figure, why)


def of_latency(
    figure: Callable[[Latency, Summary], Found], why: str = NOT_RECORDED, absent: str = "no latency"
) -> Callable[[Subject], Value]:
    """A value from the record of a latency and the summary of its calls; ``absent`` where there is no latency."""

    def value(subject: Subject) -> Value:
        summary = None if subject.observation is None else subject.observation.latency
        return observed(
            subject.observation,
            lambda m: (
                NotMeasured(absent) if m.latency is None or summary is None else _value(figure(m.latency, summary), why)
            ),
        )

    return value


def _value(found: Found, why: str) -> Value:
    if found is None:
        return NotMeasured(why)
    if isinstance(found, str):
        return Text(found)
    return Quantity(found) if isinstance(found, float | int) else found
