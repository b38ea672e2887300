"""YAML with line numbers, so that a fault can say where it is. Plain values only: every scalar stays text."""

from dataclasses import dataclass
from typing import Any

import yaml

from fairdue.intake.problems import Problem, problem

DEPTH_MAX = 8


@dataclass(frozen=True, slots=True)
class Located:
    """A value and its line: str, list of Located, or dict of str to Located."""

    value: Any
    line: int

    def plain(self) -> str:
        """The value in short, for an error message."""
        if isinstance(self.value, dict):
            return "{" + ", ".join(self.value) + "}"
        if isinstance(self.value, list):
            return "[" + ", ".join(each.plain() for each in self.value) + "]"
        return str(self.value)


def read_yaml(text: str, *, name: str) -> tuple[Located | None, list[Problem]]:
    """The document with lines, and what is wrong with it as YAML. None when it cannot be used at all."""
    faults: list[Problem] = []
    try:
        # Aliases let a small file stand for a huge one; a mapping has no use for them.
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                line = event.start_mark.line + 1 if event.start_mark else None
                return None, [problem("yaml_alias", file=name, line=line, found=event.anchor)]
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        said = getattr(error, "problem", None) or str(error)
        return None, [problem("yaml", file=name, line=mark.line + 1 if mark else None, found=said)]
    except RecursionError:
        return None, [problem("yaml_depth", file=name)]
    if node is None:
        return None, [problem("yaml", file=name, found="empty file")]
    found = _located(node, name, faults, 0)
    return (found, faults) if found is not None else (None, faults)


def _located(node: yaml.Node, name: str, faults: list[Problem], depth: int) -> Located | None:
    line = node.start_mark.line + 1 if node.start_mark else 1
    if depth > DEPTH_MAX:
        faults.append(problem("yaml_depth", file=name, line=line))
        return None
    if isinstance(node, yaml.ScalarNode):
        null = node.tag == "tag:yaml.org,2002:null"
        return Located("" if null else node.value, line)
    if isinstance(node, yaml.SequenceNode):
        items = [_located(each, name, faults, depth + 1) for each in node.value]
        return Located([each for each in items if each is not None], line)
    table: dict[str, Located] = {}
    for key, child in node.value:
        if not isinstance(key, yaml.ScalarNode):
            faults.append(problem("yaml", file=name, line=line, found="a key must be plain text"))
            continue
        if key.value in table:
            faults.append(problem("yaml_twice", file=name, line=key.start_mark.line + 1, found=key.value))
            continue
        found = _located(child, name, faults, depth + 1)
        if found is not None:
            table[key.value] = found
    return Located(table, line)
