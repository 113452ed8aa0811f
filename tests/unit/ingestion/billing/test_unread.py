"""Files beside bills that have no charges are named as what they are, wherever they lie."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ingestion.landing.notes import Note
from ingestion.sources.billing.pipeline import route
from ingestion.sources.billing.unread import why_unread

HEADERS = {
    "Google's export of prices": "export_time,service.id,sku.id,sku.description,list_price,geo_taxonomy",
    "Azure's price sheet": "MeterID,MeterName,MeterCategory,UnitOfMeasure,UnitPrice,CurrencyCode",
    "Azure's reservation details": "ReservationId,InstanceId,UsageDate,UsedHours,ReservedHours",
    "Tencent Cloud's bill": "Payer Account ID,Owner Account ID,ProductName,Usage Start Time,Currency,"
    "Total Amount After Discount (Excluding Tax),Voucher Deduction,Amount Before Tax,TaxAmount",
    "Alibaba Cloud's bill": "BillingCycle,AccountID,ProductCode,PretaxGrossAmount,PretaxAmount,Currency",
    "Volcengine's bill": "BillPeriod,PayerID,ExpenseDate,OriginalBillAmount,PreferentialBillAmount,PayableAmount",
    "Baidu AI Cloud's bill": "accountId,serviceType,startTime,endTime,catalogPrice,financePrice,cash",
    "a Chinese cloud's bill": "账期,产品,计费模式,消费日期,原价,应付金额,币种",
    "Fireworks' billing metrics": "email,start_time,end_time,usage_type,base_model_name,model_bucket,prompt_tokens",
    "call 'cost_usd' BilledCost and 'date' ChargePeriodStart": "date,model,input_tokens,output_tokens,cost_usd",
    "without lineItem/UnblendedCost": "lineItem/UsageStartDate,lineItem/BlendedCost,lineItem/UsageAccountId",
}


@pytest.mark.parametrize("said", HEADERS)
def test_a_file_without_charges_is_named(tmp_path: Path, said: str) -> None:
    (tmp_path / "a.csv").write_text(HEADERS[said] + "\n")
    found = route(tmp_path, "a.csv")
    assert isinstance(found, Note)
    assert said in found.message


def test_bills_are_not_taken_for_them() -> None:
    assert why_unread(["Date", "MeterId", "UnitPrice", "CostInBillingCurrency", "ReservationId"]) is None
    assert why_unread(["lineItem/UnblendedCost", "lineItem/BlendedCost"]) is None


@pytest.mark.parametrize("header", ["when,what,much", "date,cost,total_cost", "model,cost"])
def test_columns_that_may_be_anything_are_given_no_names(tmp_path: Path, header: str) -> None:
    (tmp_path / "a.csv").write_text(f"{header}\n")
    assert "BilledCost" not in str(route(tmp_path, "a.csv"))


def test_a_saved_answer_of_an_api_is_named(tmp_path: Path) -> None:
    bucket = {"object": "bucket", "start_time": 1780617600, "results": [{"amount": {"value": 1, "currency": "usd"}}]}
    (tmp_path / "a.json").write_text(json.dumps({"object": "page", "data": [bucket], "has_more": False}))
    found = route(tmp_path, "a.json")
    assert isinstance(found, Note)
    assert "OpenAI's costs API" in found.message
