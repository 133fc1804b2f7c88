r"""Find the key in pasted or uploaded text, whatever happened to it on the way.

It undoes what editors, consoles and environment variables do to a key (byte order marks, UTF-16,
CRLF, `\n` as two characters, lost line breaks, text around it) and reports what it undid. It never
checks or decrypts what it finds: `lib.box.key_inspection` does. Source: RFC 7468, RFC 1421
(`Proc-Type`).
"""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Final

from lib.box.credential_problems import Problem, warning
from lib.core.invisible import without_invisible

_BEGIN: Final = re.compile(r"-----BEGIN ([A-Z0-9][A-Z0-9 ]{0,60})-----")
_END: Final = re.compile(r"-----END ([A-Z0-9][A-Z0-9 ]{0,60})-----")
_LEGACY: Final = re.compile(
    r"\s*Proc-Type:\s*4,\s*ENCRYPTED\s+DEK-Info:\s*([A-Za-z0-9-]+)\s*,\s*([0-9A-Fa-f]+)\s+"
)
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_NO_BREAK_SPACE: Final = "\u00a0"


@dataclass(frozen=True, slots=True)
class Block:
    """One PEM block. `der` is None where the text between the lines isn't base64.

    `cipher` and `iv` are those of the traditional encryption, in the file itself (`DEK-Info`).
    `whole` is false when the END line is missing or belongs to another kind of block, `empty` is
    true when nothing stands between the lines.
    """

    label: str
    der: bytes | None
    whole: bool = True
    cipher: str | None = None
    iv: str | None = None
    empty: bool = False

    @property
    def is_private_key(self) -> bool:
        """Whether its first line says that it is a private key."""
        return self.label.endswith("PRIVATE KEY")

    def pem(self) -> bytes:
        """The block as clean PEM."""
        body = base64.b64encode(self.der or b"").decode()
        lines = [body[start : start + 64] for start in range(0, len(body), 64)]
        if self.cipher:
            head = ["Proc-Type: 4,ENCRYPTED", f"DEK-Info: {self.cipher},{self.iv}", ""]
            lines = [*head, *lines]
        begin, end = f"-----BEGIN {self.label}-----", f"-----END {self.label}-----"
        return "\n".join([begin, *lines, end, ""]).encode()


@dataclass(frozen=True, slots=True)
class Reading:
    """The result: the text (None if the bytes aren't text), its blocks, what was undone."""

    text: str | None
    blocks: tuple[Block, ...] = ()
    notices: tuple[Problem, ...] = ()


def read(data: bytes) -> Reading:
    """Look for PEM blocks. Never raises."""
    notices: list[Problem] = []
    text = _decode(data, notices)
    if text is None:
        return Reading(None)
    text = _tidy(text, notices)
    blocks, outside, flattened = _blocks(text)
    if flattened and not any(notice.code == "escaped_newlines" for notice in notices):
        notices.append(
            warning(
                "escaped_newlines",
                "The key has lost its line breaks: it is all on one line.",
                "It was read anyway. Copy the whole file to keep its lines.",
            )
        )
    if blocks and (outside.strip() or len(blocks) > 1):
        notices.append(_around(blocks, outside))
    return Reading(text, blocks, tuple(notices))


def from_bare_base64(text: str) -> bytes | None:
    """The bytes, if the text is nothing but base64 (a key without its first and last line)."""
    return _base64(text)


def _decode(data: bytes, notices: list[Problem]) -> str | None:
    wide = _wide_encoding(data)
    if wide:
        try:
            text = data.decode(wide)
        except UnicodeDecodeError:
            return None
        notices.append(
            warning(
                "bom",
                "The file is saved as UTF-16 (Windows calls it Unicode), not as plain text.",
                "It was read anyway. Save it again as UTF-8 or ANSI for other programs.",
            )
        )
        return text
    if data.startswith(b"\xef\xbb\xbf"):
        notices.append(
            warning(
                "bom",
                "The file starts with a byte order mark, which most key readers refuse.",
                "It was read anyway. Save it again as UTF-8 without BOM for other programs.",
            )
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Bag attributes may hold a name in an old code page; the key itself is ASCII.
        return data.decode("latin-1") if b"-----BEGIN " in data else None


def _wide_encoding(data: bytes) -> str | None:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    head = data[:64]
    if len(head) >= 16 and len(data) % 2 == 0:  # noqa: PLR2004  # enough to see a pattern
        if not any(head[1::2]) and all(head[0::2]):
            return "utf-16-le"
        if not any(head[0::2]) and all(head[1::2]):
            return "utf-16-be"
    return None


def _tidy(text: str, notices: list[Problem]) -> str:
    text = without_invisible(text).replace(_NO_BREAK_SPACE, " ")
    if "\r" in text:
        notices.append(
            warning(
                "crlf",
                "The lines have Windows line endings (CR LF).",
                "It was read anyway; some programs require LF alone.",
            )
        )
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if re.search(r"\\{1,4}[nr]", text) and "-----BEGIN " in text:
        notices.append(
            warning(
                "escaped_newlines",
                r"The line breaks are written as the two characters \n.",
                "It was read anyway. Where you paste it next, use real line breaks, "
                r"or keep \n only inside JSON.",
            )
        )
        text = re.sub(r"\\{1,4}[nr]", lambda found: "" if found[0].endswith("r") else "\n", text)
    return text


def _blocks(text: str) -> tuple[tuple[Block, ...], str, bool]:
    """The blocks, the text outside of them, and whether one had lost its line breaks."""
    blocks: list[Block] = []
    outside: list[str] = []
    flattened, position = False, 0
    begins = list(_BEGIN.finditer(text))
    for number, begin in enumerate(begins):
        limit = begins[number + 1].start() if number + 1 < len(begins) else len(text)
        end = _END.search(text, begin.end(), limit)
        outside.append(text[position : begin.start()])
        position = end.end() if end else limit
        inside = text[begin.end() : end.start() if end else limit]
        block = _block(begin[1], inside, whole=end is not None and end[1] == begin[1])
        flattened |= "\n" not in inside.strip(" \t") and block.der is not None
        blocks.append(block)
    outside.append(text[position:])
    return tuple(blocks), "".join(outside), flattened


def _block(label: str, inside: str, *, whole: bool) -> Block:
    legacy = _LEGACY.match(inside)
    if legacy:
        der = _base64(inside[legacy.end() :])
        return Block(label, der, whole=whole, cipher=legacy[1].upper(), iv=legacy[2].upper())
    return Block(label, _base64(inside), whole=whole, empty=not inside.strip())


def _base64(text: str) -> bytes | None:
    packed = "".join(text.split())
    if not _BASE64.fullmatch(packed):
        return None
    try:
        return base64.b64decode(packed, validate=True)
    except binascii.Error:
        # A number of characters that base64 can't have: what can be read shows how far it goes.
        bare = packed.rstrip("=")
        return base64.b64decode(bare[: len(bare) // 4 * 4])


def _around(blocks: tuple[Block, ...], outside: str) -> Problem:
    if "Bag Attributes" in outside or "Key Attributes" in outside:
        what = "Lines of a PKCS#12 export (Bag Attributes) surround the key."
    elif len(blocks) > 1:
        what = f"The file contains {len(blocks)} blocks, not only one key."
    else:
        what = "The file contains other text before or after the key."
    return warning(
        "extra_text",
        what,
        "Only the key was read. Keep only the lines from BEGIN to END.",
    )
