"""What a reader of these runs should beware of."""

from lab4.analysis.document import Sentence
from lab4.analysis.observations import Observations
from lab4.analysis.tables import Quantity, Text
from lab4.analysis.values import state
from lab4.domain.cell import LATENCY

__all__ = ["cautions"]

_INTERRUPTED = "A run was interrupted: the cells that it did not reach are not measured."
_MERGED = "Several runs were merged: where several measured a cell, the figures are the latest run's."
_DIRTY = "The working tree had uncommitted changes: the revision alone does not identify the code."
_DATA = "The runs used different data: their accuracies are not comparable."
_SETTINGS = "The runs had different settings: see the machines and settings below."
_NOISY = (
    "The machine was noisy: {} of {} latencies are unstable, less certain than the profile asks (State, in the "
    "tables). Measure again on an idle machine, or for longer."
)


def cautions(observations: Observations) -> tuple[Sentence, ...]:
    """Reasons to read the figures with care; empty where there are none."""
    runs = [source.run for source in observations.sources]
    reasons = {
        _INTERRUPTED: any(not run.complete for run in runs),
        _MERGED: len(runs) > 1,
        _DIRTY: any(run.commit.dirty for run in runs),
        _DATA: len({run.dataset.sha256 for run in runs}) > 1,
        _SETTINGS: len({run.settings for run in runs}) > 1,
    }
    found = tuple(Sentence(reason) for reason, is_so in reasons.items() if is_so)
    return (*found, *_unstable(observations))


def _unstable(observations: Observations) -> tuple[Sentence, ...]:
    states = [found for each in observations.where(LATENCY) if isinstance(found := state(each), Text)]
    unstable = states.count(Text("unstable"))
    if not unstable:
        return ()
    return (Sentence(_NOISY, ((Quantity(unstable), "count"), (Quantity(len(states)), "count"))),)
