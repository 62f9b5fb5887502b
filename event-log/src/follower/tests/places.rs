//! Going on from a kept place, and from now on.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{Fixture, commits_until};
use crate::contract::{SHARDS, claim_of, commit_of};
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

/// The numbers of the commits that come behind the place some records back.
fn seqs_back(fixture: &Fixture, records_max: usize) -> Vec<u64> {
    let mut folds = fixture.follower.folds();
    folds.retain(|shard, _| *shard == SHARDS[0]);
    let end = folds[&SHARDS[0]].seq;
    let places = fixture.follower.places_back(&folds, records_max);
    let places = places.expect("the log can be read");
    let again = fixture.follower.subscribe_after(&places);
    let mut again = again.expect("it is a place of this log");
    let commits = commits_until(&mut again, SHARDS[0], end);
    commits.iter().map(|commit| commit.seq).collect()
}

#[test]
fn some_records_back_is_a_place_and_never_before_the_beginning() {
    let mut fixture = Fixture::new();
    fixture.open.fill(SHARDS[0], 20);
    fixture.settle();
    assert_eq!(seqs_back(&fixture, 5), [16, 17, 18, 19, 20]);
    assert_eq!(seqs_back(&fixture, 1_000), (1..=20).collect::<Vec<_>>());
    assert_eq!(seqs_back(&fixture, 0), [0_u64; 0]);
}

#[test]
fn what_never_happened_is_not_taken_for_a_place() {
    let mut fixture = Fixture::new();
    let first = fixture.open.fill(SHARDS[0], 3);
    let second = Uuid::from_u128(0x5ec0d);
    let shard = SHARDS[0];
    fixture.open.deliver(vec![
        claim_of(shard, 2, second),
        // Of the term that has ended, under the number that comes next.
        commit_of(shard, 1, first, 4, 0, &[1]),
        commit_of(shard, 2, second, 4, 0, &[1]),
        // Again, and from a gap.
        commit_of(shard, 2, second, 4, 0, &[1]),
        commit_of(shard, 2, second, 9, 0, &[1]),
        commit_of(shard, 2, second, 5, 0, &[1]),
    ]);
    fixture.settle();
    for records_max in 0..20 {
        let seqs = seqs_back(&fixture, records_max);
        let expected: Vec<u64> = (1..=5).collect();
        assert!(expected.ends_with(&seqs), "{records_max} back: {seqs:?}");
    }
    assert_eq!(seqs_back(&fixture, 20), [1, 2, 3, 4, 5]);
}
