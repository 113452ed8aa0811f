"""Engines that build the dbt project besides DuckDB: what each is given, where its tables lie, how they are read back.

Put here: sessions, files and the list of tables. Keep out: what to build and when (`running`), SQL of models.
"""
