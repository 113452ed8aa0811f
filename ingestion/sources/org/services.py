"""What service departments pass on, solved: who carries a dollar of each in the end, exactly.

Departments that serve others (`waterfall`: in one direction, `reciprocal`: one another too) hand all their costs on.
With Q the shares that go to other such departments and R those that go to everybody else, the final shares are
(I - Q)^-1 R, worked out in fractions. Put here: the arithmetic and its checks on the graph. Keep out: reading, SQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import lcm

Node = tuple[str, str]
"""Kind and id: ("team", "platform")."""
Shares = Mapping[Node, Mapping[Node, Fraction]]
"""Per department, what part of its costs each target gets; the parts of a department sum to 1."""
WHOLE = 10**18
"""Final shares are whole numbers below this; fractions that do not fit are rounded to it by largest remainder."""


def rings(shares: Shares) -> list[set[Node]]:
    """Departments that reach themselves over others, by ring."""
    reach = {node: _reached(shares, node) for node in shares}
    found: list[set[Node]] = []
    for node in shares:
        if node in reach[node] and not any(node in ring for ring in found):
            found.append({other for other in reach[node] & shares.keys() if node in reach[other]})
    return found


def without_outlet(shares: Shares) -> set[Node]:
    """Departments whose costs can never reach anybody who keeps them."""
    return {node for node in shares if _reached(shares, node) <= shares.keys()}


def _reached(shares: Shares, start: Node) -> set[Node]:
    seen: set[Node] = set()
    waiting = [start]
    while waiting:
        for target, part in shares.get(waiting.pop(), {}).items():
            if part and target not in seen:
                seen.add(target)
                waiting.append(target)
    return seen


def solve(shares: Shares) -> dict[Node, dict[Node, Fraction]]:
    """Per department the part that each final carrier gets; each sums to 1.

    Raises:
        ValueError: the costs of a department stay in a ring for ever (see `without_outlet`).
    """
    if lost := without_outlet(shares):
        raise ValueError(f"no target outside the ring: {', '.join(sorted(name for _, name in lost))}")
    departments = sorted(shares)
    finals: dict[Node, dict[Node, Fraction]] = {node: dict(shares[node]) for node in departments}
    for gone in departments:
        # What comes back to a department it hands on again: x = own + back·x, so own / (1 - back).
        back = finals[gone].pop(gone, Fraction(0))
        row = {target: part / (1 - back) for target, part in finals[gone].items() if part}
        finals[gone] = row
        for other in departments:
            through = finals[other].pop(gone, Fraction(0)) if other != gone else Fraction(0)
            if through:
                for target, part in row.items():
                    finals[other][target] = finals[other].get(target, Fraction(0)) + through * part
    return {node: {target: part for target, part in found.items() if part} for node, found in finals.items()}


def whole_weights(parts: Mapping[Node, Fraction]) -> dict[Node, int]:
    """Fractions that sum to 1 as whole numbers in the same proportions; rounded only where those exceed `WHOLE`."""
    common = lcm(*(part.denominator for part in parts.values()))
    if common <= WHOLE:
        return {node: int(part * common) for node, part in parts.items()}
    floors = {node: int(part * WHOLE) for node, part in parts.items()}
    by_remainder = sorted(parts, key=lambda node: (floors[node] - parts[node] * WHOLE, node))
    for node in by_remainder[: WHOLE - sum(floors.values())]:
        floors[node] += 1
    return {node: weight for node, weight in floors.items() if weight}


def normalised(weights: Iterable[tuple[Node, Fraction]]) -> dict[Node, Fraction]:
    """Weights as parts of 1; those of the same target add up. Empty when all are zero."""
    total: dict[Node, Fraction] = {}
    for node, weight in weights:
        total[node] = total.get(node, Fraction(0)) + weight
    whole = sum(total.values())
    return {node: weight / whole for node, weight in total.items()} if whole else {}
