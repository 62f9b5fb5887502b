//! Two owners of one shard: nothing in Kafka keeps one out, so the fold must.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::stream::Shard;
use engines::{Direction, Kafka};
use event_log::contract::{Accepted, Open, SHARDS, claim_of, commit_of, fight_over, fold_all, read_all};
use event_log::{Delivered, Delivery, Fold, Kind, Verdict};
use uuid::Uuid;

use crate::shop::{Shop, verify, wait_until};

const SHARD: Shard = SHARDS[0];

/// How many records each of two writers writes into one partition.
const RECORDS: u64 = 3_000;

#[test]
fn two_processes_that_fight_over_a_shard_lose_nothing_acknowledged() {
    let shop = Shop::fresh();
    for (seed, shard) in (1..).zip(SHARDS) {
        let (mut one, mut other) = (shop.open(), shop.open());
        let mut between = || std::thread::sleep(Duration::from_micros(200));
        let acknowledged = fight_over(&mut [&mut one, &mut other], shard, seed, 400, &mut between);
        assert!(acknowledged.len() >= 3, "the game was too short to show anything");
        verify(&shop, shard, &acknowledged);
    }
}

#[test]
fn each_of_two_writers_is_told_where_its_records_lie() {
    let shop = Shop::fresh();
    let write = |claim: Uuid| {
        let mut open = shop.open();
        let mut offsets = BTreeSet::new();
        for seqs in (1..=RECORDS).collect::<Vec<_>>().chunks(500) {
            let records = seqs.iter().map(|seq| commit_of(SHARD, 1, claim, *seq, 0, &[1]));
            for delivered in open.deliver(records.collect()) {
                let Delivery::At { offset, .. } = delivered.delivery else {
                    panic!("{delivered:?}");
                };
                offsets.insert((offset, delivered.seq));
            }
        }
        offsets
    };
    let claims = [Uuid::new_v4(), Uuid::new_v4()];
    let written = std::thread::scope(|scope| {
        claims
            .map(|claim| scope.spawn(move || write(claim)))
            .map(|one| one.join())
    });
    let open = shop.open();
    let records = read_all(open.log.as_ref(), SHARD, 1_000);
    assert_eq!(records.len() as u64, 2 * RECORDS);
    for (claim, offsets) in claims.into_iter().zip(written) {
        let own = records.iter().filter(|record| record.envelope.claim == claim);
        let found: BTreeSet<(i64, u64)> = own.map(|record| (record.offset, record.envelope.seq)).collect();
        assert_eq!(offsets.expect("the writer writes"), found);
    }
}

#[test]
fn of_many_claims_at_once_one_is_accepted() {
    let shop = Shop::fresh();
    let mut opens: Vec<Open> = (0..3).map(|_| shop.open()).collect();
    for term in 1..=5 {
        for open in &opens {
            let claims = [Uuid::new_v4(), Uuid::new_v4()].map(|claim| claim_of(SHARD, term, claim));
            open.log.append(claims.into()).expect("the log takes records");
        }
        for open in &mut opens {
            assert!(
                open.deliver_more(2)
                    .iter()
                    .all(|one| matches!(one.delivery, Delivery::At { .. }))
            );
        }
    }
    let mut fold = Fold::default();
    let mut accepted = 0;
    for record in read_all(opens[0].log.as_ref(), SHARD, 1_000) {
        let verdict = fold.apply(record.offset, &record.envelope).expect("the log is intact");
        accepted += u64::from(verdict == Verdict::Accepted);
    }
    assert_eq!((fold.offset, fold.term, accepted), (29, 5, 5));
}

/// An owner behind a proxy, with records on their way that the broker has not got, or has and could not say so.
struct Deposed {
    /// The old owner's log, through the proxy.
    old: Open,
    /// Its claim.
    claim: Uuid,
    /// Its commits that were acknowledged before.
    acknowledged: Vec<Accepted>,
}

/// Commits of the old owner that were acknowledged before the fault.
const BEFORE: u64 = 5;
/// Commits of the old owner that were on their way in the fault: as many as may wait for a reply, one request each.
const DURING: u64 = 5;

impl Deposed {
    fn new(behind: &Shop) -> Self {
        let mut old = behind.open();
        let claim = Uuid::new_v4();
        let mut records = vec![claim_of(SHARD, 1, claim)];
        records.extend((1..=BEFORE).map(|seq| commit_of(SHARD, 1, claim, seq, seq.cast_signed(), &[1])));
        let acknowledged = records[1..]
            .iter()
            .map(|append| (append.envelope.seq, append.envelope.command))
            .collect();
        for delivered in old.deliver(records) {
            assert!(matches!(delivered.delivery, Delivery::At { .. }), "{delivered:?}");
        }
        Self {
            old,
            claim,
            acknowledged,
        }
    }

    fn send_more(&self) {
        let seqs = BEFORE + 1..=BEFORE + DURING;
        let records = seqs.map(|seq| commit_of(SHARD, 1, self.claim, seq, seq.cast_signed(), &[1]));
        self.old.log.append(records.collect()).expect("the log takes records");
    }

    fn hear(&mut self) -> Vec<Delivered> {
        let count = usize::try_from(DURING).expect("a small number");
        self.old.deliver_more(count)
    }
}

/// Somebody else takes the shard over, knowing nothing of the old owner; its acknowledged commits.
fn take_over(shop: &Shop) -> Vec<Accepted> {
    let mut new = shop.open();
    let before = fold_all(new.log.as_ref(), SHARD, 1_000);
    let claim = new.fill(SHARD, 10);
    let accepted = fold_all(new.log.as_ref(), SHARD, 1_000);
    let records = read_all(new.log.as_ref(), SHARD, 1_000);
    let is_own = |seq: u64| {
        let mut commits = records.iter().filter(|record| record.envelope.kind == Kind::Commit);
        commits.any(|record| record.envelope.claim == claim && record.envelope.seq == seq)
    };
    assert_eq!(accepted[..before.len()], before);
    accepted[before.len()..]
        .iter()
        .copied()
        .filter(|(seq, _)| is_own(*seq))
        .collect()
}

/// The broker, a shop whose clients reach it directly, and one whose clients go through the proxy.
fn behind_proxy() -> (Kafka, engines::Proxy, Shop, Shop) {
    let (broker, proxy) = Kafka::start_behind_proxy().expect("a broker starts");
    let direct = Shop::at(&broker.bootstrap());
    let mut behind = Shop::at(&proxy.address());
    behind.options.prefix.clone_from(&direct.options.prefix);
    behind.options.deliver_within = Duration::from_secs(40);
    (broker, proxy, direct, behind)
}

#[test]
fn what_an_old_owner_had_on_its_way_lands_behind_the_new_one_and_never_happens() {
    let (_broker, proxy, direct, behind) = behind_proxy();
    let mut deposed = Deposed::new(&behind);
    proxy.black_hole(Direction::Requests);
    deposed.send_more();
    let mut acknowledged = take_over(&direct);
    assert_eq!(acknowledged.len(), 10);
    let end = direct.open().log.end(SHARD).expect("the log is there");
    proxy.heal();
    for delivered in deposed.hear() {
        let Delivery::At { offset, .. } = delivered.delivery else {
            panic!("{delivered:?}");
        };
        assert!(
            offset >= end,
            "it landed at {offset}, before the new owner's last at {end}"
        );
    }
    acknowledged.extend(deposed.acknowledged);
    let accepted = verify(&direct, SHARD, &acknowledged);
    assert_eq!(accepted.len() as u64, BEFORE + 10, "a late record happened");
}

#[test]
fn acknowledgements_that_were_lost_come_again_with_the_same_offsets() {
    let (_broker, proxy, direct, behind) = behind_proxy();
    let mut deposed = Deposed::new(&behind);
    proxy.drop_replies();
    deposed.send_more();
    let log = direct.open();
    let all = i64::try_from(1 + BEFORE + DURING).expect("a small number");
    wait_until("the records land", || log.log.end(SHARD) == Ok(all));
    proxy.heal();
    for delivered in deposed.hear() {
        let expected = delivered.seq.cast_signed();
        assert!(
            matches!(delivered.delivery, Delivery::At { offset, .. } if offset == expected),
            "{delivered:?}"
        );
    }
    assert_eq!(
        verify(&direct, SHARD, &deposed.acknowledged).len() as u64,
        BEFORE + DURING
    );
}

#[test]
fn what_is_called_unknown_may_have_happened_and_the_next_claim_settles_it() {
    let (_broker, proxy, direct, mut behind) = behind_proxy();
    behind.options.deliver_within = Duration::from_secs(3);
    let mut deposed = Deposed::new(&behind);
    proxy.drop_replies();
    deposed.send_more();
    for delivered in deposed.hear() {
        assert!(matches!(delivered.delivery, Delivery::Unknown(_)), "{delivered:?}");
    }
    // They may have landed all the while: whoever claims next finds those that have.
    let mut acknowledged = take_over(&direct);
    proxy.heal();
    acknowledged.extend(deposed.acknowledged.clone());
    // The old owner's producer goes on; what it writes in its old term never happens.
    let late = commit_of(SHARD, 1, deposed.claim, BEFORE + DURING + 1, 0, &[1]);
    let late = deposed.old.deliver(vec![late]);
    assert_eq!(late.len(), 1);
    let accepted = verify(&direct, SHARD, &acknowledged).len() as u64;
    assert!(
        (BEFORE + 11..=BEFORE + DURING + 10).contains(&accepted),
        "{accepted} commits happened"
    );
}

#[test]
fn what_is_called_unknown_and_lands_late_happens_once_at_most() {
    let (_broker, proxy, direct, mut behind) = behind_proxy();
    behind.options.deliver_within = Duration::from_secs(3);
    let mut deposed = Deposed::new(&behind);
    // On their way for longer than the producer waits, and then they arrive.
    proxy.delay(Duration::from_secs(5));
    deposed.send_more();
    for delivered in deposed.hear() {
        assert!(matches!(delivered.delivery, Delivery::Unknown(_)), "{delivered:?}");
    }
    proxy.heal();
    // Whatever has landed by now, and whatever lands after this claim.
    let mut acknowledged = take_over(&direct);
    let late = commit_of(SHARD, 1, deposed.claim, BEFORE + DURING + 1, 0, &[1]);
    assert_eq!(deposed.old.deliver(vec![late]).len(), 1);
    acknowledged.extend(deposed.acknowledged.clone());
    verify(&direct, SHARD, &acknowledged);
}
