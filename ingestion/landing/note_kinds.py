"""Kinds of notes: how pressing what landing noticed is, said once for all sources, and its remedy.

Put here: kinds of notes. Keep out: what a kind is (`note_kind`), what is noticed of bills (`bill_kinds`) and of
organisation files (`organisation_kinds`), a note itself (`notes`).
"""

from __future__ import annotations

from ingestion.landing.bill_kinds import BILL_KINDS
from ingestion.landing.note_kind import NoteKind, Pressing
from ingestion.landing.organisation_kinds import ORGANISATION_KINDS

NOTE_KINDS: dict[str, NoteKind] = {
    **ORGANISATION_KINDS,
    **BILL_KINDS,
    "delivery_question": NoteKind(
        Pressing.QUESTION,
        "delivery that may or may not replace another",
        "deliveries that may or may not replace one another",
        "say in deliveries.yml which file replaces, adds or is ignored",
        warns=True,
    ),
    "delivery_incomplete": NoteKind(
        Pressing.QUESTION,
        "delivery that is not complete; the older one counts",
        "deliveries that are not complete; the older one counts",
        "let the export finish, or drop the missing part beside the others",
        warns=True,
    ),
    "rows_alike": NoteKind(
        Pressing.QUESTION,
        "export that may hold the rows of another under other columns; both count",
        "exports that may hold the rows of others under other columns; all count",
        "take one of the two files out of the folder if they are one export; export all columns of the table",
        warns=True,
    ),
    "calls_alike": NoteKind(
        Pressing.QUESTION,
        "tool, folder or file that may tell the calls of another; both count",
        "tools, folders or files that may tell the calls of others; all count",
        "take one of the two out of the folder if they tell the same calls (the one that tells less), or say in "
        "deliveries.yml which is ignored; adds, if they are other calls",
        warns=True,
    ),
    "left_out": NoteKind(
        Pressing.ASSUMPTION,
        "file left out by a rule of deliveries.yml",
        "files left out by rules of deliveries.yml",
        "nothing; to count it, take the rule out",
    ),
    "pieces_alike": NoteKind(
        Pressing.QUESTION,
        "answer that may be a piece of the stream of another; each counts",
        "answers that may be pieces of the streams of others; each counts",
        "log responseId with each answer, or of a stream its last piece alone",
        warns=True,
    ),
    "delivery_rules": NoteKind(
        Pressing.QUESTION,
        "rule of deliveries.yml that does not hold",
        "rules of deliveries.yml that do not hold",
        "correct the rule as docs/sources/billing.md says, of usage docs/formats.md",
        warns=True,
    ),
    "manifest_unreadable": NoteKind(
        Pressing.QUESTION,
        "manifest that cannot be read; its delivery counts as if it had none",
        "manifests that cannot be read; their deliveries count as if they had none",
        "copy the manifest again from where the export writes it, or remove it",
        warns=True,
    ),
    "folder_gone": NoteKind(
        Pressing.QUESTION,
        "drop folder that is gone; what was landed from it still counts",
        "drop folders that are gone; what was landed from them still counts",
        "mount or restore the folder, or put an empty README.txt there if its files were removed on purpose",
        warns=True,
    ),
    "rows_changed": NoteKind(
        Pressing.LOSS,
        "landed row that was changed by hand",
        "landed rows that were changed by hand",
        "put the file back and run again, or put the last good copy in place: costops repair --restore",
        warns=True,
    ),
    "unreadable_file": NoteKind(
        Pressing.LOSS,
        "file that cannot be read",
        "files that cannot be read",
        "check that the file is complete and readable, then drop it again",
        warns=True,
    ),
    "closed_month_damaged": NoteKind(
        Pressing.LOSS,
        "closed month whose record does not verify",
        "closed months whose records do not verify",
        "restore the record from a copy; see costops verify-close",
        warns=True,
    ),
    "left_the_bucket": NoteKind(
        Pressing.ASSUMPTION,
        "file that left its bucket; the copy counts",
        "files that left their bucket; the copies count",
        "nothing, if the bucket expires old files; else delete the copy in the mirror, or say ignore in deliveries.yml",
    ),
    "unknown_format": NoteKind(
        Pressing.LOSS,
        "file of no known format",
        "files of no known format",
        "compare the header with docs/sources, or take the file away",
        warns=True,
    ),
    "nothing_in_file": NoteKind(
        Pressing.LOSS, "file with nothing in it", "files with nothing in them", "export it anew, unless all is well"
    ),
    "link_outside": NoteKind(
        Pressing.LOSS,
        "link that leads out of a drop folder",
        "links that lead out of a drop folder",
        "copy the file into the folder, or set the folder's variable to where the files are",
        warns=True,
    ),
    "outside_folder": NoteKind(
        Pressing.LOSS,
        "file outside the folder of its format, which was not read",
        "files outside the folders of their formats, which were not read",
        "move each into the folder that is named",
        warns=True,
    ),
    "passed_over": NoteKind(
        Pressing.LOSS,
        "file that was passed over",
        "files that were passed over",
        "convert or unpack the file, or take it away",
        warns=True,
    ),
    "sheet_unread": NoteKind(
        Pressing.LOSS, "sheet of a workbook, not read", "sheets of workbooks, not read", "save it as a file"
    ),
    "encoding_assumed": NoteKind(
        Pressing.ASSUMPTION, "file read as Windows-1252", "files read as Windows-1252", "save them as UTF-8"
    ),
    "days_kept": NoteKind(
        Pressing.LOSS,
        "day whose rows a provider no longer reports",
        "days whose rows a provider no longer reports",
        "if the provider is right: costops backfill SOURCE --from DAY --to DAY --force",
    ),
    "rate_missing": NoteKind(
        Pressing.LOSS,
        "kind of usage without a rate, of unknown cost",
        "kinds of usage without a rate, of unknown cost",
        "add a rate, see docs/sources and docs/pricing",
    ),
    "no_digest": NoteKind(
        Pressing.LOSS,
        "digest of a prompt that is none",
        "digests of prompts that are none",
        "write prompt_hash as docs/sources/events.md says, or leave it empty",
    ),
    "unused_columns": NoteKind(
        Pressing.LOSS,
        "column that nothing reads",
        "columns that nothing reads",
        "rename the column as docs/sources says, or ignore this",
    ),
    "unknown_fields": NoteKind(
        Pressing.LOSS,
        "field or meter that no rule reads",
        "fields and meters that no rule reads",
        "map them (docs/sources/events.md), or report them with an example",
    ),
    "unknown_usage": NoteKind(
        Pressing.LOSS,
        "kind of usage that no rule can price, beside usage that counts",
        "kinds of usage that no rule can price, beside usage that counts",
        "see rpt_unresolved_usage, and report the counter with an example",
    ),
    "usage_without_row": NoteKind(
        Pressing.LOSS,
        "record that speaks of tokens and is no call that can be counted",
        "records that speak of tokens and are no call that can be counted",
        "see docs/sources of the format for what counts, or report them with an example",
    ),
    "time_zone_assumed": NoteKind(
        Pressing.ASSUMPTION,
        "time without a zone",
        "times without a zone",
        "set the zone as docs/sources says if it is another",
    ),
    "repeated_rows": NoteKind(
        Pressing.INFORMATION,
        "row that came more than once and counts once",
        "rows that came more than once and count once",
        "nothing, if they are the same calls",
    ),
    "repeated_id": NoteKind(
        Pressing.ASSUMPTION,
        "id that a source gives to several calls",
        "ids that a source gives to several calls",
        "nothing, each call counts; tell the maker of the source that its ids repeat",
    ),
    "plan_unknown": NoteKind(
        Pressing.ASSUMPTION,
        "kind of sessions that may be covered by a subscription",
        "kinds of sessions that may be covered by a subscription",
        "with a subscription set COSTOPS_PLAN_COVERED=claude_code: its calls are then list value and no spend",
    ),
    "time_from_file": NoteKind(
        Pressing.ASSUMPTION,
        "call dated by the time of its file",
        "calls dated by the time of their file",
        "put a timestamp beside each result, or keep the file's time when you copy it",
    ),
    "history_assumed": NoteKind(
        Pressing.ASSUMPTION,
        "forked session whose beginning was taken for a copy",
        "forked sessions whose beginning was taken for a copy",
        "keep the parent session's file beside it",
    ),
    "restated": NoteKind(
        Pressing.INFORMATION, "amount that a newer delivery restated", "amounts that a newer delivery restated", ""
    ),
    "file_gone": NoteKind(
        Pressing.INFORMATION,
        "file that is gone, with its rows",
        "files that are gone, with their rows",
        "put the file back if it should still count",
    ),
    "file_moved": NoteKind(
        Pressing.INFORMATION, "file that lies under another name now", "files that lie under another name now", ""
    ),
    "landed_again": NoteKind(
        Pressing.INFORMATION, "file that was landed again", "files that were landed again", "", is_lasting=False
    ),
    "known_headers": NoteKind(
        Pressing.INFORMATION, "known format and what its headers have", "known formats and what their headers have", ""
    ),
    "other": NoteKind(Pressing.INFORMATION, "other thing that was noticed", "other things that were noticed", ""),
    "run_figures": NoteKind(
        Pressing.INFORMATION, "figure of what was done", "figures of what was done", "", is_lasting=False
    ),
}
