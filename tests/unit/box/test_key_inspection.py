"""Keys as the openssl program writes them, damaged in the ways that people damage them."""

import base64
import stat
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.box.key_inspection import (
    MAX_BYTES,
    KeyFormat,
    KeyReport,
    ProblemSeverity,
    generate_key_pair,
    inspect_key,
    load_private_key,
)
from lib.box.keys.reading import find
from lib.core.errors import KeyProblem
from lib.core.redaction import Secret
from lib.settings.profiles import BoxCredentials
from tests.unit.box.openssl_keys import PASSPHRASE, KeyFiles, make_keys, run, spki_sha256

pytestmark = pytest.mark.needs("openssl")

CODES = {
    "passphrase_missing", "passphrase_wrong", "too_small", "not_rsa", "public_not_private",
    "certificate_not_private", "unsupported_format", "truncated", "empty", "too_large",
    "not_a_key", "public_mismatch", "config_mismatch", "passphrase_unneeded", "unencrypted",
    "escaped_newlines", "crlf", "bom", "extra_text",
}  # fmt: skip
WARNINGS = {"passphrase_unneeded", "unencrypted", "escaped_newlines", "crlf", "bom", "extra_text"}


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> KeyFiles:
    return make_keys(tmp_path_factory.mktemp("keys"))


def codes(report: KeyReport) -> list[str]:
    return [problem.code for problem in report.problems]


def check_shape(report: KeyReport) -> None:
    """What holds for every verdict."""
    assert report.ok is not any(p.severity is ProblemSeverity.ERROR for p in report.problems)
    for problem in report.problems:
        assert problem.code in CODES
        assert problem.message.endswith((".", ")"))
        assert problem.fix
        if problem.code in WARNINGS:
            assert problem.severity is ProblemSeverity.WARNING


# ---------------------------------------------------------------- keys that are fine


@pytest.mark.parametrize(
    "name,kind",
    [
        ("guide.pem", "pkcs8"),
        ("pkcs8.pem", "pkcs8"),
        ("pkcs8-des3.pem", "pkcs8"),
        ("pkcs8-v1.pem", "pkcs8"),
        ("pkcs8-scrypt.pem", "pkcs8"),
        ("pkcs1-aes128.pem", "pkcs1"),
        ("pkcs1-aes256.pem", "pkcs1"),
        ("pkcs1-des3.pem", "pkcs1"),
    ],
)
def test_an_encrypted_key_is_fine_with_its_passphrase(keys: KeyFiles, name: str, kind: str) -> None:
    report = inspect_key(keys.read(name), PASSPHRASE)
    assert (report.ok, report.format, report.encrypted, report.bits) == (True, kind, True, 2048)
    assert report.problems == ()
    assert report.fingerprint_sha256 == spki_sha256(keys.folder / "public.pem")
    assert report.public_pem == keys.read("public.pem").decode()


@pytest.mark.parametrize("name,kind", [("plain.pem", "pkcs8"), ("pkcs1.pem", "pkcs1")])
def test_an_unencrypted_key_is_usable_but_warned_of(keys: KeyFiles, name: str, kind: str) -> None:
    report = inspect_key(keys.read(name))
    assert (report.ok, report.format, report.encrypted) == (True, kind, False)
    assert codes(report) == ["unencrypted"]
    with_passphrase = inspect_key(keys.read(name), PASSPHRASE)
    assert with_passphrase.ok
    assert codes(with_passphrase) == ["unencrypted", "passphrase_unneeded"]


def test_the_json_shape_is_the_one_of_keys_inspect(keys: KeyFiles) -> None:
    shape = inspect_key(keys.read("plain.pem")).as_dict()
    assert list(shape) == ["ok", "format", "encrypted", "bits", "fingerprint_sha256", "problems"]
    assert isinstance(shape["problems"], list)
    assert set(shape["problems"][0]) == {"code", "severity", "message", "fix"}


def test_a_loaded_key_signs_what_openssl_verifies(keys: KeyFiles, tmp_path: Path) -> None:
    key = load_private_key(keys.read("pkcs1-aes256.pem"), PASSPHRASE)
    (tmp_path / "signature").write_bytes(key.sign(b"hello", padding.PKCS1v15(), SHA256()))
    (tmp_path / "text").write_bytes(b"hello")
    shown = run(
        "openssl", "dgst", "-sha256", "-verify", keys.folder / "public.pem",
        "-signature", tmp_path / "signature", tmp_path / "text",
    )  # fmt: skip
    assert b"Verified OK" in shown


# ---------------------------------------------------------------- what happens to a key on its way


def escaped(pem: bytes) -> bytes:
    return pem.replace(b"\n", b"\\n")


MISHAPS = {
    "escaped": (escaped, "escaped_newlines"),
    "escaped twice": (lambda pem: pem.replace(b"\n", b"\\\\n"), "escaped_newlines"),
    "escaped crlf": (lambda pem: pem.replace(b"\n", b"\\r\\n"), "escaped_newlines"),
    "one line": (lambda pem: pem.replace(b"\n", b" "), "escaped_newlines"),
    "no breaks": (lambda pem: pem.replace(b"\n", b""), "escaped_newlines"),
    "crlf": (lambda pem: pem.replace(b"\n", b"\r\n"), "crlf"),
    "old mac": (lambda pem: pem.replace(b"\n", b"\r"), "crlf"),
    "bom": (lambda pem: b"\xef\xbb\xbf" + pem, "bom"),
    "utf-16 with bom": (lambda pem: pem.decode().encode("utf-16"), "bom"),
    "utf-16 big endian": (lambda pem: b"\xfe\xff" + pem.decode().encode("utf-16-be"), "bom"),
    "utf-16 without bom": (lambda pem: pem.decode().encode("utf-16-le"), "bom"),
    "text before": (lambda pem: b"Here is the key:\n" + pem, "extra_text"),
    "text after": (lambda pem: pem + b"\nRegards, Ada", "extra_text"),
    "quotes": (lambda pem: b'"' + pem.strip() + b'"', "extra_text"),
    "old code page": (
        lambda pem: "friendlyName: Schl\u00fcssel\n".encode("latin-1") + pem,
        "extra_text",
    ),
}


@pytest.mark.parametrize("name", ["pkcs8.pem", "plain.pem"])
@pytest.mark.parametrize("mishap", MISHAPS)
def test_a_mishap_is_undone_and_named(keys: KeyFiles, name: str, mishap: str) -> None:
    change, code = MISHAPS[mishap]
    report = inspect_key(change(keys.read(name)), PASSPHRASE if name == "pkcs8.pem" else None)
    check_shape(report)
    assert report.ok
    assert code in codes(report)
    assert report.fingerprint_sha256 == spki_sha256(keys.folder / "public.pem")


@pytest.mark.parametrize("mishap", ["escaped", "one line", "crlf", "bom"])
def test_the_traditional_encryption_survives_the_same_mishaps(keys: KeyFiles, mishap: str) -> None:
    change, code = MISHAPS[mishap]
    report = inspect_key(change(keys.read("pkcs1-aes256.pem")), PASSPHRASE)
    assert report.ok
    assert codes(report) == [code]


def test_indented_lines_are_read_without_remark(keys: KeyFiles) -> None:
    indented = b"\n".join(b"    " + line for line in keys.read("pkcs8.pem").splitlines())
    assert inspect_key(indented, PASSPHRASE).problems == ()


def test_bag_attributes_are_named(keys: KeyFiles) -> None:
    report = inspect_key(keys.read("bag.pem"), PASSPHRASE)
    assert report.ok
    assert codes(report) == ["extra_text"]
    assert "Bag Attributes" in report.problems[0].message


def test_a_key_among_certificates_is_found(keys: KeyFiles) -> None:
    both = keys.read("cert.pem") + keys.read("pkcs8.pem")
    report = inspect_key(both, PASSPHRASE)
    assert report.ok
    assert codes(report) == ["extra_text"]
    assert "2 blocks" in report.problems[0].message


def test_a_first_line_that_hides_an_encrypted_key_is_seen_through(keys: KeyFiles) -> None:
    pem = keys.read("pkcs8.pem").replace(b"ENCRYPTED ", b"")
    assert codes(inspect_key(pem)) == ["passphrase_missing"]
    assert inspect_key(pem, PASSPHRASE).ok


# ---------------------------------------------------------------- passphrases


@pytest.mark.parametrize(
    "name", ["guide.pem", "pkcs8-scrypt.pem", "pkcs8-v1.pem", "pkcs1-aes256.pem", "pkcs1-des3.pem"]
)
def test_missing_and_wrong_passphrases_are_told_apart(keys: KeyFiles, name: str) -> None:
    for nothing in (None, ""):
        report = inspect_key(keys.read(name), nothing)
        assert (codes(report), report.ok, report.encrypted) == (["passphrase_missing"], False, True)
        assert report.fingerprint_sha256 is None
    wrong = inspect_key(keys.read(name), "wrong")
    assert (codes(wrong), wrong.ok, wrong.encrypted) == (["passphrase_wrong"], False, True)
    assert "space" not in wrong.problems[0].message


def test_a_wrong_passphrase_is_always_called_so(keys: KeyFiles) -> None:
    # One wrong key in 256 leaves padding that looks right; the words must not change then.
    for name in ("pkcs1-aes256.pem", "pkcs1-des3.pem"):
        found = {codes(inspect_key(keys.read(name), f"wrong {n}"))[0] for n in range(600)}
        assert found == {"passphrase_wrong"}


@pytest.mark.parametrize(
    "form", [serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL]
)
def test_a_damaged_key_that_opens_is_damaged_all_the_same(
    keys: KeyFiles, form: serialization.PrivateFormat
) -> None:
    """Encryption hides damage from every check that comes before: opening it is no proof."""
    whole = load_private_key(keys.read("plain.pem")).private_numbers()
    parts = {name: getattr(whole, name) for name in ("p", "q", "d", "dmp1", "dmq1", "iqmp")}
    for number in ("d", "dmp1", "dmq1", "iqmp"):
        damaged = rsa.RSAPrivateNumbers(
            **parts | {number: parts[number] - 2}, public_numbers=whole.public_numbers
        )
        data = damaged.private_key(unsafe_skip_rsa_key_validation=True).private_bytes(
            serialization.Encoding.PEM,
            form,
            serialization.BestAvailableEncryption(PASSPHRASE.encode()),
        )
        report = inspect_key(data, PASSPHRASE)
        assert (codes(report), report.encrypted) == (["truncated"], True), number
        assert "content is damaged" in report.problems[0].message, number
        with pytest.raises(KeyProblem):
            load_private_key(data, PASSPHRASE)


def test_a_space_around_the_passphrase_is_noticed(keys: KeyFiles) -> None:
    report = inspect_key(keys.read("guide.pem"), f"{PASSPHRASE}\n")
    assert codes(report) == ["passphrase_wrong"]
    assert "space or line break" in report.problems[0].message


def test_a_passphrase_beyond_ascii_and_half_a_surrogate_pair_are_taken() -> None:
    pair = generate_key_pair("pässwörd ☂")
    assert inspect_key(pair.private_pem.reveal().encode(), "pässwörd ☂").ok
    assert codes(inspect_key(pair.private_pem.reveal().encode(), "\ud800")) == ["passphrase_wrong"]
    assert codes(inspect_key(pair.private_pem, "x" * 5000)) == ["passphrase_wrong"]
    assert codes(inspect_key(pair.private_pem, "\0")) == ["passphrase_wrong"]


@pytest.mark.parametrize("name", ["pkcs1-aes192.pem", "pkcs1-camellia256.pem"])
def test_an_encryption_that_is_not_supported_is_named(keys: KeyFiles, name: str) -> None:
    report = inspect_key(keys.read(name), PASSPHRASE)
    assert codes(report) == ["unsupported_format"]
    assert "openssl" in report.problems[0].fix


def test_a_key_that_asks_for_endless_work_is_refused_before_it(keys: KeyFiles) -> None:
    slow = keys.folder / "slow.pem"
    run(
        "openssl", "pkcs8", "-topk8", "-v2", "aes256", "-iter", "1000", "-in",
        keys.folder / "plain.pem", "-passout", f"pass:{PASSPHRASE}", "-out", slow,
    )  # fmt: skip
    body = b"".join(slow.read_bytes().splitlines()[1:-1])
    der = base64.b64decode(body)
    assert der.count(b"\x02\x02\x03\xe8") == 1  # the INTEGER 1000
    huge = der.replace(b"\x02\x02\x03\xe8", b"\x02\x02\x7f\xff")
    assert inspect_key(pem("ENCRYPTED PRIVATE KEY", der), PASSPHRASE).ok
    # 32767 rounds are worked through (and fit no more), 2^31 are not.
    assert codes(inspect_key(pem("ENCRYPTED PRIVATE KEY", huge), "x")) == ["passphrase_wrong"]
    endless = grown(der, b"\x02\x02\x03\xe8", b"\x02\x04\x7f\xff\xff\xff")
    assert codes(inspect_key(pem("ENCRYPTED PRIVATE KEY", endless), "x")) == ["unsupported_format"]


def grown(der: bytes, old: bytes, new: bytes) -> bytes:
    """Replace an element deep inside and mend the lengths of all that hold it."""

    def rebuild(data: bytes) -> bytes:
        out, position = b"", 0
        while position < len(data):
            tag, length, head = data[position], data[position + 1], 2
            if length & 0x80:
                size = length & 0x7F
                length = int.from_bytes(data[position + 2 : position + 2 + size], "big")
                head += size
            whole = data[position : position + head + length]
            content = whole[head:]
            if whole == old:
                out += new
            elif tag == 0x30:
                inner = rebuild(content)
                size_bytes = (
                    bytes([len(inner)])
                    if len(inner) < 128
                    else b"\x82" + len(inner).to_bytes(2, "big")
                )
                out += bytes([tag]) + size_bytes + inner
            else:
                out += whole
            position += head + length
        return out

    return rebuild(der)


def pem(label: str, der: bytes) -> bytes:
    body = base64.encodebytes(der).decode()
    return f"-----BEGIN {label}-----\n{body}-----END {label}-----\n".encode()


# ---------------------------------------------------------------- other things than an RSA key


def test_a_small_key_is_worded_as_smaller_than_the_guide_uses(keys: KeyFiles) -> None:
    report = inspect_key(keys.read("small.pem"))
    assert (report.ok, report.bits) == (False, 1024)
    assert codes(report) == ["too_small", "unencrypted"]
    assert "smaller than Box's guide uses" in report.problems[0].message
    assert load_private_key(keys.read("small.pem")).key_size == 1024


@pytest.mark.parametrize(
    "name,word",
    [
        ("ec.pem", "EC"),
        ("ec-sec1.pem", "EC"),
        ("ec-pkcs8.pem", "EC"),
        ("ed25519.pem", "Ed25519"),
        ("ed25519-locked.pem", "Ed25519"),
        ("ed448.pem", "Ed448"),
        ("x25519.pem", "X25519"),
        ("pss.pem", "RSA-PSS"),
        ("dsa.pem", "DSA"),
    ],
)
def test_a_key_of_another_kind_is_named(keys: KeyFiles, name: str, word: str) -> None:
    report = inspect_key(keys.read(name), PASSPHRASE if "locked" in name else None)
    assert codes(report)[0] == "not_rsa"
    assert word in report.problems[0].message
    assert not report.ok


@pytest.mark.parametrize("name", ["public.pem", "public-pkcs1.pem", "public.der", "ec-public.pem"])
def test_a_public_key_in_the_place_of_the_private_one(keys: KeyFiles, name: str) -> None:
    report = inspect_key(keys.read(name))
    assert (report.format, codes(report)) == (KeyFormat.PUBLIC, ["public_not_private"])
    assert report.encrypted is False
    if name != "ec-public.pem":
        assert report.fingerprint_sha256 == spki_sha256(keys.folder / "public.pem")


@pytest.mark.parametrize("name", ["cert.pem", "cert.der", "request.pem"])
def test_a_certificate_in_the_place_of_the_private_key(keys: KeyFiles, name: str) -> None:
    report = inspect_key(keys.read(name))
    assert (report.format, codes(report)) == (KeyFormat.CERTIFICATE, ["certificate_not_private"])


@pytest.mark.parametrize(
    "name,locked", [("pkcs8.der", False), ("pkcs1.der", False), ("pkcs8-encrypted.der", True)]
)
def test_a_binary_key_gets_the_command_that_converts_it(
    keys: KeyFiles, tmp_path: Path, name: str, *, locked: bool
) -> None:
    report = inspect_key(keys.read(name))
    assert (report.format, report.encrypted) == (KeyFormat.DER, locked)
    assert codes(report) == ["unsupported_format"]
    told = None if locked else spki_sha256(keys.folder / "public.pem")
    assert report.fingerprint_sha256 == told
    command = report.problems[0].fix.removeprefix("Convert it: ")
    command = command.replace("FILE", str(keys.folder / name))
    command = command.replace("private_key.pem", str(tmp_path / "out.pem"))
    secrets = ["-passout", f"pass:{PASSPHRASE}"] + (
        ["-passin", f"pass:{PASSPHRASE}"] if locked else []
    )
    run(*command.split(), *secrets)
    converted = inspect_key((tmp_path / "out.pem").read_bytes(), PASSPHRASE)
    assert converted.ok
    assert converted.fingerprint_sha256 == spki_sha256(keys.folder / "public.pem")


def test_a_pkcs12_container_gets_the_command_that_takes_the_key_out(
    keys: KeyFiles, tmp_path: Path
) -> None:
    report = inspect_key(keys.read("bundle.p12"), PASSPHRASE)
    assert (report.format, report.encrypted, codes(report)) == (
        KeyFormat.PKCS12, True, ["unsupported_format"],
    )  # fmt: skip
    command = report.problems[0].fix.removeprefix("Extract the key: ")
    command = command.replace("FILE", str(keys.folder / "bundle.p12"))
    command = command.replace("private_key.pem", str(tmp_path / "out.pem"))
    run(*command.split(), "-passin", f"pass:{PASSPHRASE}", "-passout", f"pass:{PASSPHRASE}")
    assert inspect_key((tmp_path / "out.pem").read_bytes(), PASSPHRASE).ok


def test_whether_a_pkcs12_container_is_encrypted_is_said_only_where_it_is_seen(
    keys: KeyFiles, tmp_path: Path
) -> None:
    run(
        "openssl", "pkcs12", "-export", "-inkey", keys.folder / "plain.pem",
        "-in", keys.folder / "cert.pem", "-keypbe", "NONE", "-certpbe", "NONE", "-nomac",
        "-passout", "pass:", "-out", tmp_path / "open.p12",
    )  # fmt: skip
    report = inspect_key((tmp_path / "open.p12").read_bytes())
    assert (report.format, report.encrypted) == (KeyFormat.PKCS12, None)


@pytest.mark.parametrize("locked", [False, True])
@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_an_openssh_key_is_named_without_opening_it(
    keys: KeyFiles, kind: str, *, locked: bool
) -> None:
    data = openssh_key(keys, kind)
    if locked:  # the head as ssh-keygen writes it for an encrypted key; the rest isn't looked at
        body = base64.b64decode(b"".join(data.splitlines()[1:-1]))
        head = b"openssh-key-v1\0\0\0\0\x04none\0\0\0\x04none\0\0\0\0"
        assert body.startswith(head)
        options = b"\0\0\0\x10" + bytes(16) + b"\0\0\0\x18"
        new = b"openssh-key-v1\0\0\0\0\x0aaes256-ctr\0\0\0\x06bcrypt\0\0\0\x18" + options
        data = pem("OPENSSH PRIVATE KEY", new + body[len(head) :])
    report = inspect_key(data, PASSPHRASE)
    assert (report.format, report.encrypted) == (KeyFormat.OPENSSH, locked)
    assert codes(report)[0] == "unsupported_format"
    assert ("not_rsa" in codes(report)) is (kind == "ed25519")
    if kind == "rsa":
        assert report.fingerprint_sha256 == spki_sha256(keys.folder / "public.pem")


def openssh_key(keys: KeyFiles, kind: str) -> bytes:
    private = load_private_key(keys.read("plain.pem"))
    key = private if kind == "rsa" else ed25519.Ed25519PrivateKey.generate()
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    )


FOREIGN = {
    "putty": (b"PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\n", "unsupported_format"),
    "jwk": (b'{"kty":"RSA","n":"AQAB"}', "unsupported_format"),
    "xml": (b"<RSAKeyValue><Modulus>AQAB</Modulus></RSAKeyValue>", "unsupported_format"),
    "java": (b"\xfe\xed\xfe\xed\x00\x00\x00\x02", "unsupported_format"),
    "pgp": (b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQHY\n", "not_a_key"),
    "settings": (b'{"boxAppSettings": {"clientID": "x"}}', "not_a_key"),
    "html": (b"<!DOCTYPE html><html></html>", "not_a_key"),
    "dashes": (b"\xe2\x80\x94BEGIN RSA PRIVATE KEY\xe2\x80\x94\nMIIE\n", "not_a_key"),
    "word": (b"hello", "not_a_key"),
    "empty": (b"", "empty"),
    "blank": (b" \r\n\t", "empty"),
    "bom alone": (b"\xef\xbb\xbf", "empty"),
    "zeros": (bytes(100), "empty"),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not_a_key"),
    "other pem": (b"-----BEGIN DH PARAMETERS-----\nMIIB\n-----END DH PARAMETERS-----", "not_a_key"),
    "huge": (b"A" * (MAX_BYTES + 1), "too_large"),
    "huge key": (
        b"-----BEGIN PRIVATE KEY-----\n" + b"A" * 20000 + b"\n-----END PRIVATE KEY-----",
        "too_large",
    ),
    "frame alone": (b"-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----", "truncated"),
    "strange text in the frame": (
        b"-----BEGIN PRIVATE KEY-----\n\xc3\xa4\xc3\xb6!\n-----END PRIVATE KEY-----",
        "not_a_key",
    ),
}


@pytest.mark.parametrize("thing", FOREIGN)
def test_a_foreign_thing_has_its_own_words(thing: str) -> None:
    data, code = FOREIGN[thing]
    report = inspect_key(data, "x")
    check_shape(report)
    assert codes(report) == [code]
    assert report.fingerprint_sha256 is None


def test_a_file_is_read_up_to_the_size_that_is_stated(keys: KeyFiles) -> None:
    assert MAX_BYTES == 64 * 1024
    for name in ("pkcs8.pem", "public.pem"):
        data = keys.read(name)
        filled, over = (data + b"\n" * (size - len(data)) for size in (MAX_BYTES, MAX_BYTES + 1))
        if name == "pkcs8.pem":
            assert inspect_key(filled, PASSPHRASE).ok
            [problem] = inspect_key(over, PASSPHRASE).problems
            assert problem.code == "too_large"
            assert f"{MAX_BYTES:,}" in problem.fix
        else:
            assert inspect_key(keys.read("guide.pem"), PASSPHRASE, public=filled).ok
            report = inspect_key(keys.read("guide.pem"), PASSPHRASE, public=over)
            assert codes(report) == ["public_mismatch"]


def test_a_key_inside_a_file_is_read_up_to_a_size_of_its_own() -> None:
    for size, code in ((12_000, "truncated"), (12_001, "too_large")):
        report = inspect_key(pem("ENCRYPTED PRIVATE KEY", bytes(size)), PASSPHRASE)
        assert codes(report) == [code], size


def test_errors_come_before_warnings_wherever_they_were_found(keys: KeyFiles) -> None:
    windows = keys.read("small.pem").replace(b"\n", b"\r\n")
    other = keys.read("other-public.pem")
    report = inspect_key(windows, PASSPHRASE, public=other)
    assert codes(report) == [
        "too_small", "public_mismatch", "unencrypted", "passphrase_unneeded", "crlf",
    ]  # fmt: skip
    found = find(windows, PASSPHRASE.encode())
    assert [problem.code for problem in found.problems] == [
        "too_small", "unencrypted", "passphrase_unneeded", "crlf",
    ]  # fmt: skip
    with pytest.raises(KeyProblem) as caught:
        load_private_key(keys.read("ed25519.pem").replace(b"\n", b"\r\n"))
    assert caught.value.code == "not_rsa"


def test_an_ssh_public_line_is_a_public_key(keys: KeyFiles) -> None:
    key = load_private_key(keys.read("plain.pem")).public_key()
    line = key.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    report = inspect_key(line + b" ada@example\n")
    assert codes(report) == ["public_not_private"]
    assert report.fingerprint_sha256 == spki_sha256(keys.folder / "public.pem")


@pytest.mark.parametrize(
    "head",
    [b"", b'Comment: "ada@example"\n', b"Subject: ada\nComment: a long one \\\nof two lines\n"],
)
def test_regression_an_rfc_4716_public_key_is_a_public_key(keys: KeyFiles, head: bytes) -> None:
    key = load_private_key(keys.read("plain.pem")).public_key()
    line = key.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    body = line.split()[1]
    rows = b"\n".join(body[n : n + 70] for n in range(0, len(body), 70))
    begin, end = b"---- BEGIN SSH2 PUBLIC KEY ----\n", b"\n---- END SSH2 PUBLIC KEY ----\n"
    report = inspect_key(begin + head + rows + end)
    assert codes(report) == ["public_not_private"]
    assert report.fingerprint_sha256 == spki_sha256(keys.folder / "public.pem")


@pytest.mark.parametrize("name", ["plain.pem", "pkcs1.pem", "pkcs8.pem"])
def test_regression_a_damaged_key_is_not_called_cut_off(keys: KeyFiles, name: str) -> None:
    whole = keys.read(name)
    mangled = {
        "header": whole.replace(b"-----BEGIN", "\u2014BEGIN".encode()),
        "one character": whole[:200] + b"*" + whole[201:],
    }
    for what, data in mangled.items():
        report = inspect_key(data, PASSPHRASE)
        assert codes(report) == ["not_a_key"], what
        assert "damaged" in report.problems[0].message, what


# ---------------------------------------------------------------- keys that aren't whole


@pytest.mark.parametrize("name", ["plain.pem", "pkcs1.pem", "pkcs8.pem", "pkcs1-aes256.pem"])
def test_a_cut_off_key_is_called_so(keys: KeyFiles, name: str) -> None:
    whole = keys.read(name)
    lines = whole.splitlines(keepends=True)
    cuts = {
        "no end line": b"".join(lines[:-1]),
        "half": whole[: len(whole) // 2],
        "a line from the middle": b"".join(lines[:12] + lines[13:]),
        "other end line": whole.replace(b"-----END ", b"-----END X"),
    }
    for what, data in cuts.items():
        report = inspect_key(data, PASSPHRASE)
        assert codes(report)[0] == "truncated", what


def test_a_cut_off_binary_key_is_called_so(keys: KeyFiles) -> None:
    assert codes(inspect_key(keys.read("pkcs8.der")[:-10])) == ["truncated"]


def test_a_key_without_its_first_and_last_line_is_called_so(keys: KeyFiles) -> None:
    body = b"".join(keys.read("plain.pem").splitlines(keepends=True)[1:-1])
    report = inspect_key(body)
    assert codes(report) == ["truncated"]
    assert "first and last line" in report.problems[0].message
    assert codes(inspect_key(body[:400])) == ["truncated"]
    public = b"".join(keys.read("public.pem").splitlines(keepends=True)[1:-1])
    found = inspect_key(public)
    assert (found.format, codes(found)) == (KeyFormat.PUBLIC, ["public_not_private"])


def test_another_kind_of_key_under_the_label_of_rsa_is_no_key_to_sign_with(keys: KeyFiles) -> None:
    report = inspect_key(keys.read("ec-sec1.pem").replace(b"EC PRIVATE", b"RSA PRIVATE"))
    assert (codes(report)[0], report.ok) == ("truncated", False)


@given(place=st.integers(30, 1100), bit=st.integers(0, 7))
@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_flipped_bit_never_passes_for_a_whole_key(keys: KeyFiles, place: int, bit: int) -> None:
    der = bytearray(base64.b64decode(b"".join(keys.read("pkcs1.pem").splitlines()[1:-1])))
    der[place] ^= 1 << bit
    report = inspect_key(pem("RSA PRIVATE KEY", bytes(der)))
    check_shape(report)
    assert not report.ok


# ---------------------------------------------------------------- belonging together


@pytest.mark.parametrize("name", ["public.pem", "public-pkcs1.pem", "public.der", "cert.pem"])
def test_its_own_public_key_belongs_to_it(keys: KeyFiles, name: str) -> None:
    assert inspect_key(keys.read("guide.pem"), PASSPHRASE, public=keys.read(name)).ok


def test_its_own_line_for_ssh_belongs_to_it_too(keys: KeyFiles) -> None:
    key = load_private_key(keys.read("plain.pem")).public_key()
    line = key.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    assert inspect_key(keys.read("guide.pem"), PASSPHRASE, public=line + b" ada@example").ok


@pytest.mark.parametrize("name", ["other-public.pem", "ec-public.pem", "plain.pem", "pkcs8.der"])
def test_another_public_key_does_not(keys: KeyFiles, name: str) -> None:
    report = inspect_key(keys.read("guide.pem"), PASSPHRASE, public=keys.read(name))
    assert codes(report) == ["public_mismatch"]
    assert not report.ok


@pytest.mark.parametrize("junk", [b"", b"hello", b"\x30\x82", b"A" * (MAX_BYTES + 1)])
def test_a_public_key_file_that_is_none_is_a_mismatch(keys: KeyFiles, junk: bytes) -> None:
    report = inspect_key(keys.read("guide.pem"), PASSPHRASE, public=junk)
    assert codes(report) == ["public_mismatch"]


def credentials(keys: KeyFiles, name: str, passphrase: str | None = PASSPHRASE) -> BoxCredentials:
    return BoxCredentials(
        private_key=Secret(keys.read(name).decode()), passphrase=Secret.of(passphrase)
    )


def test_app_settings_with_the_same_key_fit_and_lend_their_passphrase(keys: KeyFiles) -> None:
    assert inspect_key(keys.read("pkcs1-aes256.pem"), config=credentials(keys, "guide.pem")).ok


def test_app_settings_with_another_key_do_not_fit(keys: KeyFiles) -> None:
    report = inspect_key(keys.read("guide.pem"), PASSPHRASE, config=credentials(keys, "other.pem"))
    assert codes(report) == ["config_mismatch"]
    assert not report.ok


def test_app_settings_that_cannot_be_opened_are_only_a_warning(keys: KeyFiles) -> None:
    config = credentials(keys, "guide.pem", "wrong")
    report = inspect_key(keys.read("guide.pem"), PASSPHRASE, config=config)
    assert (codes(report), report.ok) == (["config_mismatch"], True)


def test_app_settings_without_a_key_leave_nothing_to_compare(keys: KeyFiles) -> None:
    assert inspect_key(keys.read("guide.pem"), PASSPHRASE, config=BoxCredentials()).problems == ()


def test_a_file_that_is_no_app_settings_is_a_mismatch(keys: KeyFiles) -> None:
    report = inspect_key(keys.read("guide.pem"), PASSPHRASE, config=b"<html>")
    assert codes(report) == ["config_mismatch"]


# ---------------------------------------------------------------- loading and making


@pytest.mark.parametrize(
    "name,code",
    [
        ("guide.pem", "passphrase_missing"),
        ("public.pem", "public_not_private"),
        ("ed25519.pem", "not_rsa"),
        ("pkcs8.der", "unsupported_format"),
    ],
)
def test_loading_says_why_it_failed(keys: KeyFiles, name: str, code: str) -> None:
    with pytest.raises(KeyProblem) as caught:
        load_private_key(keys.read(name))
    assert caught.value.code == code
    assert caught.value.fix


def test_a_made_pair_is_what_box_takes_and_openssl_reads(tmp_path: Path) -> None:
    pair = generate_key_pair(Secret(PASSPHRASE))
    private, public = tmp_path / "private.pem", tmp_path / "public.pem"
    private.write_text(pair.private_pem.reveal())
    public.write_text(pair.public_pem)
    private.chmod(stat.S_IRUSR | stat.S_IWUSR)
    assert pair.private_pem.reveal().startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert pair.public_pem.startswith("-----BEGIN PUBLIC KEY-----")
    assert b"aes-256-cbc" in run("openssl", "asn1parse", "-in", private)
    secret = f"pass:{PASSPHRASE}"
    assert (
        run("openssl", "rsa", "-in", private, "-passin", secret, "-pubout") == public.read_bytes()
    )
    assert pair.fingerprint_sha256 == spki_sha256(public)
    assert PASSPHRASE not in repr(pair)
    assert "PRIVATE" not in repr(pair)


def test_a_pair_can_be_larger() -> None:
    longest = "x" * 1023
    pair = generate_key_pair(longest, bits=3072)
    assert inspect_key(pair.private_pem, longest).bits == 3072


@pytest.mark.parametrize(
    "passphrase,bits,code",
    [
        ("", 2048, "passphrase_missing"),
        ("x" * 1024, 2048, "passphrase_missing"),
        ("x", 1024, "too_small"),
        ("x", 2047, "too_small"),
        ("x", 8193, "too_large"),
        ("x", 100_000, "too_large"),
    ],
)
def test_a_pair_that_would_not_do_is_not_made(passphrase: str, bits: int, code: str) -> None:
    with pytest.raises(KeyProblem) as caught:
        generate_key_pair(passphrase, bits)
    assert caught.value.code == code


# ---------------------------------------------------------------- hostile bytes


@given(data=st.binary(max_size=400), passphrase=st.none() | st.text(max_size=20))
@settings(max_examples=300, deadline=None)
def test_no_bytes_make_it_raise(data: bytes, passphrase: str | None) -> None:
    check_shape(inspect_key(data, passphrase, public=data, config=data))


FRAMES = ["PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY",
          "OPENSSH PRIVATE KEY", "PUBLIC KEY", "RSA PUBLIC KEY", "CERTIFICATE"]  # fmt: skip


@given(label=st.sampled_from(FRAMES), der=st.binary(max_size=300), passphrase=st.text(max_size=9))
@settings(max_examples=300, deadline=None)
def test_no_frame_around_any_bytes_makes_it_raise(label: str, der: bytes, passphrase: str) -> None:
    check_shape(inspect_key(pem(label, der), passphrase, public=pem(label, der)))


REAL = ["guide.pem", "pkcs1-des3.pem", "pkcs8.der", "bundle.p12", "cert.der", "ec.pem", "bag.pem"]


@given(st.data())
@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_damage_to_a_real_file_makes_it_raise(keys: KeyFiles, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(REAL))
    raw = bytearray(keys.read(name))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(raw)))
        raw[start : start + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    check_shape(inspect_key(bytes(raw), PASSPHRASE))


def test_no_message_holds_key_or_passphrase(keys: KeyFiles) -> None:
    for name in sorted(path.name for path in keys.folder.iterdir()):
        report = inspect_key(keys.read(name), "canary-passphrase", public=b"canary-public")
        text = str(report.as_dict())
        assert "canary" not in text
        assert "MII" not in text


def test_openssl_is_the_program_we_think(keys: KeyFiles) -> None:
    shown = subprocess.run(["openssl", "version"], capture_output=True, check=True).stdout
    assert shown.startswith(b"OpenSSL 3")
    assert keys.folder.exists()


@pytest.mark.parametrize(
    "piece",
    [b"-----BEGIN PRIVATE KEY-----", b"-----END PRIVATE KEY-----", b"\\", b"-----BEGIN ", b"A\n",
     b"\x30\x00", b"\x30\x80", b"{", b"Proc-Type: 4,ENCRYPTED ", b"\xff\xfe", b"A B"],
)  # fmt: skip
@pytest.mark.timeout(20)
def test_a_hostile_file_takes_no_more_than_a_instant(piece: bytes) -> None:
    for frame in (b"%s", b"-----BEGIN RSA PRIVATE KEY-----\n%s\n-----END RSA PRIVATE KEY-----"):
        data = frame % (piece * (60_000 // len(piece)))
        check_shape(inspect_key(data, "x", public=data, config=data))
