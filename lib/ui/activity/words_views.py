"""Every text of the views Content, Sharing and Compare of the Activity page."""

from typing import Final

from lib.core.texts import number, plural, size_words

# -- content -----------------------------------------------------------------------------------

FILE_TYPES: Final = "File types"
MOST_USED: Final = "Most used items"
FOLDERS: Final = "Folders"
DOWNLOADS: Final = "downloads"
BYTES_ALT: Final = "Bytes downloaded and uploaded over time, where sizes are known"
STORAGE_HELP: Final = (
    "Uploads minus deletes, by size. Copies, older versions that an edit leaves and items still "
    "in the trash aren't counted, so this isn't the storage that Box bills."
)


def moved_title(unit: str) -> str:
    """The chart of downloads and uploads."""
    return f"Downloads and uploads per {unit}"


def moved(downloads: int, uploads: int) -> str:
    """`3 downloads, 1 upload`."""
    return f"{plural(downloads, 'download')}, {plural(uploads, 'upload')}"


def moved_alt(counts: str) -> str:
    """The same chart, for who can't see it."""
    return f"Downloads and uploads over time: {counts}"


def moved_sizes(counts: str, down: int, up: int, unsized: int) -> str:
    """How much was moved, as far as sizes are known."""
    missing = f" Events without a size, not counted here: {number(unsized)}." if unsized else ""
    return f"{counts}. Downloaded: {size_words(down)}. Uploaded: {size_words(up)}.{missing}"


def storage_title(unit: str) -> str:
    """The chart of storage."""
    return f"Storage added and removed per {unit}"


def storage_alt(unit: str) -> str:
    """The same chart, for who can't see it."""
    return f"Bytes added, removed and their running difference per {unit}"


def storage_growth(growth: int, uploads: int, deletes: int) -> str:
    """How storage moved, as far as sizes are known."""
    verb = "grew" if growth >= 0 else "shrank"
    return (
        f"Storage {verb} by {size_words(abs(growth))}, where sizes are known: "
        f"{plural(uploads, 'upload')}, {plural(deletes, 'delete')}."
    )


def storage_unknown(uploads: int, deletes: int, recalled: int) -> str:
    """What isn't in the figures of storage."""
    parts = [
        f"{plural(count, noun)} without a size"
        for count, noun in ((uploads, "upload"), (deletes, "delete"))
        if count
    ]
    missing = f"Not counted: {' and '.join(parts)}." if parts else "All sizes are known."
    if recalled:
        missing += (
            f" For {plural(recalled, 'delete')}, the size comes from an earlier event of the same"
            " item."
        )
    return missing


# -- sharing -----------------------------------------------------------------------------------

LINKS_ON: Final = "Shared links turned on"
LINKS_OFF: Final = "Shared links turned off"
INVITED: Final = "Collaborators invited"
INVITED_OUTSIDE: Final = "External collaborators invited"
ANONYMOUS: Final = "Events by anonymous users"
MOST_SHARED: Final = "Most shared items"
SHARERS: Final = "People who share most"
ACTIONS: Final = "Sharing actions"
EXTERNAL: Final = "External collaborators"
CHANGES: Final = "changes to links and collaborators"
NOBODY_OUTSIDE: Final = "No external collaborators in this period, as far as events have logins."
NO_DOMAINS: Final = (
    "No managed user with a login is known yet, so external people can't be recognized. “Accounts”"
    " reads the users of the enterprise."
)


def sharing_title(unit: str) -> str:
    """The chart of sharing."""
    return f"Sharing per {unit}"


def sharing_alt(events: int) -> str:
    """The same chart, for who can't see it."""
    return f"Links and collaborators over time: {plural(events, 'event')}"


def external_counts(people: int, domains: int) -> str:
    """`3 collaborators from 2 domains`."""
    return f"{plural(people, 'collaborator')} from {plural(domains, 'domain')}"


def domain_stands_out(domain: str, share: float, counts: str) -> str:
    """One domain has most of the events."""
    return f"Stands out: {domain} has {share:.0%} of their events; {counts}."


def no_domain_stands_out(domain: str, share: float, counts: str) -> str:
    """No domain has most of the events."""
    return f"Nothing stands out: {counts}; {domain} has {share:.0%} of their events."


def own_domains(named: list[str], more: int, unknown: int) -> str:
    """Which domains are the own ones."""
    own = ", ".join(named) + (f" and {more} more" if more > 0 else "")
    text = (
        f"Own domains, from the logins of managed users: {own}. Everyone else counts as external."
    )
    if unknown:
        text += f" Invitations without a login, not counted as external: {number(unknown)}."
    return text


# -- compare -----------------------------------------------------------------------------------

TWO_PEOPLE: Final = "Two people"
PEOPLE_PLACEHOLDER: Final = "None: compares two periods"
PERIOD_HELP: Final = "Same length as the period chosen above."
ONE_MORE: Final = "Choose a second person"
ONE_MORE_WHY: Final = "A comparison needs two people."
CHOSEN_PERIOD: Final = "Chosen period"
OTHER_PERIOD: Final = "Other period"
IN_CHOSEN: Final = "in the chosen period"
IN_OTHER: Final = "in the other period"
DIFFERENCES: Final = "Differences"
DIFFERENCE: Final = "Difference"
NO_VALUES: Final = "No events on either side have this value."


def other_period_from(zone_name: str) -> str:
    """The first day of the other period."""
    return f"Other period starts on ({zone_name})"


def span(start: str, end: str) -> str:
    """From when to when."""
    return f"{start} to {end}"


def of_person(name: str) -> str:
    """Whose events they are, in a sentence."""
    return f"for {name}"


def compare_title(unit: str) -> str:
    """The chart of one side."""
    return f"Events per {unit}"


def compare_alt(total: int) -> str:
    """The same chart, for who can't see it."""
    return f"{number(total)} events over time by category, on the same scale as the other chart"


def only_on_one_side(first: int, first_side: str, second: int, second_side: str) -> str:
    """How many values only one side has."""
    return (
        f"{first} only {first_side}, {second} only {second_side}, among the 50 with the most events"
        " on each side."
    )


def beside(title: str, first: str, second: str) -> str:
    """A table of differences, for who can't see it."""
    return f"{title}: {first} compared with {second}"
