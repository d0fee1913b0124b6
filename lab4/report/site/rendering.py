"""Pages of a site as HTML."""

from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Any

from jinja2 import Environment, Template

from lab4 import __version__
from lab4.domain.text import valid_text
from lab4.report.pages import environment
from lab4.report.site.blocks import Block, DataTable, Facts, Links, Page, Paragraphs, PlainTable, SiteChart
from lab4.report.site.pages import NAVIGATION

#: The folder of the scripts that all pages share. A page of a file may load a script from a file, and nothing else.
ASSETS = "assets"
#: The scripts, in the order in which a page needs them: tables are there before charts of them are drawn.
_SITE, _CHARTS = "site.js", "charts.js"
_KINDS: dict[type[Block], str] = {
    DataTable: "data",
    SiteChart: "charts",
    PlainTable: "table",
    Facts: "facts",
    Paragraphs: "paragraphs",
    Links: "links",
}


def rendered(page: Page, title: str, nonce: str) -> bytes:
    """A page as HTML; ``title`` is the site's, and only scripts with the ``nonce`` run."""
    scripts = (_SITE, *([_CHARTS] if page.has_charts else []))
    blocks = [(kind, list(group)) for kind, group in groupby(page.blocks, key=lambda block: _KINDS[type(block)])]
    made = _template().render(page=page, root=page.root, blocks=blocks, title=title, nonce=nonce, scripts=scripts)
    return valid_text(made).encode()


def assets() -> dict[str, bytes]:
    """The shared scripts, by their path in the site."""
    folder = files("lab4.report.page")
    return {f"{ASSETS}/{name}": folder.joinpath(name).read_bytes() for name in (_SITE, _CHARTS, "tables.js")}


@cache
def _template() -> Template:
    made: Environment = environment(autoescape=True)
    shared: dict[str, Any] = {"navigation": NAVIGATION, "assets": ASSETS, "version": __version__}
    made.globals |= shared
    made.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "allow_nan": False}
    return made.get_template("site/page.html.j2")
