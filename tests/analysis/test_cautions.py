from dataclasses import replace

from worksheet_factory import run

from lab4.analysis.observations import observations_of
from lab4.analysis.overview import cautions
from lab4.domain.run import Commit


def test_cautions_name_interrupted_merged_dirty_and_differing_runs():
    one = run(complete=False, commit=Commit(None, dirty=True))
    two = run(settings=replace(one.settings, profile="thorough"), started_at="2026-03-02T00:00:00+00:00")
    found = cautions(observations_of([one, two]))
    assert len(found) == 4
    for named in ("interrupted", "merged", "uncommitted", "different settings"):
        assert sum(named in caution.template for caution in found) == 1
    assert cautions(observations_of([two])) == ()
