use domain::inventory::hold::Event as HoldEvent;
use domain::inventory::item::{Event as ItemEvent, Levels};

use super::*;

const STORY: Uuid = Uuid::from_u128(7);

fn sku() -> Sku {
    "LAMP".parse().expect("a SKU")
}

fn reservation() -> ReservationId {
    ReservationId(Uuid::from_u128(1))
}

fn levels(on_hand: i64, reserved: i64) -> Levels {
    Levels {
        on_hand,
        reserved,
        allocated: 0,
    }
}

fn received(quantity: i64, levels_after: Levels) -> Decided {
    Decided {
        stream: StreamId::StockItem(sku(), Location::default()),
        event: ItemEvent::StockReceived { quantity, levels_after }.into(),
    }
}

fn reserved(quantity: i64, levels_after: Levels) -> [Decided; 2] {
    let hold = HoldEvent::StockReserved {
        quantity,
        until: Timestamp(1),
        available_after: 0,
    };
    let line = ItemEvent::StockCommitted {
        reservation: reservation(),
        levels_after,
    };
    [
        Decided {
            stream: StreamId::Hold(sku(), Location::default(), reservation()),
            event: hold.into(),
        },
        Decided {
            stream: StreamId::StockItem(sku(), Location::default()),
            event: line.into(),
        },
    ]
}

/// Takes a commit in that brings the stock item to a version of the commit's number.
fn take(account: &mut Account, seq: u64, events: &[Decided]) {
    account.take(&Entry {
        seq,
        at: Timestamp(0),
        place: "inventory.0@1",
        story: STORY,
        events,
        versions: &BTreeMap::from([(Location::default(), seq)]),
    });
}

/// Ten pieces came in with the first commit, three of them were reserved with the second.
fn account() -> Account {
    let mut account = Account::of(sku());
    take(&mut account, 1, &[received(10, levels(10, 0))]);
    take(&mut account, 2, &reserved(3, levels(10, 3)));
    account
}

fn view(levels: Levels) -> StockView {
    StockView {
        sku: sku(),
        locations: vec![LocationStockView {
            location: Location::default(),
            levels,
            threshold: None,
            backorder_limit: 0,
            is_low: false,
        }],
    }
}

fn row(seq: u64, levels: Levels) -> Row {
    Row::Present {
        seq,
        view: view(levels),
    }
}

fn state(levels: Levels) -> StockItem {
    let mut item = StockItem::default();
    item.evolve(&ItemEvent::StockReceived {
        quantity: 0,
        levels_after: levels,
    });
    item
}

fn codes(account: Account) -> Vec<String> {
    account
        .close()
        .findings
        .into_iter()
        .map(|finding| finding.code)
        .collect()
}

#[test]
fn a_row_and_a_state_that_say_what_the_log_says_at_their_commit_are_right() {
    let mut account = account();
    account.note_row(row(2, levels(10, 3)));
    account.note_state(&Location::default(), state(levels(10, 3)), 2);
    // What comes later makes neither of them wrong.
    take(&mut account, 3, &[received(5, levels(15, 3))]);
    let closed = account.close();
    assert_eq!(closed.findings, []);
    assert_eq!((closed.lines, closed.holds), (3, 1));
}

#[test]
fn a_row_and_a_state_that_are_ahead_are_compared_when_the_log_is_there() {
    let mut account = account();
    account.note_row(row(3, levels(15, 3)));
    account.note_state(&Location::default(), state(levels(15, 3)), 3);
    take(&mut account, 3, &[received(5, levels(15, 3))]);
    take(&mut account, 4, &[received(1, levels(16, 3))]);
    assert_eq!(codes(account), Vec::<String>::new());
}

#[test]
fn other_pieces_in_a_row_or_a_state_are_found() {
    let mut account = account();
    account.note_row(row(2, levels(9, 3)));
    account.note_state(&Location::default(), state(levels(10, 2)), 2);
    take(&mut account, 3, &[received(5, levels(15, 3))]);
    assert_eq!(codes(account), ["stock.row", "stock.state"]);
    for lost in [
        Row::Absent,
        Row::Unreadable("no view".to_owned()),
        row(1, levels(10, 0)),
    ] {
        let mut account = self::account();
        account.note_row(lost.clone());
        assert_eq!(codes(account), ["stock.row"], "{lost:?}");
    }
    let mut empty = Account::of(sku());
    empty.note_row(row(1, levels(1, 0)));
    assert_eq!(codes(empty), ["stock.row"]);
}

#[test]
fn all_findings_are_counted_and_the_first_are_kept() {
    let count = FINDINGS_LISTED_MAX as u64 + 5;
    let mut account = account();
    for seq in 3..3 + count {
        account.note_row(Row::Unreadable(format!("before {seq}")));
        take(&mut account, seq, &[]);
    }
    let closed = account.close();
    assert_eq!(
        (closed.findings_count, closed.findings.len()),
        (count, FINDINGS_LISTED_MAX)
    );
    assert_eq!(closed.findings[0].why, "before 3");
}

#[test]
fn a_line_that_does_not_follow_is_found_where_it_is() {
    let mut account = account();
    take(&mut account, 3, &[received(5, levels(16, 3))]);
    take(&mut account, 4, &[received(1, levels(17, 3))]);
    let closed = account.close();
    let [finding] = closed.findings.as_slice() else {
        panic!("{:?}", closed.findings)
    };
    assert_eq!(
        (finding.code.as_str(), finding.location.as_deref()),
        ("ledger.line", Some("main"))
    );
    assert!(
        finding.why.starts_with("inventory.0@1 says 16 on hand"),
        "{}",
        finding.why
    );
}

#[test]
fn a_hold_that_seems_to_have_no_owner_is_told_only_while_it_is_the_same() {
    let mut account = account();
    let held: Vec<Held> = account.held().collect();
    assert_eq!(held.len(), 1);
    assert_eq!(held[0].checkout, CheckoutId(STORY));
    account.note_owner(&held[0], "hold.without_checkout", "nobody");
    assert_eq!(codes(account), ["hold.without_checkout"]);
    let mut account = self::account();
    let released = HoldEvent::ReservationReleased {
        quantity: 3,
        why: domain::inventory::hold::ReleaseReason::Expired,
        available_after: 10,
    };
    let mut events = reserved(3, levels(10, 0));
    events[0].event = released.into();
    take(&mut account, 3, &events);
    account.note_owner(&held[0], "hold.without_checkout", "nobody");
    assert_eq!(codes(account), Vec::<String>::new());
}

#[test]
fn what_comes_after_a_commit_that_cannot_be_read_is_not_guessed() {
    let mut account = account();
    account.note_row(row(2, levels(10, 3)));
    account.take_unreadable(3, "inventory.0@9", "no schema");
    take(&mut account, 4, &[received(1, levels(90, 3))]);
    assert_eq!(codes(account), ["ledger.unreadable"]);
}
