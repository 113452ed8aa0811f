"""Rules of focus-validator 2.2.1 that our exports fail, each with the reason; any other failure fails the test.

Put here: rule ids and reasons. Keep out: running the validator. Composites of a failing rule are not listed.
"""

from __future__ import annotations

NAMES_DIFFER = (
    "its own defect: it takes any difference between ProviderName and InvoiceIssuerName for a third party; "
    "'AWS' is billed by 'Amazon Web Services, Inc.'"
)
INVOICES = (
    "its own defect: one rule wants InvoiceId to be null on every row and the other on none; they cannot both hold"
)
NO_CONDITION = "its own defect: the rule is for rows with an id, but is applied to rows without one"
ANY_PURCHASE = (
    "its own defect: the rule is for purchases of future usage, but is applied to every purchase, such as support"
)
NOT_IN_REPORT = "source: cost reports of OpenAI and Anthropic and AWS's bill name no account"
SAMPLE = "source: so in the file"

EVERYWHERE = {"BilledCost-C-005-C": NAMES_DIFFER, "InvoiceId-C-005-C": INVOICES}
EVERY_CRITERION = {
    "CapacityReservationStatus-C-004-C": NO_CONDITION,
    "CommitmentDiscountStatus-C-004-C": NO_CONDITION,
}
WAIVERS: dict[tuple[str, str], dict[str, str]] = {
    ("demo", ""): EVERYWHERE | {"EffectiveCost-C-005-C": ANY_PURCHASE},
    ("demo", "ALL"): EVERYWHERE
    | EVERY_CRITERION
    | {"EffectiveCost-C-005-C": ANY_PURCHASE, "BillingAccountName-C-003-C": NOT_IN_REPORT},
    ("sample", ""): EVERYWHERE
    | {
        "PricingUnit-C-003-O": f"{SAMPLE}: 'GB/Month', 'OCPU Per Hour'",
        "ServiceName-C-005-C": f"{SAMPLE}: Amazon Elastic Compute Cloud is both Compute and Storage",
        "ServiceName-C-008-C": f"{SAMPLE}: as above, for the subcategory",
    },
}
WAIVERS["sample", "ALL"] = (
    WAIVERS["sample", ""]
    | EVERY_CRITERION
    | {
        "BillingAccountName-C-003-C": f"{SAMPLE}: rows without a name",
        "ConsumedUnit-C-003-O": f"{SAMPLE}: units as above",
        "ContractedUnitPrice-C-009-C": f"{SAMPLE}: one negative price",
        "ResourceType-C-005-C": f"{SAMPLE}: resources without a type",
        "SkuMeter-C-005-C": f"{SAMPLE}: FOCUS 1.0 has no SkuMeter",
    }
)
