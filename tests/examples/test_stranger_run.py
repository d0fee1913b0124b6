"""A run with entries of other packages: what its reports say of them is right."""

import re
import shutil
from pathlib import Path

import pytest
from lab4_strangers import write_package

from lab4.domain.cell import Cell
from lab4.domain.outcome import Failed, Measured
from lab4.history.run_file import read_run

OPTIONS = {
    "profile": "quick",
    "models": "LeNet-5",
    "dataset": "shapes",
    "devices": "cpu",
    "batch-sizes": "1",
    "techniques": "default,longer,clustered16,pruned80.clustered16,pruned80.forgetful",
    "formats": "keras,onnx,onnx_int8,tflite_float16",
    "resources": "counters",
    "metrics": "default,macro_f1",
    "report": "html,md,csv,outline",
}
MADE_AGAIN = ("lab4-results/run.json", "-o", "lab4-results", "--report", "md")
FORGETFUL = "examine/[LeNet-5].pruned80.forgetful-cpu-keras"


@pytest.fixture(scope="module")
def results(environment, tmp_path_factory, pytestconfig):
    """The folder of a run's results, and of the worksheet that was made of it."""
    folder = tmp_path_factory.mktemp("run")
    points = {("lab4.techniques", name): f"entries_of_a_test:{name.upper()}" for name in ("longer", "forgetful")}
    source = Path(__file__).with_name("entries_of_a_test.py").read_text(encoding="utf-8")
    write_package(environment.purelib, "entries-of-a-test", points, {"entries_of_a_test.py": source})
    benchmarks = pytestconfig.rootpath / "benchmarks"
    shutil.copytree(benchmarks, folder / "benchmarks", ignore=shutil.ignore_patterns("harness", "__*"))
    flags = [word for key, value in OPTIONS.items() for word in (f"--lab4-{key}", value)]
    environment.run("-m", "pytest", "benchmarks", "-p", "no:cacheprovider", *flags, cwd=folder)
    made = environment.run("-m", "lab4", "worksheet", *MADE_AGAIN, cwd=folder)
    assert made.returncode == 0, made.stdout + made.stderr
    return folder / "lab4-results"


@pytest.fixture(scope="module")
def run(results):
    return read_run(results / "run.json")


@pytest.fixture(scope="module")
def worksheet(results):
    return (results / "worksheet.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def report(results):
    return (results / "report.md").read_text(encoding="utf-8")


def section(text, title):
    """A part of a Markdown file, from its heading to the next of the same level or above."""
    level = re.search(rf"^(#+) {re.escape(title)}$", text, re.MULTILINE)
    assert level is not None, f"no heading {title!r}"
    rest = text[level.end() :]
    following = re.search(rf"^#{{1,{len(level[1])}}} ", rest, re.MULTILINE)
    return rest[: following.start()] if following else rest


def sentences(text):
    """The sentences outside of tables."""
    prose = "\n".join(line for line in text.splitlines() if not line.startswith("|"))
    return re.split(r"(?<=[.!?:])\s+", prose)


def test_every_cell_is_measured_but_the_one_whose_promise_is_broken(run):
    failed = {each.cell.key: each.outcome for each in run.measurements if isinstance(each.outcome, Failed)}
    assert [key for key in failed if "forgetful" not in key] == []
    assert FORGETFUL in failed
    measured = {each.cell.format for each in run.measurements if isinstance(each.outcome, Measured)}
    assert measured == {"keras", "onnx", "onnx_int8", "tflite_float16"}


def test_a_broken_promise_is_a_failed_cell_with_a_clear_sentence(run):
    (failed,) = [each.outcome for each in run.measurements if each.cell.key == FORGETFUL]
    assert re.search(
        r"the exported Keras \(H5\) has a share of zero weights of [.\d]+, and at least 0\.8 was promised",
        failed.reason,
    )


def test_the_record_has_the_version_of_each_package_that_took_part(run):
    libraries = dict(run.machine.libraries)
    assert libraries["lab4-stranger"] == "1.0"
    assert libraries["entries-of-a-test"] == "1.0"


def test_names_with_a_dash_come_back_from_ids(run):
    assert {each.cell.model for each in run.measurements} == {"LeNet-5"}
    assert all(Cell.from_key(each.cell.key) == each.cell for each in run.measurements)


def test_the_catalogue_has_what_the_entries_declare(run):
    catalogue = run.catalogue
    assert catalogue.format("onnx_int8").precision == "int8"
    assert catalogue.technique("clustered16").kind == "clustering"
    assert catalogue.model("LeNet-5").task == "classification"


def test_promises_of_a_chain_are_kept_in_the_artifact(run):
    chain = next(each for each in run.measurements if each.cell.key.endswith("pruned80.clustered16-cpu-keras"))
    sparsity = chain.outcome.sparsity
    assert sparsity.zeros / sparsity.total >= 0.795


def test_clustering_is_not_called_pruning(worksheet):
    told = [each for each in sentences(worksheet) if "Clustered" in each and "Pruned" not in each]
    assert told
    assert not [each for each in told if re.search(r"prun|zeros compress", each, re.IGNORECASE)]
    pruning = section(worksheet, "Pruning of the LeNet-5")
    rows = [line for line in pruning.splitlines() if line.startswith("|") and "Clustered" in line]
    assert all("Pruned" in row for row in rows)


def test_the_int8_onnx_file_stands_with_its_precision(worksheet, report):
    quantization = section(worksheet, "Quantization of the LeNet-5")
    (row,) = [line for line in quantization.splitlines() if line.startswith("| ONNX (Int8)")]
    assert "int8" in row.lower()
    assert "Pruned + ONNX (Int8)" not in worksheet
    assert re.search(r"ONNX \(Int8\).*int8", report)


@pytest.mark.parametrize("control", ["Control (trained on, not pruned)", "Control (trained on twice)"])
def test_no_control_wins_anything(worksheet, control):
    chosen = section(worksheet, "The best for each priority")
    assert "LeNet-5" in chosen
    assert control not in chosen
    assert control in worksheet


def test_a_promise_is_told_of_the_files_that_keep_it(worksheet, report):
    for text in (worksheet, report):
        told = [each for each in sentences(text) if "promises" in each and "distinct weights" in each]
        assert not [each for each in told if "Int8" in each]
    assert not re.search(r"Clustered[^|]*Int8[^|]*\|.*distinct weights", report)


def test_the_other_metric_has_its_column(report):
    examined = section(report, "Every artifact")
    (heading,) = [line for line in examined.splitlines() if line.startswith("| Cell")]
    assert "Macro F1" in heading


def test_the_other_packages_report_is_written_beside_ours(results):
    assert {"report.html", "report.md", "report.csv", "report.txt"} <= {path.name for path in results.iterdir()}
    assert "LeNet-5" in (results / "report.txt").read_text(encoding="utf-8")
