use super::*;

/// What one of the two databases does not have, has in another way, or what costs more than it gives.
const NOT_SHARED: [&str; 12] = [
    " IF EXISTS",
    "ALLOW FILTERING",
    "BATCH",
    "BYPASS CACHE",
    "COUNTER",
    "DELETE",
    "INDEX",
    "MATERIALIZED",
    "SIMPLESTRATEGY",
    "TTL",
    "UPDATE",
    "USING TIMEOUT",
];

#[test]
fn statements_stay_within_what_both_databases_share() {
    let makes = [create_keyspace("shop", "here", 3), create_table("shop")];
    let inserts = [insert_key("shop"), insert_forgotten("shop")];
    let selects = [select_key("shop"), select_keys("shop")];
    for statement in makes.iter().chain(&inserts).chain(&selects) {
        let loud = statement.to_uppercase();
        let found = NOT_SHARED.iter().find(|words| loud.contains(**words));
        assert_eq!(found, None, "{statement}");
    }
    for statement in &inserts {
        assert!(!statement.contains(" IF "), "no lightweight transactions: {statement}");
        // A marker that nobody binds would silently become the clock's time, and outrank every forgetting.
        assert!(!statement.contains("TIMESTAMP ?"), "{statement}");
        assert!(statement.contains("USING TIMESTAMP "), "{statement}");
    }
}

#[test]
fn a_data_centre_is_quoted() {
    let statement = create_keyspace("shop", "it's here", 3);
    assert!(statement.contains("'it''s here': 3"), "{statement}");
}

#[test]
fn every_subject_has_a_partition_of_its_own() {
    assert_ne!(owner(""), owner("master"));
    assert!(!owner("").is_empty());
    assert_ne!(owner("ada"), owner("person:ada"));
}
