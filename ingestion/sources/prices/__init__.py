"""The public price list: flattened so that SQL can join it, and resolved for the names that events use.

Put here: everything between the genai-prices package and `raw_prices`. Keep out: pricing itself.
"""
