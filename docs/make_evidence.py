"""Write the tables of docs/evidence/gates.md anew, each by the command above it, which takes saved runs.

``python docs/make_evidence.py`` takes an hour of one core; ``--only red_builds`` makes the tables of commands that
contain that.
A table that a command makes is preceded by `MARK`; its command is the last one of the block before it.
"""

import argparse
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "evidence" / "gates.md"
MARK = "<!-- printed by the last command above -->\n"
_TABLE = re.compile(r"(?:^\|.*\n)+", re.MULTILINE)
_BLOCK = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)


def commands(text: str) -> Iterator[str]:
    """The command of each table that is printed by one, in the order of the page."""
    before, *_ = parts = text.split(MARK)
    for part in parts[1:]:
        yield _BLOCK.findall(before)[-1].replace("\\\n", " ").strip().splitlines()[-1]
        before += part


def printed(command: str) -> str:
    """The last table that the command prints."""
    program, *arguments = shlex.split(command)
    if program != "python":
        raise SystemExit(f"not a script of the harness: {command}")
    answer = subprocess.run(  # noqa: S603  # a command of our own page
        [sys.executable, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    return _TABLE.findall(answer.stdout + "\n")[-1]


def main() -> None:
    """Replace the tables as they are made, so that an interrupt loses none."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default="", metavar="TEXT", help="part of a command")
    chosen = parser.parse_args().only
    wanted = list(enumerate(commands(PAGE.read_text(encoding="utf-8")), 1))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        running = {pool.submit(printed, command): (number, command) for number, command in wanted if chosen in command}
        for each in as_completed(running):
            number, command = running[each]
            parts = PAGE.read_text(encoding="utf-8").split(MARK)
            parts[number] = _TABLE.sub(each.result().replace("\\", r"\\"), parts[number], count=1)
            PAGE.write_text(MARK.join(parts), encoding="utf-8")
            sys.stdout.write(f"{command}\n{each.result()}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
