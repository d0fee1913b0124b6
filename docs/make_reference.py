"""Write the pages of docs/reference that say what is in the code: options, commands, Python names, figures."""

import inspect
import os
from collections.abc import Iterator
from pathlib import Path

import lab4
from lab4 import plugin
from lab4.analysis.figures import FIGURES
from lab4.cli.commands import COMMANDS
from lab4.cli.entry import full_parser
from lab4.domain.registry import REGISTRIES
from lab4.plugin import hookspecs
from lab4.plugin.options import OPTIONS, Option
from lab4.report.gate.words import amount

FOLDER = Path(__file__).parent / "reference"
_MADE = "<!-- Made from the code by: python docs/make_reference.py -->\n"


def options() -> str:
    """The options of pytest and keys of [tool.lab4], and the names that they take."""
    rows = [f"| `{each.flag}` | {_default(each)} | {_escaped(each.help)}{_where(each)} |" for each in OPTIONS]
    lines = [
        _MADE,
        "# Options",
        "",
        "On the command line of pytest, or by the same names without `--lab4-` in a `[tool.lab4]` table of",
        '`pyproject.toml` (`models = ["cnn"]`). In options that take names, `default` means the default list and `all`',
        "every entry that can be used here. Environment variables: `LAB4_CACHE` (the cache's folder), `LAB4_DATA_DIR`",
        "(datasets of Keras), `LAB4_HISTORY` (the history's address), `LAB4_DEBUG=1` (tracebacks of internal errors),",
        "`LAB4_PATIENCE` (for how many seconds timing goes on, after its time, where other programs disturb it; 20,",
        "and 0 saves time on a machine that is never quiet).",
        "",
        "| option | default | |",
        "| --- | --- | --- |",
        *rows,
        "",
        "## Names",
        "",
        "Of this project; other packages add entries, which `lab4 doctor` lists.",
        "",
        "| what | names |",
        "| --- | --- |",
        *(f"| {kind} | {', '.join(f'`{name}`' for name in names)} |" for kind, names in _names()),
    ]
    return "\n".join(lines) + "\n"


def _names() -> Iterator[tuple[str, list[str]]]:
    for kind in REGISTRIES:
        yield kind, list(REGISTRIES[kind].own)
    from lab4.bench.profiles import PROFILES
    from lab4.bench.resources import RESOURCES
    from lab4.plugin.progress import MODES

    for registry in (PROFILES, RESOURCES, MODES):
        yield registry.kind, list(registry.own)


def _default(option: Option) -> str:
    if option.default in {"", False} or option.default == ():
        return _registered(option)
    written = ",".join(map(str, option.default)) if isinstance(option.default, tuple) else str(option.default)
    return f"`{written}`"


def _registered(option: Option) -> str:
    if "(default: " in option.help:
        return ""
    if option.kind in {"names", "filter"} and option.registry:
        from importlib import import_module

        module, _, attribute = option.registry.partition(":")
        usual = getattr(import_module(module), attribute).usual
        return f"`{','.join(usual)}`" if usual else "all"
    return "off" if option.kind == "flag" else "none"


def _where(option: Option) -> str:
    return "" if option.in_table else " (command line only)"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def commands() -> str:
    """Each command's help as it is printed."""
    lines = [
        _MADE,
        "# Commands",
        "",
        "Each has `--json`, which prints its answer for programs (`lab4 gate --json FILE` writes it, `-` prints it).",
        "Exit codes: 0 for success, 2 for bad input or a file that could not be written, 130 after Ctrl-C;",
        "`lab4 doctor --strict` ends with 1 where something disturbs, and [gates](gates.md) have codes of their own.",
        "",
    ]
    os.environ["COLUMNS"] = "100"  # argparse wraps help at the terminal's width
    parser = full_parser()
    own = next(each.choices for each in parser._actions if hasattr(each, "choices") and isinstance(each.choices, dict))  # noqa: SLF001  # argparse lists them nowhere else
    for name in COMMANDS:
        lines += [f"## lab4 {name}", "", "```text", own[name].format_help().rstrip(), "```", ""]
        actions = [each for each in own[name]._actions if isinstance(each.choices, dict)]  # noqa: SLF001  # the same
        for action, sub in [pair for each in actions for pair in each.choices.items()]:
            lines += [f"### lab4 {name} {action}", "", "```text", sub.format_help().rstrip(), "```", ""]
    return "\n".join(lines)


def python_names() -> str:
    """Fixtures, marks, the hook, what a test imports, and the groups of entry points."""
    fixtures = [
        (name, function)
        for name, each in vars(plugin).items()
        if (function := getattr(each, "_fixture_function", getattr(each, "__wrapped__", None)))
        and name.startswith("lab4_")
    ]
    markers = [each.split(": ", 1) for each in plugin._MARKERS]  # noqa: SLF001  # the plugin's own list
    hooks = [(name, each) for name, each in vars(hookspecs).items() if name.startswith("pytest_lab4")]
    lines = [_MADE, "# Python", "", "## Fixtures", "", "| fixture | what it is |", "| --- | --- |"]
    lines += [f"| `{name}` | {_first(function)} |" for name, function in fixtures]
    lines += ["", "## Marks", "", "| mark | what it selects |", "| --- | --- |"]
    lines += [f"| `{name}` | {_escaped(text)} |" for name, text in markers]
    lines += ["", "## Hooks", ""]
    lines += [f"- `{name}{inspect.signature(each)}`: {_paragraph(each)}" for name, each in hooks]
    lines += ["", "## What tests import", "", "| name | what it is |", "| --- | --- |"]
    lines += [
        f"| `lab4.{name}` | {_first(getattr(lab4, name))} |" for name in lab4.__all__ if not name.startswith("__")
    ]
    lines += ["", "## Entry points", "", "| kind | group |", "| --- | --- |"]
    lines += [f"| {kind} | `{REGISTRIES[kind].group}` |" for kind in REGISTRIES if REGISTRIES[kind].group]
    lines += [
        "",
        "[The design](../design.md#adding-things) says what an entry is, and which suite of `lab4.testing` it passes.",
    ]
    return "\n".join(lines) + "\n"


def _first(thing: object) -> str:
    return _escaped(" ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split()))


def _paragraph(thing: object) -> str:
    return _escaped(" ".join((inspect.getdoc(thing) or "").split()))


def figures() -> str:
    """The figures of runs: how they are judged."""
    head = "| figure | what | better | judged | tolerance | compared by default |"
    lines = [
        _MADE,
        "# Figures",
        "",
        "What runs have of a cell, by the names that `--figure`, policies and JSON use. A timed figure is judged by",
        "how much runs of unchanged code vary, an exact one by a change beyond its tolerance; others by budgets only.",
        "`accuracy` and other metrics have their own names: higher is better unless the metric says otherwise, and",
        "accuracy is judged example by example, with a tolerance of 0.25 points.",
        "",
        head,
    ]
    lines.append("| --- | --- | --- | --- | --- | --- |")
    for name, each in FIGURES.items():
        better = "higher" if each.higher_is_better else "lower"
        judged = each.nature.name.lower() if each.judged else "by budgets only"
        tolerance = f"{each.tolerance:.4g}" if each.tolerance else "none"
        if each.tolerance:
            tolerance = f"{each.tolerance * 100:g}{'%' if each.has_ratio else ' points'}"
        if each.grain:
            tolerance = f"{tolerance}, and {amount(each.grain, each.quantity)} at least"
        lines.append(
            f"| `{name}` | {each.label} | {better} | {judged} | {tolerance} | {'yes' if each.compared else ''} |"
        )
    return "\n".join(lines) + "\n"


PAGES = {"options.md": options, "commands.md": commands, "python.md": python_names, "figures.md": figures}

if __name__ == "__main__":
    for page, made in PAGES.items():
        (FOLDER / page).write_text(made(), encoding="utf-8")
