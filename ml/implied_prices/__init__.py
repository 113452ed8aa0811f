"""What a bill says its prices are, without being told.

Put here: inferring unit prices from quantities and billed amounts. Keep out: pricing usage, price lists, files.
"""

from ml.implied_prices.classify import CLASSIFICATIONS
from ml.implied_prices.infer import IMPLIED_PRICE_COLUMNS, infer_prices
from ml.implied_prices.params import ImpliedPriceParams

__all__ = ["CLASSIFICATIONS", "IMPLIED_PRICE_COLUMNS", "ImpliedPriceParams", "infer_prices"]
