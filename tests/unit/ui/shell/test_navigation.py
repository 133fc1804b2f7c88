"""The list of pages and the folder agree."""

from pathlib import Path

from lib.ui.shell.navigation import PAGES, START, available, unlisted


def test_every_script_in_the_folder_is_a_page_of_the_list() -> None:
    assert unlisted() == ()


def test_a_script_that_no_one_can_reach_is_found(tmp_path: Path) -> None:
    (tmp_path / "overview.py").touch()
    (tmp_path / "forgotten.py").touch()
    assert unlisted(tmp_path) == ("forgotten",)


def test_names_are_unique_and_the_start_page_is_there() -> None:
    names = [page.name for page in PAGES]
    assert len(set(names)) == len(names)
    assert START in {page.name for page in available()}
