"""Prices on screen: the book that commands quote from, tables of quotes, repricing of past usage.

Put here: finding, showing and rebooking prices. Keep out: arithmetic (`ml.quotes`), pricing itself (`dbt_project`).
"""
