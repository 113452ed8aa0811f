"""Figures by name: one question, one statement on published marts, and what its columns count.

A template names them, so every report that shows spend by team shows the same. Statements may ask for `$first` and
`$last` (the days of the period that are not to come), `$before_first` and `$before_last` (the days to compare with),
`$today`, `$teams`, `$customers` and `$providers` (NULL where the report is about all). A new module is a new family.

Put here: finding them. Keep out: words, layout, arithmetic that marts should do.
"""

from __future__ import annotations

from orchestration.reports.figures.model import Figure


def figures() -> dict[str, Figure]:
    """Every figure, by name."""
    import pkgutil
    from importlib import import_module

    found: dict[str, Figure] = {}
    for module in sorted(each.name for each in pkgutil.iter_modules(__path__)):
        for figure in getattr(import_module(f"{__name__}.{module}"), "FIGURES", ()):
            if figure.name in found:
                raise TypeError(f"two figures are called {figure.name}")
            found[figure.name] = figure
    return found
