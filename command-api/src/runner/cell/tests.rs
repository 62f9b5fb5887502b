use std::time::{Duration, Instant};

use event_log::{Alone, Membership};

use super::{BACK_OFF_MAX, Candidate, Claims, SPLIT_BELIEVED};

/// Everybody is alive, and known at once.
struct Crowded;

impl Membership for Crowded {
    fn is_alive(&self, _node: &str) -> bool {
        true
    }
}

fn candidate<'a>(node: &'a str, serves_some: bool, membership: &'a dyn Membership) -> Candidate<'a> {
    Candidate {
        node,
        serves_some,
        membership,
    }
}

fn lost_to(rival: &str) -> Claims {
    let mut claims = Claims::default();
    claims.lost_to(rival);
    claims
}

#[test]
fn of_two_nodes_with_a_part_of_the_shop_each_the_later_one_takes_the_rest() {
    let soon = Instant::now();
    let late = soon + SPLIT_BELIEVED + Duration::from_secs(1);
    let (of_first, of_second) = (lost_to("first"), lost_to("second"));
    assert!(
        !of_first.are_due(soon, &candidate("second", true, &Crowded)),
        "for a moment"
    );
    assert!(of_first.are_due(late, &candidate("second", true, &Crowded)));
    assert!(!of_second.are_due(late, &candidate("first", true, &Crowded)));
}

#[test]
fn who_has_no_part_of_the_shop_stands_by_for_as_long_as_the_owner_lives() {
    let late = Instant::now() + SPLIT_BELIEVED + Duration::from_secs(1);
    let claims = lost_to("first");
    assert!(!claims.are_due(late, &candidate("second", false, &Crowded)));
    assert!(claims.are_due(late, &candidate("second", false, &Alone)));
}

#[test]
fn a_node_that_pauses_before_it_claims_again_has_begun_and_knows_a_rival_when_it_hears_of_one() {
    let mut claims = Claims::default();
    assert!(!claims.have_begun(), "what it reads is the past");
    claims.back_off();
    assert!(claims.have_begun());
    claims.lost_to("other");
    let late = Instant::now() + BACK_OFF_MAX;
    assert!(!claims.are_due(late, &candidate("one", false, &Crowded)));
}
