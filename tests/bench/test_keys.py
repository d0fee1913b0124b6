"""What decides what a build makes is in its key: sources of its own package and of ours, and versions; nothing else."""

import pytest
from lab4_strangers import forget

from lab4.bench.keys import _sources, artifact_key, source_key, technique_key, training_plan
from lab4.domain.source import Source
from lab4.formats import FORMATS

FORMAT = """
    from acme.helper import export
    from lab4.domain.catalogue import FormatTraits
    from lab4.formats import Format, Tolerance
    from lab4.formats.onnx import kernels

    def late():
        from . import late_helper

    MINE = Format(
        traits=FormatTraits("mine", "Mine", "onnx", "int8", "int8", ("onnxruntime",), ("server",)),
        filename="model.onnx", distributions=(), tolerance=Tolerance(1.0, 0.9), export=export, kernels=kernels,
    )
"""
MODULES = {
    "acme/__init__.py": "",
    "acme/mine.py": FORMAT,
    "acme/helper.py": "from acme.deeper import export",
    "acme/deeper.py": "def export(source, path): ...",
    "acme/late_helper.py": "",
    "acme/unused.py": "",
}
POINT = {("lab4.formats", "mine"): "acme.mine:MINE"}


@pytest.fixture
def key(strangers, tmp_path):
    """A function that edits files of installed packages and returns the key of the format then."""
    strangers("acme-formats", POINT, MODULES)
    strangers("other", {}, {"other/__init__.py": ""})

    def after(**edited):
        for module, text in edited.items():
            path = tmp_path / f"{module.replace('__', '/')}.py"
            path.write_text(path.read_text() + text)
        forget()
        return artifact_key("parent", "mine", 100, 1)

    return after


@pytest.mark.parametrize("module", ["acme__mine", "acme__helper", "acme__deeper", "acme__late_helper"])
def test_an_edited_module_of_the_entrys_package_that_is_imported_changes_the_key(key, module):
    assert key() != key(**{module: "\n# edited\n"})


def test_the_packages_own_init_is_run_too(key, tmp_path):
    before = key()
    (tmp_path / "acme" / "__init__.py").write_text("FLAG = 1")
    assert before != key()


def test_a_module_that_nothing_imports_changes_nothing(key):
    assert key() == key(acme__unused="\n# edited\n")


def test_another_package_changes_nothing(key, tmp_path):
    before = key()
    (tmp_path / "other" / "__init__.py").write_text("# edited")
    assert before == key()


def test_a_new_version_of_the_package_changes_the_key(key, tmp_path):
    before = key()
    (tmp_path / "acme_formats-1.0.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: acme-formats\nVersion: 1.1\n"
    )
    assert before != key()


def test_what_another_package_uses_of_ours_counts_as_its_own_sources(key):
    key()
    used = set(_sources("acme.mine"))
    assert {"acme", "acme.mine", "acme.helper", "acme.deeper", "acme.late_helper", "lab4.formats.onnx"} <= used
    assert "acme.unused" not in used
    assert {name.partition(".")[0] for name in used} == {"acme", "lab4"}


def test_a_technique_of_another_package_is_keyed_alike(strangers, tmp_path):
    source = """
        from lab4.domain.catalogue import TechniqueTraits

        class Mine:
            traits = TechniqueTraits("mine", "Mine", "clustering")
            checks, distributions = (), ("numpy",)

            def apply(self, model, trainer): ...

        MINE = Mine()
    """
    strangers("acme-techniques", {("lab4.techniques", "mine"): "acme_t:MINE"}, {"acme_t.py": source})
    plan = training_plan(1, 1)
    before = technique_key("parent", "mine", plan)
    (tmp_path / "acme_t.py").write_text("# edited\n" + (tmp_path / "acme_t.py").read_text())
    forget()
    assert technique_key("parent", "mine", plan) != before


def test_the_key_of_our_own_entry_does_not_know_other_packages(strangers):
    before = artifact_key("parent", "onnx", 100, 1)
    strangers("acme-formats", POINT, MODULES)
    assert artifact_key("parent", "onnx", 100, 1) == before
    assert FORMATS.package_of("onnx") == "lab4"


def test_keys_import_no_other_package(strangers):
    """To find ``heavy.part``, Python would import ``heavy``: a framework, in pytest's own process."""
    modules = {**MODULES, "acme/late_helper.py": "def late():\n    from heavy import part\n    import heavy.other"}
    strangers("acme-formats", POINT, {**modules, "heavy/__init__.py": "raise SystemExit('opened')"})
    assert artifact_key("parent", "mine", 100, 1)


def test_a_model_that_a_function_builds_is_keyed_by_what_it_has_built(tmp_path):
    (tmp_path / "nets.py").write_text("def small(): ...\ndef large(): ...\n")
    source = Source("net", f"{tmp_path / 'nets.py'}:small", "function")
    assert source_key(source, "examples", "one") != source_key(source, "examples", "other")
