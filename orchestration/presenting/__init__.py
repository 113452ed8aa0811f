"""What dashboards and reports share: how figures look, which days a period has, what the figures rest on.

Put here: colours, number formats, periods, the standing of what is published. Keep out: pages, documents, widgets.
"""
