"""`keys inspect` and `keys generate`: check or generate an RSA key pair, offline."""

import argparse
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lib.cli.arguments import FAILED, OK, Answer, passphrase, positive, read_file
from lib.core.errors import ConfigurationError, KeyProblem, Who

_MOST_BYTES = 16_000_000


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add both commands to the parser."""
    keys = commands.add_parser("keys", help="check or generate an RSA key pair, offline")
    actions = keys.add_subparsers(title="actions", required=True, metavar="ACTION")
    inspect = actions.add_parser("inspect", parents=[common], help="check a private key")
    inspect.add_argument("file", type=Path, metavar="FILE")
    inspect.add_argument(
        "--passphrase-env", metavar="VAR", help="environment variable that holds the passphrase"
    )
    inspect.add_argument(
        "--public", type=Path, metavar="FILE", help="check that this public key belongs to it"
    )
    inspect.add_argument(
        "--config", type=Path, metavar="FILE", help="compare with a Box app settings file"
    )
    inspect.set_defaults(run=_inspect)
    generate = actions.add_parser("generate", parents=[common], help="generate a key pair for Box")
    generate.add_argument("--out", type=Path, required=True, metavar="DIR")
    generate.add_argument("--passphrase-env", required=True, metavar="VAR")
    generate.add_argument("--bits", type=positive, default=2048)
    generate.set_defaults(run=_generate)


def _inspect(arguments: argparse.Namespace) -> Answer:
    from lib.box.key_inspection import inspect_key  # noqa: PLC0415  # cryptography loads only where used

    def content(path: Path | None) -> bytes | None:
        return None if path is None else read_file(path, most=_MOST_BYTES)

    report = inspect_key(
        read_file(arguments.file, most=_MOST_BYTES),
        passphrase(arguments.passphrase_env),
        public=content(arguments.public),
        config=content(arguments.config),
    )
    answer = {
        "ok": report.ok,
        "format": report.format,
        "encrypted": report.encrypted,
        "bits": report.bits,
        "fingerprint_sha256": report.fingerprint_sha256,
        "problems": [asdict(problem) for problem in report.problems],
    }
    return answer, OK if report.ok else FAILED


def _generate(arguments: argparse.Namespace) -> Answer:
    from lib.box.key_inspection import generate_key_pair  # noqa: PLC0415  # as above

    out: Path = arguments.out
    private, public = out / "private_key.pem", out / "public_key.pem"
    for path in (private, public):
        if path.exists():
            raise ConfigurationError(
                f"{path} already exists.",
                cause="A key is never overwritten.",
                fix="Choose another folder with --out.",
                who=Who.YOU,
            )
    try:
        pair = generate_key_pair(passphrase(arguments.passphrase_env) or "", bits=arguments.bits)
    except KeyProblem as error:  # what was asked for is wrong, not a key
        raise ConfigurationError(
            str(error), cause=error.cause, fix=error.fix, who=Who.YOU
        ) from error
    try:
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_new(private, pair.private_pem.reveal())
        _write_new(public, pair.public_pem)
    except OSError as error:
        raise ConfigurationError(
            f"The key pair can't be written to {out}.",
            cause=f"{error.strerror or type(error).__name__}.",
            fix="Choose a writable folder with --out.",
            who=Who.YOU,
        ) from error
    answer = {
        "ok": True,
        "private_key_file": str(private),
        "public_key_file": str(public),
        "bits": arguments.bits,
        "fingerprint_sha256": pair.fingerprint_sha256,
    }
    return answer, OK


def _write_new(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
