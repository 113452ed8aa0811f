"""The commands of `costops` by subject; `orchestration.cli` registers them.

Put here: one module per subject with `register(app)`: arguments, questions, printed tables. Keep out: the work itself.
"""
