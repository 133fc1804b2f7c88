"""What Streamlit, as the host, provides: settings, listening address, browser, uncaught errors."""

from typing import Any, Final

import streamlit as st
from streamlit import config as streamlit_config
from streamlit import runtime as streamlit_runtime
from streamlit.errors import StreamlitAPIException

from lib.app.hosting import Hosting, Listening
from lib.app.routes.browser_cookie import COOKIE
from lib.settings.access import OWN_SERVER_MODES, Decision, decide, is_loopback
from lib.settings.loading import load_settings
from lib.settings.profiles import Settings
from lib.ui.shell.boundary import show_unexpected

_EVERYWHERE: Final = ("0.0.0.0", "::", "[::]")  # noqa: S104  # compared only
LOOPBACK_HOSTS: Final = ["localhost", "127.0.0.1", "::1"]


def restrict_hosts() -> None:
    """On a loopback address only loopback names are this server's.

    Otherwise a foreign page whose name is changed to point here (DNS rebinding) would count as the
    same origin. A host that proxies to a loopback address names itself in `server.allowedHosts`.
    """
    if is_loopback(st.get_option("server.address")) and not st.get_option("server.allowedHosts"):
        streamlit_config.set_option("server.allowedHosts", LOOPBACK_HOSTS)


def load() -> Settings:
    """The host's settings: `st.secrets` where the host keeps them, and the environment.

    Raises ConfigurationError naming the setting that is wrong.
    """
    return load_settings(secrets=_host_secrets())


def _host_secrets() -> dict[str, Any] | None:
    try:
        if not st.secrets.load_if_toml_exists():
            return None
        return dict(st.secrets.to_dict())
    except (OSError, ValueError, StreamlitAPIException):
        return None  # a file that can't be read: load_settings judges it, without quoting it


def decision(settings: Settings) -> Decision:
    """Whether this server may show configured profiles."""
    return decide(
        settings.access,
        address=st.get_option("server.address"),
        server_mode=getattr(streamlit_config, "_server_mode", None),
    )


def show_configured(settings: Settings) -> bool:
    """As `decision`, as a plain answer for the server."""
    return decision(settings).shown


def own_url() -> str | None:
    """Where this process answers on this machine itself; None where we can't know, or it is TLS."""
    mode = getattr(streamlit_config, "_server_mode", None)
    if mode not in OWN_SERVER_MODES or st.get_option("server.sslCertFile"):
        return None
    address = st.get_option("server.address") or "0.0.0.0"  # noqa: S104  # as Streamlit takes it
    if address in _EVERYWHERE:
        address = "127.0.0.1"
    if not is_loopback(address):
        return None
    host = f"[{address}]" if ":" in address else address
    return f"http://{host}:{st.get_option('server.port')}"


def hosting(settings: Settings) -> Hosting:
    """How this server is reached, in kinds: what a report may say of it."""
    address = st.get_option("server.address")
    mode = getattr(streamlit_config, "_server_mode", None)
    if mode not in OWN_SERVER_MODES:
        listens = Listening.UNKNOWN
    elif is_loopback(address):
        listens = Listening.LOOPBACK
    else:
        everywhere = not address or address in _EVERYWHERE
        listens = Listening.EVERY_ADDRESS if everywhere else Listening.ONE_ADDRESS
    return Hosting(
        listens=listens,
        base_path=bool(st.get_option("server.baseUrlPath")),
        tls=bool(st.get_option("server.sslCertFile")),
        server=mode,
        access=decision(settings).reason.value,
        visits=_visits(),
    )


def _visits() -> int | None:
    """How many browser sessions are open; None where Streamlit doesn't run, as in a test."""
    if not streamlit_runtime.exists():
        return None
    manager = getattr(streamlit_runtime.get_instance(), "_session_mgr", None)
    return manager.num_active_sessions() if manager is not None else None


def browser() -> str:
    """What identifies this visitor's browser; empty where our cookie doesn't arrive."""
    return st.context.cookies.get(COOKIE, "")


def on_script_error(error: Exception) -> bool:
    """Streamlit's last resort: our plain message in place of a stack trace."""
    show_unexpected(error)
    return True


def app_url() -> str:
    """Where the browser sees this app, without a path."""
    url = str(st.context.url or "")
    return "/".join(url.split("/")[:3]) if "://" in url else ""
