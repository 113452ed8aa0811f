"""The currency codes of ISO 4217 that money can be billed in.

Put here: the list, which the seed `currency_codes` holds for SQL too, names and signs that mean one. Keep out: rates.
"""

from __future__ import annotations

CURRENCY_CODES = frozenset(
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD "
    "CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS "
    "GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD "
    "KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR "
    "NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN "
    "SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAD XAF "
    "XAG XAU XBA XBB XBC XBD XCD XCG XDR XOF XPD XPF XPT XSU XUA YER ZAR ZMW ZWG ZWL".split()
)
"""Codes and funds in use (ISO 4217 with amendment 180), and those withdrawn since 2020 that old bills still carry:
ANG, BGN, CUC, HRK, SLL, ZWL. The codes for tests and for no currency, XTS and XXX, are not money."""
CURRENCIES_OF_SIGNS = {"$": ("USD",), "€": ("EUR",), "£": ("GBP",), "¥": ("JPY", "CNY")}
"""A bare `$` is the US dollar: other currencies that print it are not told apart by it."""
SIGNS_WITH_LETTERS = {
    **dict.fromkeys(("R$", "R$."), ("BRL",)),
    **dict.fromkeys(("CA$", "C$", "Can$", "CAD$"), ("CAD",)),
    **dict.fromkeys(("A$", "AU$", "AUD$"), ("AUD",)),
    **dict.fromkeys(("NZ$", "NZD$"), ("NZD",)),
    **dict.fromkeys(("₹", "Rs", "Rs.", "INR₹"), ("INR",)),
    **dict.fromkeys(("Fr.", "SFr.", "Fr"), ("CHF",)),
    **dict.fromkeys(("kr", "kr.", "Kr", "Kr."), ("SEK", "NOK", "DKK", "ISK")),
    **dict.fromkeys(("RMB", "CN¥", "元"), ("CNY",)),
    **dict.fromkeys(("JP¥", "円"), ("JPY",)),
    "HK$": ("HKD",), "S$": ("SGD",), "MX$": ("MXN",), "NT$": ("TWD",), "₩": ("KRW",), "zł": ("PLN",), "Kč": ("CZK",),
    "₺": ("TRY",), "₪": ("ILS",), "₫": ("VND",), "฿": ("THB",), "₱": ("PHP",), "₽": ("RUB",), "₴": ("UAH",),
    "Ft": ("HUF",), "lei": ("RON",), "R": ("ZAR",), "RM": ("MYR",), "Rp": ("IDR",),
}  # fmt: skip
"""Signs of which the letters tell the currency, or signs that no keyboard's `$€£¥` are; and what they can mean."""
CURRENCY_NAMES = {
    **dict.fromkeys(("us dollar", "us dollars", "united states dollar", "american dollar", "us$"), "USD"),
    **dict.fromkeys(("euro", "euros", "€"), "EUR"),
    **dict.fromkeys(("pound sterling", "british pound", "british pounds", "pounds sterling", "sterling", "£"), "GBP"),
    **dict.fromkeys(("japanese yen", "yen"), "JPY"),
    **dict.fromkeys(("swiss franc", "swiss francs"), "CHF"),
    **dict.fromkeys(("canadian dollar", "canadian dollars", "ca$"), "CAD"),
    **dict.fromkeys(("australian dollar", "australian dollars", "a$"), "AUD"),
    **dict.fromkeys(("indian rupee", "indian rupees", "₹"), "INR"),
    **dict.fromkeys(("brazilian real", "r$"), "BRL"),
    **dict.fromkeys(("chinese yuan", "yuan renminbi", "renminbi", "cn¥"), "CNY"),
    **dict.fromkeys(("south korean won", "korean won", "₩"), "KRW"),
    "singapore dollar": "SGD",
    "hong kong dollar": "HKD",
    "new zealand dollar": "NZD",
    "mexican peso": "MXN",
    "swedish krona": "SEK",
    "danish krone": "DKK",
    "norwegian krone": "NOK",
    "polish zloty": "PLN",
}
"""What portals and spreadsheets write where a code belongs, without full stops, and its code."""
