//! What comes back, goods and money.

use super::*;

fn ask(number: u128, lines: Vec<LineQuantity>) -> crate::Command {
    to_order(Command::RequestReturn {
        request: id(number),
        lines,
        reason: "too bright".to_owned(),
    })
}

fn approve(number: u128) -> crate::Command {
    to_order(Command::ApproveReturn { request: id(number) })
}

fn receive(number: u128, restock: bool) -> crate::Command {
    to_order(Command::ReceiveReturn {
        request: id(number),
        restock,
    })
}

fn refund(cents: i64) -> crate::Command {
    to_order(Command::RecordRefund { amount: euros(cents) })
}

/// Three bowls at 1.00 with 20 % tax, all of them with the customer: 3.60 in all, 1.20 each.
fn delivered() -> Story {
    let story = placed_order(&[("BOWL", 3)]);
    let all = pieces(&story, &[("BOWL", 3)]);
    story.having(pack(1, all)).having(ship(1)).having(deliver(1))
}

fn received(request: u128, cents: i64, restock: bool) -> (StreamId, AnyEvent) {
    of_order(Event::ReturnReceived {
        request: id(request),
        refund_due: euros(cents),
        restock,
    })
}

#[test]
fn only_what_left_can_come_back_and_only_once() {
    let story = placed_order(&[("BOWL", 3)]);
    let (one, two) = (pieces(&story, &[("BOWL", 1)]), pieces(&story, &[("BOWL", 2)]));
    let story = story.having(pack(1, two.clone()));
    let story = story
        .when(ask(7, one.clone()))
        .then_refused("quantity.too_large")
        .having(ship(1));
    let story = story.when(ask(7, one.clone())).then_again_nothing();
    let story = story.when(ask(7, two.clone())).then_refused("return.already_exists");
    story
        .when(ask(8, two))
        .then_refused("quantity.too_large")
        .having(ask(8, one));
}

#[test]
fn a_return_is_received_after_it_was_approved() {
    let story = delivered();
    let one = pieces(&story, &[("BOWL", 1)]);
    let story = story.when(approve(7)).then_refused("return.absent").having(ask(7, one));
    let story = story.when(receive(7, true)).then_refused("return.not_approved");
    let story = story.when(approve(7)).then_again_nothing();
    let story = story.when(receive(7, true)).then([
        received(7, 120, true),
        owed(id(7), StockMovement::Return, &[("BOWL", 1)]),
    ]);
    story.when(receive(7, true)).then_nothing();
}

#[test]
fn what_is_not_restocked_moves_no_stock_and_does_not_count_later() {
    let story = delivered();
    let one = pieces(&story, &[("BOWL", 1)]);
    let mut story = story;
    for number in 7..10 {
        story = story.having(ask(number, one.clone())).having(approve(number));
    }
    let story = story.when(receive(7, false)).then([received(7, 120, false)]);
    let story = story.when(receive(8, true)).then([
        received(8, 120, true),
        owed(id(8), StockMovement::Return, &[("BOWL", 1)]),
    ]);
    story.when(receive(9, true)).then([
        received(9, 120, true),
        owed(id(9), StockMovement::Return, &[("BOWL", 2)]),
    ]);
}

#[test]
fn the_last_piece_takes_the_rest_of_what_the_line_cost() {
    // 0.33 each and 0.99 without tax; 1.19 with 20 % of 0.99 = 0.198.
    let story = filled_cart(&[]).knowing(|facts| {
        facts.offers.insert(sku("PIN"), crate::sales::testshop::offer(33, 10));
    });
    let story = story.having(add("PIN", 3)).having(begin_checkout()).having(place());
    let (all, one) = (pieces(&story, &[("PIN", 3)]), pieces(&story, &[("PIN", 1)]));
    let mut story = story.having(pack(1, all)).having(ship(1));
    for (number, cents) in [(7, 40), (8, 39), (9, 40)] {
        story = story.having(ask(number, one.clone())).having(approve(number));
        story = story
            .when(receive(number, false))
            .then([received(number, cents, false)]);
    }
}

#[test]
fn no_more_goes_back_than_came_in() {
    let story = delivered();
    let total = order_of(&story).totals.total;
    let story = story
        .when(refund(1))
        .then_rejected(Rejection::RefundTooLarge { refundable: euros(0) });
    let story = story.having(to_order(Command::RecordPaid { amount: euros(total) }));
    let story = story.when(refund(0)).then_refused("refund.unacceptable");
    let story = story.when(refund(total - 25)).then([of_order(Event::OrderRefunded {
        amount: euros(total - 25),
        refunded_after: euros(total - 25),
    })]);
    let story = story
        .when(refund(26))
        .then_rejected(Rejection::RefundTooLarge { refundable: euros(25) });
    story
        .having(refund(25))
        .when(refund(1))
        .then_refused("refund.too_large");
}
