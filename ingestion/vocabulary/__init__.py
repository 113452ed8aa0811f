"""Words that every source shares: raw types, meters, currencies, what a source's spec says.

Put here: names, types and what each means. Keep out: reading, files, requests, the environment.
"""
