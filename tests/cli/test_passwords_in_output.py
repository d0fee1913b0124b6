"""A password of a database is in nothing that lab4 prints or writes, wherever it stands and whatever goes wrong."""

import pytest
from lab4_examples import RUN
from lab4_strategies import document_of

from lab4.cli import main
from lab4.history.run_file import write_run

#: A password, and what of it must be in no output: the whole, in each spelling, and the parts that a parser may make.
SECRETS = {
    "hunter-two": ("hunter",),
    "first@second9/third9:fourth9": ("first@", "second9", "third9", "fourth9"),
    "fifth9%40sixth9%2Fseventh9": ("fifth9", "sixth9", "seventh9"),
    "qu?estion": ("qu?est", "estion"),
    "it's": ("it's", "it'"),
    "q z": ("q z", "q%20z", "q+z"),
    "PW": ("PW",),
}
#: Port 1 answers nothing.
PLACES = {
    "before the host": "postgresql://me:{}@127.0.0.1:1/db",
    "before a port that is none": "postgresql://me:{}@127.0.0.1:port/db",
    "of a driver that is none": "postgresql+none://me:{}@127.0.0.1:1/db",
    "of another database": "mysql://me:{}@127.0.0.1:1/db",
    "after one slash": "postgresql:/me:{}@127.0.0.1:1/db",
    "in the query": "postgresql://me@127.0.0.1:1/db?password={}",
    "in the query and the host": "postgresql://me:{0}@127.0.0.1:1/db?password={0}&sslpassword={0}&sslmode=disable",
    "with a setting that is none": "postgresql://me:{}@127.0.0.1:1/db?nonsense=1",
    "in a connection string": "host=127.0.0.1 port=1 user=me password='{}'",
}
COMMANDS = {
    "add": ["add", "run.json"],
    "import": ["import", "run.json"],
    "list": ["list"],
    "show": ["show", "1"],
    "export": ["export", "1", "-o", "out.json"],
    "prune": ["prune", "--keep", "1"],
    "trend": ["trend"],
}


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_run(tmp_path / "run.json", document_of(RUN))
    return tmp_path


def require_silence(secret, capsys, folder):
    answer = capsys.readouterr()
    texts = [answer.out, answer.err, *(each.read_text() for each in folder.glob("gate.*"))]
    names = [str(path.relative_to(folder)) for path in folder.rglob("*")]
    for part in (secret, *SECRETS[secret]):
        assert [text for text in (*texts, *names) if part in text] == []
    return answer.err


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("where", PLACES)
def test_no_command_of_the_history_shows_a_password(secret, where, place, capsys, monkeypatch):
    monkeypatch.setenv("LAB4_DEBUG", "1")  # shows the most
    address = PLACES[where].format(secret)
    for command in COMMANDS.values():
        assert main(["history", *command, "--history", address]) == 2
        assert require_silence(secret, capsys, place).startswith("lab4: error: ")


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("where", PLACES)
def test_a_password_of_the_environment_is_not_shown(secret, where, place, capsys, monkeypatch):
    monkeypatch.setenv("LAB4_HISTORY", PLACES[where].format(secret))
    assert main(["history", "list"]) == 2
    assert "lab4: error: " in require_silence(secret, capsys, place)


@pytest.mark.parametrize("secret", SECRETS)
def test_the_gate_shows_no_password_in_its_reports_either(secret, place, capsys):
    outputs = [text for name in ("json", "junit", "markdown") for text in (f"--{name}", f"gate.{name}")]
    address = PLACES["before the host"].format(secret)
    assert main(["gate", "run.json", "--history", address, *outputs]) == 2
    assert len(list(place.glob("gate.*"))) == 3
    require_silence(secret, capsys, place)


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "arguments",
    [
        ["history", "list", "{}"],
        ["history", "list", "--histroy", "{}"],
        ["history", "list", "--last", "{}"],
        ["history", "{}"],
        ["{}"],
        ["history", "add", "{}"],
        ["compare", "{}", "run.json"],
        ["history", "list", "--history={}"],
    ],
)
def test_an_address_in_a_wrong_place_shows_no_password(secret, arguments, place, capsys):
    address = PLACES["before the host"].format(secret)
    assert main([each.format(address) for each in arguments]) == 2
    require_silence(secret, capsys, place)


@pytest.mark.parametrize("secret", SECRETS)
def test_an_internal_error_shows_no_password(secret, place, capsys, monkeypatch):
    address = PLACES["before the host"].format(secret)

    def broken(*_, **__):
        raise RuntimeError(f"the driver says: {address} or {secret}\n password={secret}")

    monkeypatch.setattr("lab4.reading.store.opened", broken)
    monkeypatch.setenv("LAB4_DEBUG", "1")
    assert main(["history", "list", "--history", address]) == 2
    told = require_silence(secret, capsys, place)
    assert "Traceback" in told
    assert "please report it with the command: lab4 history list --history " in told


def test_what_is_printed_without_a_password_is_printed_as_it_is(capsys):
    assert main(["history", "add", "run.json", "--history", "https=runs"]) == 0
    assert "added to sqlite:///https=runs/lab4-history.sqlite" in capsys.readouterr().out
