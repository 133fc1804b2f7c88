"""What may be shown of a text that others contributed to: the program's own words.

A log line can hold whatever an app handles: names, logins, file names. They look like other words,
so the rule works the other way round: a word stays if the source code has it, ours or that of the
package which wrote the line. Everything else becomes `[…]`. A name that is
also a word of the code (a person called Mark) stays: alone, it tells nothing.

`Scrubber` is the second net, over every text of the finished file: credentials, addresses, paths
of a person, and the values that this process knows from its settings.
"""

import errno
import functools
import getpass
import ipaddress
import os
import re
import socket
import sysconfig
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from lib.app.last_errors import ROOT
from lib.core.redaction import HIDDEN, redact

LEFT_OUT: Final = "[…]"
LONGEST: Final = 300
"""How many characters of one text are kept."""
_SHORTEST: Final = 6
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:'[a-z]+)?")
_JOINED: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:[.-][A-Za-z_][A-Za-z0-9_]*)+")
_QUOTED: Final = re.compile(r"“[^”]*”|\S*@\S*")  # examples in comments: people, addresses
_INVENTED: Final = frozenset({"ada", "Ada", "Lind", "acme", "Acme"})
_NUMBER: Final = re.compile(r"\d{1,5}(?:\.\d{1,3})?%?|\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|\+00:00)?)?")
_REFERENCE: Final = re.compile(r"(?<=Fault )[0-9a-f]{8}(?= on a page)")
_EDGES: Final = "\"'`()[]{}<>,;:.!?…“”*"
_PARTS: Final = re.compile(r"[-=:/(]")
# What SQLite, DuckDB and the system say, beside what the code has.
_ENGINES: Final = "Errno unable malformed readonly corrupt checksum serialize deserialize"

_Vocabulary = tuple[frozenset[str], ...]

_EMAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*")
_URL: Final = re.compile(r"\b[A-Za-z][A-Za-z0-9+.-]*://[^\s\"'`<>|)\]]+")
_IPV4: Final = re.compile(r"(?<![\w.-])\d{1,3}(?:\.\d{1,3}){3}(?![\w-]|\.\d)")
_IPV6: Final = re.compile(r"(?<![\w:])[0-9A-Fa-f]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*(?![\w:])")
_HOMES: Final = re.compile(r"(?i)(?:/home/|/users/|[a-z]:[\\/]+users[\\/]+)[^\s/\\\"'`:]+")


def own_words(text: str, wrote: str = "") -> str:
    """The first line of a text with only the words that the code has, ours or that of `wrote`."""
    first = redact(text).strip().partition("\n")[0]
    reference = _REFERENCE.search(first)
    known = (words_of_this_app(), _words_of_package(wrote))
    said: list[str] = []
    begins = True
    for piece in first.split():
        if reference is not None and piece == reference[0]:
            shown = piece
        else:
            shown = _shown(piece, known, begins=begins)
        begins = piece.endswith((".", ":", "!", "?"))
        if shown != LEFT_OUT or not said or said[-1] != LEFT_OUT:
            said.append(shown)
    whole = " ".join(said)
    return whole if len(whole) <= LONGEST else f"{whole[:LONGEST]}…"


def own_name(text: str) -> str:
    """A single name, such as that of a table or a code, if the code of this app has it."""
    return text if text in words_of_this_app() else LEFT_OUT


@functools.cache
def words_of_this_app() -> frozenset[str]:
    """The words of our own source code and data, the sandbox's invented people left out."""
    found: set[str] = set(_ENGINES.split())
    for number in errno.errorcode:
        found |= _words(os.strerror(number))
    folder = ROOT / "lib"
    for path in [*folder.rglob("*.py"), *folder.rglob("*.toml")]:
        if "sandbox" not in path.relative_to(folder).parts[:1]:
            found |= _words_in(path)
    return frozenset(found - _INVENTED)


@functools.lru_cache(maxsize=64)
def _words_of_package(path: str) -> frozenset[str]:
    """The words of an installed package's file; none for any other file."""
    places = [sysconfig.get_path(name) for name in ("purelib", "platlib", "stdlib")]
    if not path.endswith(".py") or not any(path.startswith(place + os.sep) for place in places):
        return frozenset()
    return frozenset(_words_in(Path(path)) - _INVENTED)


def _words_in(path: Path) -> set[str]:
    try:
        return _words(_QUOTED.sub(" ", path.read_text(encoding="utf-8", errors="replace")))
    except OSError:
        return set()


def _words(text: str) -> set[str]:
    return {*_WORD.findall(text), *_JOINED.findall(text)}


def _shown(piece: str, known: _Vocabulary, *, begins: bool) -> str:
    core = piece.strip(_EDGES)
    if not any(sign.isalnum() for sign in core):
        return piece
    at = piece.index(core)
    before, after = piece[:at], piece[at + len(core) :]
    if _is_known(core, known, begins=begins):
        return piece
    parts = _PARTS.split(core)
    if len(parts) > 1 and all(_is_known(part, known, begins=False) for part in parts):
        return piece
    return f"{before}{LEFT_OUT}{after}" if before or after else LEFT_OUT


def _is_known(word: str, known: _Vocabulary, *, begins: bool) -> bool:
    if _NUMBER.fullmatch(word) or any(word in words for words in known):
        return True
    lowered = word[:1].lower() + word[1:]
    return begins and any(lowered in words for words in known)


def host_class(host: str) -> str:
    """Whether a host is Box's own, this machine, or another; never its name."""
    name = host.rsplit("@", 1)[-1].lower()
    name = name[1:].partition("]")[0] if name.startswith("[") else name.partition(":")[0]
    if name in {"box.com", "boxcloud.com"} or name.endswith((".box.com", ".boxcloud.com")):
        return "Box"
    if name == "localhost":
        return "loopback"
    try:
        return "loopback" if ipaddress.ip_address(name).is_loopback else "another host"
    except ValueError:
        return "another host"


def host_of(url: str) -> str:
    """The host and port of an address; empty where it is none."""
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""


class Scrubber:
    """Takes out of a finished document what must not be in it; `known` are values to look for."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        own = words_of_this_app()
        values = {one for one in known if len(one) >= _SHORTEST and one not in own}
        self._known = sorted(values, key=len, reverse=True)
        names = {name for name in _names_of_this_machine() if len(name) > 2 and name not in own}  # noqa: PLR2004  # shorter ones are in every text
        self._names = (
            re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, names))})(?![\w-])")
            if names
            else None
        )
        self._home = _home()

    def document(self, value: Any) -> Any:
        """A copy of a JSON value with every text scrubbed, the names of fields too."""
        if isinstance(value, Mapping):
            return {self.text(str(name)): self.document(item) for name, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.document(item) for item in value]
        return self.text(value) if isinstance(value, str) else value

    def text(self, text: str) -> str:
        """One text without what it must not hold."""
        for value in self._known:
            text = text.replace(value, HIDDEN)
        text = redact(text)
        if self._home:
            text = text.replace(self._home, "~")
        text = _HOMES.sub("~", text)
        text = _URL.sub(_host_only, text)
        text = _EMAIL.sub("[login]", text)
        text = _IPV4.sub(_address, text)
        text = _IPV6.sub(_address, text)
        return self._names.sub(HIDDEN, text) if self._names else text


def _host_only(found: re.Match[str]) -> str:
    return f"[address: {host_class(host_of(found[0]))}]"


def _address(found: re.Match[str]) -> str:
    try:
        ipaddress.ip_address(found[0].rstrip("."))
    except ValueError:
        return found[0]
    return "[IP]"


def _home() -> str:
    with suppress(RuntimeError, OSError):
        home = str(Path.home())
        return home if len(home) > 1 else ""
    return ""


def _names_of_this_machine() -> set[str]:
    found = {socket.gethostname(), socket.gethostname().partition(".")[0]}
    with suppress(Exception):  # no name is known: ImportError, KeyError or OSError
        found.add(getpass.getuser())
    return found
