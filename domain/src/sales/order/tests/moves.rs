//! Whatever is asked of an order, in whatever order, it moves as orders do.

use proptest::prelude::*;

use super::*;
use crate::sales::order::ParcelProgress;

fn command(lamp: LineId, bowl: LineId) -> impl Strategy<Value = Command> {
    let lines = proptest::collection::vec((prop_oneof![Just(lamp), Just(bowl)], 0..4_u32), 0..3);
    let lines = lines.prop_map(|lines| {
        let part = |(line, quantity)| LineQuantity { line, quantity };
        lines.into_iter().map(part).collect::<Vec<_>>()
    });
    let number = || (1..6_u128).prop_map(id);
    prop_oneof![
        (number(), lines.clone()).prop_map(|(fulfilment, lines)| Command::Fulfil {
            fulfilment,
            lines,
            carrier: String::new(),
            tracking_number: String::new(),
            tracking_url: String::new(),
        }),
        number().prop_map(|fulfilment| Command::MarkShipped { fulfilment }),
        number().prop_map(|fulfilment| Command::MarkDelivered { fulfilment }),
        (number(), lines).prop_map(|(request, lines)| Command::RequestReturn {
            request,
            lines,
            reason: String::new(),
        }),
        number().prop_map(|request| Command::ApproveReturn { request }),
        (number(), any::<bool>()).prop_map(|(request, restock)| Command::ReceiveReturn { request, restock }),
        (1..30_u8).prop_map(|luck| if luck == 1 {
            Command::Cancel {
                why: String::new(),
                refund: false,
            }
        } else {
            Command::Confirm
        }),
        (-10..1_000_i64).prop_map(|cents| Command::RecordRefund { amount: euros(cents) }),
        Just(Command::RecordPaid { amount: euros(4_800) }),
    ]
}

fn is_legal(before: Status, after: Status) -> bool {
    use Status::{Cancelled, Confirmed, Delivered, PartiallyShipped, Pending, Shipped};
    before == after
        || matches!(
            (before, after),
            (Pending, Confirmed | Cancelled)
                | (Confirmed, PartiallyShipped | Shipped | Cancelled)
                | (PartiallyShipped, Shipped)
                | (Shipped, Delivered)
        )
}

/// Refunding says what comes on top: its key tells a repeat from more.
fn says_what_it_aims_at(command: &Command) -> bool {
    !matches!(command, Command::RecordRefund { .. })
}

/// Three lamps at 10.00 and five bowls at 1.00 with 20 % tax, and the parcel at 5.00: 48.00.
fn order_of_two_lines() -> Story {
    placed_order(&[("LAMP", 3), ("BOWL", 5)])
}

fn commands() -> impl Strategy<Value = Vec<Command>> {
    let story = order_of_two_lines();
    let (lamp, bowl) = (line(&story, "LAMP"), line(&story, "BOWL"));
    proptest::collection::vec(command(lamp, bowl), 1..60)
}

proptest! {
    #[test]
    fn orders_move_only_along_the_legal_graph_and_any_command_twice_changes_nothing(commands in commands()) {
        let mut story = order_of_two_lines();
        let mut refund_due = 0;
        for command in commands {
            let before = order_of(&story).status;
            let decided = story.run(&to_order(command.clone()));
            for decided in decided.iter().flatten() {
                if let AnyEvent::Order(Event::ReturnReceived { refund_due: due, .. }) = &decided.event {
                    prop_assert!(due.amount > 0);
                    refund_due += due.amount;
                }
            }
            let order = order_of(&story);
            prop_assert!(is_legal(before, order.status), "{before} → {}", order.status);
            for line in &order.lines {
                prop_assert!(order.in_parcels(line.line, ParcelProgress::Packed) <= line.quantity);
                let left = order.in_parcels(line.line, ParcelProgress::Shipped);
                prop_assert!(order.in_returns(line.line, |_| true) <= left);
            }
            prop_assert!(order.refunded <= order.paid && order.paid <= order.totals.total);
            prop_assert!(refund_due <= order.lines.iter().map(|line| line.gross).sum::<i64>());
            if decided.is_ok() && says_what_it_aims_at(&command) {
                prop_assert_eq!(story.run(&to_order(command)), Ok(Vec::new()));
            }
        }
    }
}
