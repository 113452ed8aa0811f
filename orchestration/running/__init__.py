"""Runs as a person starts and sees them: the main job, backfills, the demo, the web interface, the doctor.

Put here: driving Dagster, saying how it went. Keep out: what the job consists of (`defs`), options (`commands`).
"""
