"""An alert as the HTML of a mail: tables and inline styles alone, as mail programs need them; nothing is loaded.

Put here: that page and its small chart. Keep out: sending, what is said (`notices`). Every text is escaped.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from html import escape
from typing import Any

from orchestration.alerting.measured import figure
from orchestration.alerting.notices import OVER, Digest, Notice

COLOURS = {"critical": "#b42318", "warning": "#b54708", "info": "#175cd3", OVER: "#067647"}
_PAIRS = (
    ("spend_to_date_usd", "Spent, USD", "amount_usd", "Budget, USD"),
    ("forecast_cost_usd", "Forecast, USD", "budget_usd", "Budget, USD"),
    ("cost_usd", "Cost, USD", "expected_usd", "Usual, USD"),
    ("value", "Value", "threshold", "Alert from"),
)
_CELL = "padding:6px 0;font-size:14px;vertical-align:top"
_LABEL = "padding:6px 0 0;font-size:12px;color:#475467"


def mail_page(notice: Notice | Digest, link: str = "") -> str:
    """The whole page."""
    colour = COLOURS[OVER if notice.state == OVER else notice.severity]
    parts = [_paragraphs(notice.message), _chart(notice.evidence, colour), _facts(notice)]
    if notice.what_to_do:
        parts.append(
            f'<p style="margin:16px 0 4px;font-size:14px"><b>What to do</b><br>{escape(notice.what_to_do)}</p>'
        )
    if link.startswith(("https://", "http://")):
        parts.append(
            f'<p style="margin:12px 0;font-size:14px"><a href="{escape(link)}" style="color:{colour}">Open</a></p>'
        )
    if notice.state != OVER:
        code = "font-family:monospace;background:#f2f4f7;padding:2px 4px;word-break:break-all"
        parts.append(
            '<p style="margin:16px 0 0;font-size:12px;color:#475467">Seen? '
            f'<span style="{code}">{escape(notice.command)}</span></p>'
        )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(notice.title)}</title></head>"
        '<body style="margin:0;padding:16px;background:#f2f4f7;font-family:Arial,Helvetica,sans-serif;color:#101828">'
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center">'
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:600px;'
        f'background:#ffffff;border-top:4px solid {colour};text-align:left"><tr><td style="padding:20px">'
        f'<h1 style="margin:0 0 12px;font-size:18px;line-height:1.35;word-break:break-word">{escape(notice.title)}</h1>'
        + "".join(parts)
        + "</td></tr></table></td></tr></table></body></html>"
    )


def _paragraphs(text: str) -> str:
    style = "margin:0 0 10px;font-size:14px;line-height:1.5;word-break:break-word"
    return "".join(f'<p style="{style}">{escape(line)}</p>' for line in text.splitlines() if line.strip())


def _facts(notice: Notice | Digest) -> str:
    rows = "".join(
        f'<tr><td style="{_CELL};color:#475467;width:40%">{escape(label)}</td>'
        f'<td style="{_CELL};word-break:break-word">{escape(_short(value))}</td></tr>'
        for label, value in notice.facts
    )
    return f'<table width="100%" cellpadding="0" cellspacing="0" style="border-top:1px solid #e4e7ec">{rows}</table>'


def _chart(evidence: dict[str, Any], colour: str) -> str:
    """What is against what it is held to, as two bars; nothing where there is no such pair."""
    for name, label, other, other_label in _PAIRS:
        value, limit = _number(evidence.get(name)), _number(evidence.get(other))
        if value is not None and limit is not None and max(value, limit) > 0:
            top = max(value, limit)
            bars = _bar(label, value, top, colour) + _bar(other_label, limit, top, "#98a2b3")
            return (
                f'<table role="img" width="100%" cellpadding="0" cellspacing="0" style="margin:0 0 12px">{bars}</table>'
            )
    return ""


def _bar(label: str, value: Decimal, top: Decimal, colour: str) -> str:
    width = max(1, min(100, int(value * 100 / top)))
    return (
        f'<tr><td style="{_LABEL}">{escape(label)}: {figure(value)}</td></tr>'
        '<tr><td style="background:#f2f4f7">'
        f'<div style="width:{width}%;height:14px;background:{colour}"></div></td></tr>'
    )


def _number(value: Any) -> Decimal | None:
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() and found >= 0 else None


def _short(value: str) -> str:
    number = _number(value)
    return value if number is None else figure(number)
