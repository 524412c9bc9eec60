from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.channels.cloud_api.shopping import MAX_QUANTITY, order, product
from shared.contracts.gateway import MAX_ORDERED, Order, OrderItem, Product

BOOK = {"product_retailer_id": "book-1", "quantity": 2, "item_price": 250, "currency": "INR"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def item(**other: Any) -> OrderItem:
    (read,) = order({"product_items": [{**BOOK, **other}]}).items
    return read


class TestOrders:
    @pytest.mark.parametrize(
        ("given", "price"),
        [
            (250, "250"),
            ("250", "250"),
            (249.5, "249.5"),
            (0.1, "0.1"),
            (0, "0"),
            (1e11, "100000000000"),
            (1e300, None),
            (-5, None),
            (0.00001, None),
            (float("inf"), None),
            ("free", None),
            (None, None),
            (True, None),
            ([], None),
        ],
    )
    def test_a_price_is_a_decimal_number_or_is_left_out(self, given, price):
        assert item(item_price=given).price == price

    @pytest.mark.parametrize("currency", ["inr", "INRX", "", None, 7, "I\0R", "\u202eINR"])
    def test_a_currency_that_is_none_is_left_out(self, currency):
        assert item(currency=currency).currency is None

    @pytest.mark.parametrize(
        "broken",
        [
            {"quantity": 0},
            {"quantity": -1},
            {"quantity": 1.5},
            {"quantity": MAX_QUANTITY + 1},
            {"quantity": None},
            {"quantity": "many"},
            {"quantity": True},
            {"product_retailer_id": ""},
            {"product_retailer_id": None},
            {"product_retailer_id": "x" * 257},
            {"product_retailer_id": {"$gt": ""}},
        ],
        ids=lambda broken: ascii(broken)[:40],
    )
    def test_an_item_that_cannot_be_read_makes_the_order_incomplete_and_takes_no_other_with_it(self, broken):
        read = order({"product_items": [{**BOOK, **broken}, BOOK]})
        assert read == Order(items=(item(),), complete=False)

    def test_more_items_than_are_told_make_it_incomplete(self):
        read = order({"product_items": [BOOK] * (MAX_ORDERED + 1)})
        assert (len(read.items), read.complete) == (MAX_ORDERED, False)
        assert order({"product_items": [BOOK] * MAX_ORDERED}).complete

    def test_an_id_of_a_catalogue_that_is_too_long_is_left_out(self):
        assert order({"catalog_id": "7" * 257, "product_items": []}) == Order()

    @given(JSON, JSON)
    def test_whatever_stands_there_becomes_an_order(self, items, catalog):
        read = order({"product_items": items, "catalog_id": catalog})
        assert Order.model_validate_json(read.model_dump_json()) == read

    @given(st.dictionaries(st.sampled_from(sorted(BOOK)), JSON))
    def test_whatever_an_item_says_the_order_can_be_told(self, part):
        read = order({"product_items": [{**BOOK, **part}]})
        assert read.complete is (len(read.items) == 1)
        assert Order.model_validate_json(read.model_dump_json()) == read


class TestReferredProducts:
    def test_a_product_is_known_by_its_owners_name_for_it(self):
        named = {"referred_product": {"product_retailer_id": "book-1", "catalog_id": 64}}
        assert product(named) == Product(product_id="book-1", catalog_id="64")

    @pytest.mark.parametrize(
        "context",
        [
            None,
            [],
            {},
            {"referred_product": None},
            {"referred_product": "book-1"},
            {"referred_product": {"catalog_id": "640000000000001"}},
            {"referred_product": {"product_retailer_id": ["book-1"]}},
            {"referred_product": {"product_retailer_id": "x" * 257}},
        ],
        ids=lambda context: ascii(context)[:40],
    )
    def test_what_names_no_product_is_none(self, context):
        assert product(context) is None

    @given(JSON)
    def test_whatever_stands_there_does_no_harm(self, named):
        read = product({"referred_product": named})
        assert read is None or Product.model_validate_json(read.model_dump_json()) == read
