"""The warehouse file: opening it, and the tables in it that neither landing nor dbt makes.

Put here: connections, frames, what was built, kept or expected. Keep out: SQL that carries meaning (`dbt_project`).
"""
