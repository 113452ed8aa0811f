"""Takes a person out of a home: every table, file, published copy and spool has a pseudonym instead, totals as before.

Put here: who a person is in the data, rewriting each kind of file, the order of it. Keep out: later deliveries
(`ingestion.landing.forgotten`).
"""
