"""Part 4: formats."""

from lab4.analysis.judging import JUDGING
from lab4.analysis.query import figures, highest, lowest, table_of, tables_like
from lab4.analysis.tables import Table, Worksheet
from lab4.report.drafts.phrases import Answer, answer, gaps, say, shown

__all__ = ["answers"]


def answers(worksheet: Worksheet) -> tuple[Answer, ...]:
    """The three questions of the part."""
    tables = tables_like(worksheet, "deployment_")
    return (
        answer(
            "Which format needs the least space, and what could be the reason?",
            [sentence for table in tables for sentence in (_sizes(table), gaps(table, "size"))],
        ),
        answer(
            "Besides size, what counts when a deployment format is chosen?",
            [sentence for table in tables for sentence in (_loading(table), *_latency(worksheet, table))],
        ),
        answer(
            "Which format would you deploy on a phone, and why?",
            [_mobile(worksheet)],
        ),
    )


def _sizes(table: Table) -> str:
    found = figures(table, "size")
    if not found:
        return ""
    least, most = lowest(found), highest(found)
    if least == most:
        return f"{table.title}: every format measured has {say(least)}."
    return (
        f"{table.title}: {least.row.name} is smallest with {say(least)}, {shown(table, least.row, 'relative')} of "
        f"Keras H5; {most.row.name} is largest with {say(most)}. What differs is what each format keeps beside the "
        "weights and how it packs them."
    )


def _loading(table: Table) -> str:
    found = figures(table, "loading")
    if not found:
        return ""
    fast, slow = lowest(found), highest(found)
    if fast == slow:
        return f"{table.title}: loading takes {say(fast)} in every format measured."
    return f"{table.title}: {fast.row.name} loads fastest, in {say(fast)}, {slow.row.name} slowest, in {say(slow)}."


def _latency(worksheet: Worksheet, table: Table) -> list[str]:
    model = table.key.removeprefix("deployment_")
    every = table_of(worksheet, "inference_all")
    found = tuple(f for f in figures(every, "time", batch="1") if f.row.key.startswith(f"latency/{model}-cpu-"))
    if not found:
        return ["Latency by format was not measured in this run."]
    fast, slow = lowest(found), highest(found)
    return [
        (
            f"At batch 1 {shown(every, fast.row, 'format')} takes {say(fast)} and {shown(every, slow.row, 'format')} "
            f"{say(slow)} on this CPU."
        )
    ]


def _mobile(worksheet: Worksheet) -> str:
    chosen, rules = table_of(worksheet, "choices"), table_of(worksheet, "rules")
    for row, rule in zip(chosen.rows, rules.rows, strict=True):
        if row.name == "Mobile Deployment" and figures(chosen, "size", priority=row.name):
            return (
                f"By the rule of Part 5 ({shown(rules, rule, 'rule')}) it is {shown(chosen, row, 'best')}: "
                f"{shown(chosen, row, 'size')}, {shown(rules, rule, 'latency')} of {JUDGING} at batch 1, "
                f"accuracy loss {shown(chosen, row, 'loss')}. "
                "That latency is this machine's CPU; no phone was measured."
            )
    return ""
