//! Whatever is asked of a cart, in whatever order, asking for the same again changes nothing.

use proptest::prelude::*;

use super::*;
use crate::value::Timestamp;

fn command() -> impl Strategy<Value = Command> {
    let quantity = -1..12_i64;
    let some_line = prop_oneof![Just(line("LAMP")), Just(line("SONG")), Just(line("NO-SUCH"))];
    let some_sku = prop_oneof![Just(sku("LAMP")), Just(sku("SONG")), Just(sku("NO-SUCH"))];
    prop_oneof![
        Just(Command::Open {
            customer: None,
            currency: Currency::EUR
        }),
        (some_sku, quantity.clone()).prop_map(|(sku, quantity)| Command::AddLine {
            sku,
            quantity,
            attributes: Attributes::new(),
        }),
        (some_line.clone(), quantity).prop_map(|(line, quantity)| Command::SetQuantity { line, quantity }),
        some_line.prop_map(|line| Command::RemoveLine { line }),
        Just(Command::Clear),
        Just(Command::SetContact {
            email: sealed("ada@example.org"),
            phone: None
        }),
        prop_oneof![Just("DE"), Just("AT")].prop_map(|country| Command::SetAddresses {
            shipping: sealed("1 Long Lane"),
            billing: None,
            country: country.to_owned(),
        }),
        prop_oneof![Just("parcel"), Just("bicycle")].prop_map(|code| Command::ChooseShipping { code: code.to_owned() }),
        Just(Command::ClaimForCustomer {
            customer: Uuid::from_u128(1)
        }),
        Just(Command::BeginCheckout { expected_total: None }),
        Just(Command::BeginCheckout { expected_total: None }),
        (0..4_u32).prop_map(|attempt| Command::Reopen {
            attempt,
            why: "stock.insufficient".to_owned()
        }),
        (1..4_u32).prop_map(|attempt| Command::Convert { attempt }),
        Just(Command::Expire),
    ]
}

/// Adding says what comes on top: its key tells a repeat from more. A line that is gone is said to be absent.
fn says_what_it_aims_at(command: &Command) -> bool {
    !matches!(
        command,
        Command::AddLine { .. } | Command::RemoveLine { .. } | Command::SetQuantity { quantity: 0, .. }
    )
}

proptest! {
    #[test]
    fn any_command_twice_changes_nothing_and_the_sums_always_hold(
        steps in proptest::collection::vec((0..900_i64, command()), 1..40),
    ) {
        let mut story = filled_cart(&[("LAMP", 2)]);
        let mut seconds = 0;
        for (later, command) in steps {
            seconds += later;
            story.now = Timestamp(BEGINNING.0 + seconds * 1_000);
            let command_again = command.clone();
            let accepted = story.run(&to_cart(command)).is_ok();
            if accepted && says_what_it_aims_at(&command_again) {
                prop_assert_eq!(story.run(&to_cart(command_again.clone())), Ok(Vec::new()), "{:?}", command_again);
            }
            let cart = cart_of(&story);
            if let Some(frozen) = cart.frozen() {
                let of_lines: i64 = frozen.lines.iter().map(|line| line.gross).sum();
                let shipping = frozen.shipping.as_ref().map_or(0, |choice| {
                    crate::sales::pricing::taxed(choice.price, choice.tax_basis_points, false).gross
                });
                prop_assert_eq!(of_lines + shipping, frozen.totals.total);
            }
            if let Some(contents) = cart.contents() {
                prop_assert!(contents.lines.iter().all(|line| (1..=10_000).contains(&line.quantity)));
                prop_assert!(contents.quantity_of(&sku("LAMP")) <= 10);
            }
        }
    }
}
