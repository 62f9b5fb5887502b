use domain::stream::Topic;

const CATALOG: [&str; 2] = [
    include_str!("../avro/released/catalog-v1.avsc"),
    include_str!("../avro/catalog.avsc"),
];
const INVENTORY: [&str; 2] = [
    include_str!("../avro/released/inventory-v1.avsc"),
    include_str!("../avro/inventory.avsc"),
];
const SALES: [&str; 2] = [
    include_str!("../avro/released/sales-v1.avsc"),
    include_str!("../avro/sales.avsc"),
];
const SHOP: [&str; 2] = [
    include_str!("../avro/released/shop-v1.avsc"),
    include_str!("../avro/shop.avsc"),
];

/// Every version of a topic's schema that was ever released, oldest first, and at the end the one that
/// is written now.
#[must_use]
pub fn versions(topic: Topic) -> &'static [&'static str] {
    match topic {
        Topic::Catalog => &CATALOG,
        Topic::Inventory => &INVENTORY,
        Topic::Sales => &SALES,
        Topic::Shop => &SHOP,
    }
}

/// What a schema registry calls the payloads of a topic.
#[must_use]
pub fn subject(topic: Topic) -> String {
    format!("{}-value", topic.name())
}
