"""What the page keeps between two answers: figures, findings, and what is being made."""

from douane.reports.page.jobs import Jobs
from douane.reports.page.making import Documents
from douane.reports.page.settings import PageSettings
from douane.reports.page.standing import Findings


class Work:
    """One page's work; `close` ends it."""

    def __init__(self, settings: PageSettings) -> None:
        self.jobs = Jobs()
        self.findings = Findings(settings.ledger, self.jobs)
        self.documents = Documents(self.jobs)

    def close(self) -> None:
        """End what runs and take away what was made."""
        self.jobs.close()
        self.documents.close()
