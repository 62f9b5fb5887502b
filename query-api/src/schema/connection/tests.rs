use read_store::Direction;

use super::{PageArguments, page_weight};
use crate::cursor::QueryFingerprint;

fn first(rows: i32) -> PageArguments {
    PageArguments {
        first: Some(rows),
        ..PageArguments::default()
    }
}

fn last(rows: i32) -> PageArguments {
    PageArguments {
        last: Some(rows),
        ..PageArguments::default()
    }
}

#[test]
fn a_page_is_read_from_the_end_it_is_counted_from() {
    let query = QueryFingerprint::of("a list");
    let direction = |arguments: &PageArguments, is_descending| {
        arguments.page(&query, is_descending).expect("a page size").direction
    };
    assert_eq!(direction(&first(1), false), Direction::Forward);
    assert_eq!(direction(&last(1), false), Direction::Backward);
    assert_eq!(direction(&first(1), true), Direction::Backward);
    assert_eq!(direction(&last(1), true), Direction::Forward);
}

#[test]
fn the_cursors_of_a_descending_list_change_places_in_the_store() {
    let query = QueryFingerprint::of("a list");
    let arguments = PageArguments {
        after: Some(query.cursor(b"m")),
        ..first(1)
    };
    let page = arguments.page(&query, true).expect("a page");
    assert_eq!((page.range.after, page.range.before), (None, Some(b"m".to_vec())));
}

#[test]
fn sizes_outside_the_limits_are_refused() {
    let query = QueryFingerprint::of("a list");
    for arguments in [
        first(0),
        first(-1),
        first(101),
        first(i32::MAX),
        last(0),
        last(i32::MIN),
        last(101),
    ] {
        let refused = arguments.page(&query, false).expect_err("no page has this size");
        assert_eq!(refused.code(), "page.size", "{arguments:?}");
    }
}

#[test]
fn rows_from_the_end_come_in_the_lists_order() {
    let query = QueryFingerprint::of("a list");
    let arguments = last(2);
    let page = arguments.page(&query, false).expect("a page");
    let arranged = arguments.arrange(&page, vec!["d", "c", "b"]);
    assert_eq!(arranged.rows, ["c", "d"]);
    assert!(arranged.has_previous && !arranged.has_next);
}

#[test]
fn a_page_weighs_what_it_may_have() {
    assert_eq!(page_weight(None, None), 20);
    assert_eq!(page_weight(Some(7), None), 7);
    assert_eq!(page_weight(None, Some(7)), 7);
    assert_eq!(page_weight(Some(-1), None), 20);
    assert_eq!(page_weight(Some(i32::MAX), None), 100);
}
