"""What the documents point to exists: links, headings, files; and the README stays short."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parents[3]
MOST_LINES = 150
MOST_PICTURE = 300_000
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"^```.*?^```$|`[^`\n]+`", re.MULTILINE | re.DOTALL)
_PATH = re.compile(r"(?<![\w./])((?:lib|pages|tests|tools|benchmarks|docs)/[\w./*-]*\w/?)")


def documents() -> list[Path]:
    """The Markdown files of the project."""
    folders = [one for one in ROOT.iterdir() if one.is_dir() and not one.name.startswith(".")]
    return sorted([*ROOT.glob("*.md"), *(path for one in folders for path in one.rglob("*.md"))])


def anchors(path: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    text = re.sub(
        r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


def dead_links(path: Path, text: str) -> list[str]:
    """The relative links of a text that lead nowhere."""
    dead = []
    for link in _LINK.findall(_CODE.sub("", text)):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = unquote(link).partition("#")
        target = (path.parent / name).resolve() if name else path
        inside = target.is_relative_to(ROOT.resolve()) and target.exists()
        if not inside or (anchor and anchor not in anchors(target)):
            dead.append(f"{path.name}: {link}")
    return dead


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def test_every_relative_link_of_every_document_leads_somewhere() -> None:
    found = documents()
    assert len(found) > 15
    assert [dead for path in found for dead in dead_links(path, path.read_text("utf-8"))] == []


@pytest.mark.parametrize("link", ["nowhere.md", "README.md#no-such-heading", "../../outside.md"])
def test_a_dead_link_is_found(link: str) -> None:
    assert dead_links(ROOT / "README.md", f"see [this]({link})") == [f"README.md: {link}"]


def test_every_document_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        path = waiting.pop()
        if path in reached or path.suffix != ".md":
            continue
        reached.add(path)
        links = _LINK.findall(_CODE.sub("", path.read_text("utf-8")))
        names = [link.partition("#")[0] for link in links if not re.match(r"[a-z]+:", link)]
        waiting += [(path.parent / name).resolve() for name in names if name]
    assert {p.relative_to(ROOT).as_posix() for p in documents() if p not in reached} == set()


def test_every_file_that_a_document_names_exists() -> None:
    missing = []
    for path in documents():
        if path.name == "CHANGELOG.md":  # it tells of what was
            continue
        for name in _PATH.findall(path.read_text("utf-8")):
            made_up = "NAME" in name
            found = any(ROOT.glob(name)) if "*" in name else (ROOT / name).exists()
            if not made_up and not found:
                missing.append(f"{path.name}: {name}")
    assert missing == []


def test_every_picture_is_small_and_shown() -> None:
    texts = "".join(path.read_text("utf-8") for path in documents())
    for picture in (ROOT / "docs").rglob("*.png"):
        assert picture.stat().st_size < MOST_PICTURE, picture.name
        assert f"{picture.name})" in texts, picture.name
