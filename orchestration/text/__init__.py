"""Values as text: what a terminal, a spreadsheet or a sentence may show of them.

Put here: one value to its text. Keep out: tables, layout, what is said.
"""
