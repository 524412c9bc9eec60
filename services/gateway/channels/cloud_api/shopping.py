"""What people choose out of a catalogue: orders, and the product that a question is about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from services.gateway.channels.cloud_api import fields
from shared.contracts.gateway import MAX_ORDERED, Order, OrderItem, Product

MAX_ID = 256
MAX_QUANTITY = 1_000_000

_PRICE = re.compile(r"[0-9]{1,12}(\.[0-9]{1,4})?")
_CURRENCY = re.compile("[A-Z]{3}")


def order(body: Mapping[str, Any]) -> Order:
    """Return what `body`, the content of an order, asks for."""
    listed = body.get("product_items")
    given = listed if isinstance(listed, list) else []
    read = [item for each in given[:MAX_ORDERED] if (item := _item(each)) is not None]
    complete = len(read) == len(given) and (listed is None or isinstance(listed, list))
    return Order(catalog_id=_id(body, "catalog_id"), items=tuple(read), complete=complete)


def product(context: object) -> Product | None:
    """Return the product that the `context` of a message names."""
    named = context.get("referred_product") if isinstance(context, dict) else None
    product_id = _id(named, "product_retailer_id") if isinstance(named, dict) else None
    if product_id is None or not isinstance(named, dict):
        return None
    return Product(product_id=product_id, catalog_id=_id(named, "catalog_id"))


def _item(part: object) -> OrderItem | None:
    if not isinstance(part, dict) or (product_id := _id(part, "product_retailer_id")) is None:
        return None
    quantity = fields.number(part, "quantity")
    if quantity is None or not quantity.is_integer() or not 1 <= quantity <= MAX_QUANTITY:
        # A number nobody gave would be an order nobody made.
        return None
    currency = fields.text(part, "currency") or ""
    return OrderItem(
        product_id=product_id,
        quantity=int(quantity),
        price=_price(part),
        currency=currency if _CURRENCY.fullmatch(currency) else None,
    )


def _price(part: Mapping[str, Any]) -> str | None:
    price = fields.number(part, "item_price")
    if price is None:
        return None
    # By way of its text: 0.1 is a tenth, not the binary number next to it.
    written = f"{Decimal(str(price)).normalize():f}"
    return written if _PRICE.fullmatch(written) else None


def _id(part: Mapping[str, Any], name: str) -> str | None:
    """Return an id; cut short it would be another one."""
    found = fields.text(part, name)
    return found if found is None or len(found) <= MAX_ID else None
