"""Every kind of change that is held against the tests is made, and prose is left alone."""

from textwrap import dedent

from tools.mutations import mutations


def changes(source: str) -> list[str]:
    text = dedent(source).strip() + "\n"
    return [one.shown(text).partition("  ->  ")[2] for one in mutations(text)]


def test_each_kind_of_fault_is_made() -> None:
    for source, expected in (
        ("x = a < b", ["x = a <= b"]),
        ("x = a not in b", ["x = a in b"]),
        ("x = a is not b", ["x = a is b"]),
        ("x = a and b", ["x = ((b))", "x = ((a))", "x = a or b"]),
        ("x = not a", ["x = (a)"]),
        ("x = 5", ["x = (4)", "x = 6"]),
        ("x = True", ["x = False"]),
        ("x = min(a)", ["x = max(a)"]),
        ("x = a.lower()", ["x = a"]),
        ("x = a.startswith(b)", ["x = a.endswith(b)"]),
        ("x = (a == 'b')", ["x = (a != 'b')", "x = (a == 'b~')"]),
        ("x = (a, b)", ["x = (b)", "x = (a, )"]),
        ("x = {a: b, c: d}", ["x = {c: d}", "x = {a: b, }"]),
        ("x = f(a if b else c)", ["x = f(a if False else c)", "x = f(a if True else c)"]),
        ("x = [a for a in b if c]", ["x = [a for a in b if True]"]),
        ("f(a)", ["pass"]),
        ("x = re.compile('a{2,4}')", ["x = re.compile('a{3,4}')", "x = re.compile('a{2,5}')"]),
        ("x = 'SELECT max(a) FROM b'", ["x = 'SELECT min(a) FROM b'"]),
        ("x = f'a >= {b >= c} AND d'", ["x = f'a > {b >= c} AND d'", "x = f'a >= {b >= c} OR d'"]),
        (
            "x = 'SELECT 1 FROM a SEMI JOIN b USING (c, d)'",
            [
                "x = 'SELECT 1 FROM a ANTI JOIN b USING (c, d)'",
                "x = 'SELECT 1 FROM a SEMI JOIN b USING (d)'",
                "x = 'SELECT 1 FROM a SEMI JOIN b USING (c)'",
            ],
        ),
        ("def f():\n    return a - b", ["return None", "return a + b"]),
        ("if a:\n    f()", ["if False:", "if True:", "pass"]),
    ):
        found = changes(source)
        assert [one for one in expected if one not in found] == [], (source, found)


def test_what_nobody_runs_is_left_alone() -> None:
    for source in (
        '"""A text."""',
        "x = 'plain words and more'",
        "x: int",
        "X = int | None",
        "__all__ = ['a', 'b']",
        "def f(a: int = b) -> 'c':\n    '''Says 5.'''\n    raise E('5 < 6')",
        "if TYPE_CHECKING:\n    import a",
    ):
        assert changes(source) == [], source


def test_every_change_is_python_and_none_is_made_twice() -> None:
    source = "x = [(a, *b), 1 < 2 < 3]  # or so\ny = a or b  # and so\n"
    made = mutations(source)
    texts = [one.of(source) for one in made]
    for text in texts:
        compile(text, "", "exec")
    assert len(set(texts)) == len(texts)
    assert "y = a and b" in "\n".join(texts)
