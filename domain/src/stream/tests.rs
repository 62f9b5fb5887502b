use super::*;

#[test]
fn a_stream_is_read_back_from_its_text() {
    let uuid = "0190b5a8-7c11-7000-8000-000000000001";
    for text in [
        "shop".to_owned(),
        format!("category/{uuid}"),
        format!("product/{uuid}"),
        "name/product/floor-lamp".to_owned(),
        "name/category/lamps".to_owned(),
        "name/sku/LAMP/1 b".to_owned(),
        "stock/main/LAMP/1".to_owned(),
        format!("hold/{uuid}/main/LAMP/1"),
        format!("cart/{uuid}"),
        format!("order/{uuid}"),
        format!("checkout/{uuid}"),
        "order-counter/3".to_owned(),
        "generation/cart".to_owned(),
    ] {
        assert_eq!(text.parse::<StreamId>().expect("parses").to_string(), text);
    }
    assert!("cart/".parse::<StreamId>().is_err());
    assert!("stock/LAMP".parse::<StreamId>().is_err());
}

#[test]
fn the_partition_of_a_key_is_pinned_for_ever() {
    let golden = [
        ("", 6),
        ("LAMP-1", 5),
        ("0190b5a8-7c11-7000-8000-000000000001", 9),
        ("größe", 1),
    ];
    for (key, partition) in golden {
        assert_eq!(partition_of(key, 16), partition, "{key}");
    }
}

#[test]
fn what_must_change_together_shares_a_shard() {
    let cart = CartId(uuid::Uuid::from_u128(7));
    assert_eq!(StreamId::Cart(cart).shard(16), StreamId::Order(cart.order()).shard(16));
    assert_eq!(
        StreamId::Cart(cart).shard(16),
        StreamId::Checkout(cart.checkout()).shard(16)
    );
    let sku: Sku = "LAMP-1".parse().expect("a SKU");
    let hold = StreamId::Hold(
        sku.clone(),
        Location::default(),
        ReservationId(uuid::Uuid::from_u128(9)),
    );
    assert_eq!(
        StreamId::StockItem(sku, "paris".parse().expect("a location")).shard(16),
        hold.shard(16)
    );
}
