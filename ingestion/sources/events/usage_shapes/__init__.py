"""From the usage objects of LLM APIs to disjoint token counts.

Put here: one reader per API flavour, the arithmetic that makes counts disjoint, and reading of single
values. Keep out: file formats and who made the call.
"""
