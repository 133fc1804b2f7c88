"""The diagnostics file: one file to attach to a bug report.

It holds versions, the machine, how the app runs, which settings are given, the last errors, the
last verdicts and sizes. It holds no value of a setting, no name, login, IP address, file name, id
of a person, host of a customer, or path of a home: see `plain_words`. The page Health and
`python -m lib diagnostics` make it; nothing is sent anywhere.
"""

from lib.app.diagnostics.collecting import DiagnosticsSources, Document, collect, scrub
from lib.app.diagnostics.document import MEDIA_TYPE, file_name, markdown

__all__ = [
    "MEDIA_TYPE",
    "DiagnosticsSources",
    "Document",
    "collect",
    "file_name",
    "markdown",
    "scrub",
]
