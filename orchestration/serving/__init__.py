"""Answers programs, agents and people from the published copy, and says who may see what.

Put here: viewers, keys, the audit log, publications in use, questions and answers (`queries`), what is received, HTTP
over all of it (`http`). Keep out: what figures mean (`dbt_project`), prices (`pricing`).
"""
