use super::*;

#[test]
fn prices_are_read_to_the_last_minor_unit() {
    let amount = |text: &str, currency: &str| {
        let file = format!("Handle,Title,Variant Price\nlamp,Lamp,\"{text}\"\n");
        let reading = read(file.as_bytes(), currency.parse().expect("a currency")).expect("the file is read");
        reading.products.first().map(|read| price_of(&read.product).amount)
    };
    assert_eq!(amount("0.1", "EUR").as_deref(), Some("0.10"));
    assert_eq!(amount("1999.9900", "EUR").as_deref(), Some("1999.99"));
    assert_eq!(amount("1200.00", "JPY").as_deref(), Some("1200"));
    assert_eq!(amount("0", "EUR").as_deref(), Some("0.00"));
    for text in [
        "1,299.00",
        "1 299.00",
        "1\u{a0}299",
        "1'299.00",
        "1,299",
        "1299,00",
        "1.299,00",
    ] {
        assert_eq!(amount(text, "EUR").as_deref(), Some("1299.00"), "{text}");
    }
    assert_eq!(amount("1,234,567", "JPY").as_deref(), Some("1234567"));
    for text in [
        "-1",
        "1.999",
        "1,00,000.00",
        "1,2,3",
        "1e3",
        "€5",
        "NaN",
        "99999999999999999999",
    ] {
        assert_eq!(amount(text, "EUR"), None, "{text}");
    }
}

#[test]
fn a_former_price_that_is_not_higher_stays_out() {
    let former = |text| {
        let reading = read_rows(&[lamp(&[("Variant Compare At Price", text)])]);
        let told = noticed(&reading).len();
        (price_of(product(&reading)).compare_at, told)
    };
    assert_eq!(former("70"), (Some("70.00".to_owned()), 0));
    assert_eq!(former("69.99"), (None, 1));
    assert_eq!(former("much"), (None, 1));
    assert_eq!(former("0.00"), (None, 0));
    assert_eq!(former(""), (None, 0));
}
