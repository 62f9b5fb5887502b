"""What the document allows, the shop takes; unless its state, or two fields together, say no."""

import atexit
import pathlib
import sys

import schemathesis
from schemathesis.specs.openapi.checks import positive_data_acceptance

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from things import WELL_FORMED, Things  # noqa: E402

# Codes of refusals that no schema can foresee: they depend on what the shop has and has done, on several fields at
# once, or on the contents of something opaque. Where a code has other reasons as well, the field is named.
NOT_OF_FORM = {
    "category.cycle",
    "category.parent_not_open",
    "category.too_deep",
    "country.not_served",
    "currency.differs",
    "currency.not_sold",
    "cursor.invalid",
    "cursor.other_log",
    "cursor.other_topics",
    "events.last",
    # Whatever the document says of If-Match, the tool makes up such tags as HTTP knows them.
    "if_match.malformed",
    "image.broken",
    "image.type",
    "key.expired",
    "key.reused",
    "line.absent",
    "payment.amount_differs",
    "price.missing",
    "product.category_not_open",
    "product.images_differ",
    "product.options_differ",
    "product.value_invalid at compareAt",
    "product.value_invalid at options",
    "product.value_invalid at options.name",
    "product.value_invalid at options.values",
    "product.value_invalid at taxClass",
    "product.value_invalid at title",
    "quantity.too_large",
    "refund.unacceptable",
    "shipping.unavailable",
    "shop.setting_invalid at shippingMethods",
    "shop.setting_invalid at taxRates",
    "shop.time_zone_unknown",
    "variant.not_priced",
    "variant.unavailable",
    "version.mismatch",
}


@schemathesis.hook
def map_body(context, body):
    """To JSON Schema 7.0 is an integer. The shop takes no floats: who has them has computed them."""
    if isinstance(body, float) and body.is_integer():
        return int(body)
    if isinstance(body, list):
        return [map_body(context, value) for value in body]
    if isinstance(body, dict):
        return {name: map_body(context, value) for name, value in body.items()}
    return body


@schemathesis.check
def what_the_document_allows_is_taken(context, response, case):
    """The tool's own check, but for the refusals above."""
    if response.status_code >= 400 and "problem+json" in response.headers.get("content-type", [""])[0]:
        problem = response.json()
        code = problem["code"]
        if code in NOT_OF_FORM or f"{code} at {problem.get('field')}" in NOT_OF_FORM:
            return None
    return positive_data_acceptance(context, response, case)


# Where it is written which commands were never done, one a line: what is only ever refused is not tried.
NEVER_DONE = "never_done.txt"

things = None
# Cases that name things that are there.
named = set()
operations = set()
done = set()


class AsGuest:
    """Sends the secret of the cart instead of the admin's token."""

    def __init__(self, secret):
        self.secret = secret

    def __call__(self, request):
        request.headers.pop("Authorization", None)
        request.headers["Cart-Secret"] = self.secret
        return request


def operation_of(case):
    return case.operation.definition.raw["operationId"]


def is_for_guests(case):
    return {"cartSecret": []} in case.operation.definition.raw.get("security", [])


@schemathesis.hook
def after_load_schema(context, schema):
    for methods in schema.raw_schema["paths"].values():
        commands = (entry for entry in methods.values() if isinstance(entry, dict) and "x-codes" in entry)
        operations.update(entry["operationId"] for entry in commands)


@schemathesis.hook
def before_call(context, case, kwargs):
    """Ids that were made up become those of things; each second time whoever has the secret asks."""
    global things
    if things is None:
        things = Things(case.operation.base_url, case.operation.schema.raw_schema)
    mine, uses = things.of(operation_of(case), case.path_parameters)
    if not mine:
        return
    is_named = True
    for name, value in case.path_parameters.items():
        is_made_up = is_id(value) if name != "sku" else value == "NB-SQUARED"
        if is_made_up:
            case.path_parameters[name] = mine[name]
        else:
            is_named = False
    if is_named:
        named.add(case.id)
    name_in_body(case.body, mine)
    if "secret" in mine and is_for_guests(case) and uses % 2 == 0:
        kwargs["auth"] = AsGuest(mine["secret"])


def name_in_body(body, mine):
    """The order's line, the product's image, a category's parent; the amount that is due where the example's stands."""
    if not isinstance(body, dict):
        return
    for line in body["lines"] if isinstance(body.get("lines"), list) else []:
        if isinstance(line, dict) and is_id(line.get("line")):
            line["line"] = mine["line"]
    for name in ("image", "parent"):
        if name in mine and is_id(body.get(name)):
            body[name] = mine[name]
    images = body.get("images")
    if "image" in mine and isinstance(images, list) and all(map(is_id, images)):
        body["images"] = [mine["image"]]
    if body.get("amount") == {"amount": "12.50", "currency": "EUR"}:
        body["amount"] = {name: mine["total"][name] for name in ("amount", "currency")}


def is_id(value):
    return isinstance(value, str) and WELL_FORMED.fullmatch(value) is not None


@schemathesis.hook
def after_call(context, case, response):
    things.note(operation_of(case), response.status_code)
    if response.status_code < 400:
        done.add(operation_of(case))


@schemathesis.check
def what_is_there_is_found(context, response, case):
    """Who asks may see it: what was named is there, or a part that the body names is not."""
    if case.id in named and response.status_code == 404:
        raise AssertionError(f"it is there, and the shop says {response.json()['code']}")


@schemathesis.check
def every_refusal_is_in_the_document(context, response, case):
    """By its code; but for methods that an address does not have, which are no operations."""
    own = case.operation.definition.raw.get("x-codes")
    if own is None or response.status_code in (405, *range(400)):
        return
    shared = case.operation.schema.raw_schema["components"]["responses"].values()
    codes = {code for answer in shared for code in answer.get("x-codes", [])}
    code = response.json()["code"]
    if code not in codes.union(own):
        raise AssertionError(f"the document does not say that this operation may refuse with {code}")


@atexit.register
def tell_what_was_never_done():
    pathlib.Path(NEVER_DONE).write_text("".join(f"{name}\n" for name in sorted(operations - done)))
