//! Going on from a kept place, and from now on.

use std::collections::BTreeMap;

use super::{Fixture, commits_until};
use crate::contract::SHARDS;
use crate::follower::{Place, PlaceError};

#[test]
fn who_comes_back_with_a_place_hears_all_that_came_after_it() {
    let mut fixture = Fixture::new();
    fixture.open.fill(SHARDS[0], 20);
    fixture.settle();
    let mut first = fixture.subscribe(&[SHARDS[0]]);
    for commit in commits_until(&mut first, SHARDS[0], 20) {
        let places = BTreeMap::from([(SHARDS[0], Place::from(&commit.fold))]);
        let mut again = fixture
            .follower
            .subscribe_after(&places)
            .expect("it is a place of this log");
        let seqs: Vec<u64> = commits_until(&mut again, SHARDS[0], 20)
            .iter()
            .map(|commit| commit.seq)
            .collect();
        assert_eq!(seqs, (commit.seq + 1..=20).collect::<Vec<_>>());
    }
}

#[test]
fn a_place_that_the_log_does_not_hold_is_lost() {
    let mut fixture = Fixture::new();
    fixture.open.fill(SHARDS[0], 3);
    fixture.settle();
    let fold = fixture.follower.folds()[&SHARDS[0]].clone();
    let here = Place::from(&fold);
    let ahead = Place {
        offset: here.offset + 100,
        ..here
    };
    let other_record = Place { seq: 1, ..here };
    let other_term = Place { term: 0, ..here };
    for place in [ahead, other_record, other_term] {
        let places = BTreeMap::from([(SHARDS[0], place)]);
        let refused = fixture.follower.subscribe_after(&places).err();
        assert_eq!(refused, Some(PlaceError::Lost(SHARDS[0])), "{place:?}");
    }
}

#[tokio::test]
async fn who_begins_now_hears_what_comes_and_nothing_before() {
    let mut fixture = Fixture::new();
    fixture.open.fill(SHARDS[0], 5);
    fixture.settle();
    let (mut subscription, folds) = fixture.follower.subscribe_live().await.expect("the follower runs");
    assert_eq!(folds[&SHARDS[0]].seq, 5);
    fixture.open.fill(SHARDS[0], 2);
    let seqs: Vec<u64> = tokio::task::spawn_blocking(move || {
        let commits = commits_until(&mut subscription, SHARDS[0], 7);
        commits.iter().map(|commit| commit.seq).collect()
    })
    .await
    .expect("they come");
    assert_eq!(seqs, [6, 7]);
}
