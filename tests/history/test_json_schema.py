import json

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from lab4_strategies import document_of, measurements, runs

from lab4.history.json_schema import json_schema
from lab4.history.plain import to_plain

SCHEMA = json_schema()
RUN = Draft202012Validator(SCHEMA)
RECORD = Draft202012Validator({"$defs": SCHEMA["$defs"], "$ref": "#/$defs/MeasurementRecord"})


def test_the_published_schema_is_up_to_date(pytestconfig):
    published = pytestconfig.rootpath / "docs" / "schema.json"
    assert json.loads(published.read_text(encoding="utf-8")) == SCHEMA, "run: lab4 schema > docs/schema.json"


def test_it_is_itself_valid():
    Draft202012Validator.check_schema(SCHEMA)


@given(measurements)
def test_a_record_conforms(measurement):
    RECORD.validate(to_plain(measurement))


@settings(max_examples=10)
@given(runs)
def test_a_run_file_conforms(run):
    RUN.validate(document_of(run))


@given(measurements)
def test_a_record_with_a_field_too_many_does_not_conform(measurement):
    assert not RECORD.is_valid(to_plain(measurement) | {"mine": 1})


@settings(max_examples=10)
@given(runs, st.sampled_from(["lab4", "machine_info", "benchmarks"]))
def test_a_run_file_with_a_section_too_few_does_not_conform(run, key):
    document = document_of(run)
    del document[key]
    assert not RUN.is_valid(document)
