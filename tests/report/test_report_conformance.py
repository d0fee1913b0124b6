from lab4.report import REPORTS
from lab4.testing import ReportConformance


class TestOurs(ReportConformance):
    names = tuple(REPORTS.own)
