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

#[test]
fn what_is_near_a_token_comes_back_or_is_refused() {
    let seeds = [
        "",
        "sales.3:17",
        "catalog.0:2,inventory.5:9,sales.3:17",
        "shop.0:18446744073709551615",
        ", sales.3:1 ,,",
    ];
    let seeds = seeds.map(|text| text.as_bytes().to_vec()).to_vec();
    fuzzing::near!(seeds, 200_000, |bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else { return };
        let read = fuzzing::within_memory(bytes, 4_096, 64, || text.parse::<ConsistencyToken>());
        if let Ok(token) = read {
            assert!(token.iter().count() <= TOKEN_SHARDS_MAX);
            assert_eq!(token.to_string().parse(), Ok(token));
        }
    });
}
