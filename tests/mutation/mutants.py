"""The mutants of a module: mutmut's operators, and a few more that find conditions nobody needs.

mutmut itself leaves out decorated functions and what stands outside functions; here neither is.
Left out is what changes nothing that runs, or only the words of it: annotations, protocols,
decorators, docstrings, the texts of errors and of log records, and the names of type and context
variables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import libcst as cst
from libcst import matchers as m
from libcst.metadata import MetadataWrapper, WhitespaceInclusivePositionProvider
from mutmut.mutation.mutators import mutation_operators

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMED_ONLY = m.OneOf(m.Name("TypeVar"), m.Name("ContextVar"), m.Name("cast"))
_LEFT_OUT = m.OneOf(
    m.Annotation(),
    m.Decorator(),
    m.ClassDef(bases=[m.Arg(m.Name("Protocol"))]),
    m.Raise(),
    m.If(test=m.Name("TYPE_CHECKING")),
    m.Call(func=m.Attribute(value=m.Name("_log"))),
    m.Call(func=_NAMED_ONLY),
    m.Assign(value=m.Call(func=m.Name("TypeVar"))),
    m.Subscript(value=m.Name("Literal")),
    m.Assign(value=m.Subscript(value=m.Name("Literal"))),
)
_NEEDS_ITS_ARGUMENTS = m.Call(func=m.OneOf(m.Name("len"), m.Name("isinstance")))
_DOES = m.OneOf(m.Expr(m.Call()), m.Expr(m.Await(m.Call())), m.Del())


class Mutant(NamedTuple):
    """A module with one change.

    Attributes:
        function: The function or class that the change stands in; "" outside of them.
        number: Its line.
        line: What stands there.
        becomes: What stands there instead.
        code: The whole module.
    """

    function: str
    number: int
    line: str
    becomes: str
    code: str

    @property
    def change(self) -> tuple[str, str, str]:
        """What is told of it, whatever its line is by now."""
        return self.function, self.line, self.becomes


def mutants_of(source: str) -> list[Mutant]:
    """Return every mutant of a module's source, each text once."""
    wrapper = MetadataWrapper(cst.parse_module(source))
    visitor = _Visitor()
    wrapper.visit(visitor)
    places = wrapper.resolve(WhitespaceInclusivePositionProvider)
    found: dict[str, Mutant] = {}
    for function, old, new in visitor.changes:
        code = _replaced(wrapper.module, source, places.get(old), old, new)
        if code != source and code not in found and _compiles(code):
            found[code] = Mutant(function, *_difference(source, code), code)
    return list(found.values())


class _Visitor(cst.CSTVisitor):
    def __init__(self) -> None:
        super().__init__()
        self.changes: list[tuple[str, cst.CSTNode, cst.CSTNode]] = []
        self._inside: list[cst.FunctionDef | cst.ClassDef] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if m.matches(node, _LEFT_OUT):
            return False
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            self._inside.append(node)
        if not m.matches(node, _NEEDS_ITS_ARGUMENTS):
            function = ".".join(outer.name.value for outer in self._inside)
            self.changes += [(function, old, new) for old, new in _changes(node)]
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if self._inside and self._inside[-1] is original_node:  # what was left out never came in
            self._inside.pop()


def _changes(node: cst.CSTNode) -> Iterator[tuple[cst.CSTNode, cst.CSTNode]]:
    for kind, operator in mutation_operators:
        if isinstance(node, kind):
            yield from ((node, new) for new in operator(node))
    if isinstance(node, cst.If):
        yield node.test, cst.Name("False")
    if isinstance(node, cst.If | cst.CompIf):
        yield node.test, cst.Name("True")
    if isinstance(node, cst.BooleanOperation):
        yield from ((node, node.left), (node, node.right))
    if m.matches(node, _DOES):
        yield node, cst.Pass()


def _replaced(
    module: cst.Module, source: str, place: Any, old: cst.CSTNode, new: cst.CSTNode
) -> str:
    """Return the source with one node in the place of another."""
    if place is not None:
        lines = source.splitlines(keepends=True)
        start = sum(map(len, lines[: place.start.line - 1])) + place.start.column
        end = sum(map(len, lines[: place.end.line - 1])) + place.end.column
        if source[start:end] == module.code_for_node(old):
            return source[:start] + module.code_for_node(new) + source[end:]
    return module.deep_replace(old, new).code  # slow, for what is written by its surroundings


def _compiles(code: str) -> bool:
    try:
        compile(code, "mutant", "exec")
    except SyntaxError:
        return False
    return True


def _difference(source: str, code: str) -> tuple[int, str, str]:
    """Return the number of the first line that differs, and what stands there in both."""
    old, new = source.splitlines(), code.splitlines()
    start = 0
    while old[start : start + 1] == new[start : start + 1]:
        start += 1
    while old[-1] == new[-1] and min(len(old), len(new)) > start + 1:
        del old[-1], new[-1]
    return start + 1, *(" ".join(line.strip() for line in text[start:]) for text in (old, new))
