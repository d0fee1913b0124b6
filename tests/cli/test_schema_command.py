import json

from lab4.cli import main
from lab4.history.json_schema import json_schema


def test_the_schema_is_printed_as_json(capsys):
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == json_schema()
