"""A run's figures on a terminal, as the history has them."""

from lab4.analysis.figures import known_figures
from lab4.domain.figures import RunFigures
from lab4.report.gate.words import amount

__all__ = ["run_text"]


def run_text(run: RunFigures) -> str:
    """What the run is of, and one line per cell."""
    lines = [
        f"{run.source}: {run.started_at}, {run.machine.cpu}, {run.machine.os}, Python {run.machine.python}",
        f"revision {run.commit.revision or 'unknown'}{', with uncommitted changes' if run.commit.dirty else ''}",
    ]
    known = known_figures([run])
    width = max((len(key) for key in run.cells), default=0)
    for key, cell in run.cells.items():
        figures = ", ".join(
            f"{known[name].label} {amount(value, known[name].quantity)}"
            for name, value in cell.values.items()
            if name in known
        )
        lines.append(f"{key:{width}}  {figures or f'{cell.state}: {cell.reason}'}")
    return "\n".join(lines)
