from dataclasses import dataclass

import pytest

import lab4.cache
from lab4.cli import main


@dataclass(frozen=True)
class Entry:
    key: str
    kind: str
    description: str
    disk_bytes: int
    created_at: str


class FakeCache:
    """A cache of two entries, in whatever folder."""

    def __init__(self, folder):
        self.folder = folder

    def list(self):
        return [
            Entry("b", "artifact", "cnn in tflite_int8", 440_000, "2026-02-01T12:00:00+00:00"),
            Entry("a", "model", "cnn, 3 epochs", 1_703_000, "2026-01-31T12:00:00+00:00"),
        ]

    def clear(self):
        return 2_143_000


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setattr(lab4.cache, "Cache", FakeCache)
    monkeypatch.setattr(lab4.cache, "default_folder", lambda: tmp_path / "default")


def test_entries_are_listed_oldest_first_with_their_total(capsys, tmp_path):
    assert main(["cache", "list"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Kind      What                Size      Made at",
        "model     cnn, 3 epochs       1.70 MB   2026-01-31T12:00:00+00:00",
        "artifact  cnn in tflite_int8  0.440 MB  2026-02-01T12:00:00+00:00",
        f"2 entries in {tmp_path / 'default'}, 2.14 MB in total",
    ]


def test_an_empty_cache_says_so(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(FakeCache, "list", lambda _: [])
    assert main(["cache", "list", "--cache", str(tmp_path)]) == 0
    assert capsys.readouterr().out == f"0 entries in {tmp_path}, 0 MB in total\n"


def test_clearing_says_what_was_freed_and_where(capsys, tmp_path):
    assert main(["cache", "--cache", str(tmp_path), "clear"]) == 0
    assert capsys.readouterr().out == f"2.14 MB freed in {tmp_path}\n"


def test_an_unknown_action_is_refused(capsys):
    assert main(["cache", "eat"]) == 2
    message = capsys.readouterr().err
    assert "list" in message
    assert "clear" in message
