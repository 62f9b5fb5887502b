use uuid::Uuid;

use super::{Fold, Halt, Verdict, Void};
use crate::contract::{SHARDS, barrier_of, claim_of, commit_of};
use crate::envelope::Envelope;

const A: Uuid = Uuid::from_u128(0xa);
const B: Uuid = Uuid::from_u128(0xb);

fn claim(term: u64, claim: Uuid) -> Envelope {
    claim_of(SHARDS[0], term, claim).envelope
}

fn commit(term: u64, seq: u64) -> Envelope {
    commit_of(SHARDS[0], term, A, seq, 0, &[1]).envelope
}

fn barrier(term: u64, seq: u64) -> Envelope {
    barrier_of(SHARDS[0], term, A, seq, 0).envelope
}

/// A fold over these records, which must leave it running.
#[track_caller]
fn folded(records: &[Envelope]) -> (Fold, Vec<Verdict>) {
    let mut fold = Fold::default();
    let verdicts = records.iter().map(|record| {
        let offset = fold.next();
        fold.apply(offset, record).expect("an intact log")
    });
    let verdicts = verdicts.collect();
    (fold, verdicts)
}

#[track_caller]
fn verdict(records: &[Envelope]) -> Verdict {
    *folded(records).1.last().expect("at least one record")
}

#[test]
fn a_fresh_fold_knows_nothing() {
    let fold = Fold::default();
    assert_eq!((fold.offset, fold.term, fold.seq, fold.owner), (-1, 0, 0, None));
    assert_eq!(fold.next(), 0);
}

#[test]
fn the_next_claim_is_accepted_and_names_owner_and_log() {
    let (fold, verdicts) = folded(&[claim(1, A)]);
    assert_eq!(verdicts, [Verdict::Accepted]);
    assert_eq!((fold.offset, fold.term, fold.owner), (0, 1, Some(A)));
    assert_eq!(fold.log, claim(1, A).claimed.map(|claim| claim.log));
}

#[test]
fn commits_and_barriers_count_on() {
    let (fold, verdicts) = folded(&[claim(1, A), commit(1, 1), barrier(1, 2), commit(1, 3)]);
    assert_eq!(verdicts, [Verdict::Accepted; 4]);
    assert_eq!((fold.offset, fold.seq), (3, 3));
}

#[test]
fn numbers_go_on_over_a_change_of_terms() {
    let (fold, verdicts) = folded(&[claim(1, A), commit(1, 1), claim(2, B), commit(2, 2)]);
    assert_eq!(verdicts, [Verdict::Accepted; 4]);
    assert_eq!((fold.term, fold.seq, fold.owner), (2, 2, Some(B)));
}

#[test]
fn a_claim_of_a_taken_term_is_void() {
    let lost = Verdict::Void(Void::LostClaim);
    assert_eq!(verdict(&[claim(1, A), claim(1, B)]), lost);
    assert_eq!(verdict(&[claim(1, A), claim(2, B), claim(1, A)]), lost);
    assert_eq!(verdict(&[claim(0, A)]), lost);
    let (fold, _) = folded(&[claim(1, A), claim(1, B)]);
    assert_eq!(fold.owner, Some(A));
}

#[test]
fn a_repeated_claim_is_void() {
    assert_eq!(verdict(&[claim(1, A), claim(1, A)]), Verdict::Void(Void::LostClaim));
}

#[test]
fn a_commit_of_an_old_term_is_void() {
    let old = Verdict::Void(Void::OldTerm);
    assert_eq!(verdict(&[claim(1, A), claim(2, B), commit(1, 1)]), old);
    assert_eq!(verdict(&[claim(1, A), claim(2, B), barrier(1, 1)]), old);
}

#[test]
fn a_repeated_commit_is_void() {
    let (fold, verdicts) = folded(&[claim(1, A), commit(1, 1), commit(1, 1), commit(1, 2), commit(1, 1)]);
    let repeat = Verdict::Void(Void::Repeat);
    assert_eq!(verdicts[2..], [repeat, Verdict::Accepted, repeat]);
    assert_eq!(fold.seq, 2);
}

#[test]
fn a_commit_after_a_gap_is_void_and_so_is_all_that_follows_it() {
    let (fold, verdicts) = folded(&[claim(1, A), commit(1, 2), commit(1, 3)]);
    assert_eq!(verdicts[1..], [Verdict::Void(Void::Gap); 2]);
    assert_eq!((fold.offset, fold.seq), (2, 0));
}

#[test]
fn a_gap_that_is_filled_late_goes_on_where_it_was() {
    let (fold, verdicts) = folded(&[claim(1, A), commit(1, 2), commit(1, 1), commit(1, 2)]);
    assert_eq!(verdicts[2..], [Verdict::Accepted; 2]);
    assert_eq!(fold.seq, 2);
}

#[test]
fn a_void_record_still_has_its_place() {
    let (fold, _) = folded(&[claim(1, A), commit(1, 9)]);
    assert_eq!(fold.offset, 1);
}

/// The halts leave the fold as it was, so that what was read before stays true.
#[track_caller]
fn halts(records: &[Envelope], offset: i64, record: &Envelope, halt: &Halt) {
    let (mut fold, _) = folded(records);
    let before = fold.clone();
    assert_eq!(fold.apply(offset, record).as_ref(), Err(halt));
    assert_eq!(fold, before);
}

#[test]
fn a_hole_halts() {
    halts(&[claim(1, A)], 2, &commit(1, 1), &Halt::Hole { last: 0, found: 2 });
}

#[test]
fn an_offset_that_comes_again_halts() {
    halts(&[claim(1, A)], 0, &claim(1, A), &Halt::Hole { last: 0, found: 0 });
}

#[test]
fn a_trimmed_head_halts() {
    halts(&[], 5, &claim(1, A), &Halt::Hole { last: -1, found: 5 });
}

#[test]
fn a_claim_that_skips_a_term_halts() {
    let halt = Halt::Term {
        offset: 1,
        term: 1,
        found: 3,
    };
    halts(&[claim(1, A)], 1, &claim(3, B), &halt);
}

#[test]
fn a_commit_of_a_term_without_a_claim_halts() {
    let halt = Halt::Term {
        offset: 1,
        term: 1,
        found: 2,
    };
    halts(&[claim(1, A)], 1, &commit(2, 1), &halt);
    let halt = Halt::Term {
        offset: 0,
        term: 0,
        found: 1,
    };
    halts(&[], 0, &barrier(1, 1), &halt);
}

#[test]
fn a_claim_of_another_log_halts() {
    let mut foreign = claim(2, B);
    let found = Uuid::from_u128(99);
    if let Some(claimed) = &mut foreign.claimed {
        claimed.log = found;
    }
    let log = folded(&[claim(1, A)]).0.log.expect("the first claim names it");
    let offset = 1;
    halts(&[claim(1, A)], offset, &foreign, &Halt::Log { offset, log, found });
}
