//! `/docs/postman.json`: a collection for Postman that runs in order. A guest buys something, and an admin looks after
//! the order; what one request is told, the next ones send. Methods and paths come from the `OpenAPI` document.

use axum::Router;
use serde_json::{Value, json};

use crate::openapi;

/// The form of the collection.
const FORM: &str = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";
const ABOUT: &str = "Run it in order. `baseUrl` says where the shop is. `adminToken` is what `tillroll token --role admin` \
                     prints; without it the admin's requests are refused. Everything else the requests tell each other.";
/// A cheap thing that is in stock.
const SHELF: &str = "{ products(first: 1, sort: PRICE_ASC, filter: { availability: [IN_STOCK] }) \
                     { nodes { title variants { sku } } } }";
const CART: &str = "{ cart(id: \"{{cart}}\") { totalQuantity cost { total { amount currency } } } }";
const ORDER: &str = "{ order(id: \"{{cart}}\") { number status cost { total { amount currency } } } }";
const ORDERS: &str = "{ admin { orders(first: 5) { nodes { number status } } } }";
const WHY: &str =
    "{ admin { why(stream: \"order/{{cart}}\") { version actor begunBy command event set { field value } } } }";
/// Where an answer says what must have been seen by whoever asks next.
const TOKEN: (&str, &str) = ("token", r#"headers.get("Consistency-Token")"#);
/// What the guest's requests send.
const SECRET: (&str, &str) = ("Cart-Secret", "{{cartSecret}}");

/// One request.
struct Step {
    /// Of the document.
    operation: &'static str,
    name: &'static str,
    /// Behind the path.
    query: &'static str,
    headers: Vec<(&'static str, &'static str)>,
    body: Option<Value>,
    /// The status of its answer.
    status: u16,
    /// Variables, and where the answer has them.
    keeps: Vec<(&'static str, &'static str)>,
    /// What must be where in the answer.
    expects: Vec<(&'static str, &'static str)>,
}

/// Serves the collection.
pub(crate) fn router() -> Router {
    Router::new().route("/docs/postman.json", openapi::given(&collection()))
}

fn collection() -> Value {
    let document = openapi::document();
    let items = |steps: Vec<Step>| -> Vec<Value> { steps.iter().map(|step| step.item(&document)).collect() };
    let bearer =
        json!({ "type": "bearer", "bearer": [{ "key": "token", "value": "{{adminToken}}", "type": "string" }] });
    let names = ["adminToken", "sku", "cart", "cartSecret", "number", "token"];
    let mut variables = vec![json!({ "key": "baseUrl", "value": "http://127.0.0.1:8080" })];
    variables.extend(names.map(|name| json!({ "key": name, "value": "" })));
    json!({
        "info": { "name": "Tillroll", "description": ABOUT, "schema": FORM },
        "variable": variables,
        "item": [
            { "name": "A guest buys something", "item": items(guest()) },
            { "name": "An admin looks after it", "auth": bearer, "item": items(admin()) },
        ],
    })
}

fn guest() -> Vec<Step> {
    let address = json!({ "name": "Ada Lovelace", "line1": "Petristr. 1", "postalCode": "20095", "city": "Hamburg", "country": "DE" });
    let checkout = json!({
        "contact": { "email": "ada@example.org" }, "shippingAddress": address, "shippingMethod": "standard", "payment": "invoice",
    });
    // The secret says whose key it is, so that it need not be a UUID.
    let keyed = || vec![SECRET, ("Idempotency-Key", "checkout-{{cart}}")];
    vec![
        Step::ask("What is in stock, cheapest first?", SHELF)
            .keeps(("sku", "json().data.products.nodes[0].variants[0].sku")),
        Step::new("openCart", "Open a cart; its secret proves that it is the guest's", 201)
            .sends(json!({}))
            .keeps(("cart", "json().id"))
            .keeps(("cartSecret", "json().cartSecret")),
        Step::new("addLine", "Put two pieces in", 200)
            .with(vec![SECRET])
            .sends(json!({ "sku": "{{sku}}", "quantity": 2 }))
            .keeps(TOKEN),
        Step::ask("Look into the cart", CART)
            .with(vec![SECRET, ("Consistency-Token", "{{token}}")])
            .expects(("json().data.cart.totalQuantity", "2")),
        Step::new("checkOut", "Check out, under a key of this cart's own", 201)
            .with(keyed())
            .sends(checkout.clone())
            .keeps(("number", "json().number"))
            .keeps(TOKEN),
        Step::new(
            "checkOut",
            "Check out again under the same key: nothing happens twice",
            201,
        )
        .with(keyed())
        .sends(checkout)
        .expects((r#"headers.get("Idempotent-Replayed")"#, "true"))
        .expects(("json().number", "{{number}}")),
        Step::ask("Read the order back", ORDER)
            .with(vec![SECRET, ("Consistency-Token", "{{token}}")])
            .expects(("json().data.order.number", "{{number}}")),
    ]
}

fn admin() -> Vec<Step> {
    vec![
        Step::ask("The newest orders", ORDERS)
            .with(vec![("Consistency-Token", "{{token}}")])
            .expects(("json().data.admin.orders.nodes[0].number", "{{number}}")),
        Step::new("lookAtStock", "What is left of it", 200),
        Step::new("events", "The last lines of the roll", 200).behind("?last=10"),
        Step::ask("Why is the order as it is?", WHY).expects(("json().data.admin.why[0].event", "OrderPlaced")),
    ]
}

impl Step {
    fn new(operation: &'static str, name: &'static str, status: u16) -> Self {
        Self {
            operation,
            name,
            query: "",
            headers: Vec::new(),
            body: None,
            status,
            keeps: Vec::new(),
            expects: Vec::new(),
        }
    }

    fn ask(name: &'static str, query: &str) -> Self {
        Self::new("ask", name, 200).sends(json!({ "query": query }))
    }

    fn behind(mut self, query: &'static str) -> Self {
        self.query = query;
        self
    }

    fn with(mut self, headers: Vec<(&'static str, &'static str)>) -> Self {
        self.headers = headers;
        self
    }

    fn sends(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    fn keeps(mut self, kept: (&'static str, &'static str)) -> Self {
        self.keeps.push(kept);
        self
    }

    fn expects(mut self, expected: (&'static str, &'static str)) -> Self {
        self.expects.push(expected);
        self
    }

    /// As the collection has it.
    fn item(&self, document: &Value) -> Value {
        let (method, path, description) = found(document, self.operation);
        let path = path.replace('{', "{{").replace('}', "}}");
        let headers = self
            .headers
            .iter()
            .chain(self.body.iter().map(|_| &("Content-Type", "application/json")));
        let headers: Vec<Value> = headers
            .map(|(key, value)| json!({ "key": key, "value": value }))
            .collect();
        let mut request = json!({
            "method": method, "header": headers, "url": format!("{{{{baseUrl}}}}{path}{}", self.query),
            "description": description,
        });
        if let Some(body) = &self.body {
            let options = json!({ "raw": { "language": "json" } });
            request["body"] = json!({ "mode": "raw", "raw": body.to_string(), "options": options });
        }
        let test = json!({ "type": "text/javascript", "exec": self.script() });
        json!({ "name": self.name, "request": request, "event": [{ "listen": "test", "script": test }] })
    }

    /// What is done with the answer.
    fn script(&self) -> Vec<String> {
        let status = self.status;
        let mut lines = vec![format!(
            r#"pm.test("is answered with {status}", () => pm.response.to.have.status({status}));"#
        )];
        for (variable, place) in &self.keeps {
            lines.push(format!(
                r#"pm.collectionVariables.set("{variable}", pm.response.{place});"#
            ));
        }
        for (place, value) in &self.expects {
            let expected = format!(r#"pm.variables.replaceIn("{value}")"#);
            lines.push(format!(
                r#"pm.test("says {value}", () => pm.expect(String(pm.response.{place})).to.eql({expected}));"#
            ));
        }
        lines
    }
}

/// Method, path and summary of an operation; nothing of one that the document does not have.
fn found(document: &Value, operation: &str) -> (String, String, String) {
    let paths = document["paths"].as_object().into_iter().flatten();
    let entries = paths.flat_map(|(path, methods)| {
        let methods = methods.as_object().into_iter().flatten();
        methods.map(move |(method, entry)| (method, path, entry))
    });
    let mut named = entries.filter(|(_, _, entry)| entry["operationId"] == operation);
    let found = named.next().map(|(method, path, entry)| {
        let summary = entry["summary"].as_str().unwrap_or_default().to_owned();
        (method.to_uppercase(), path.clone(), summary)
    });
    found.unwrap_or_default()
}
