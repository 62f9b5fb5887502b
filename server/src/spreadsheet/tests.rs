use proptest::prelude::*;

use super::*;

#[test]
fn only_what_a_spreadsheet_would_run_is_marked() {
    let cases = [
        ("=HYPERLINK(\"http://evil.example\",\"Lamp\")", true),
        ("+49 40 1234", true),
        ("-5", true),
        ("@SUM(A1)", true),
        ("\t=1+1", true),
        ("\r\n=1+1", true),
        ("＝1+1", true),
        ("'=1+1", true),
        ("''-5", true),
        ("'tis the season", false),
        ("'", false),
        ("", false),
        ("Lamp = light", false),
        ("19.00", false),
    ];
    for (text, is_marked) in cases {
        let cell = marked(text);
        assert_eq!(cell != text, is_marked, "{text:?}");
        assert!(!cell.starts_with(BEGINNINGS), "{cell:?}");
        assert_eq!(unmarked(&cell), text);
    }
}

proptest! {
    #[test]
    fn what_is_marked_reads_as_what_it_was(text in "['=+@\t\r\na＝-]{0,6}") {
        let cell = marked(&text);
        prop_assert!(!cell.starts_with(BEGINNINGS));
        prop_assert_eq!(unmarked(&cell), &text);
    }
}
