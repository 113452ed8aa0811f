"""What usage would cost: one request, the same request on many models, a conversation that grows.

Put here: pure arithmetic on price rows that the caller brings. Keep out: price lists, names, files, printing.
"""

from ml.quotes.comparison import DAYS_PER_MONTH, ModelOffer, RankedModel, compare_models
from ml.quotes.conversation import Conversation, ConversationPlan, Turn, project_conversation
from ml.quotes.prices import Customer, ListPrice, MeterKinds, NegotiatedPrice
from ml.quotes.quote import Quote, QuoteLine, quote_usage

__all__ = [
    "DAYS_PER_MONTH",
    "Conversation",
    "ConversationPlan",
    "Customer",
    "ListPrice",
    "MeterKinds",
    "ModelOffer",
    "NegotiatedPrice",
    "Quote",
    "QuoteLine",
    "RankedModel",
    "Turn",
    "compare_models",
    "project_conversation",
    "quote_usage",
]
