"""What a case is about: a cart, an order, a product that is there, instead of an id that was made up.

Each operation gets things of its own, and new ones once it has used them up. So what a case meets depends on the
cases before it alone, and those are the same in every run.
"""

import os
import re

import requests

# An id that the document allows: only these stand for a thing. What is malformed is sent as it is.
WELL_FORMED = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# After so many cases an operation gets new things: a product takes so many variants, a cart so many lines.
USES_MAX = 25
# Operations that leave nothing to be done again.
USING_UP = {
    "approveReturn",
    "archiveCategory",
    "archiveProduct",
    "cancelOrder",
    "checkOut",
    "clearCart",
    "confirmOrder",
    "markDelivered",
    "markShipped",
    "pack",
    "receiveReturn",
    "recordPayment",
    "recordRefund",
    "removeImage",
    "removeLine",
    "requestReturn",
    "setQuantity",
    "takeFromCategory",
}
# What sets the shop to something else.
CONFIGURING = "configureShop"
# What is sold to make carts and orders of. No case names it, so there is always enough of it.
SKU = "OF-THE-TEST"
PIECES = 10_000_000


class Shop:
    """The shop, asked with an admin's token. It does what it is asked here, or nothing can be tried."""

    def __init__(self, url, document):
        self.url = url.rstrip("/")
        self.document = document
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {os.environ['TILLROLL_TEST_TOKEN']}"
        self.made = 0
        self.product()
        self.ask("post", f"/v1/stock/{SKU}/receipts", {"quantity": PIECES})

    def ask(self, method, path, body):
        answer = self.session.request(method, self.url + path, json=body, timeout=30)
        if not answer.ok:
            raise AssertionError(f"{method} {path}: {answer.status_code} {answer.text}")
        # What is asked next has seen it.
        self.session.headers["Consistency-Token"] = answer.headers["Consistency-Token"]
        return answer.json()

    def example(self, method, path):
        """The body that the document shows."""
        return self.document["paths"][path][method]["requestBody"]["content"]["application/json"]["example"]

    def settle(self):
        """Undoes what a case has set the shop to."""
        self.ask("put", "/v1/shop", self.example("put", "/v1/shop"))

    def as_guest(self, path, body):
        """Opens what belongs to a guest: an admin's cart is the admin's."""
        answer = requests.post(self.url + path, json=body, timeout=30)
        if not answer.ok:
            raise AssertionError(f"{path}: {answer.status_code} {answer.text}")
        return answer.json()

    def product(self, sku=SKU):
        """A product with a variant, an image and a category."""
        self.made += 1
        product = self.ask("post", "/v1/products", {"slug": f"of-the-test-{self.made}", "title": "Made for a case"})
        path = f"/v1/products/{product['id']}"
        price = {"amount": "12.50", "currency": "EUR"}
        self.ask("post", f"{path}/variants", {"sku": sku, "price": price, "tracksStock": True})
        image = self.ask("post", f"{path}/images", {"url": "/images/desk-lamp.svg", "alt": "A lamp"})["image"]["id"]
        category = self.category()["category"]
        self.ask("put", f"{path}/categories/{category}", {})
        self.ask("post", f"{path}/publish", {})
        return {"product": product["id"], "sku": sku, "image": image, "category": category}

    def category(self):
        """A category, and another that it can be hung below."""
        self.made += 1
        body = {"slug": f"of-the-test-{self.made}", "name": "Made for a case"}
        above = {"slug": f"above-the-test-{self.made}", "name": "Made for a case"}
        opened = [self.ask("post", "/v1/categories", each)["id"] for each in (body, above)]
        return dict(zip(("category", "parent"), opened))

    def cart(self):
        """A guest's, with two pieces in it."""
        opened = self.as_guest("/v1/carts", {})
        filled = self.ask("post", f"/v1/carts/{opened['id']}/lines", {"sku": SKU, "quantity": 2})
        return {"cart": opened["id"], "line": filled["lines"][0]["id"], "secret": opened["cartSecret"]}

    def order(self):
        """A guest's, of two pieces, by invoice."""
        body = {**self.example("post", "/v1/orders"), "items": [{"sku": SKU, "quantity": 2}]}
        placed = self.as_guest("/v1/orders", body)
        return {
            "order": placed["id"],
            "checkout": placed["id"],
            "line": placed["lines"][0]["id"],
            "total": placed["cost"]["total"],
            "secret": placed["cartSecret"],
        }

    def order_for(self, operation):
        """An order at which the operation can be done."""
        order = self.order()
        path = f"/v1/orders/{order['order']}"
        pieces = {"lines": [{"line": order["line"], "quantity": 1}]}
        if operation == "recordRefund":
            amount = {"amount": order["total"]["amount"], "currency": order["total"]["currency"]}
            self.ask("post", f"{path}/invoice-payments", {"amount": amount})
        if operation in {"markShipped", "markDelivered", "requestReturn", "approveReturn", "receiveReturn"}:
            packed = self.ask("post", f"{path}/fulfilments", {**pieces, "carrier": "DHL"})
            order["fulfilment"] = packed["fulfilment"]["id"]
        if operation in {"markDelivered", "requestReturn", "approveReturn", "receiveReturn"}:
            self.ask("post", f"{path}/fulfilments/{order['fulfilment']}/shipped", {})
        if operation in {"requestReturn", "approveReturn", "receiveReturn"}:
            self.ask("post", f"{path}/fulfilments/{order['fulfilment']}/delivered", {})
        if operation in {"approveReturn", "receiveReturn"}:
            asked = self.ask("post", f"{path}/returns", {**pieces, "reason": "too small"})
            order["return"] = asked["return"]["id"]
        if operation == "receiveReturn":
            self.ask("post", f"{path}/returns/{order['return']}/approve", {})
        return order

    def things_for(self, operation, names):
        """By the names of the path's parameters."""
        if "cart" in names:
            return self.cart()
        if "order" in names or "checkout" in names:
            return self.order_for(operation)
        if "product" in names:
            return self.product(f"{SKU}-{self.made}")
        if "category" in names:
            return self.category()
        return {}


class Things:
    """The things of each operation."""

    def __init__(self, url, document):
        self.shop = Shop(url, document)
        self.of_operation = {}
        self.uses = {}
        self.is_unsettled = False

    def of(self, operation, names):
        """Those that the operation has, or new ones; and how often it has used them."""
        if self.is_unsettled and operation != CONFIGURING:
            self.shop.settle()
            self.is_unsettled = False
        if operation not in self.of_operation:
            self.of_operation[operation] = self.shop.things_for(operation, names)
            self.uses[operation] = 0
        self.uses[operation] += 1
        return self.of_operation[operation], self.uses[operation]

    def note(self, operation, status):
        """What became of a case."""
        if status < 400 and operation == CONFIGURING:
            self.is_unsettled = True
        is_used_up = status < 400 and operation in USING_UP
        is_amiss = status in (404, 409)
        if is_used_up or is_amiss or self.uses.get(operation, 0) >= USES_MAX:
            self.of_operation.pop(operation, None)
