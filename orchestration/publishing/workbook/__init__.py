"""The published figures as an Excel workbook.

Put here: what a workbook is made of. Keep out: reports with text and pages (`orchestration.reports`).
"""
