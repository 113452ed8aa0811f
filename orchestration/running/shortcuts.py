"""Spares dbt and Dagster what they do again for each of some hundred nodes, with the same result.

For every node dbt makes an object of each of its 900 macros, twice, compiles templates that it has compiled before,
makes an empty table for every statement without rows, words events that nobody listens to, and looks at every node of
the project where it was given a name; Dagster puts the keys of all nodes into one set. Together a fifth of a small
run. Where a library has changed, it does its work its own way
(`docs/decisions/0052-work-that-libraries-repeat.md`). Put here: such shortcuts. Keep out: what changes a
result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache, cached_property
from importlib import import_module
from typing import Any

UNHEARD = frozenset(
    {
        *("ConnectionUsed", "NewConnectionOpening", "ConnectionReused", "ConnectionClosed", "CacheAction"),
        *("SQLQuery", "SQLQueryStatus", "SQLCommit", "Rollback"),
        *("NodeStart", "NodeCompiling", "WritingInjectedSQLForNode", "NodeExecuting", "NodeFinished"),
    }
)
"""Events of dbt, of level debug, that only a log would show: a dozen for each node."""


@cache
def spare_dbt() -> bool:
    """Shorten what dbt does for every node of this process; whether all of it could be done."""
    done = [_given_way(each) for each in _OF_DBT]
    return all(done)


@cache
def spare_dagster() -> bool:
    """Have Dagster put the keys of a group of assets together once; whether that could be done."""
    return _given_way(_keys_once)


def _given_way(shorten: Callable[[], None]) -> bool:
    """Whether a library still is as a shortcut takes it to be."""
    try:
        shorten()
    except (AttributeError, ImportError, TypeError):
        return False
    return True


def _namespaces_at_once() -> None:
    """Macros of a node's context by name: found in the order of dbt's packages, and made without its bookkeeping."""
    module = import_module("dbt.context.macros")
    builder, generator = module.MacroNamespaceBuilder, module.MacroGenerator
    _expects(generator(None, None, None, None), {"context", "macro", "node", "stack"})
    empty = builder("", "", None, [], None)
    _expects(empty, {"root_package", "search_package", "internal_package_names", "internal_package_names_order"})
    _expects(empty, {"thread_ctx", "node"})

    class Namespace(dict[str, Any], module.MacroNamespace):  # type: ignore[name-defined]
        """All names that a node may use, which a context takes over at once."""

    def made(kind: type, macros: Mapping[str, Any]) -> dict[str, Any]:
        found = {}
        for name, macro in macros.items():
            each: Any = object.__new__(kind)
            each.macro = macro
            found[name] = each
        return found

    def build_namespace(self: Any, macros_by_package: Mapping[str, Mapping[str, Any]], ctx: Any) -> Any:
        # What all macros of a node have in common stands once, in a class of its own.
        kind = type(generator.__name__, (generator,), {"context": ctx, "node": self.node, "stack": self.thread_ctx})
        by_package = {package: made(kind, macros) for package, macros in macros_by_package.items()}
        internal: dict[str, Any] = {}
        for package in reversed(self.internal_package_names_order):
            internal |= by_package.get(package, {})
        others = {name: found for name, found in by_package.items() if name not in self.internal_package_names}
        here = others.get(self.search_package, {})
        root = {} if self.root_package == self.search_package else others.get(self.root_package, {})
        # The last wins: the node's package, the project, the packages by their names, dbt.
        names = Namespace({**internal, module.GLOBAL_PROJECT_NAME: internal, **others, **root, **here})
        module.MacroNamespace.__init__(names, root, here, internal, others)
        return names

    builder.build_namespace = build_namespace


def _templates_compiled_once() -> None:
    """The same text is compiled once in a process: the code is the same for every environment of a kind."""
    jinja: Any = import_module("dbt_common.clients.jinja")
    kind = jinja.MacroFuzzEnvironment
    compiled, codes = kind.compile, dict[tuple[Any, ...], Any]()
    _expects(kind(), {"extensions"})
    if jinja.MACRO_DEBUGGING:
        return

    def once(self: Any, source: Any, *more: Any, **named: Any) -> Any:
        if more or named or not isinstance(source, str):
            return compiled(self, source, *more, **named)
        key = (source, type(self), *self.extensions)
        if (code := codes.get(key)) is None:
            code = codes[key] = compiled(self, source)
        return code

    kind.compile = once


def _one_empty_table() -> None:
    """The table that stands for a statement's missing rows, which nobody can change, is made once."""
    tables: Any = import_module("dbt_common.clients.agate_helper")
    tables.empty_table = cache(tables.empty_table)


def _expects(example: object, attributes: set[str]) -> None:
    if missing := attributes - vars(example).keys():
        raise AttributeError(f"{type(example).__name__} has no {missing}")


def _unheard_events_unworded() -> None:
    """Events that only a log would show are neither filled in nor told where there is no log."""
    types, managers = import_module("dbt_common.events.base_types"), import_module("dbt_common.events.event_manager")
    manager_of = import_module("dbt_common.events.event_manager_client").get_event_manager
    fill, fire = types.BaseEvent.__init__, managers.EventManager.fire_event
    _expects(manager_of(), {"loggers"})

    def filled(self: Any, *args: Any, **kwargs: Any) -> None:
        name = type(self).__name__
        if name in UNHEARD and not manager_of().loggers:
            self.pb_msg = getattr(self.PROTO_TYPES_MODULE, name)()
        else:
            fill(self, *args, **kwargs)

    def fired(self: Any, e: Any, *args: Any, **kwargs: Any) -> None:
        if type(e).__name__ not in UNHEARD or self.loggers:
            fire(self, e, *args, **kwargs)

    types.BaseEvent.__init__, managers.EventManager.fire_event = filled, fired


def _names_looked_up() -> None:
    """Nodes that are selected by a plain name are looked up; names with dots or wildcards, and versions, are dbt's."""
    kind: Any = import_module("dbt.graph.selector_methods").QualifiedNameSelectorMethod
    search, known = kind.search, _Named()
    _expects(kind(None, None, []), {"manifest"})
    kind.node_is_match, kind.non_source_nodes  # noqa: B018 - both are what `search` goes by

    def found(self: Any, included_nodes: Any, selector: str) -> Iterator[Any]:
        if set(selector) & set(".*?[]") or (by_name := known.of(self)) is None:
            yield from search(self, included_nodes, selector)
        else:
            yield from (each for each in by_name.get(selector, ()) if each in included_nodes)

    kind.search = found


class _Named:
    """Ids of nodes by every plain name that selects them, of the project that was asked for last."""

    def __init__(self) -> None:
        self._manifest: Any = None
        self._by_name: dict[str, list[Any]] | None = None

    def of(self, method: Any) -> dict[str, list[Any]] | None:
        """None where a node has versions, whose names are more than one."""
        if self._manifest is not method.manifest:
            found: dict[str, list[Any]] = {}
            nodes = list(method.non_source_nodes(_Everything()))
            for key, node in nodes:
                fqn = node.fqn
                heads = {part.split(".", 1)[0] for part in fqn[:2]}
                for name in {fqn[-1], *heads}:
                    found.setdefault(name, []).append(key)
            self._by_name = None if any(node.is_versioned for _, node in nodes) else found
            self._manifest = method.manifest
        return self._by_name


class _Everything:
    def __contains__(self, key: object) -> bool:
        return True


def _keys_once() -> None:
    kind: Any = import_module("dagster").AssetsDefinition
    once: Any = cached_property(kind.asset_and_check_keys.fget)
    once.__set_name__(kind, "asset_and_check_keys")
    kind.asset_and_check_keys = once


_OF_DBT = (
    _namespaces_at_once,
    _templates_compiled_once,
    _one_empty_table,
    _unheard_events_unworded,
    _names_looked_up,
)
