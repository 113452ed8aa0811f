"""The published copy as gauges for Prometheus, and rules on them.

Put here: gauges, rules, their text. Keep out: what marts mean; alerts of our own (`orchestration.alerting`).
"""
