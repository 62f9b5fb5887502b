use domain::value::Currency;

use super::super::*;

/// What Shopify writes, with two locations.
const HEADER: &str = "Handle,Title,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Option3 Name,Option3 Value,SKU,\
                      HS Code,COO,Location,Bin name,Incoming (not editable),Unavailable (not editable),\
                      Committed (not editable),Available (not editable),On hand (current),On hand (new)";

fn row(sku: &str, location: &str, before: &str, new: &str) -> String {
    format!("mug,Mug,Size,S,,,,,{sku},,,{location},,0,0,2,5,{before},{new}")
}

fn read_lines(header: &str, rows: &[String]) -> Reading {
    let text = format!("{header}\n{}\n", rows.join("\n"));
    read(text.as_bytes(), Currency::EUR).expect("the file is read")
}

fn counts(reading: &Reading) -> Vec<(&str, i64, Option<i64>, Option<&str>)> {
    let counts = reading.counts.iter();
    counts
        .map(|count| {
            let counted = &count.counted;
            (
                count.sku.as_str(),
                counted.on_hand,
                counted.expected,
                counted.location.as_deref(),
            )
        })
        .collect()
}

#[test]
fn a_new_count_stands_beside_the_one_before_it_at_each_location() {
    let rows = [
        row("MUG-1", "Main Street 1", "7", "9"),
        row("MUG-1", "Lager Süd", "2", "0"),
        row("MUG-2", "Main Street 1", "4", ""),
        row("MUG-2", "Lager Süd", "not stocked", "not stocked"),
    ];
    let reading = read_lines(HEADER, &rows);
    let expected = [
        ("MUG-1", 9, Some(7), Some("main-street-1")),
        ("MUG-1", 0, Some(2), Some("lager-sud")),
    ];
    assert_eq!(counts(&reading), expected);
    assert_eq!((reading.products.len(), reading.refusals.len()), (0, 0));
}

#[test]
fn the_only_location_of_a_file_is_the_main_one_and_older_files_say_what_lies_there() {
    let header = "Handle,Title,Option1 Name,Option1 Value,SKU,HS Code,COO,Location,Incoming,Unavailable,Committed,\
                  Available,On hand";
    let rows = ["mug,Mug,Size,S,MUG-1,,,Shop,0,0,2,5,7".to_owned()];
    assert_eq!(counts(&read_lines(header, &rows)), [("MUG-1", 7, None, None)]);
}

#[test]
fn a_row_that_cannot_be_counted_is_refused_and_named() {
    let rows = [
        row("", "Shop", "1", "2"),
        row("MUG-1", "", "1", "2"),
        row("MUG-2", "Shop", "1", "many"),
        row("MUG-3", "Shop", "1", "2"),
        row("MUG-3", "Shop", "1", "3"),
        row("MUG-4", "Shop", "1", "-2"),
    ];
    let reading = read_lines(HEADER, &rows);
    let refused: Vec<_> = reading
        .refusals
        .iter()
        .map(|refusal| {
            (
                refusal.line,
                refusal.code.as_str(),
                refusal.column.as_deref().unwrap_or_default(),
            )
        })
        .collect();
    let expected = [
        (2, "sku.missing", "SKU"),
        (3, "location.missing", "Location"),
        (4, "quantity.invalid", "On hand (new)"),
        (6, "stock.repeated", ""),
    ];
    assert_eq!(refused, expected);
    assert_eq!(
        counts(&reading),
        [("MUG-3", 2, Some(1), None), ("MUG-4", 0, Some(1), None)]
    );
    assert_eq!(
        (reading.notices[0].line, reading.notices[0].code),
        (7, "quantity.left_out")
    );
}

#[test]
fn a_file_without_what_lies_there_is_not_read() {
    let read = read(b"SKU,Location,Available\nMUG-1,Shop,3\n", Currency::EUR);
    assert_eq!(read, Err(Unreadable::MissingColumns(vec!["On hand"])));
}
