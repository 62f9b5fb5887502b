use super::*;

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
        reading.products[0].product.description_html.as_deref(),
        Some("<p>one\ntwo \"three\"</p>")
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
fn rows_that_are_not_utf8_are_read_as_windows_1252_and_named() {
    let text = b"Handle,Title,Variant Price\nlamp,L\xc3\xa4mp \x80,1\nchair,Ch\xe4ir,2\ntable,T\xc3\xa4ble,3\n";
    let reading = read(text, Currency::EUR).expect("the file is read");
    assert_eq!(noticed(&reading), [(2, "row.not_utf8"), (3, "row.not_utf8")]);
    let titles = reading.products.iter().map(|read| read.product.title.as_deref());
    assert!(titles.eq([Some("L\u{e4}mp \u{20ac}"), Some("Ch\u{e4}ir"), Some("T\u{e4}ble")]));
}

#[test]
fn a_marked_file_in_utf16_says_the_same_as_in_utf8() {
    let text = "\u{feff}Handle\tTitle\tVariant Price\nlamp\tL\u{e4}mp\t1,50\n";
    let units = || text.encode_utf16();
    let little: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
    for bytes in [little, big] {
        assert_eq!(read(&bytes, Currency::EUR), Ok(read_text(text)));
    }
}

#[test]
fn missing_columns_are_named_all_at_once() {
    let read_bytes = |bytes: &[u8]| read(bytes, Currency::EUR);
    let error = read_bytes(b"Name,Variant Price\nLamp,1\n").expect_err("columns are missing");
    assert_eq!(error.to_string(), "missing the following columns: Handle");
    assert_eq!(read_bytes(b"Colour,Shape\nred,round\n"), Err(Unreadable::UnknownHeader));
    assert_eq!(read_bytes(b""), Err(Unreadable::Empty));
    assert_eq!(read_bytes(b"\n\n"), Err(Unreadable::Empty));
    assert_eq!(read_bytes(b"\xff\xfeH\0a\0"), Err(Unreadable::UnknownHeader));
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
fn a_quote_that_is_never_closed_costs_only_what_follows() {
    let reading = read_text("Handle,Title,Variant Price\nlamp,Lamp,1\nchair,\"Chair,2\ntable,Table,3\n");
    assert_eq!(refused(&reading), [(3, "row.ragged")]);
    assert_eq!(skus(&reading), ["LAMP"]);
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
