"""The list of pages and the folder agree."""

from lib.ui.shell.navigation import PAGES, PAGES_DIR, START, available


def test_every_script_in_the_folder_is_a_page_of_the_list() -> None:
    assert {path.stem for path in PAGES_DIR.glob("*.py")} == {page.name for page in available()}


def test_names_are_unique_and_the_start_page_is_there() -> None:
    names = [page.name for page in PAGES]
    assert len(set(names)) == len(names)
    assert START in {page.name for page in available()}
