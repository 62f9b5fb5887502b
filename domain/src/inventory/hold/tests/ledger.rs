//! Whatever is asked of a shelf and its holds, in whatever order, the ledger stays true.

use proptest::prelude::*;

use super::*;
use crate::inventory::ledger::Ledger;
use crate::testkit::given_nothing;
use crate::{Decided, State};

const HOLDS: u128 = 4;

/// One step of a shelf's life: a command, after some seconds.
#[derive(Clone, Debug)]
struct Step {
    seconds_later: i64,
    command: AnyCommand,
}

fn command() -> impl Strategy<Value = AnyCommand> {
    prop_oneof![item_command().prop_map(to_item), hold_command()]
}

fn item_command() -> impl Strategy<Value = item::Command> {
    prop_oneof![
        (-1..40_i64, 0..5_i64).prop_map(|(quantity, backorder_limit)| item::Command::Open {
            quantity,
            backorder_limit
        }),
        (-1..30_i64).prop_map(|quantity| item::Command::Receive { quantity }),
        (-30..30_i64, proptest::option::of(0..30_i64), any::<bool>()).prop_map(|(delta, expected, force)| {
            item::Command::Adjust {
                delta,
                expected,
                force,
                reason: "counted".to_owned(),
            }
        }),
        proptest::option::of(-1..12_i64).prop_map(|threshold| item::Command::SetThreshold { threshold }),
        (-1..10_i64).prop_map(|limit| item::Command::AllowBackorder { limit }),
    ]
}

fn hold_command() -> impl Strategy<Value = AnyCommand> {
    let moment = || (0..2_000_u32).prop_map(|seconds| BEGINNING.plus_seconds(seconds));
    let command = prop_oneof![
        4 => (-1..12_i64, moment()).prop_map(|(quantity, until)| Command::Reserve { quantity, until }),
        1 => moment().prop_map(|until| Command::Extend { until }),
        2 => moment().prop_map(|until| Command::Release { why: ReleaseReason::CheckoutEnded, until }),
        4 => (1..3_u128).prop_map(|number| Command::Allocate { order: order(number) }),
        3 => (-1..12_i64).prop_map(|shipped_after| Command::Ship { shipped_after }),
        2 => (-1..12_i64).prop_map(|returned_after| Command::Return { returned_after }),
        1 => Just(Command::Expire),
    ];
    (1..=HOLDS, command)
        .prop_map(|(number, command)| AnyCommand::Hold(lamp(), Location::default(), reservation(number), command))
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (0..120_i64, command()).prop_map(|(seconds_later, command)| Step { seconds_later, command });
    proptest::collection::vec(step, 1..60)
}

/// What the holds come to, added up: pieces reserved and pieces allocated.
fn held_in_all(story: &Story) -> (i64, i64) {
    let mut sums = (0, 0);
    for number in 1..=HOLDS {
        let stream = StreamId::Hold(lamp(), Location::default(), reservation(number));
        match story.state_of(&stream) {
            State::Hold(super::super::Hold::Reserved { quantity, .. }) => sums.0 += quantity,
            State::Hold(super::super::Hold::Allocated { to_ship, .. }) => sums.1 += to_ship,
            _ => {}
        }
    }
    sums
}

/// What an event adds to the pieces on the shelf.
fn pieces_added(decided: &Decided) -> i64 {
    match &decided.event {
        AnyEvent::StockItem(item::Event::StockReceived { quantity, .. }) => *quantity,
        AnyEvent::StockItem(item::Event::StockAdjusted { delta, .. }) => *delta,
        AnyEvent::Hold(Event::StockShipped { quantity, .. }) => -quantity,
        AnyEvent::Hold(Event::StockReturned { quantity, .. }) => *quantity,
        _ => 0,
    }
}

/// Commands that say what they aim at; the others say what comes on top and are told apart by their keys.
fn says_what_it_aims_at(command: &AnyCommand) -> bool {
    !matches!(
        command,
        AnyCommand::StockItem(_, _, item::Command::Receive { .. } | item::Command::Adjust { .. })
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_ledger_adds_up_and_promises_are_kept_at_every_step(steps in steps()) {
        let mut story = given_nothing();
        let (mut seconds, mut on_hand, mut is_short) = (0, 0, false);
        let mut again = Ledger::default();
        for Step { seconds_later, command } in steps {
            seconds += seconds_later;
            story = story.at_seconds(seconds);
            let decided = story.run(&command).unwrap_or_default();

            for Decided { stream, event } in &decided {
                match (stream, event) {
                    (StreamId::Hold(_, _, reservation), AnyEvent::Hold(event)) => again.take_hold(*reservation, event),
                    (_, AnyEvent::StockItem(event)) => prop_assert_eq!(again.take_item(event), None),
                    _ => {}
                }
            }
            on_hand += decided.iter().map(pieces_added).sum::<i64>();
            is_short |= decided.iter().any(|decided| decided.event.name() == "StockShort");
            let State::StockItem(item) = story.state_of(&item_stream()) else { panic!("a stock item") };
            let stock = item.stock();
            is_short &= stock.promisable() < 0;
            prop_assert_eq!(stock.levels.on_hand, on_hand);
            prop_assert!(on_hand >= 0 && stock.levels.reserved >= 0 && stock.levels.allocated >= 0);
            prop_assert_eq!((stock.levels.reserved, stock.levels.allocated), held_in_all(&story));
            prop_assert_eq!(again.levels(), stock.levels);
            prop_assert_eq!((again.held().reserved, again.held().allocated), held_in_all(&story));
            prop_assert!(stock.promisable() >= 0 || is_short);

            if says_what_it_aims_at(&command) {
                prop_assert!(story.run(&command).unwrap_or_default().is_empty(), "twice: {:?}", command);
            }
        }
    }

    #[test]
    fn no_hold_outlives_its_time(steps in steps()) {
        let mut story = given_nothing();
        for Step { command, .. } in steps {
            let _refused = story.run(&command);
        }
        story = story.at_seconds(10_000);
        for number in 1..=HOLDS {
            let command = AnyCommand::Hold(lamp(), Location::default(), reservation(number), Command::Expire);
            story = story.having(command);
        }
        prop_assert_eq!(held_in_all(&story).0, 0);
    }
}
