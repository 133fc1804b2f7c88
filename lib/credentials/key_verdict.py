"""The verdict on a private key and its passphrase, as the fields beside them show it.

`lib.box.key_inspection` checks them; here its findings are assigned to the field to change.
"""

from typing import Final

from lib.box.credential_problems import Problem, ProblemSeverity
from lib.box.key_inspection import KeyReport, inspect_key
from lib.core.redaction import Secret
from lib.credentials.fields import Judgement, Level

_ABOUT_PASSPHRASE: Final = frozenset(
    {"passphrase_missing", "passphrase_wrong", "passphrase_unneeded"}
)
_FINGERPRINT_SHOWN: Final = 16


def key_judgements(
    private_key: Secret | None, passphrase: Secret | None
) -> tuple[Judgement, Judgement]:
    """The verdicts beside the key and beside its passphrase."""
    if private_key is None:
        said = "Needs the private key." if passphrase else "Not set."
        return Judgement(Level.EMPTY, "Not set."), Judgement(Level.EMPTY, said)
    report = inspect_key(private_key.reveal(), passphrase)
    return _of_key(report), _of_passphrase(report, passphrase)


def key_words(report: KeyReport) -> str:
    """“RSA, 2048 bits, encrypted (PKCS#8)”, as far as it is known."""
    names = {"pkcs8": "PKCS#8", "pkcs1": "PKCS#1", "pkcs12": "PKCS#12", "der": "DER"}
    words = [f"RSA, {report.bits} bits" if report.bits else "Private key"]
    if report.encrypted is not None:
        words.append("encrypted" if report.encrypted else "not encrypted")
    shape = names.get(report.format.value)
    return ", ".join(words) + (f" ({shape})" if shape else "")


def _of_key(report: KeyReport) -> Judgement:
    mine = [p for p in report.problems if p.code not in _ABOUT_PASSPHRASE]
    worst = _worst(mine)
    if worst is not None:
        return _judgement(worst)
    if report.fingerprint_sha256:
        return Judgement(
            Level.OK,
            f"{key_words(report)}, fingerprint {report.fingerprint_sha256[:_FINGERPRINT_SHOWN]}…",
        )
    return Judgement(Level.OK, "A private key; it can't be read without its passphrase.")


def _of_passphrase(report: KeyReport, passphrase: Secret | None) -> Judgement:
    worst = _worst([p for p in report.problems if p.code in _ABOUT_PASSPHRASE])
    if worst is not None:
        return _judgement(worst)
    if passphrase is None:
        return Judgement(Level.EMPTY, "Not needed." if report.encrypted is False else "Not set.")
    if report.fingerprint_sha256:
        return Judgement(Level.OK, "It opens the key.")
    return Judgement(Level.EMPTY, "Set; it can't be tested on this key.")


def _worst(problems: list[Problem]) -> Problem | None:
    return min(problems, key=lambda p: p.severity is not ProblemSeverity.ERROR, default=None)


def _judgement(problem: Problem) -> Judgement:
    level = Level.ERROR if problem.severity is ProblemSeverity.ERROR else Level.WARNING
    return Judgement(level, problem.message, problem.fix)
