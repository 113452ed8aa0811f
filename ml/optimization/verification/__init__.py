"""What recommendations that were acted on have saved since: exact where prices changed, with an interval where use did.

Put here: measuring. Keep out: recommending (`strategies`), reading and writing.
"""
