"""Part 1: devices, batch sizes, architectures."""

from lab4.analysis.query import Figure, compare, figures, highest, table_of
from lab4.analysis.tables import Table, Worksheet
from lab4.report.drafts.phrases import Answer, answer, factor, gaps, say, shown, versus

__all__ = ["answers"]


def answers(worksheet: Worksheet) -> tuple[Answer, ...]:
    """The three questions of the part."""
    training, inference = table_of(worksheet, "training"), table_of(worksheet, "inference")
    return (
        answer(
            "On which of the measured platforms was training most efficient, and what could be the reason?",
            [*_platforms(training), gaps(training, "rate"), _machines(worksheet)],
        ),
        answer(
            "How did the batch size change inference, and how do you explain the differences you see?",
            [*_batches(inference), gaps(inference, "rate")],
        ),
        answer(
            "Which of the architectures, CNN or FCNN, made better use of the hardware?",
            [*_architectures(training, "training"), *_architectures(inference, "inference at batch 32", batch="32")],
        ),
    )


def _names(table: Table, found: tuple[Figure, ...], column: str) -> tuple[str, ...]:
    """The different texts in a column of these rows, in order."""
    return tuple(dict.fromkeys(shown(table, figure.row, column) for figure in found))


def _platforms(table: Table) -> list[str]:
    found = figures(table, "rate")
    sentences = []
    for model in _names(table, found, "model"):
        same = figures(table, "rate", model=model)
        best = highest(same)
        others = [figure for figure in same if figure != best]
        beside = [versus(best, other, shown(table, other.row, "device"), "throughput") for other in others]
        sentences.append(
            f"The {model} trained at {say(best)} on {shown(table, best.row, 'device')}, taking "
            f"{shown(table, best.row, 'time')}{': ' if beside else ''}{', '.join(beside)}."
        )
    return sentences


def _machines(worksheet: Worksheet) -> str:
    """What there is to explain the differences with: the figures themselves do not say why."""
    machines = dict.fromkeys(
        f"{source.machine} ({source.run.machine.cpu}, {source.run.machine.logical_cores} logical cores"
        f"{''.join(f', {gpu.name}' for gpu in source.run.machine.gpus)})"
        for source in worksheet.sources
    )
    return f"The figures do not say why; what ran them is {'; '.join(machines)}." if machines else ""


def _batches(table: Table) -> list[str]:
    sentences, verdicts = [], set()
    for small in figures(table, "rate", batch="1"):
        model, device = shown(table, small.row, "model"), shown(table, small.row, "device")
        for large in figures(table, "rate", batch="32", model=model, device=device):
            calls = f"{shown(table, small.row, 'time')} to {shown(table, large.row, 'time')} a call"
            verdict = compare(large.quantity, small.quantity)
            verdicts.add(verdict)
            if verdict == "no clear difference":
                effect = "samples/second show no clear difference"
            else:
                effect = f"samples/second were {factor(large.quantity, small.quantity)} those of batch 1"
            sentences.append(f"For the {model} on {device}, going from batch 1 to 32 took {calls}, and {effect}.")
    if "higher" in verdicts:
        sentences.append("Where samples/second rose, a part of the time of a call did not grow with the batch.")
    return sentences


def _architectures(table: Table, what: str, **texts: str) -> list[str]:
    found = figures(table, "rate", **texts)
    sentences = []
    for device in _names(table, found, "device"):
        same = figures(table, "rate", device=device, **texts)
        best = highest(same)
        name = shown(table, best.row, "model")
        beside = [
            versus(best, other, f"the {shown(table, other.row, 'model')}", "throughput")
            for other in same
            if other != best
        ]
        if beside:
            sentences.append(f"In {what} on {device} the {name} reached {say(best)}: {', '.join(beside)}.")
    if sentences and not texts:
        sentences.append("More samples/second is not yet better use: the models differ in work per image.")
    return sentences
