"""Settings of a runtime: their values, their labels and the code that chooses them, by its traits."""

import pytest

from lab4.domain.catalogue import Catalogue, DeviceCode, FormatTraits, RuntimeTraits, SettingTraits, SettingValue
from lab4.domain.cell import Cell
from lab4.domain.errors import UnknownNameError

LOOP = SettingTraits("loop", "loop order", (SettingValue("rows", "by_rows()"), SettingValue("tiles", "by_tiles()")))
CACHE = SettingTraits("cache", "cache", (SettingValue("on"), SettingValue("off", ", cache=False")))
ENGINE = RuntimeTraits(
    "engine",
    "Engine",
    settings=(LOOP, CACHE),
    code=(DeviceCode("cpu", ("import engine", "{loop}", "net = engine.open(path, threads={threads}{cache})")),),
)
CATALOGUE = Catalogue(formats={"plan": FormatTraits("plan", "Plan", runtimes=("engine",))}, runtimes={"engine": ENGINE})


def cell(*settings, runtime=""):
    return Cell("latency", "net", (), "cpu", 1, "plan", runtime=runtime, settings=settings)


def test_what_is_not_changed_has_its_default():
    assert ENGINE.values_of(()) == {"loop": "rows", "cache": "on"}
    assert ENGINE.values_of((("cache", "off"),)) == {"loop": "rows", "cache": "off"}


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ((("lop", "tiles"),), "unknown setting of Engine 'lop'; valid: loop, cache"),
        ((("loop", "tile"),), "unknown value of Engine's loop 'tile'; valid: rows, tiles"),
    ],
)
def test_what_the_runtime_does_not_have_is_refused_with_what_it_has(settings, sentence):
    with pytest.raises(UnknownNameError, match=sentence):
        ENGINE.values_of(settings)
    with pytest.raises(UnknownNameError, match="valid: none"):
        RuntimeTraits("plain", "Plain").values_of(settings)


def test_the_code_has_what_is_chosen_and_no_line_for_a_default():
    assert ENGINE.code_of("cpu", 1, ()) == ("import engine", "net = engine.open(path, threads=1)")
    assert ENGINE.code_of("cpu", 4, (("loop", "tiles"), ("cache", "off"))) == (
        "import engine",
        "by_tiles()",
        "net = engine.open(path, threads=4, cache=False)",
    )
    assert ENGINE.code_of("gpu", 1, ()) == ()


def test_any_text_may_be_in_the_code_of_a_record():
    odd = DeviceCode("cpu", ("{threads.__class__} {0} {", "{threads}"))
    assert RuntimeTraits("odd", "Odd", code=(odd,)).code_of("cpu", 2, ()) == ("{threads.__class__} {0} {", "2")


def test_people_read_the_settings_after_the_format():
    chosen = cell(("loop", "tiles"), ("cache", "off"))
    assert CATALOGUE.settings_label(chosen) == "cache off, loop order tiles"
    assert CATALOGUE.format_label(chosen) == "Plan, cache off, loop order tiles"
    assert CATALOGUE.format_label(cell()) == "Plan"


def test_a_setting_that_the_catalogue_does_not_know_is_shown_by_its_name():
    assert CATALOGUE.format_label(cell(("depth", "3"), runtime="other")) == "Plan, other, depth 3"
