"""The frame of pages that the server writes itself.

Put here: the frame. Keep out: dashboards and reports, which are pages of their own.
"""

from __future__ import annotations

import base64
import hashlib
from html import escape

from orchestration.presenting.theme import DARK, FONT, LIGHT

_STYLE = f"""
:root {{ color-scheme: light dark; {LIGHT.css} }}
@media (prefers-color-scheme: dark) {{ :root {{ {DARK.css} }} }}
body {{ margin: 0; background: var(--background); color: var(--ink); font: 15px/1.5 {FONT}; }}
main {{ max-width: 860px; margin: 0 auto; padding: 32px 20px 60px; }}
h1 {{ font-size: 26px; margin: 0 0 14px; }} h2 {{ font-size: 17px; margin: 26px 0 8px; color: var(--primary); }}
a {{ color: var(--primary); }} .hint, small {{ color: var(--muted); font-size: 13px; }}
.wrong {{ color: var(--danger); }} label {{ display: block; margin-bottom: 6px; }}
input {{ font: inherit; padding: 8px; width: 100%; max-width: 460px; box-sizing: border-box; }}
button {{ font: inherit; padding: 8px 16px; margin: 12px 0; }}
ul {{ padding-left: 18px; }} li {{ margin: 6px 0; }} code {{ font-size: 13px; overflow-wrap: anywhere; }}
table {{ border-collapse: collapse; width: 100%; }} td, th {{ text-align: left; padding: 4px 10px 4px 0;
vertical-align: top; border-bottom: 1px solid var(--line); }}
"""
_POLICY = (
    "default-src 'none'; img-src data:; base-uri 'none'; form-action 'self'; style-src "
    f"'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'"
)


def page(title: str, content: str) -> str:
    """A page around HTML that is safe."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<title>{escape(title)} · LLM Cost Ops</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{content}</main></body></html>"
    )
