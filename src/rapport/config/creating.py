"""An empty database gets the tables that all migrations together would leave, in one transaction.

Migrations exist for data that is there; walking through all of them where there is none takes most of a first start.
A test compares what both leave.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.core.management.sql import emit_post_migrate_signal
from django.db import connection
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython, RunSQL, SeparateDatabaseAndState
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


def create_tables(executor: MigrationExecutor) -> None:
    """Tables, indexes and constraints of the final state, what migrations do by hand, and the note of them all."""
    nodes = executor.loader.graph.leaf_nodes()
    done = [migration for migration, _backwards in executor.migration_plan(nodes, clean_start=True)]
    state = executor.loader.project_state(nodes)
    by_hand = set(_made_by_hand(done))
    with connection.schema_editor(atomic=True) as editor:
        executor.recorder.ensure_schema()
        for model in state.apps.get_models():
            options = model._meta
            if (options.app_label, options.model_name) not in by_hand and options.can_migrate(connection):
                editor.create_model(model)
        _do_by_hand(done, state, editor)
        # Nothing is left for the end of the block: rows follow.
        deferred, editor.deferred_sql = editor.deferred_sql, []
        for statement in deferred:
            editor.execute(statement, None)
        for migration in done:
            executor.recorder.record_applied(migration.app_label, migration.name)
        emit_post_migrate_signal(
            0, False, connection.alias, apps=state.apps, plan=[(migration, False) for migration in done]
        )


def _made_by_hand(done: Iterable[Migration]) -> Iterator[tuple[str, str]]:
    """Models whose tables a migration makes by statements of its own."""
    for migration in done:
        for operation in migration.operations:
            if isinstance(operation, SeparateDatabaseAndState):
                for part in operation.state_operations:
                    if name := getattr(part, "name_lower", ""):
                        yield migration.app_label, name


def _do_by_hand(done: Iterable[Migration], state: ProjectState, editor: BaseDatabaseSchemaEditor) -> None:
    """Steps that migrations do by statements or functions of their own, on the final tables."""
    for migration in done:
        for operation in _parts(migration.operations):
            if isinstance(operation, RunPython | RunSQL):
                operation.database_forwards(migration.app_label, editor, state, state)


def _parts(operations: Iterable[Operation]) -> Iterator[Operation]:
    for operation in operations:
        if isinstance(operation, SeparateDatabaseAndState):
            yield from _parts(operation.database_operations)
        else:
            yield operation
