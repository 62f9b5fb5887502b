use super::*;

fn said(status: u16, body: Value) -> Said {
    Said {
        status: StatusCode::from_u16(status).expect("a status"),
        body,
        token: String::new(),
        is_replayed: false,
    }
}

#[test]
fn only_a_yes_or_a_no_is_clear() {
    let stale = |is_stale| json!({ "data": { "order": null }, "extensions": { "consistency": { "stale": is_stale } } });
    for (status, body, is_clear) in [
        (201, json!({ "number": "1" }), true),
        (409, json!({ "code": "stock.insufficient" }), true),
        (200, stale(false), true),
        (200, stale(true), false),
        (202, json!({ "status": "running" }), false),
        (409, json!({ "code": "key.still_running" }), false),
        (404, json!({ "code": "stock.sku_absent" }), false),
        (503, json!({ "code": "outcome.unknown" }), false),
    ] {
        assert_eq!(said(status, body.clone()).is_clear(), is_clear, "{status} {body}");
    }
}
