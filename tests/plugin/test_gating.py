import json
from dataclasses import replace
from types import SimpleNamespace

import pytest
from lab4_examples import RUN
from lab4_strategies import document_of

from lab4.analysis.document import Chart
from lab4.analysis.figures import figures_of
from lab4.history.run_file import write_run
from lab4.plugin.gating import baselines_of, history_sections, judged


@pytest.fixture
def settings(tmp_path):
    """Of a run that has just been written, and one before it."""
    write_run(tmp_path / "out" / "run.json", document_of(RUN))
    write_run(tmp_path / "before.json", document_of(replace(RUN, started_at="2020-01-01T00:00:00+00:00")))
    return SimpleNamespace(
        output=tmp_path / "out", gate=(tmp_path / "before.json",), first_run_ok=False, second_look=False
    )


@pytest.fixture
def config(tmp_path):
    """Of pytest, as called without a selection in a project without a policy."""
    no_terminal = SimpleNamespace(get_plugin=lambda _: None)
    return SimpleNamespace(rootpath=tmp_path, getoption=lambda _: "", pluginmanager=no_terminal)


def charts_in(section):
    return [block for block in section.blocks if isinstance(block, Chart)]


def test_what_cannot_be_judged_leaves_no_earlier_pass_in_the_files(settings, config):
    for name in ("gate.json", "gate.xml", "gate.md"):
        (settings.output / name).write_text("passed")
    settings.gate[0].write_text("")
    judgement = judged(settings, settings.output, config, baselines_of(settings, print), print)
    assert judgement.code == 2
    assert judgement.text.startswith("gate: cannot judge: cannot read")
    assert {path.name for path in judgement.paths} == {"gate.json", "gate.xml", "gate.md"}
    assert json.loads((settings.output / "gate.json").read_text())["exit_code"] == 2
    assert all("cannot judge" in path.read_text() for path in judgement.paths)


def test_a_report_that_cannot_be_written_is_told_after_the_verdicts(settings, config):
    (settings.output / "gate.json").mkdir()
    judgement = judged(settings, settings.output, config, baselines_of(settings, print), print)
    assert judgement.code in {1, 2}
    assert judgement.text.splitlines()[-2].startswith("gate: ")
    assert "cannot write" in judgement.text.splitlines()[-1]
    assert {path.name for path in judgement.paths} == {"gate.xml", "gate.md"}


def test_a_baseline_whose_place_the_run_takes_is_still_its_baseline(settings, config):
    run = settings.output / "run.json"
    now = run.read_bytes()
    run.write_bytes(settings.gate[0].read_bytes())
    settings.gate = (run,)
    before = baselines_of(settings, print)
    run.write_bytes(now)
    assert judged(settings, settings.output, config, before, print).code in {0, 1, 2}
    assert judged(settings, settings.output, config, baselines_of(settings, print), print).code == 3


def test_a_budget_of_a_part_that_is_not_selected_stops_nobody(settings, config, tmp_path):
    (tmp_path / "pyproject.toml").write_text(
        '[[tool.lab4.gate.budgets]]\ncells = "examine/*"\nfigure = "size"\nat-most = "1 MB"\n'
    )
    settings.gate, settings.first_run_ok = (tmp_path / "none.json",), True
    before = baselines_of(settings, print)
    assert judged(settings, settings.output, config, before, print).code == 2
    config.getoption = {"markexpr": "inference", "keyword": ""}.get
    judgement = judged(settings, settings.output, config, before, print)
    assert judgement.code == 0
    assert "budgets of cells that are not selected were not judged: size of 'examine/*'" in judgement.text


def test_the_report_shows_what_has_changed_since_the_baselines(settings):
    (section,) = history_sections(RUN, baselines_of(settings, print), print)
    points = [layer.marks for chart in charts_in(section) for layer in chart.layers if layer.shape == "point"]
    assert points
    assert all(len(marks) == 2 for marks in points)


def test_a_report_without_a_baseline_has_no_history(settings):
    settings.gate[0].write_text("")
    assert history_sections(RUN, baselines_of(settings, print), print) == ()
    assert history_sections(RUN, [figures_of(RUN)], print) == ()


def test_an_interrupt_while_it_judges_leaves_no_earlier_pass_either(settings, config):
    def interrupted(_):
        raise KeyboardInterrupt

    (settings.output / "gate.json").write_text("passed")
    before = baselines_of(settings, print)
    config.getoption = interrupted
    judgement = judged(settings, settings.output, config, before, print)
    assert judgement.code == 2
    assert "interrupted before a verdict" in judgement.text
    assert json.loads((settings.output / "gate.json").read_text())["exit_code"] == 2
