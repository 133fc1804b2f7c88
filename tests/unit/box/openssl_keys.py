"""Keys in every format that people have, made by the real openssl program."""

import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PASSPHRASE = "correct horse 42"


@dataclass(frozen=True)
class KeyFiles:
    """A folder of files that all hold the same RSA key, and some that hold others."""

    folder: Path

    def read(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()


def run(*command: str | Path, stdin: bytes | None = None) -> bytes:
    done = subprocess.run(
        [str(part) for part in command], input=stdin, capture_output=True, check=True, timeout=60
    )
    return done.stdout


def make_keys(folder: Path) -> KeyFiles:
    """Write the files; slow parts happen once per folder."""
    secret = f"pass:{PASSPHRASE}"

    def openssl(*arguments: str) -> bytes:
        return run("openssl", *[a.replace("@", f"{folder}/") for a in arguments])

    openssl("genrsa", "-out", "@plain.pem", "2048")
    openssl("genrsa", "-out", "@other.pem", "2048")
    openssl("genrsa", "-traditional", "-out", "@small.pem", "1024")
    rsa = ("rsa", "-in", "@plain.pem")
    openssl(*rsa, "-traditional", "-out", "@pkcs1.pem")
    for cipher in ("aes128", "aes192", "aes256", "des3", "camellia256"):
        openssl(
            *rsa, "-traditional", f"-{cipher}", "-passout", secret, "-out", f"@pkcs1-{cipher}.pem"
        )
    openssl(*rsa, "-aes256", "-passout", secret, "-out", "@guide.pem")  # as the guide's genrsa does
    pkcs8 = ("pkcs8", "-topk8", "-in", "@plain.pem", "-passout", secret)
    openssl(*pkcs8, "-v2", "aes256", "-out", "@pkcs8.pem")
    openssl(*pkcs8, "-v2", "des3", "-out", "@pkcs8-des3.pem")
    openssl(*pkcs8, "-v1", "PBE-SHA1-3DES", "-out", "@pkcs8-v1.pem")
    openssl(*pkcs8, "-scrypt", "-out", "@pkcs8-scrypt.pem")
    openssl(*pkcs8, "-v2", "aes256", "-outform", "DER", "-out", "@pkcs8-encrypted.der")
    openssl(
        "pkcs8", "-topk8", "-nocrypt", "-in", "@plain.pem", "-outform", "DER", "-out", "@pkcs8.der"
    )
    openssl(*rsa, "-traditional", "-outform", "DER", "-out", "@pkcs1.der")
    openssl(*rsa, "-pubout", "-out", "@public.pem")
    openssl(*rsa, "-pubout", "-outform", "DER", "-out", "@public.der")
    openssl(*rsa, "-RSAPublicKey_out", "-out", "@public-pkcs1.pem")
    openssl("rsa", "-in", "@other.pem", "-pubout", "-out", "@other-public.pem")
    openssl(
        "req", "-x509", "-key", "@plain.pem", "-subj", "/CN=box", "-days", "3", "-out", "@cert.pem"
    )
    openssl("x509", "-in", "@cert.pem", "-outform", "DER", "-out", "@cert.der")
    openssl("req", "-new", "-key", "@plain.pem", "-subj", "/CN=box", "-out", "@request.pem")
    openssl(
        "pkcs12", "-export", "-inkey", "@plain.pem", "-in", "@cert.pem",
        "-passout", secret, "-out", "@bundle.p12",
    )  # fmt: skip
    openssl(
        "pkcs12", "-in", "@bundle.p12", "-passin", secret, "-nocerts",
        "-passout", secret, "-out", "@bag.pem",
    )  # fmt: skip
    openssl("ecparam", "-genkey", "-name", "prime256v1", "-out", "@ec.pem")
    openssl("ecparam", "-genkey", "-noout", "-name", "prime256v1", "-out", "@ec-sec1.pem")
    for kind in ("ED25519", "ED448", "X25519"):
        openssl("genpkey", "-algorithm", kind, "-out", f"@{kind.lower()}.pem")
    openssl(
        "genpkey",
        "-algorithm",
        "ED25519",
        "-aes256",
        "-pass",
        secret,
        "-out",
        "@ed25519-locked.pem",
    )
    openssl(
        "genpkey",
        "-algorithm",
        "EC",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-out",
        "@ec-pkcs8.pem",
    )
    openssl("pkey", "-in", "@ec-pkcs8.pem", "-pubout", "-out", "@ec-public.pem")
    openssl("genpkey", "-algorithm", "RSA-PSS", "-out", "@pss.pem")
    openssl("dsaparam", "-genkey", "-noout", "-out", "@dsa.pem", "1024")
    return KeyFiles(folder)


@cache
def spki_sha256(public_pem: Path) -> str:
    """The fingerprint as the openssl program computes it."""
    der = run("openssl", "pkey", "-pubin", "-in", public_pem, "-outform", "DER")
    return run("openssl", "dgst", "-sha256", "-r", stdin=der).split()[0].decode()
