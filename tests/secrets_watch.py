"""Finds a secret wherever it turns up, in the forms that programs give to texts on their way.

`Watch` knows the secrets; `find` looks for each as it is, cut at its ends, and as Base64 (both
alphabets, at every alignment), URL, JSON, HTML, Markdown, Python and hexadecimal write it.
`Eavesdropper` stands between the app and the sandbox, and learns the tokens and assertions that go
over the wire.
"""

import base64
import binascii
import html
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, quote, quote_plus

import httpx
from cryptography.hazmat.primitives.asymmetric import rsa

from lib.core.texts import md

SHORTEST: Final = 8
_CUT: Final = 12
_TOKENS: Final = ("access_token", "refresh_token")
_SPENT: Final = ("assertion", "refresh_token", "subject_token", "code", "client_secret")


def forms(secret: str) -> dict[str, bytes]:
    """How a secret may be written, by the name of the form."""
    raw = secret.encode()
    escaped = json.dumps(secret)[1:-1]
    found: dict[str, bytes] = {
        "plain": raw,
        "JSON": escaped.encode(),
        "JSON, letters kept": json.dumps(secret, ensure_ascii=False)[1:-1].encode(),
        "JSON in JSON": json.dumps(escaped)[1:-1].encode(),
        "JSON with \\/": escaped.replace("/", "\\/").encode(),
        "URL": quote(secret, safe="").encode(),
        "URL with /": quote(secret).encode(),
        "form": quote_plus(secret).encode(),
        "URL twice": quote(quote(secret, safe=""), safe="").encode(),
        "HTML": html.escape(secret).encode(),
        "Markdown": md(secret).encode(),
        "repr": repr(secret)[1:-1].encode(),
        "hex": binascii.hexlify(raw),
        "HEX": binascii.hexlify(raw).upper(),
    }
    for shift in range(3):
        found[f"Base64 +{shift}"] = _base64(raw, shift)
        found[f"Base64, URL-safe +{shift}"] = _base64(raw, shift).translate(
            bytes.maketrans(b"+/", b"-_")
        )
    if len(secret) >= 2 * _CUT:
        found["its beginning"], found["its end"] = raw[:_CUT], raw[-_CUT:]
    return {name: needle for name, needle in found.items() if len(needle) >= SHORTEST}


def _base64(raw: bytes, shift: int) -> bytes:
    """The part of the Base64 of any text that holds `raw` which depends on `raw` alone."""
    text = base64.b64encode(b"\0" * shift + raw)
    start = (0, 2, 3)[shift]
    whole = (len(raw) + shift) // 3 * 4
    return text[start:whole]


@dataclass(frozen=True, slots=True)
class Found:
    """A secret that turned up: its name, the form, and where. Never the secret."""

    name: str
    form: str
    where: str


@dataclass(slots=True)
class Watch:
    """The secrets to look for, by name."""

    _needles: dict[bytes, tuple[str, str]] = field(default_factory=dict)
    _values: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, secret: str) -> str:
        """Look for this secret from now on; returns it."""
        self._values.setdefault(name, secret)
        for form, needle in forms(secret).items():
            self._needles.setdefault(needle, (name, form))
        return secret

    def add_key(self, name: str, pem: str, key: rsa.RSAPrivateKey | None = None) -> str:
        """Look for a private key: the lines of its PEM, and its numbers if they are known."""
        lines = [line for line in pem.splitlines() if len(line) >= 40 and "-----" not in line]
        for number, line in enumerate(lines[3:-1:5]):
            self.add(f"{name}, line {number}", line)
        if key is not None:
            numbers = key.private_numbers()
            for letter, value in (("d", numbers.d), ("p", numbers.p), ("q", numbers.q)):
                data = value.to_bytes((value.bit_length() + 7) // 8, "big")[:48]
                label = f"{name}, {letter}"
                self._needles[data] = (label, "bytes")
                self._needles[binascii.hexlify(data)] = (label, "hex")
                self._needles[str(value).encode()[:40]] = (label, "decimal")
                for shift in range(3):
                    self._needles[_base64(data, shift)] = (label, f"Base64 +{shift}")
        return pem

    @property
    def names(self) -> set[str]:
        """What is looked for."""
        return {name for name, _ in self._needles.values()}

    def value(self, name: str) -> str:
        """A secret by its name."""
        return self._values[name]

    def find(self, data: bytes | str, where: str) -> list[Found]:
        """Every secret in `data`."""
        text = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
        return [
            Found(name, form, where)
            for needle, (name, form) in self._needles.items()
            if needle in text
        ]


class Eavesdropper:
    """A proxy on loopback in front of a sandbox; learns every token and assertion that passes."""

    def __init__(self, upstream: str) -> None:
        self.secrets: dict[str, str] = {}
        self.visitors: list[Any] = []
        self._upstream = upstream
        self._http = httpx.Client(base_url=upstream, timeout=60, trust_env=False)
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def learn(self, kind: str, value: Any) -> None:
        """Remember a secret."""
        if isinstance(value, str) and len(value) >= SHORTEST:
            with self._lock:
                known = self.secrets.values()
                if value not in known:
                    self.secrets[f"{kind} {len(known) + 1}"] = value

    def pass_on(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> httpx.Response | None:
        """The sandbox's answer; None when it closed the connection."""
        if path.startswith("/oauth2/"):
            for name, values in parse_qs(body.decode("utf-8", "replace")).items():
                if name in _SPENT:
                    self.learn(name, values[0])
        scheme, _, credential = headers.get("authorization", "").partition(" ")
        if credential:
            self.learn(f"{scheme.lower()} header", credential)
        try:
            answer = self._http.request(method, path, headers=headers, content=body)
        except httpx.TransportError:
            return None
        if path == "/sandbox/visitors" and answer.is_success:
            self.visitors.append(answer.json())
        if path.startswith("/oauth2/token") and answer.is_success:
            try:
                given = answer.json()
            except ValueError:
                return answer
            for name in _TOKENS:
                self.learn(name, given.get(name))
        return answer

    def changed(self, path: str, content: bytes) -> bytes:
        """The sandbox's addresses lead through here."""
        if path.startswith(("/sandbox/credentials", "/sandbox/visitors")):
            return content.replace(self._upstream.encode(), self.url.encode())
        return content

    def start(self) -> None:
        """Listen."""
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """End."""
        self._server.shutdown()
        self._server.server_close()
        self._http.close()


def _handler(proxy: Eavesdropper) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            left_out = {"host", "connection", "content-length", "accept-encoding"}
            headers = {k.lower(): v for k, v in self.headers.items() if k.lower() not in left_out}
            answer = proxy.pass_on(self.command, self.path, headers, body)
            if answer is None:
                self.close_connection = True
                return
            content = proxy.changed(self.path, answer.content)
            self.send_response(answer.status_code)
            for name, value in answer.headers.items():
                if name not in {"content-length", "connection", "content-encoding"}:
                    self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = _pass_on  # noqa: N815  # http.server's names

        def send_response(self, code: int, message: str | None = None) -> None:
            self.send_response_only(code, message)  # Date comes from the sandbox

        def log_message(self, *_arguments: Any) -> None:
            return

    return Handler


@contextmanager
def eavesdropping(upstream: str) -> Iterator[Eavesdropper]:
    """A proxy in front of `upstream` for the length of a `with` block."""
    proxy = Eavesdropper(upstream)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.stop()
