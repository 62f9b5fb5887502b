use super::*;

#[test]
fn what_a_file_has_no_column_for_is_not_said() {
    let reading = read_text("Handle,Vendor\nlamp,Lumen\n");
    let lamp = product(&reading);
    assert_eq!(
        *lamp,
        ImportedProduct {
            slug: "lamp".to_owned(),
            vendor: Some("Lumen".to_owned()),
            published_when_new: true,
            ..ImportedProduct::default()
        }
    );
}

#[test]
fn an_empty_cell_of_a_column_that_is_there_says_that_there_is_nothing() {
    let reading = read_text("Handle,Vendor,Tags,Body (HTML)\nlamp,,,\n");
    let lamp = product(&reading);
    assert_eq!(lamp.vendor.as_deref(), Some(""));
    assert_eq!(lamp.tags, Some(Vec::new()));
    assert_eq!(lamp.description_html.as_deref(), Some(""));
}

#[test]
fn prices_alone_are_said_of_the_variants_that_their_skus_name() {
    let reading = read_text("Handle,Variant SKU,Variant Price\nlamp,L-1,1\nlamp,L-2,2\n");
    let lamp = product(&reading);
    let said: Vec<_> = lamp
        .variants
        .iter()
        .map(|variant| (&*variant.sku, variant.is_sku_made_up))
        .collect();
    assert_eq!(said, [("L-1", false), ("L-2", false)]);
    let variant = &lamp.variants[0];
    assert_eq!(
        (
            &variant.options,
            variant.weight_grams,
            variant.tracks_stock,
            &variant.tax_class
        ),
        (&None, None, None, &None)
    );
}

#[test]
fn a_variant_without_a_sku_is_named_by_its_choices() {
    let text = "Handle,Option1 Name,Option1 Value,Variant Price\nlamp,Size,S,1\nlamp,,M,2\n";
    let reading = read_text(text);
    let variants = &product(&reading).variants;
    assert!(variants.iter().all(|variant| variant.is_sku_made_up));
    assert_eq!(variants.len(), 2);
}

#[test]
fn metafields_are_free_facts() {
    let text = "Handle,Title,Material (product.metafields.custom.material),Care (product.metafields.custom.care)\n\
                lamp,Lamp,Brass,\n";
    let reading = read_text(text);
    let facts: Vec<_> = product(&reading).attributes.iter().collect();
    assert_eq!(facts, [(&"Material".to_owned(), &"Brass".to_owned())]);
}

#[test]
fn a_refusal_names_its_column_as_the_file_does() {
    let reading = read_text("URL handle,Title,Price\nlamp,Lamp,free\n");
    let said: Vec<String> = reading.refusals.iter().map(ToString::to_string).collect();
    assert!(
        said.iter()
            .any(|said| said.starts_with("line 2, column \"Price\": the price \"free\"")),
        "{said:?}"
    );
}

#[test]
fn two_handles_of_one_address_are_not_one_product() {
    let reading = read_text("Handle,Title,Variant Price\nFloor Lamp,One,1\nfloor-lamp,Two,2\n");
    assert_eq!(refused(&reading), [(3, "handle.repeated")]);
    assert_eq!(reading.products.len(), 1);
}
