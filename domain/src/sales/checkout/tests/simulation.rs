//! Random checkouts in a world where messages are lost, doubled and delayed, time passes, and shoppers change
//! their minds.

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::value::Timestamp;

/// What happens next.
#[derive(Clone, Debug)]
enum Step {
    /// The process sends something that is outstanding; it is under way.
    Send(Index),
    /// Something under way arrives, and its answer is under way; it may arrive again.
    Arrive(Index, bool),
    /// An answer is recorded; it may come again.
    Answer(Index, bool),
    /// Something or some answer under way is lost.
    Lose(Index),
    /// Time passes, and what is due is done.
    Wait(u32),
    /// The shopper puts one more in.
    ChangeCart,
    /// The shopper tries to pay.
    Pay,
    /// The shopper cancels the order.
    Cancel,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        20 => any::<Index>().prop_map(Step::Send),
        20 => (any::<Index>(), any::<bool>()).prop_map(|(which, again)| Step::Arrive(which, again)),
        20 => (any::<Index>(), any::<bool>()).prop_map(|(which, again)| Step::Answer(which, again)),
        3 => any::<Index>().prop_map(Step::Lose),
        3 => (0..HOLDING_SECONDS / 2).prop_map(Step::Wait),
        1 => Just(Step::ChangeCart),
        3 => Just(Step::Pay),
        1 => Just(Step::Cancel),
    ]
}

struct World {
    story: Story,
    under_way: Vec<Outstanding>,
    answers: Vec<AnyCommand>,
}

fn pick<T: Clone>(things: &mut Vec<T>, which: Index, again: bool) -> Option<T> {
    if things.is_empty() {
        return None;
    }
    let position = which.index(things.len());
    Some(if again {
        things[position].clone()
    } else {
        things.swap_remove(position)
    })
}

impl World {
    fn take(&mut self, step: Step) {
        match step {
            Step::Send(which) => {
                let sent = pick(&mut outstanding(&self.story), which, true);
                self.under_way.extend(sent);
            }
            Step::Arrive(which, again) => {
                if let Some(arrived) = pick(&mut self.under_way, which, again) {
                    self.arrive(&arrived);
                }
            }
            Step::Answer(which, again) => {
                if let Some(answer) = pick(&mut self.answers, which, again) {
                    self.story.run(&answer).expect("an answer is never refused");
                }
            }
            Step::Lose(which) => {
                pick(&mut self.under_way, which, false);
                pick(&mut self.answers, which, false);
            }
            Step::Wait(seconds) => self.wait(seconds),
            Step::ChangeCart => self.ask(&[add("BOWL", 1)]),
            Step::Pay => self.ask(&[begin_checkout(), start()]),
            Step::Cancel => self.ask(&[to_order(order::Command::Cancel {
                why: String::new(),
                refund: false,
            })]),
        }
    }

    fn arrive(&mut self, arrived: &Outstanding) {
        let answer = send(&mut self.story, arrived);
        self.answers.extend(reply_to(arrived, &answer));
    }

    fn ask(&mut self, commands: &[AnyCommand]) {
        let mut after = self.story.clone();
        if commands.iter().all(|command| after.run(command).is_ok()) {
            self.story = after;
        }
    }

    fn wait(&mut self, seconds: u32) {
        self.story.now = Timestamp(self.story.now.0 + i64::from(seconds) * 1_000);
        for (stream, state) in self.story.states() {
            let due = state.due(&stream).filter(|due| due.at <= self.story.now);
            if let Some(due) = due {
                self.story.run(&due.command).expect("what is due is never refused");
            }
        }
    }

    /// Everything arrives, also what is old, until nothing is left to send.
    fn settle(&mut self) {
        for _ in 0..20 {
            self.under_way.extend(outstanding(&self.story));
            for arrived in std::mem::take(&mut self.under_way) {
                self.arrive(&arrived);
            }
            for answer in std::mem::take(&mut self.answers) {
                self.story.run(&answer).expect("an answer is never refused");
            }
        }
    }

    fn check_promises(&self) {
        for (text, _) in BASKET {
            let levels = levels_of(&self.story, text);
            assert!(
                levels.available() >= 0 && levels.reserved >= 0 && levels.allocated >= 0,
                "{levels:?}"
            );
        }
    }

    fn check_end(&self) {
        let placed = match self.story.state_of(&order_stream()) {
            State::Order(order::Order::Placed(placed)) => Some(placed),
            _ => None,
        };
        match checkout_of(&self.story) {
            Checkout::NotStarted | Checkout::Refused { .. } => {
                assert!(placed.is_none());
                let is_closed = matches!(cart_of(&self.story), cart::Cart::Converted { .. });
                assert!(!is_closed, "the cart is not lost");
            }
            Checkout::Completed { movements, .. } => {
                assert!(placed.is_some() && movements.is_empty());
                assert!(matches!(cart_of(&self.story), cart::Cart::Converted { .. }));
            }
            other => panic!("it neither completed nor ended: {other:?}"),
        }
        let kept = placed.filter(|placed| placed.status != order::Status::Cancelled);
        for (text, _) in BASKET {
            let levels = levels_of(&self.story, text);
            let lines = kept.iter().flat_map(|placed| &placed.lines);
            let of_sku = lines.filter(|line| line.sku == sku(text));
            let ordered: i64 = of_sku.map(|line| i64::from(line.quantity)).sum();
            assert_eq!((levels.reserved, levels.allocated), (0, ordered), "{text}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_checkout_ends_with_its_order_or_with_everything_released(
        pieces in 1..6_i64,
        steps in proptest::collection::vec(step(), 1..120),
    ) {
        let mut world = World {
            story: running(pieces),
            under_way: Vec::new(),
            answers: Vec::new(),
        };
        for step in steps {
            world.take(step);
            world.check_promises();
        }
        world.settle();
        world.check_end();
        // Nothing that arrived late waits to be held, and nothing held was forgotten until its time is up.
        world.wait(HOLDING_SECONDS);
        world.check_end();
    }
}
