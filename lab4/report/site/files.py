"""The files of a site: its pages, the scripts that they share, and reports of whole runs."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from hashlib import sha256

from lab4.analysis.document import Document
from lab4.domain.text import valid_text
from lab4.report.site.pages import pages_of
from lab4.report.site.rendering import ASSETS, assets, rendered
from lab4.report.site.view import SiteView
from lab4.report.web_page import Place, render_among

#: The number of a run, and what makes its report.
Report = tuple[int, Callable[[], Document]]


class SiteFiles:
    """Every file of a site by its path, to be taken once; afterwards ``reports`` has the runs that have a report.

    ``salt`` is what no text of a run can know, such as the digests of all runs: the same runs make the same files.
    ``note`` gets a sentence about each report that cannot be made.
    """

    def __init__(self, view: SiteView, reports: Iterable[Report], salt: str, note: Callable[[str], None]) -> None:
        self.reports: list[int] = []
        self._view, self._made, self._note = view, reports, note
        self._nonce = sha256(f"lab4 site {salt}".encode()).hexdigest()[:32]

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        """Yield the scripts, the reports, and then the pages, which link those that could be made."""
        yield from assets().items()
        for number, make in self._made:  # one after the other: a whole run may have millions of samples
            report = self._report(number, make)
            if report is not None:
                self.reports.append(number)
                yield f"report/{number}.html", report
        for page in pages_of(replace(self._view, reports=frozenset(self.reports))):
            yield page.path, rendered(page, self._view.name, self._nonce)

    def _report(self, number: int, make: Callable[[], Document]) -> bytes | None:
        place = Place(f"../{ASSETS}", self._nonce, f"../run/{number}.html", f"Run {number}")
        try:
            return valid_text(render_among(make(), place)).encode()
        except Exception as error:  # noqa: BLE001  # a file of somebody's must not keep the others from being shown
            self._note(f"no report: that of run {number} raised {type(error).__name__}: {error}")
            return None
