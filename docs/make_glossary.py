"""Write docs/reference/glossary.md from docs/terms.toml."""

from pathlib import Path

try:
    import tomllib
except ModuleNotFoundError:  # before Python 3.11
    import tomli as tomllib

FOLDER = Path(__file__).parent
HEAD = """# Glossary

One word for one thing. These words are used in options, messages, reports and docs.

| term | meaning |
| --- | --- |
"""


def terms() -> list[dict]:
    """Return the table, in the order of the names."""
    table = tomllib.loads((FOLDER / "terms.toml").read_text(encoding="utf-8"))["term"]
    return sorted(table, key=lambda term: term["name"].lower())


def glossary() -> str:
    """Return the text of the page."""
    return HEAD + "".join(f"| {term['name']} | {term['meaning']} |\n" for term in terms())


if __name__ == "__main__":
    (FOLDER / "reference" / "glossary.md").write_text(glossary(), encoding="utf-8")
