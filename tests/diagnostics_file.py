"""A diagnostics file read back, and the people who mustn't be in it."""

import json
from pathlib import Path
from typing import Any

import httpx

from tests.sandbox_server import SandboxServer


def document(file: Path) -> dict[str, Any]:
    """The JSON at the end of the file."""
    text = file.read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text.split("```json\n")[1].split("\n```")[0])
    return found


def people(sandbox: SandboxServer) -> set[str]:
    """Names, logins and ids of everybody in the sandbox, as Box lists them."""
    token = sandbox.credentials()["box"]["developer_token"]
    listed = httpx.get(
        f"{sandbox.url}/2.0/users?limit=1000", headers={"Authorization": f"Bearer {token}"}
    )
    entries = listed.raise_for_status().json()["entries"]
    assert len(entries) > 5
    return {one[field] for one in entries for field in ("name", "login", "id")}
