import pytest

from lab4.analysis.spreads import built_in
from lab4.domain.errors import Lab4Error
from lab4.reading.runs import policy_at


def test_without_a_file_the_policy_is_the_usual_one(tmp_path):
    assert policy_at(None, tmp_path / "pyproject.toml").false_alarms == 0.01


def test_a_file_that_was_named_must_be_there(tmp_path):
    with pytest.raises(Lab4Error, match="--policy: there is no file"):
        policy_at(tmp_path / "none.toml", tmp_path / "pyproject.toml")


def test_a_named_file_comes_before_the_projects(tmp_path):
    for name, rate in (("pyproject.toml", "2%"), ("other.toml", "3%")):
        (tmp_path / name).write_text(f'[tool.lab4.gate]\nfalse-alarms = "{rate}"\n')
    assert policy_at(None, tmp_path / "pyproject.toml").false_alarms == pytest.approx(0.02)
    assert policy_at(tmp_path / "other.toml", tmp_path / "pyproject.toml").false_alarms == pytest.approx(0.03)


@pytest.mark.parametrize("value", ["[" * 5_000, "9" * 5_000], ids=["brackets", "digits"])
def test_what_toml_cannot_read_is_refused_in_one_sentence(tmp_path, value):
    path = tmp_path / "pyproject.toml"
    path.write_text(f"[tool.lab4.gate]\nfalse-alarms = {value}\n")
    with pytest.raises(Lab4Error, match=r"pyproject.toml cannot be read: it is not TOML"):
        policy_at(path, path)


def test_what_a_policy_says_is_printable(tmp_path):
    path = tmp_path / "pyproject.toml"
    expected = 'figure = "latency", change = "5%", until = 2026-12-31, reason = "a\\u001b[2J\\n::error::b"'
    path.write_text(f"[tool.lab4.gate]\nexpected = [{{ {expected} }}]\n")
    assert policy_at(path, path).expected[0].reason == r"a\x1b[2J\n::error::b"


def test_a_file_of_spreads_lies_next_to_the_policy_and_a_damaged_one_is_refused_by_name(tmp_path):
    path = tmp_path / "pyproject.toml"
    path.write_text('[tool.lab4.gate]\nspreads = "own.json"\nmust-detect = "30%"\n')
    policy = policy_at(None, path)
    assert policy.spreads == built_in()
    assert policy.must_detect == pytest.approx(0.3)
    assert "own.json" in policy.remark
    assert policy.remark.endswith("; the gate goes on with its built-in spreads")
    (tmp_path / "own.json").write_text('{"schema": 1, "freedom": 3, "deviations": {}, "widths": {}}')
    own = policy_at(None, path)
    assert own.spreads.freedom == 3
    assert not own.remark


@pytest.mark.parametrize("written", ["must-detect = 1", 'must-detect = "0%"', 'must-detect = "two"', "spreads = 1"])
def test_what_is_no_limit_or_path_is_refused_with_its_key(tmp_path, written):
    path = tmp_path / "pyproject.toml"
    path.write_text(f"[tool.lab4.gate]\n{written}\n")
    with pytest.raises(Lab4Error, match=written.partition(" ")[0]):
        policy_at(None, path)
