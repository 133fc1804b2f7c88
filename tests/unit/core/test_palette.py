import re
import tomllib
from collections import Counter
from pathlib import Path

from lib.core import palette
from lib.core.palette import Tone

ROOT = Path(__file__).parents[3]
THEME = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
COLOUR = re.compile(r"#[0-9a-f]{6}\b")


def tones() -> set[Tone]:
    found = {one for one in vars(palette).values() if isinstance(one, Tone)}
    return found | set(palette.SHADES) | set(palette.SERIES)


def test_the_theme_has_the_palette_s_colours() -> None:
    for name, dark in (("light", False), ("dark", True)):
        theme = THEME[name]
        series = [tone.of(dark) for tone in palette.SERIES]
        assert set(series) < set(theme["chartCategoricalColors"]), name
        assert theme["chartCategoricalColors"][:4] == series[:4], name
        assert theme["redTextColor"] == palette.BAD.of(dark), name
        assert theme["grayTextColor"] == palette.INK.of(dark), name


def test_no_colour_of_the_palette_stands_elsewhere() -> None:
    ours = {colour for tone in tones() for colour in (tone.light, tone.dark)}
    for path in (ROOT / "lib").rglob("*.py"):
        if path.name != "palette.py":
            again = ours & set(COLOUR.findall(path.read_text(encoding="utf-8")))
            assert not again, path


def test_every_colour_of_the_palette_has_one_name() -> None:
    text = (ROOT / "lib" / "core" / "palette.py").read_text(encoding="utf-8")
    assert {one: n for one, n in Counter(COLOUR.findall(text)).items() if n > 1} == {}


def test_a_bad_thing_is_one_red_that_can_be_reported_from_the_series() -> None:
    assert palette.BAD not in palette.SERIES
    assert palette.BAD != palette.WARNING
