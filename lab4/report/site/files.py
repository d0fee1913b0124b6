"""The files of a site: its pages, the scripts that they share, and reports of whole runs."""

from collections.abc import Iterable, Iterator
from hashlib import sha256

from lab4.analysis.document import Document
from lab4.domain.text import valid_text
from lab4.report.site.pages import pages_of
from lab4.report.site.rendering import ASSETS, assets, rendered
from lab4.report.site.view import SiteView
from lab4.report.web_page import Place, render_among


def files_of(view: SiteView, reports: Iterable[tuple[int, Document]], salt: str) -> Iterator[tuple[str, bytes]]:
    """Every file by its path; ``salt`` is what no text of a run can know, such as the digests of all of them.

    The same runs make the same files.
    """
    nonce = sha256(f"lab4 site {salt}".encode()).hexdigest()[:32]
    yield from assets().items()
    for page in pages_of(view):
        yield page.path, rendered(page, view.name, nonce)
    for number, document in reports:
        place = Place(f"../{ASSETS}", nonce, f"../run/{number}.html", f"Run {number}")
        yield f"report/{number}.html", valid_text(render_among(document, place)).encode()
