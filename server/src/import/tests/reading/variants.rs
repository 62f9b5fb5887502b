use super::*;

#[test]
fn variants_take_the_option_names_of_the_first_row() {
    let reading = read_rows(&[
        lamp(&[
            ("Option1 Name", "Size"),
            ("Option1 Value", "S"),
            ("Option2 Name", "Colour"),
            ("Option2 Value", "Black"),
        ]),
        row(&[
            ("Handle", "floor-lamp"),
            ("Option1 Value", "M"),
            ("Option2 Value", "Black"),
            ("Variant Price", "79"),
        ]),
    ]);
    let lamp = product(&reading);
    let choice = |index: usize| -> Vec<(&str, &str)> {
        let options = lamp.variants[index].options.iter().flatten();
        options
            .map(|option| (option.name.as_str(), option.value.as_str()))
            .collect()
    };
    assert_eq!(choice(0), [("Size", "S"), ("Colour", "Black")]);
    assert_eq!(choice(1), [("Size", "M"), ("Colour", "Black")]);
    assert_eq!(skus(&reading), ["FLOOR-LAMP-S-BLACK", "FLOOR-LAMP-M-BLACK"]);
}

#[test]
fn variants_that_are_no_choice_of_their_own_are_refused() {
    let reading = read_rows(&[
        lamp(&[("Option1 Name", "Size"), ("Option1 Value", "S")]),
        row(&[
            ("Handle", "floor-lamp"),
            ("Option1 Value", "S"),
            ("Variant Price", "79"),
        ]),
        row(&[("Handle", "floor-lamp"), ("Variant SKU", "X"), ("Variant Price", "79")]),
        row(&[("Handle", "floor-lamp"), ("Option1 Value", "M")]),
        row(&[
            ("Handle", "floor-lamp"),
            ("Option1 Value", "L"),
            ("Variant Price", "80"),
        ]),
    ]);
    assert_eq!(
        refused(&reading),
        [(3, "option.repeated"), (4, "option.missing"), (5, "price.missing")]
    );
    assert_eq!(skus(&reading), ["FLOOR-LAMP-S", "FLOOR-LAMP-L"]);
}

#[test]
fn a_second_variant_of_a_product_without_options_is_refused() {
    let reading = read_rows(&[lamp(&[]), row(&[("Handle", "floor-lamp"), ("Variant Price", "79")])]);
    assert_eq!(refused(&reading), [(3, "option.repeated")]);
}

#[test]
fn repeated_skus_are_made_unique_and_told() {
    let variant = |size, sku| {
        row(&[
            ("Handle", "floor-lamp"),
            ("Option1 Value", size),
            ("Variant SKU", sku),
            ("Variant Price", "1"),
        ])
    };
    let reading = read_rows(&[
        lamp(&[("Option1 Name", "Size"), ("Option1 Value", "S"), ("Variant SKU", "L")]),
        variant("M", "L"),
        variant("L", "L-2"),
        variant("XL", "L"),
    ]);
    assert_eq!(skus(&reading), ["L", "L-3", "L-2", "L-4"]);
    assert_eq!(noticed(&reading), [(3, "sku.repeated"), (5, "sku.repeated")]);
    assert_eq!(reading.refusals, []);
}

#[test]
fn made_up_skus_are_unique_short_and_nobody_elses() {
    let long = "x".repeat(80);
    let reading = read_rows(&[
        row(&[("Handle", &long), ("Title", "Long"), ("Variant Price", "1")]),
        row(&[
            ("Handle", &format!("{long}y")),
            ("Title", "Longer"),
            ("Variant Price", "1"),
        ]),
        lamp(&[]),
        row(&[
            ("Handle", "other"),
            ("Title", "Other"),
            ("Variant SKU", "FLOOR-LAMP"),
            ("Variant Price", "1"),
        ]),
    ]);
    let made = skus(&reading);
    assert_eq!(made[2..], ["FLOOR-LAMP-2", "FLOOR-LAMP"]);
    assert_eq!(made[0], "X".repeat(64));
    assert_eq!(made[1], format!("{}-2", "X".repeat(62)));
}

#[test]
fn a_sku_that_a_shop_cannot_take_gets_one_that_is_always_the_same() {
    let long = |end: &str| format!("{}{end}", "14:193#Black;".repeat(5));
    let variant = |size: &str, sku: &str| {
        row(&[
            ("Handle", "floor-lamp"),
            ("Option1 Value", size),
            ("Variant SKU", sku),
            ("Variant Price", "1"),
        ])
    };
    let rows = [
        lamp(&[
            ("Option1 Name", "Size"),
            ("Option1 Value", "S"),
            ("Variant SKU", &long("S")),
        ]),
        variant("M", &long("M")),
        variant("L", &long("M")),
        variant("XL", "two\u{a0}\nlines"),
        variant("XXL", "\u{7}"),
    ];
    let reading = read_rows(&rows);
    let given = skus(&reading);
    let is_sku = |sku: &&str| sku.parse::<domain::value::Sku>().is_ok();
    assert!(given.iter().all(is_sku), "{given:?}");
    assert!(given[0].starts_with("14:193#Black;14:193#Black;") && given[0].len() == 64);
    assert_ne!(given[0], given[1]);
    assert!(given[2].ends_with("-2"));
    assert_eq!(given[3], "two lines");
    let codes = [
        "sku.shortened",
        "sku.shortened",
        "sku.repeated",
        "sku.shortened",
        "sku.shortened",
    ];
    assert_eq!(
        noticed(&reading).iter().map(|(_, code)| *code).collect::<Vec<_>>(),
        codes
    );
    assert_eq!(reading.refusals, []);
    assert_eq!(read_rows(&rows), reading);
}

#[test]
fn what_is_counted_has_a_tracker_or_a_count() {
    let stock = |tracker, quantity, policy| {
        let reading = read_rows(&[lamp(&[
            ("Variant Inventory Tracker", tracker),
            ("Variant Inventory Qty", quantity),
            ("Variant Inventory Policy", policy),
        ])]);
        assert_eq!(reading.refusals, []);
        let opened = reading.products[0]
            .stock
            .first()
            .map(|(_, stock)| (stock.quantity, stock.backorder));
        let tracks_stock = reading.products[0].product.variants[0].tracks_stock == Some(true);
        (tracks_stock, opened, reading.notices.len())
    };
    assert_eq!(stock("shopify", "5", "deny"), (true, Some((5, false)), 0));
    assert_eq!(stock("shopify", "5.0", "continue"), (true, Some((5, true)), 0));
    assert_eq!(stock("shopify", "", ""), (true, None, 0));
    assert_eq!(stock("shopify", "", "continue"), (true, Some((0, true)), 0));
    assert_eq!(stock("shopify", "-3", "deny"), (true, Some((0, false)), 1));
    assert_eq!(stock("shopify", "many", "deny"), (true, Some((0, false)), 1));
    assert_eq!(stock("", "1", "deny"), (true, Some((1, false)), 0));
    assert_eq!(stock("", "0", "deny"), (false, None, 0));
    assert_eq!(stock("", "", ""), (false, None, 0));
}

#[test]
fn zero_without_a_tracker_is_a_count_where_most_others_have_one() {
    let counted = |quantities: &[&str]| -> Vec<bool> {
        let products = quantities.iter().enumerate().map(|(index, quantity)| {
            let handle = format!("lamp-{index}");
            row(&[
                ("Handle", &handle),
                ("Title", "Lamp"),
                ("Variant Price", "1"),
                ("Variant Inventory Qty", quantity),
            ])
        });
        let reading = read_rows(&products.collect::<Vec<_>>());
        let variants = reading.products.iter().flat_map(|read| &read.product.variants);
        variants.map(|variant| variant.tracks_stock == Some(true)).collect()
    };
    assert_eq!(counted(&["5", "0", "3", ""]), [true, true, true, false]);
    assert_eq!(counted(&["5", "0", "0", "0"]), [true, false, false, false]);
}
