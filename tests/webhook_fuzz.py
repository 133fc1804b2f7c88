"""Requests that nobody sends on purpose: broken in method, path, headers, length and body.

Some are signed rightly, so that what lies behind the signature meets strange bodies too. Bytes, as
they go over the wire; made from a random generator, so that a seed repeats them.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from lib.box import signatures as box
from lib.kloudless import signatures as kloudless
from tests.webhook_bench import API_KEY, KEYS

METHODS = [b"POST"] * 8 + [
    b"GET",
    b"HEAD",
    b"PUT",
    b"OPTIONS",
    b"TRACE",
    b"BREW",
    b"post",
    b"P\x01",
]
PATHS = [
    *[b"/webhooks/box/acme", b"/webhooks/kloudless/acme"] * 6,
    *(b"/webhooks/box/nobody", b"/webhooks/box/", b"/webhooks/box/acme/", b"/webhooks//acme"),
    *(b"/webhooks/box/%61cme", b"/webhooks/box/%2e%2e/acme", b"/webhooks/box/acme?x=%ff&y"),
    *(b"/webhooks/box/%00", b"/webhooks/box/%ff%fe", b"/webhooks/box/" + b"a" * 3000, b"*"),
    *(b"/webhooks/kloudless/acme#x", b"/webhooks/box/acme;v=1", b"http://x/webhooks/box/acme"),
    *(b"/WEBHOOKS/BOX/ACME", b"/webhooks/box/..%2facme", b"/", b"", b"/webhooks/\xc3\xa9/\xff"),
]
NAMES = [
    *(b"BOX-DELIVERY-TIMESTAMP", b"BOX-SIGNATURE-PRIMARY", b"BOX-SIGNATURE-SECONDARY"),
    *(b"BOX-SIGNATURE-VERSION", b"BOX-SIGNATURE-ALGORITHM", b"X-Kloudless-Signature"),
    *(b"BOX-DELIVERY-ID", b"Content-Type", b"Cookie", b"Authorization", b"X-Forwarded-For"),
    *(b"Content-Encoding", b"Expect", b"Upgrade", b"Connection", b"Accept", b"Range"),
]
VALUES = [
    *(b"", b" ", b"1", b"HmacSHA256", b"2026-03-01T09:30:05-08:00", b"9999-12-31T23:59:59-23:59"),
    *(b"0001-01-01T00:00:00+23:59", b"A" * 43 + b"=", b"=" * 44, b"\xff\xfe", b"a" * 5000),
    *(b"2026-W01-1T00:00:00Z", b"20260301T093005Z", b"gzip", b"100-continue", b"h2c", b"close"),
    *(b"Bearer eyJhbGciOiJIUzI1NiJ9.e30.x", b"%s%n", b"'; DROP TABLE inbox;--", b"\t\t", b"0x1"),
]
JSONS = [
    *("", " ", "{}", "[]", "null", "1", '"x"', "NaN", "Infinity", "-", "{", '{"id":', "\ufeff{}"),
    *('{"id":null}', '{"id":{}}', '{"id":[1]}', '{"id":true}', '{"id":1e999}', '{"id":""}'),
    *('{"id":12345678901234567890123}', '{"id":"\\ud800"}', '{"id":"\\u0000"}', '{"a":1,"a":2}'),
    *('{"id":"x","created_at":"no time"}', '{"id":"y","trigger":7}', '{"id":"z","trigger":"A.B"}'),
    *('{"id":"s","trigger":"A","source":null}', '{"id":"t","trigger":"A","source":[]}'),
    *(
        '{"id":"u","trigger":"A","created_by":"me","webhook":5,"created_at":"2026-03-01T00:00:00Z"}',
    ),
    '{"id":"%s","trigger":"A"}' % ("i" * 9000),
    '{"id":"n","source":' + "[" * 20_000 + "]" * 20_000 + "}",
    '{"id":"o","x":' + '{"y":' * 3000 + "1" + "}" * 3001,
    '{"id":"p","trigger":"FILE.UPLOADED","source":{"id":9007199254740993,"type":{},"name":[]}}',
    '{"id":"q","trigger":"\U0001f4e6\\ud83d","created_at":"1800-01-01T00:00:00Z"}',
]
FORMS = [
    *(
        "account=1",
        "account=",
        "account",
        "=",
        "account=1&account=2",
        "account=%ff",
        "a=b&account=7",
    ),
    *("account=" + "9" * 500, "account=-1", "account=%00", '{"account":1e999}', '{"account":"x"}'),
    *("&" * 500, "account=1;account=2", "account=\u00e9", '{"account":{"account":1}}', "\n"),
]


@dataclass(frozen=True, slots=True)
class Fuzzed:
    """The bytes of a request; `genuine` if its signature is right and nothing else is broken.

    `whole` if a server that reads it to its end answers.
    """

    raw: bytes
    genuine: bool = False
    whole: bool = False


class Fuzzer:
    """Makes requests, one after the other."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def next(self) -> Fuzzed:
        """Another one."""
        pick = self._random.random()
        if pick < 0.4:
            return self._signed()
        if pick < 0.9:
            return self._broken()
        return Fuzzed(self._random.randbytes(self._random.randrange(400)))

    def body(self) -> bytes:
        """Some body; the same ones come again and again."""
        pick = self._random.random()
        if pick < 0.4:
            return self._random.choice(JSONS).encode("utf-8", "surrogatepass")
        if pick < 0.6:
            return self._random.choice(FORMS).encode()
        if pick < 0.8:
            return self._mutated(json.dumps({"id": str(self._random.random()), "trigger": "A"}))
        return self._random.randbytes(self._random.randrange(3000))

    def _mutated(self, text: str) -> bytes:
        found = bytearray(text.encode())
        for _ in range(self._random.randrange(4)):
            found[self._random.randrange(len(found))] = self._random.randrange(256)
        return bytes(found)

    def _signed(self) -> Fuzzed:
        body = self.body()
        if self._random.random() < 0.7:
            at = datetime.now(UTC).isoformat(timespec="seconds")
            headers, path = box.sign(body, at, KEYS), b"/webhooks/box/acme"
        else:
            headers, path = kloudless.sign(body, API_KEY), b"/webhooks/kloudless/acme"
        lines = [f"{name}: {value}".encode() for name, value in headers.items()]
        return Fuzzed(self._request(b"POST", path, lines, body), genuine=True, whole=True)

    def _broken(self) -> Fuzzed:
        body = self.body()
        lines = [
            self._random.choice(NAMES) + b":" + self._random.choice(VALUES)
            for _ in range(self._random.randrange(12))
        ]
        if self._random.random() < 0.05:
            lines += [b"x-%d: y" % n for n in range(self._random.randrange(300))]
        method, path = self._random.choice(METHODS), self._random.choice(PATHS)
        honest = self._random.random() < 0.7
        return Fuzzed(self._request(method, path, lines, body, honest=honest))

    def _request(
        self, method: bytes, path: bytes, lines: list[bytes], body: bytes, *, honest: bool = True
    ) -> bytes:
        """A request with its body; a dishonest one lies about the length, or sends odd chunks."""
        if honest:
            framing, sent = b"Content-Length: %d" % len(body), body
        else:
            length = self._random.choice(
                [b"-1", b"x", b"9" * 30, b"2000000", b"%d" % (len(body) + 5)]
            )
            chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
            framing, sent = self._random.choice(
                [
                    (b"Content-Length: " + length, body),
                    (b"Content-Length: 1\r\nContent-Length: 2", body),
                    (b"Transfer-Encoding: chunked", chunks),
                    (b"Transfer-Encoding: chunked", b"zz\r\n" + body),
                    (b"Transfer-Encoding: chunked\r\nContent-Length: 3", chunks),
                    (b"X: y", body),
                ]
            )
        head = [method + b" " + path + b" HTTP/1.1", b"Host: x", framing, *lines]
        return b"\r\n".join(head) + b"\r\n\r\n" + sent
