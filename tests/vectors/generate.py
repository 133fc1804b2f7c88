"""Writes `box.json` and `kloudless.json`: signed deliveries and what must be said of each.

    python tests/vectors/generate.py            write the files
    python tests/vectors/generate.py --check    exit 1 if they aren't what would be written

The published signatures stand here as they were published; all others are computed with the
standard library alone, so that no fault of `lib` can get into the files. Everything that verifies
(the functions, the routes, the command) is held to the same files.
"""

import argparse
import base64
import hashlib
import hmac
import json
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SAMPLE = {
    "primary": "sample-primary-key-0123456789ABCDEF",
    "secondary": "sample-secondary-key-FEDCBA9876543210",
}
SDK = {"primary": "SamplePrimaryKey", "secondary": "SampleSecondaryKey"}
JAVA = {
    "primary": "faqZQdZ2dbNVaFdPWRsVMjZOC4nVwgp0",
    "secondary": "4SidLLVJLIx3L3RAvMhybvvpmJHUd4iD",
}
UPLOADED = (
    '{"type":"webhook_event","id":"0c1f7e6a-0000-4000-8000-000000000001",'
    '"created_at":"2026-03-01T09:30:00-08:00","trigger":"FILE.UPLOADED",'
    '"webhook":{"id":"4165","type":"webhook"},"created_by":{"type":"user","id":"11446498",'
    '"name":"Ada Analyst","login":"ada@example.com"},"source":{"id":"73835521473","type":"file",'
    '"name":"Q1.pdf","size":1024},"additional_info":[]}'
)
UPLOADED_AT = "2026-03-01T09:30:05-08:00"
RENAMED = (
    '{"type":"webhook_event","id":"0c1f7e6a-0000-4000-8000-000000000002",'
    '"created_at":"2026-03-01T09:31:00-08:00","trigger":"FILE.RENAMED",'
    '"webhook":{"id":"4165","type":"webhook"},"source":{"id":"73835521474","type":"file",'
    '"name":"@"},"additional_info":{"old_name":"a/b.pdf"}}'
)
RENAMED_AT = "2026-03-01T09:31:05-08:00"
TEST = (
    '{"type":"webhook_event","webhook":{"id":"1234567890"},"trigger":"FILE.UPLOADED",'
    '"source":{"id":"1234567890","type":"file","name":"Test.txt"}}'
)
NAMED = (
    '{"webhook":{"id":"1234567890"},"trigger":"FILE.UPLOADED",'
    '"source":{"id":"1234567890","type":"file","name":"@"}}'
)
SDK_AT = "2020-01-01T00:00:00-07:00"
JAVA_AT = "2016-07-08T01:20:32-07:00"
KEY = "test-api-key"

# name, body, time, keys, primary, secondary: as published, or as the official SDKs compute them
PUBLISHED = [
    (
        *("uploaded", UPLOADED, UPLOADED_AT, SAMPLE),
        "7Z5+pFJL719DO85VP18imSEKaP16XbtuovtJ51yuGxc=",
        "oktVfNUiY0B7WtJhjCTyz5+bBpQV6mSxU1QqV3NtjcQ=",
    ),
    (
        *("renamed, raw UTF-8", RENAMED.replace("@", "Übersicht 日本 😀.pdf"), RENAMED_AT),
        *(SAMPLE, "PwHrLEZVJJWy9Ax76IplLrX2pVJy4zO2ylCH/zgIyRE="),
        "n7TLXccR4JilviaarI+mGVS+VlDFqKF6NgNwpBpbWBk=",
    ),
    (
        "renamed, escaped as Box sends it",
        RENAMED.replace("@", r"\u00dcbersicht \u65e5\u672c \ud83d\ude00.pdf"),
        *(RENAMED_AT, SAMPLE, "mcxl3P2rvEu/HOn04PB063VEU/UUC0JdHV4D6wK0z/s="),
        "ppZvtKfxf0GEi0sg7DDx/a+IL2K8RMi44HyOUgpWqyk=",
    ),
    (
        *("the SDK's test", TEST, SDK_AT, SDK),
        "6TfeAW3A1PASkgboxxA5yqHNKOwFyMWuEXny/FPD5hI=",
        "v+1CD1Jdo3muIcbpv5lxxgPglOqMfsNHPV899xWYydo=",
    ),
    *(
        (f"the SDK's test, {what}", NAMED.replace("@", name), SDK_AT, SDK, primary, None)
        for what, name, primary in (
            (
                "Japanese",
                r"\u30b9\u30af\u30ea\u30fc\u30f3\u30b7\u30e7\u30c3\u30c8 2020-08-05.txt",
                "LV2uCu+5NJtIHrCXDYgZ0v/PP5THGRuegw3RtdnEyuE=",
            ),
            (
                "emoji",
                r"\ud83d\ude00 2020-08-05.txt",
                "xF/SDZosX4le+v4A0Qn59sZhuD1RqY5KRUKzVMSbh0E=",
            ),
            ("carriage return", r"test \r", "SVkbKgy3dEEf2PbbzpNu2lDZS7zZ/aboU7HOZgBGrJk="),
            ("escaped slash", r"\/", "t41PWT5ZB6OcysnD6SDy9Ud+p9hdXxIdXqcdweyZv/Q="),
            ("backslash", r"\\", "ERpMZwUQsGDTfj82ehdX6VvDZfvOhK5ULNfVmwVAGe0="),
        )
    ),
    (
        *("the Java SDK's test", '{ "payload" : "test" }', JAVA_AT, JAVA),
        "R54s9jpedqP/Og92+77Ip8hVtfWjR4pnaJXcvRGafCQ=",
        "V4b6jfPoCaTpcPvUDaaYLfVC4+DUZ3/B6F0pz44shEE=",
    ),
]
PUBLISHED_KLOUDLESS = [
    ("the test request, without a body", "", "mJXmOIXOEvaWU3yhLXyFd+DlMvZQxbttrlRgkdQOHMo="),
    ("a form, as version 1", "account=1234", "B3kznggnjnprJ+kDtgXFgvRXCPmRe6j0gndmOhnT7Uo="),
    (
        *("JSON, as version 2", '{"account": 1234, "subscription": 56}'),
        "lr816N9Le70kYS6QtGn+kWH7HIUTTck59CFkoRdcTGU=",
    ),
]


def signed(key: str, *parts: str) -> str:
    """The base64 HMAC-SHA256 of texts."""
    message = "".join(parts).encode()
    return base64.b64encode(hmac.new(key.encode(), message, hashlib.sha256).digest()).decode()


def later(timestamp: str, seconds: float) -> str:
    """That many seconds after a timestamp."""
    return (datetime.fromisoformat(timestamp) + timedelta(seconds=seconds)).isoformat()


def box_vector(
    name: str,
    expect: tuple[str | None, str | None],
    *,
    age_s: float | None = 5.0,
    body: str = UPLOADED,
    at: str | None = None,
    keys: Mapping[str, str] | None = None,
    signatures: Mapping[str, str] | None = None,
    **headers: str | None,
) -> dict[str, Any]:
    """One delivery; `headers` replace those of a right one, None leaves one out."""
    base = {
        "box_delivery_id": "6f3bd1c5-0000-4000-8000-000000000001",
        "box_delivery_timestamp": UPLOADED_AT,
        "box_signature_version": "1",
        "box_signature_algorithm": "HmacSHA256",
        "box_signature_primary": signed(SAMPLE["primary"], UPLOADED, UPLOADED_AT),
        "box_signature_secondary": signed(SAMPLE["secondary"], UPLOADED, UPLOADED_AT),
    }
    key, reason = expect
    return {
        "name": name,
        "kind": "box",
        "keys": SAMPLE if keys is None else keys,
        "at": at or later(UPLOADED_AT, 5),
        "headers": {
            header.upper().replace("_", "-"): value
            for header, value in {**base, **(signatures or {}), **headers}.items()
            if value is not None
        },
        "body": body,
        "expect": {"ok": reason is None, "key": key, "reason": reason, "age_s": age_s},
    }


def published() -> list[dict[str, Any]]:
    """What others published or compute."""
    return [
        box_vector(
            f"published: {name}",
            ("primary", None),
            body=body,
            at=later(timestamp, 5),
            keys=keys,
            box_delivery_timestamp=timestamp,
            box_signature_primary=primary,
            box_signature_secondary=secondary,
        )
        for name, body, timestamp, keys, primary, secondary in PUBLISHED
    ]


def of_keys() -> list[dict[str, Any]]:
    """One key, both, the wrong one, exchanged ones."""
    wrong = signed("another-key", UPLOADED, UPLOADED_AT)
    right = {name: signed(key, UPLOADED, UPLOADED_AT) for name, key in SAMPLE.items()}
    only = {name: {name: key} for name, key in SAMPLE.items()}
    crossed = {
        "box_signature_primary": right["secondary"],
        "box_signature_secondary": right["primary"],
    }
    return [
        box_vector("wrong primary, right secondary", ("secondary", None),
                   box_signature_primary=wrong),
        box_vector("right primary, wrong secondary", ("primary", None),
                   box_signature_secondary=wrong),
        box_vector("both wrong", (None, "wrong"),
                   box_signature_primary=wrong, box_signature_secondary=wrong),
        box_vector("swapped", (None, "swapped"), signatures=crossed),
        box_vector("only the primary, as the secondary", (None, "swapped"),
                   box_signature_primary=None, box_signature_secondary=right["primary"]),
        box_vector("only the secondary sent", ("secondary", None), box_signature_primary=None),
        box_vector("only the primary known", ("primary", None), keys=only["primary"]),
        box_vector("only the secondary known", ("secondary", None), keys=only["secondary"]),
        box_vector("the known key's signature isn't there", (None, "missing"),
                   keys=only["primary"], box_signature_primary=None),
        box_vector("no keys", (None, "no_keys"), keys={}, age_s=None),
        box_vector("keys that are empty", (None, "no_keys"), age_s=None,
                   keys={"primary": "", "secondary": ""}),
        box_vector("primary malformed, right secondary", ("secondary", None),
                   box_signature_primary="not base64"),
    ]  # fmt: skip


def of_headers() -> list[dict[str, Any]]:
    """Each header missing, changed or malformed."""
    # another base64 text of the same bytes: the last letter has two bits that nobody needs
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    right = signed(SAMPLE["primary"], UPLOADED, UPLOADED_AT)
    twin = right[:-2] + last[last.index(right[-2]) + 1] + "="
    return [
        box_vector("no signature", (None, "missing"),
                   box_signature_primary=None, box_signature_secondary=None),
        box_vector("no timestamp", (None, "missing"), age_s=None, box_delivery_timestamp=None),
        box_vector("no version", (None, "unsupported_version"), box_signature_version=None),
        box_vector("version 2", (None, "unsupported_version"), box_signature_version="2"),
        box_vector("version with a space", (None, "unsupported_version"),
                   box_signature_version="1 "),
        box_vector("no algorithm", (None, "unsupported_algorithm"), box_signature_algorithm=None),
        box_vector("HmacSHA1", (None, "unsupported_algorithm"), box_signature_algorithm="HmacSHA1"),
        box_vector("algorithm in lower case", (None, "unsupported_algorithm"),
                   box_signature_algorithm="hmacsha256"),
        box_vector("a timestamp that is no time", (None, "malformed"), age_s=None,
                   box_delivery_timestamp="yesterday"),
        box_vector("a timestamp without offset", (None, "malformed"), age_s=None,
                   box_delivery_timestamp="2026-03-01T09:30:05"),
        box_vector("an empty timestamp", (None, "malformed"), age_s=None,
                   box_delivery_timestamp=""),
        box_vector("signatures in hexadecimal", (None, "malformed"),
                   box_signature_primary="0f" * 32, box_signature_secondary="0f" * 32),
        box_vector("empty signatures", (None, "malformed"),
                   box_signature_primary="", box_signature_secondary=""),
        box_vector("url-safe base64", (None, "malformed"), box_signature_secondary=None,
                   box_signature_primary=right.replace("+", "-").replace("/", "_")),
        box_vector("another base64 of the same bytes", (None, "wrong"),
                   box_signature_secondary=None, box_signature_primary=twin),
        box_vector("the same moment, written otherwise", (None, "wrong"),
                   box_delivery_timestamp="2026-03-01T17:30:05+00:00"),
        box_vector("no delivery id", ("primary", None), box_delivery_id=None),
    ]  # fmt: skip


def of_time_and_body() -> list[dict[str, Any]]:
    """The limits of age, and bodies that are nearly right."""

    def aged(name: str, age: float, reason: str | None) -> dict[str, Any]:
        key = "primary" if reason is None else None
        return box_vector(name, (key, reason), age_s=age, at=later(UPLOADED_AT, age))

    empty = {f"box_signature_{name}": signed(key, "", UPLOADED_AT) for name, key in SAMPLE.items()}
    return [
        aged("600 s old", 600.0, None),
        aged("601 s old", 601.0, "expired"),
        aged("a millisecond too old", 600.001, "expired"),
        aged("1200 s old", 1200.0, "expired"),
        aged("120 s ahead", -120.0, None),
        aged("121 s ahead", -121.0, "future"),
        aged("1200 s ahead", -1200.0, "future"),
        box_vector("one byte appended", (None, "wrong"), body=UPLOADED + "\n"),
        box_vector("one byte less", (None, "wrong"), body=UPLOADED[:-1]),
        box_vector("another spelling of the same JSON", (None, "wrong"),
                   body=UPLOADED.replace('":', '": ')),
        box_vector("wrong and old is wrong", (None, "wrong"), body=UPLOADED + " ",
                   age_s=5000.0, at=later(UPLOADED_AT, 5000)),
        box_vector("an empty body, signed", ("primary", None), body="", signatures=empty),
    ]  # fmt: skip


def kloudless_vector(
    name: str,
    reason: str | None,
    *,
    body: str = "account=1234",
    key: str | None = KEY,
    signature: str | None = None,
    header: str = "X-Kloudless-Signature",
) -> dict[str, Any]:
    """One delivery of Kloudless; without a signature it has none."""
    return {
        "name": name,
        "kind": "kloudless",
        "keys": {} if key is None else {"api_key": key},
        "at": UPLOADED_AT,
        "headers": {} if signature is None else {header: signature},
        "body": body,
        "expect": {
            "ok": reason is None,
            "key": "api_key" if reason is None else None,
            "reason": reason,
            "age_s": None,
        },
    }


def kloudless() -> list[dict[str, Any]]:
    """Every vector of Kloudless."""
    right = signed(KEY, "account=1234")
    return [
        *(
            kloudless_vector(f"published: {name}", None, body=body, signature=signature)
            for name, body, signature in PUBLISHED_KLOUDLESS
        ),
        kloudless_vector("header in lower case", None, signature=right,
                         header="x-kloudless-signature"),
        kloudless_vector("no signature", "missing"),
        kloudless_vector("another key", "wrong", signature=signed("other", "account=1234")),
        kloudless_vector("another account", "wrong", body="account=1235", signature=right),
        kloudless_vector("one byte appended", "wrong", body="account=1234\n", signature=right),
        kloudless_vector("in hexadecimal", "malformed", signature="0f" * 32),
        kloudless_vector("an empty signature", "malformed", signature=""),
        kloudless_vector("without its padding", "malformed", signature=right[:-1]),
        kloudless_vector("no key", "no_keys", key=None, signature=right),
        kloudless_vector("an empty key", "no_keys", key="", signature=right),
    ]  # fmt: skip


def files() -> dict[str, str]:
    """The text of each file, by its name."""
    box = [*published(), *of_keys(), *of_headers(), *of_time_and_body()]
    return {
        f"{name}.json": json.dumps(vectors, ensure_ascii=False, indent=1) + "\n"
        for name, vectors in (("box", box), ("kloudless", kloudless()))
    }


def main() -> int:
    """Write the files, or compare them."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    stale = []
    for name, text in files().items():
        path = HERE / name
        if check and (not path.exists() or path.read_text(encoding="utf-8") != text):
            stale.append(name)
        elif not check:
            path.write_text(text, encoding="utf-8")
    if stale:
        sys.stderr.write(f"not what would be written: {', '.join(stale)}\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
