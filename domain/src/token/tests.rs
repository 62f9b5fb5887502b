use super::*;

#[test]
fn a_token_is_read_back_and_merged_by_the_larger_number() {
    let mut token: ConsistencyToken = "sales.3:17,inventory.5:9".parse().expect("a token");
    token.merge(&"sales.3:4,catalog.0:2".parse().expect("a token"));
    assert_eq!(token.to_string(), "catalog.0:2,inventory.5:9,sales.3:17");
}

#[test]
fn what_is_no_token_is_refused() {
    for text in [
        "sales",
        "sales.3",
        "sales.x:1",
        "nowhere.1:1",
        "sales.3:-1",
        "sales.3:99999999999999999999",
    ] {
        assert_eq!(text.parse::<ConsistencyToken>(), Err(MalformedToken), "{text}");
    }
}
