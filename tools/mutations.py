"""The changes that a test must notice: one small fault at a time in a module's text.

Made on the text by the places that the syntax tree names, so that a changed line looks like the
line that it was. Tables and numbers of a module are changed too, and the SQL inside of texts: most
faults that tests overlooked here were there. Prose, annotations and decorators are left alone.
"""

import ast
import re
from dataclasses import dataclass
from typing import Final

_COMPARISONS: Final[dict[type[ast.cmpop], str]] = {
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==",
    ast.In: "not in", ast.NotIn: "in", ast.Is: "is not", ast.IsNot: "is",
}  # fmt: skip
_SIGNS: Final[dict[type[ast.operator], str]] = {
    ast.Add: "-", ast.Sub: "+", ast.Mult: "//", ast.FloorDiv: "*", ast.Div: "*", ast.Mod: "//",
}  # fmt: skip
_CALLED: Final = {"min": "max", "max": "min", "any": "all", "all": "any"}
_METHODS: Final = {"startswith": "endswith", "endswith": "startswith"}
# Methods without arguments that make a text comparable: the mutation leaves them out.
_TIDYING: Final = frozenset({"lower", "upper", "strip", "casefold"})
_SQL: Final = re.compile(
    r"\b(SELECT|FROM|WHERE|AND|OR|NOT|FILTER|INTERVAL|DISTINCT|GROUP BY|PRECEDING|coalesce\(|"
    r"count\(|min\(|max\(|sum\()"
)
_IN_SQL: Final = tuple(
    (re.compile(pattern), other)
    for pattern, other in (
        (r">=", ">"), (r"<=", "<"), (r"(?<=\s)>(?=\s)", ">="), (r"(?<=\s)<(?=\s)", "<="),
        (r"(?<=\s)=(?=\s)", "<>"), (r"<>", "="), (r"\bAND\b", "OR"),
        (r"\bOR\b(?! REPLACE)", "AND"), (r"\bSEMI JOIN\b", "ANTI JOIN"),
        (r"\bNOT ", ""), (r"\bDISTINCT ", ""), (r" DESC\b", ""), (r"\bmin\(", "max("),
        (r"\bmax\(", "min("), (r"\bcount\(\*\)", "count(*) + 1"), (r"\bsum\(\w+\)", "count(*)"),
        (r"\bLIMIT (?=\d|\?)", "LIMIT 1 + "), (r"\bIS NOT NULL\b", "IS NULL"),
        (r"\bIS NULL\b", "IS NOT NULL"), (r"\barg_min\(", "arg_max("), (r"\barg_max\(", "arg_min("),
    )
)  # fmt: skip
_COUNT_IN_REGEX: Final = re.compile(r"(?<=[{,])\d+(?=[,}])")


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change: which characters of the text, and what stands there instead."""

    line: int
    start: int
    end: int
    text: str

    def of(self, source: str) -> str:
        """The source with the change."""
        return source[: self.start] + self.text + source[self.end :]

    def shown(self, source: str) -> str:
        """The line where it begins, as it was and as it is, in one line."""
        begin = source.rfind("\n", 0, self.start) + 1
        changed = self.of(source)
        was = source[begin : _line_end(source, self.end)]
        now = changed[begin : _line_end(changed, self.start + len(self.text))]
        return f"{_flat(was)}  ->  {_flat(now)}"


def _line_end(text: str, at: int) -> int:
    found = text.find("\n", at)
    return len(text) if found < 0 else found


def _flat(text: str) -> str:
    return " ".join(text.split())


def mutations(source: str) -> list[Mutation]:
    """Every change of a module's text, in its order, none twice."""
    found = _Finder(source)
    found.visit(ast.parse(source))
    unique = {(one.start, one.end, one.text): one for one in found.made}
    ordered = sorted(unique.values(), key=lambda one: (one.start, one.end, one.text))
    return [one for one in ordered if _is_python(one.of(source))]


def _is_python(source: str) -> bool:
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True


class _Finder(ast.NodeVisitor):
    """Walks the tree and notes the changes; `depth` counts the functions around a node."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.made: list[Mutation] = []
        self.depth = 0
        lines = source.encode().splitlines(keepends=True)
        self._lines = lines
        self._starts = [0]
        for line in lines:
            self._starts.append(self._starts[-1] + len(line.decode()))

    def _at(self, line: int, column: int) -> int:
        return self._starts[line - 1] + len(self._lines[line - 1][:column].decode())

    def _span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        assert node.end_lineno is not None  # noqa: S101  # parsed from text, it has a place
        assert node.end_col_offset is not None  # noqa: S101
        return (
            self._at(node.lineno, node.col_offset),
            self._at(node.end_lineno, node.end_col_offset),
        )

    def _text(self, node: ast.expr) -> str:
        start, end = self._span(node)
        return self.source[start:end]

    def _change(self, start: int, end: int, text: str) -> None:
        line = self.source.count("\n", 0, start) + 1
        self.made.append(Mutation(line, start, end, text))

    def _instead(self, node: ast.expr | ast.stmt, text: str) -> None:
        self._change(*self._span(node), text)

    def _between(self, left: ast.expr, right: ast.expr, sign: str) -> None:
        """Another sign between two expressions; brackets and spaces around it stay."""
        start, end = self._span(left)[1], self._span(right)[0]
        between = re.sub(r"#.*", lambda comment: " " * len(comment[0]), self.source[start:end])
        found = re.search(r"[^\s()]+(?:\s+(?:not|in)\b)?", between)
        if found:
            self._change(start + found.start(), start + found.end(), sign)

    # --- what is left alone

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.depth += 1
        for part in (*node.args.defaults, *filter(None, node.args.kw_defaults), *_body(node)):
            self.visit(part)
        self.depth -= 1

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for part in _body(node):
            self.visit(part)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self._table(node.value)
            self.visit(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        if any(isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets):
            return
        if not self.depth and isinstance(node.value, ast.Subscript | ast.BinOp):
            return  # the name of a type
        self._table(node.value)
        self.visit(node.value)

    def visit_Raise(self, node: ast.Raise) -> None:
        """What is raised is prose, and a raise is taken out by its `if`."""

    def visit_Import(self, node: ast.Import) -> None:
        """Nothing to change."""

    # --- statements

    def visit_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Constant):
            return
        if not isinstance(node.value, ast.Yield | ast.YieldFrom):
            self._instead(node, "pass")
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self._instead(node, "pass")
        self.visit(node.value)

    def visit_Continue(self, node: ast.Continue) -> None:
        self._instead(node, "pass")

    def visit_Return(self, node: ast.Return) -> None:
        if node.value is None:
            self._instead(node, "pass")
            return
        if not (isinstance(node.value, ast.Constant) and node.value.value in (None, True, False)):
            self._instead(node.value, "None")
        self.visit(node.value)

    def visit_If(self, node: ast.If) -> None:
        self._either(node.test)
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._either(node.test)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for test in node.ifs:
            self._instead(test, "True")
        self.generic_visit(node)

    def _either(self, test: ast.expr) -> None:
        if isinstance(test, ast.Name) and test.id == "TYPE_CHECKING":
            return
        self._instead(test, "True")
        self._instead(test, "False")

    # --- expressions

    def visit_Compare(self, node: ast.Compare) -> None:
        left = node.left
        for sign, right in zip(node.ops, node.comparators, strict=True):
            self._between(left, right, _COMPARISONS[type(sign)])
            left = right
        for part in (node.left, *node.comparators):
            self._other_text(part)
        self.generic_visit(node)

    def _other_text(self, node: ast.expr) -> None:
        """A text that something is compared with is changed, alone or in a collection."""
        parts = node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else [node]
        for part in parts:
            if isinstance(part, ast.Constant) and isinstance(part.value, str | bytes):
                start, end = self._span(part)
                self._change(start, end, f"{self.source[start : end - 1]}~{self.source[end - 1]}")

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        for place, part in enumerate(node.values):
            rest = [self._text(one) for n, one in enumerate(node.values) if n != place]
            word = " and " if isinstance(node.op, ast.And) else " or "
            self._instead(node, "(" + word.join(f"({text})" for text in rest) + ")")
            if place:
                other = "or" if isinstance(node.op, ast.And) else "and"
                self._between(node.values[place - 1], part, other)
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not | ast.USub):
            self._instead(node, f"({self._text(node.operand)})")
        self.visit(node.operand)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        texts = (ast.Constant, ast.JoinedStr)
        of_text = any(
            isinstance(part, ast.JoinedStr)
            or (isinstance(part, texts) and isinstance(getattr(part, "value", 0), str | bytes))
            for part in (node.left, node.right)
        )
        if type(node.op) in _SIGNS and not of_text:
            self._between(node.left, node.right, _SIGNS[type(node.op)])
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func
        if isinstance(name, ast.Name) and name.id in _CALLED:
            self._instead(name, _CALLED[name.id])
        if isinstance(name, ast.Attribute):
            end = self._span(name)[1]
            if name.attr in _METHODS:
                self._change(end - len(name.attr), end, _METHODS[name.attr])
            elif name.attr in _TIDYING and not node.args:
                self._instead(node, self._text(name.value))
            elif name.attr == "compile":
                self._regex(node)
        self.generic_visit(node)

    def _regex(self, node: ast.Call) -> None:
        start, end = self._span(node)
        for found in _COUNT_IN_REGEX.finditer(self.source, start, end):
            self._change(found.start(), found.end(), str(int(found[0]) + 1))

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, bool):
            self._instead(node, str(not node.value))
        elif isinstance(node.value, int | float):
            self._instead(node, repr(node.value + 1))
            self._instead(node, f"({node.value - 1!r})")
        elif isinstance(node.value, str):
            self._sql(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        self._sql(node)

    def _sql(self, node: ast.expr) -> None:
        start, end = self._span(node)
        text = self.source[start:end]
        if not _SQL.search(text):
            return
        values = [found.span() for found in re.finditer(r"(?<!\{)\{[^{}]*\}", text)]
        for pattern, other in _IN_SQL:
            for found in pattern.finditer(text):
                if not any(low <= found.start() < high for low, high in values):
                    self._change(start + found.start(), start + found.end(), other)
        for found in re.finditer(r"(?<=INTERVAL )\d+", text):
            self._change(start + found.start(), start + found.end(), str(int(found[0]) + 1))
        for joined in re.finditer(r"USING \(([^()]+, [^()]+)\)", text):
            for column in (*re.finditer(r"\w+, ", joined[1]), *re.finditer(r", \w+$", joined[1])):
                at = start + joined.start(1)
                self._change(at + column.start(), at + column.end(), "")

    def _table(self, node: ast.expr) -> None:
        """One entry less, in the tables of a module or class."""
        if self.depth:
            return
        for part in ast.walk(node):
            if isinstance(part, ast.Tuple | ast.List | ast.Set) and len(part.elts) > 1:
                for entry, following in zip(part.elts, [*part.elts[1:], None], strict=True):
                    self._without(entry, entry, following, part)
            if isinstance(part, ast.Dict) and len(part.keys) > 1 and None not in part.keys:
                keys = [key for key in part.keys if key is not None]
                for key, value, after in zip(keys, part.values, [*keys[1:], None], strict=True):
                    self._without(key, value, after, part)

    def _without(
        self, first: ast.expr, last: ast.expr, following: ast.expr | None, table: ast.expr
    ) -> None:
        if isinstance(last, ast.Constant) and str(last.value).count(" ") > 1:
            return  # prose
        start, end = self._span(first)[0], self._span(last)[1]
        if following is not None:
            end = self._span(following)[0]
        else:
            comma = re.compile(r"\s*,").match(self.source, end, self._span(table)[1])
            end = comma.end() if comma else end
        self._change(start, end, "")


def _body(node: ast.FunctionDef | ast.ClassDef) -> list[ast.stmt]:
    """What is in a function or class, without its docstring."""
    first = node.body[0]
    said = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return node.body[1:] if said else node.body
