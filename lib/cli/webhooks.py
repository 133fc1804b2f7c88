"""`webhook verify`, `webhook send`, `receive`: check and sign deliveries, receive webhooks."""

import argparse
import os
import re
import sys
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lib.cli.arguments import FAILED, OK, Answer, port, read_file, time
from lib.core.errors import ConfigurationError, Who
from lib.core.redaction import Secret
from lib.settings.loading import load_settings
from lib.settings.profiles import SANDBOX_KEY, Profile, Settings

if TYPE_CHECKING:
    from lib.box.signatures import SignatureKeys
    from lib.core.signatures import SignatureVerdict, VerdictStep

PRIMARY: Final = "BOX_RUNBOOK_WEBHOOK_PRIMARY_KEY"
SECONDARY: Final = "BOX_RUNBOOK_WEBHOOK_SECONDARY_KEY"
API_KEY: Final = "BOX_RUNBOOK_KLOUDLESS_API_KEY"
_KINDS: Final = ("box", "kloudless")
_MOST_BODY: Final = 32_000_000
_MOST_HEADERS: Final = 1_000_000
_TRIGGER: Final = re.compile(r"[A-Z_]{1,60}(\.[A-Z_]{1,60})?")


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the three commands to the parser."""
    shared = argparse.ArgumentParser(add_help=False, parents=[common])
    shared.add_argument(
        "--profile", metavar="KEY", help="profile (default: the only one, or sandbox)"
    )
    shared.add_argument("--data", type=Path, metavar="DIR", help="data folder (default: .data)")
    webhook = commands.add_parser("webhook", help="verify or send a webhook delivery")
    actions = webhook.add_subparsers(title="actions", required=True, metavar="ACTION")
    verify = actions.add_parser(
        "verify", parents=[shared], help="verify that a delivery is genuine"
    )
    verify.add_argument("kind", choices=_KINDS)
    verify.add_argument(
        "--body", type=Path, required=True, metavar="FILE", help="the body as received"
    )
    verify.add_argument(
        "--headers",
        type=Path,
        required=True,
        metavar="FILE",
        help="`Name: value` lines or a JSON object",
    )
    verify.add_argument(
        "--at", type=time, metavar="WHEN", help="when it was received, RFC 3339 (default: now)"
    )
    verify.set_defaults(run=_verify)
    send = actions.add_parser("send", parents=[shared], help="sign a delivery and send it")
    send.add_argument("kind", choices=_KINDS)
    send.add_argument(
        "--to", required=True, metavar="URL", help="an https address, or one on this machine"
    )
    send.add_argument(
        "--trigger", help="trigger of the generated Box body (default: FILE.UPLOADED)"
    )
    send.add_argument(
        "--body",
        type=Path,
        metavar="FILE",
        help="instead of a generated body; without it, Kloudless's body is empty, as in its test",
    )
    send.set_defaults(run=_send)
    _add_receive(commands, common)


def _add_receive(commands: Any, common: argparse.ArgumentParser) -> None:
    command = commands.add_parser(
        "receive", parents=[common], help="receive webhooks without the pages"
    )
    command.add_argument("--port", type=port, required=True, help="0 picks a free one")
    command.add_argument(
        "--address", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)"
    )
    command.add_argument("--data", type=Path, metavar="DIR", help="data folder (default: .data)")
    command.set_defaults(run=_receive)


# -- keys ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Keys:
    """The keys of a sender, and which application is meant (Kloudless)."""

    box: "SignatureKeys"
    api_key: Secret | None
    app_id: str | None = None
    allowed_hosts: tuple[str, ...] = ()


def _keys(arguments: argparse.Namespace, stack: ExitStack) -> _Keys:
    """From the environment, or from the profile. Raises ConfigurationError if there are none."""
    from lib.box.signatures import SignatureKeys  # noqa: PLC0415  # loads the clients' libraries

    settings = load_settings(data_dir=arguments.data)
    allowed = settings.access.allowed_hosts
    primary, secondary, api_key = (
        Secret.of(os.environ.get(name)) for name in (PRIMARY, SECONDARY, API_KEY)
    )
    if arguments.kind == "box" and (primary or secondary):
        return _Keys(SignatureKeys(primary, secondary), None, allowed_hosts=allowed)
    if arguments.kind == "kloudless" and api_key:
        return _Keys(SignatureKeys(), api_key, allowed_hosts=allowed)
    profile = settings.profile(arguments.profile) or _sandbox(settings, stack)
    box, kloudless = profile.box, profile.kloudless
    keys = SignatureKeys(
        box.webhook_primary_key if box else None, box.webhook_secondary_key if box else None
    )
    if arguments.kind == "box" and not keys.known():
        raise _no_keys(profile, "box.webhook_primary_key", f"{PRIMARY} or {SECONDARY}")
    if arguments.kind == "kloudless" and (kloudless is None or not kloudless.api_key):
        raise _no_keys(profile, "kloudless.api_key", API_KEY)
    api_key, app_id = (kloudless.api_key, kloudless.app_id) if kloudless else (None, None)
    return _Keys(keys, api_key, app_id, allowed)


def _sandbox(settings: Settings, stack: ExitStack) -> Profile:
    from lib.app.practice.sandbox_process import Sandbox  # noqa: PLC0415  # only where it is the one

    sandbox = Sandbox(settings.data_dir, url=settings.sandbox_url)
    stack.callback(sandbox.stop)
    return sandbox.profile()


def _no_keys(profile: Profile, setting: str, variables: str) -> ConfigurationError:
    return ConfigurationError(
        f"The profile {profile.label!r} has no key to sign or verify with.",
        cause=f"The setting {setting} is empty.",
        fix=f"Set it, or the environment variable {variables}.",
        who=Who.YOU,
    )


# -- verify and send -------------------------------------------------------------------------------


def _verify(arguments: argparse.Namespace) -> Answer:
    from lib.box import signatures as box  # noqa: PLC0415  # see _keys
    from lib.kloudless import signatures as kloudless  # noqa: PLC0415  # as above

    body = read_file(arguments.body, most=_MOST_BODY)
    headers = _headers(arguments.headers)
    with ExitStack() as stack:
        keys = _keys(arguments, stack)
    verdict: SignatureVerdict
    verdict, steps = (
        box.explain(body, headers, keys.box, at=arguments.at or datetime.now(UTC))
        if arguments.kind == "box"
        else kloudless.explain(body, headers, keys.api_key)
    )
    answer: dict[str, Any] = {
        "ok": verdict.ok,
        "kind": arguments.kind,
        "key": verdict.key,
        "reason": verdict.reason,
        "age_s": verdict.age_s,
    }
    if not arguments.json:
        answer = {"lines": [*map(_step_line, steps), f"ok: {'yes' if verdict.ok else 'no'}"]}
    return answer, OK if verdict.ok else FAILED


def _step_line(step: "VerdictStep") -> str:
    if not step.reached:
        return f"-  {step.title}"
    why = f" ({step.reason})" if step.reason else ""
    return f"{'ok' if step.passed else 'NO'} {step.title}: {step.said}{why}"


def _headers(path: Path) -> list[tuple[str, str]]:
    from lib.webhooks.signing.parse_pasted import NoHeaders, headers_of  # noqa: PLC0415  # only here

    raw = read_file(path, most=_MOST_HEADERS)
    text = raw.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    try:
        return headers_of(text)
    except NoHeaders as error:
        raise _wrong_headers(path, str(error)) from error


def _wrong_headers(path: Path, cause: str) -> ConfigurationError:
    return ConfigurationError(
        f"{path} contains no valid headers.",
        cause=cause,
        fix="Write one `Name: value` pair per line, or a JSON object.",
        who=Who.YOU,
    )


def _send(arguments: argparse.Namespace) -> Answer:
    from lib.webhooks.signing import sending  # noqa: PLC0415  # loads the engines
    from lib.webhooks.signing.own_mark import marked  # noqa: PLC0415  # as above

    now = datetime.now(UTC)
    body = _body(arguments, now)
    with ExitStack() as stack:
        keys = _keys(arguments, stack)
        is_box = arguments.kind == "box"
        if is_box or keys.api_key is None:
            outgoing = sending.box_delivery(body, keys.box, now)
        else:
            outgoing = sending.kloudless_delivery(body, keys.api_key)
        own_keys = keys.box.known().values() if keys.api_key is None else (keys.api_key,)
        sent = sending.post(
            marked(outgoing, own_keys),
            arguments.to,
            app_id=None if is_box else keys.app_id,
            allowed_hosts=keys.allowed_hosts,
        )
    names = [str(name) for name in keys.box.known()] if is_box else ["api_key"]
    answer = {
        "ok": sent.ok,
        "kind": arguments.kind,
        "key": names[0],
        "reason": sent.reason,
        "age_s": 0.0 if is_box else None,
        "status": sent.status,
    }
    return answer, OK if sent.ok else FAILED


def _body(arguments: argparse.Namespace, now: datetime) -> bytes:
    from lib.webhooks.signing.sending import sample_body  # noqa: PLC0415  # as above

    trigger = arguments.trigger
    if trigger is not None and (arguments.kind != "box" or arguments.body is not None):
        raise ConfigurationError(
            "--trigger works only with a generated Box body.",
            cause="Your own body, or Kloudless's, has no trigger to choose.",
            fix="Omit --trigger.",
            who=Who.YOU,
        )
    if arguments.body is not None:
        return read_file(arguments.body, most=_MOST_BODY)
    if arguments.kind != "box":
        return b""
    if trigger is not None and not _TRIGGER.fullmatch(trigger):
        raise ConfigurationError(
            f"--trigger: {trigger!r} isn't a trigger.",
            cause="",
            fix="Write it as Box does, such as FILE.UPLOADED.",
            who=Who.YOU,
        )
    return sample_body(trigger or "FILE.UPLOADED", now)


# -- receive ---------------------------------------------------------------------------------------


def _receive(arguments: argparse.Namespace) -> Answer:
    from lib.app.upgrading import upgrade_unowned  # noqa: PLC0415  # as below
    from lib.cli.interrupts import Stopped, interrupts  # noqa: PLC0415  # only here
    from lib.cli.receiving import Server  # noqa: PLC0415  # loads the engines

    arguments.ending.serves()
    settings = load_settings(data_dir=arguments.data)
    upgrade_unowned(settings)
    with ExitStack() as stack:
        sandbox = None if settings.profiles else _sandbox(settings, stack)

        def profile(key: str) -> Profile | None:
            return settings.profiles.get(key) or (sandbox if key == SANDBOX_KEY else None)

        server = Server(settings, profile, address=arguments.address, port=arguments.port)
        stop = stack.enter_context(interrupts(arguments.ending))
        with suppress(Stopped), server:  # what arrived is said, however the end came
            # the one document of --json comes at the end
            out = sys.stderr if arguments.json else sys.stdout
            out.write(f"{server.url}\n")
            out.flush()
            server.serve_until(stop)
    return {"ok": True, "url": server.url, **server.done()}, OK
