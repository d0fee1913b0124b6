"""Who shares a core's units: the judgement on made moments, the look on this machine."""

from lab4.doctor.neighbours import check, judged
from lab4.doctor.system import System


def test_a_core_of_its_own_is_good():
    found = judged([(1.0, 1.0)] * 98 + [(1.0, 1.5)] * 2)
    assert found.state == "good"
    assert "98%" in found.says


def test_a_shared_core_disturbs_and_is_told_with_how_often():
    found = judged([(1.0, 1.0)] * 60 + [(1.0, 1.45)] * 40)
    assert found.state == "disturbs"
    assert "in 40% of moments" in found.says
    assert "--lab4-profile thorough" in found.mend


def test_this_machine_is_looked_at():
    found = check(System())
    assert found.state in {"good", "disturbs"}
    assert "the same core" in found.says
