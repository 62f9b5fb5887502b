use command_api::http::import::ImportedProduct;
use domain::value::Currency;

use super::super::*;

const HEADER: &str = "Handle,Title,Body (HTML),Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,Option2 Value,\
                      Variant SKU,Variant Grams,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,\
                      Variant Price,Variant Compare At Price,Variant Requires Shipping,Variant Taxable,Variant Barcode,\
                      Image Src,Image Position,Image Alt Text,Variant Image,Gift Card,Status";

/// A row with these cells, by the names of their columns.
fn row(cells: &[(&str, &str)]) -> String {
    let cell = |name: &str| {
        let found = cells.iter().find(|(column, _)| *column == name);
        found.map_or(String::new(), |(_, text)| format!("\"{}\"", text.replace('"', "\"\"")))
    };
    HEADER
        .split(',')
        .map(|name| cell(name.trim()))
        .collect::<Vec<_>>()
        .join(",")
}

fn lamp<'a>(more: &[(&'a str, &'a str)]) -> String {
    let mut cells = more.to_vec();
    cells.extend([
        ("Handle", "floor-lamp"),
        ("Title", "Floor Lamp"),
        ("Variant Price", "69.99"),
    ]);
    row(&cells)
}

fn read_rows(rows: &[String]) -> Reading {
    let text = format!("{HEADER}\n{}\n", rows.join("\n"));
    read(text.as_bytes(), Currency::EUR).expect("the file is read")
}

fn read_text(text: &str) -> Reading {
    read(text.as_bytes(), Currency::EUR).expect("the file is read")
}

/// The only product of a file in which nothing is refused.
fn product(reading: &Reading) -> &ImportedProduct {
    assert_eq!(reading.refusals, []);
    assert_eq!(reading.products.len(), 1);
    &reading.products[0].product
}

fn refused(reading: &Reading) -> Vec<(u64, &str)> {
    reading
        .refusals
        .iter()
        .map(|refusal| (refusal.line, refusal.code.as_str()))
        .collect()
}

fn noticed(reading: &Reading) -> Vec<(u64, &str)> {
    reading
        .notices
        .iter()
        .map(|notice| (notice.line, notice.code))
        .collect()
}

fn skus(reading: &Reading) -> Vec<&str> {
    let variants = reading.products.iter().flat_map(|product| &product.product.variants);
    variants.map(|variant| variant.sku.as_str()).collect()
}

#[test]
fn a_product_without_options_is_one_variant() {
    let reading = read_rows(&[lamp(&[
        ("Option1 Name", "Title"),
        ("Option1 Value", "Default Title"),
        ("Type", "Indoor & Cosy"),
        ("Tags", "Black, Lamp,, Black"),
        ("Variant Grams", "3200.5"),
        ("Variant Compare At Price", "85.00"),
        ("Variant Inventory Tracker", "shopify"),
        ("Variant Inventory Qty", "4"),
        ("Variant Inventory Policy", "deny"),
    ])]);
    let lamp = product(&reading);
    assert_eq!(
        (lamp.slug.as_str(), lamp.title.as_str(), lamp.published),
        ("floor-lamp", "Floor Lamp", true)
    );
    assert_eq!(lamp.tags, ["Black", "Lamp"]);
    assert_eq!(
        (lamp.categories[0].slug.as_str(), lamp.categories[0].name.as_str()),
        ("indoor-cosy", "Indoor & Cosy")
    );
    let variant = &lamp.variants[0];
    assert_eq!(variant.sku, "FLOOR-LAMP");
    assert_eq!(variant.options, []);
    assert_eq!(variant.weight_grams, 3_201);
    assert_eq!(
        (variant.price.amount.as_str(), variant.price.compare_at.as_deref()),
        ("69.99", Some("85.00"))
    );
    assert!(variant.tracks_stock && variant.requires_shipping && variant.tax_class == "standard");
    let stock = &reading.products[0].stock;
    assert_eq!(
        (stock[0].0.as_str(), stock[0].1.quantity, stock[0].1.backorder),
        ("FLOOR-LAMP", 4, false)
    );
}

#[test]
fn a_marked_file_with_crlf_and_line_breaks_in_cells_is_read_and_lines_are_those_of_the_file() {
    let text = "\u{feff}Handle,Title,Body (HTML),Variant Price\r\n\
                lamp,Lamp,\"<p>one\r\ntwo \"\"three\"\"</p>\",1.00\r\n\
                \r\n\
                \r\n\
                chair,Chair,,free\r\n\
                ,,,\r\n\
                table,Table,,2\r\n";
    let reading = read_text(text);
    assert_eq!(
        reading.products[0].product.description_html,
        "<p>one\ntwo \"three\"</p>"
    );
    assert_eq!(refused(&reading), [(6, "price.invalid"), (6, "product.no_variants")]);
    assert_eq!(reading.products[1].line, 8);
}

#[test]
fn ragged_rows_are_named_and_the_rest_goes_in() {
    let text = "Handle,Title,Variant Price\nlamp,Lamp,1\nchair,Chair\ntable,Table,3,\"stray\"\nstool,Stool,4,,\n";
    let reading = read_text(text);
    assert_eq!(refused(&reading), [(3, "row.ragged"), (4, "row.ragged")]);
    assert_eq!(reading.refusals[0].reason, "the row has 2 cells, the header has 3");
    assert_eq!(skus(&reading), ["LAMP", "STOOL"]);
}

#[test]
fn rows_that_are_not_utf8_are_named_and_the_rest_goes_in() {
    let text = b"Handle,Title,Variant Price\nlamp,Lamp,1\nchair,Ch\xe4ir,2\n";
    let reading = read(text, Currency::EUR).expect("the file is read");
    assert_eq!(refused(&reading), [(3, "row.not_utf8")]);
}

#[test]
fn missing_columns_are_named_all_at_once() {
    let read_bytes = |bytes: &[u8]| read(bytes, Currency::EUR);
    let error = read_bytes(b"Name,Variant Price\nLamp,1\n").expect_err("columns are missing");
    assert_eq!(error.to_string(), "missing the following columns: Handle, Title");
    assert_eq!(read_bytes(b""), Err(Unreadable::Empty));
    assert_eq!(read_bytes(b"\n\n"), Err(Unreadable::Empty));
    assert_eq!(read_bytes(b"\xff\xfeH\0a\0"), Err(Unreadable::NotUtf8));
}

#[test]
fn a_file_with_only_a_header_says_nothing() {
    assert_eq!(read_text("Handle,Title,Variant Price\n"), Reading::default());
}

#[test]
fn semicolons_and_tabs_part_cells_as_commas_do() {
    let commas = read_text("Handle,Title,Variant Price\nlamp,Lamp,1.50\n");
    assert_eq!(read_text("Handle;Title;Variant Price\nlamp;Lamp;1,50\n"), commas);
    assert_eq!(read_text("Handle\tTitle\tVariant Price\nlamp\tLamp\t1.50\n"), commas);
}

#[test]
fn the_columns_of_newer_exports_are_known() {
    let text = "Title,URL handle,Description,Vendor,Product category,Type,Tags,Published on online store,Status,SKU,\
                Barcode,Option1 name,Option1 value,Price,Compare-at price,Charge tax,Inventory tracker,\
                Inventory quantity,Continue selling when out of stock,Weight value (grams),Requires shipping,\
                Product image URL,Image position,Image alt text,Variant image URL,Gift card,SEO title,SEO description\n\
                Tee,tee,<b>Soft</b>,Ours,Apparel > Shirts > T-Shirts,,cotton,TRUE,Active,TEE-S,'0123,Size,S,19.00,,FALSE,\
                shopify,7,CONTINUE,180,TRUE,https://example.com/tee.jpg,1,A tee,,FALSE,Best tee,\"Soft, warm\"\n";
    let reading = read_text(text);
    let tee = product(&reading);
    assert_eq!(
        (tee.categories[0].slug.as_str(), tee.categories[0].name.as_str()),
        ("t-shirts", "T-Shirts")
    );
    assert_eq!(
        (tee.seo_title.as_str(), tee.seo_description.as_str()),
        ("Best tee", "Soft, warm")
    );
    let variant = &tee.variants[0];
    assert_eq!((variant.sku.as_str(), variant.barcode.as_str()), ("TEE-S", "0123"));
    assert_eq!((variant.tax_class.as_str(), variant.weight_grams), ("zero", 180));
    assert_eq!(
        (
            reading.products[0].stock[0].1.quantity,
            reading.products[0].stock[0].1.backorder
        ),
        (7, true)
    );
    assert_eq!(
        (tee.images[0].url.as_str(), tee.images[0].alt.as_str()),
        ("https://example.com/tee.jpg", "A tee")
    );
}

#[test]
fn html_is_made_safe() {
    let reading = read_rows(&[lamp(&[(
        "Body (HTML)",
        "<p onclick=\"x()\" style=\"color:red\">A <strong>lamp</strong><script>alert(1)</script>\
         <a href=\"javascript:x()\">here</a><iframe src=\"//evil\"></iframe></p>",
    )])]);
    assert_eq!(
        product(&reading).description_html,
        "<p>A <strong>lamp</strong><a rel=\"noopener noreferrer\">here</a></p>"
    );
}

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
        let options = lamp.variants[index].options.iter();
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
fn a_sku_that_cannot_be_one_is_refused() {
    let long = "x".repeat(65);
    let reading = read_rows(&[lamp(&[("Variant SKU", &long)])]);
    assert_eq!(refused(&reading), [(2, "product.no_variants"), (2, "sku.invalid")]);
}

#[test]
fn prices_are_read_to_the_last_minor_unit() {
    let amount = |text: &str, currency: &str| {
        let file = format!("Handle,Title,Variant Price\nlamp,Lamp,\"{text}\"\n");
        let reading = read(file.as_bytes(), currency.parse().expect("a currency")).expect("the file is read");
        reading
            .products
            .first()
            .map(|read| read.product.variants[0].price.amount.clone())
    };
    assert_eq!(amount("0.1", "EUR").as_deref(), Some("0.10"));
    assert_eq!(amount("1999.9900", "EUR").as_deref(), Some("1999.99"));
    assert_eq!(amount("1200.00", "JPY").as_deref(), Some("1200"));
    assert_eq!(amount("0", "EUR").as_deref(), Some("0.00"));
    for text in ["-1", "1.999", "1,000.00", "1e3", "€5", "NaN", "99999999999999999999"] {
        assert_eq!(amount(text, "EUR"), None, "{text}");
    }
}

#[test]
fn a_former_price_that_is_not_higher_stays_out() {
    let former = |text| {
        let reading = read_rows(&[lamp(&[("Variant Compare At Price", text)])]);
        let told = noticed(&reading).len();
        (product(&reading).variants[0].price.compare_at.clone(), told)
    };
    assert_eq!(former("70"), (Some("70.00".to_owned()), 0));
    assert_eq!(former("69.99"), (None, 1));
    assert_eq!(former("much"), (None, 1));
    assert_eq!(former("0.00"), (None, 0));
    assert_eq!(former(""), (None, 0));
}

#[test]
fn images_come_in_their_order_and_each_address_once() {
    let image = |url, position, alt| {
        row(&[
            ("Handle", "floor-lamp"),
            ("Image Src", url),
            ("Image Position", position),
            ("Image Alt Text", alt),
        ])
    };
    let reading = read_rows(&[
        lamp(&[
            ("Image Src", "https://example.com/2.jpg?v=1"),
            ("Image Position", "2"),
            ("Variant Image", "https://example.com/of variant.jpg"),
        ]),
        image("//example.com/1.jpg", "1", "Front"),
        image("https://example.com/2.jpg?v=1", "5", "Back"),
        image("/images/lamp.svg", "3", ""),
    ]);
    let lamp = product(&reading);
    let images: Vec<(&str, &str)> = lamp
        .images
        .iter()
        .map(|image| (image.url.as_str(), image.alt.as_str()))
        .collect();
    assert_eq!(
        images,
        [
            ("https://example.com/1.jpg", "Front"),
            ("https://example.com/2.jpg?v=1", "Back"),
            ("/images/lamp.svg", ""),
            ("https://example.com/of%20variant.jpg", ""),
        ]
    );
    assert_eq!(lamp.variants.len(), 1);
    assert_eq!(
        lamp.variants[0].image.as_deref(),
        Some("https://example.com/of%20variant.jpg")
    );
}

#[test]
fn an_image_from_anywhere_else_is_refused_and_its_product_comes_in() {
    for url in [
        "javascript:alert(1)",
        "data:image/png;base64,x",
        "file:///etc/passwd",
        "lamp.jpg",
        "https://",
    ] {
        let reading = read_rows(&[lamp(&[("Image Src", url)])]);
        assert_eq!(refused(&reading), [(2, "image.address")], "{url}");
        assert_eq!(reading.products.len(), 1);
    }
}

#[test]
fn a_product_is_published_when_the_file_says_so() {
    let published = |published, status| {
        let reading = read_rows(&[lamp(&[("Published", published), ("Status", status)])]);
        product(&reading).published
    };
    assert!(published("true", "active") && published("", "") && published("TRUE", ""));
    assert!(!published("false", "active") && !published("true", "draft") && !published("true", "archived"));
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
        assert_eq!(opened.is_some(), reading.products[0].product.variants[0].tracks_stock);
        (opened, reading.notices.len())
    };
    assert_eq!(stock("shopify", "5", "deny"), (Some((5, false)), 0));
    assert_eq!(stock("shopify", "5.0", "continue"), (Some((5, true)), 0));
    assert_eq!(stock("shopify", "", ""), (Some((0, false)), 0));
    assert_eq!(stock("shopify", "-3", "deny"), (Some((0, false)), 1));
    assert_eq!(stock("shopify", "many", "deny"), (Some((0, false)), 1));
    assert_eq!(stock("", "1", "deny"), (Some((1, false)), 0));
    assert_eq!(stock("", "0", "deny"), (None, 0));
    assert_eq!(stock("", "", ""), (None, 0));
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
        variants.map(|variant| variant.tracks_stock).collect()
    };
    assert_eq!(counted(&["5", "0", "3", ""]), [true, true, true, false]);
    assert_eq!(counted(&["5", "0", "0", "0"]), [true, false, false, false]);
}

#[test]
fn rows_of_a_product_need_its_handle_and_its_title() {
    let reading = read_rows(&[
        row(&[("Title", "Nameless"), ("Variant Price", "1")]),
        row(&[("Handle", "untitled"), ("Variant Price", "1")]),
        row(&[("Handle", "untitled"), ("Image Src", "https://example.com/x.jpg")]),
        row(&[("Handle", "!!!"), ("Title", "Signs"), ("Variant Price", "1")]),
        row(&[
            ("Handle", "gift"),
            ("Title", "Gift"),
            ("Variant Price", "1"),
            ("Gift Card", "true"),
        ]),
        lamp(&[]),
    ]);
    assert_eq!(
        refused(&reading),
        [
            (2, "handle.missing"),
            (3, "title.missing"),
            (4, "title.missing"),
            (5, "handle.invalid"),
            (6, "product.gift_card"),
        ]
    );
    assert_eq!(skus(&reading), ["FLOOR-LAMP"]);
}

#[test]
fn too_many_variants_and_tags_stay_out() {
    let tags: Vec<String> = (0..300).map(|number| format!("tag {number}")).collect();
    let mut rows = vec![lamp(&[
        ("Option1 Name", "No"),
        ("Option1 Value", "0"),
        ("Tags", &tags.join(",")),
    ])];
    for number in 1..=100 {
        let value = number.to_string();
        rows.push(row(&[
            ("Handle", "floor-lamp"),
            ("Option1 Value", &value),
            ("Variant Price", "1"),
        ]));
    }
    let reading = read_rows(&rows);
    assert_eq!(refused(&reading), [(102, "variant.too_many")]);
    assert_eq!(reading.products[0].product.tags.len(), 250);
    assert_eq!(noticed(&reading), [(2, "tags.left_out")]);
}

#[test]
fn the_rows_of_a_handle_need_not_follow_each_other() {
    let reading = read_rows(&[
        lamp(&[("Option1 Name", "Size"), ("Option1 Value", "S")]),
        row(&[("Handle", "chair"), ("Title", "Chair"), ("Variant Price", "5")]),
        row(&[
            ("Handle", "floor-lamp"),
            ("Option1 Value", "M"),
            ("Variant Price", "79"),
        ]),
    ]);
    assert_eq!(reading.products.len(), 2);
    assert_eq!(skus(&reading), ["FLOOR-LAMP-S", "FLOOR-LAMP-M", "CHAIR"]);
}

#[test]
fn a_quote_that_is_never_closed_costs_only_what_follows() {
    let reading = read_text("Handle,Title,Variant Price\nlamp,Lamp,1\nchair,\"Chair,2\ntable,Table,3\n");
    assert_eq!(refused(&reading), [(3, "row.ragged")]);
    assert_eq!(skus(&reading), ["LAMP"]);
}
