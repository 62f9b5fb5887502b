use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use domain::stream::{Shard, StreamId, Topic};
use domain::value::{CartId, Currency, Timestamp};
use domain::{Event, sales};
use proptest::prelude::*;
use uuid::Uuid;

use super::{Beginning, Feed, FeedEnd, Given, Hub, Interest, LiveCursor, LiveError, Reach, public_events};
use crate::limits::FEED_COMMITS_MAX;
use crate::testkit::{PARTITIONS, TestLog};

/// How long a test waits before it fails.
const PATIENCE: Duration = Duration::from_secs(20);

fn cart(number: u128) -> StreamId {
    StreamId::Cart(CartId(Uuid::from_u128(number)))
}

fn opened() -> Event {
    let event = sales::cart::Event::CartOpened {
        customer: None,
        currency: Currency::EUR,
        expires: Timestamp(0),
    };
    event.into()
}

/// One event of a cart, in a commit.
fn touch(log: &TestLog, stream: &StreamId) {
    log.commit(vec![(stream.clone(), opened())]);
}

fn all_sales() -> Interest {
    Interest::Topics(BTreeSet::from([Topic::Sales]))
}

async fn open(hub: &Arc<Hub>, interest: &Interest, beginning: &Beginning) -> Feed {
    let feed = Feed::open(hub, interest.clone(), beginning, Reach::Recent).await;
    feed.expect("the feed opens")
}

async fn next(feed: &mut Feed) -> Given {
    let given = tokio::time::timeout(PATIENCE, feed.next()).await;
    given
        .expect("it comes in time")
        .expect("it goes on")
        .expect("it has no end")
}

/// Waits until the hub knows of everything that was written.
async fn settle(hub: &Arc<Hub>, written: &[(Shard, u64)]) {
    let is_told = async {
        loop {
            let folds = hub.folds().await.expect("the hub is ready");
            if written.iter().all(|(shard, seq)| folds[shard].seq >= *seq) {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    let told = tokio::time::timeout(PATIENCE, is_told).await;
    told.expect("the hub hears of everything in time");
}

/// The seqs of the commits that come next.
async fn seqs(feed: &mut Feed, count: usize) -> Vec<u64> {
    let mut seqs = Vec::new();
    for _ in 0..count {
        seqs.push(next(feed).await.commit.seq);
    }
    seqs
}

async fn decode(hub: &Arc<Hub>, text: &str) -> Result<LiveCursor, LiveError> {
    LiveCursor::decode(text, &hub.folds().await.expect("the hub is ready"))
}

async fn after(hub: &Arc<Hub>, feed: &Feed) -> Beginning {
    let text = hub.encode(&feed.cursor());
    Beginning::After(decode(hub, &text).await.expect("its own cursor is one"))
}

#[tokio::test]
async fn a_reader_resumes_at_any_cursor_without_gap_or_repeat_while_more_is_written() {
    let log = TestLog::new();
    let hub = Hub::start(log.follower(), PARTITIONS);
    let stream = cart(1);
    for _ in 0..10 {
        touch(&log, &stream);
    }
    let interest = Interest::Stream(stream.clone());
    let mut feed = open(&hub, &interest, &Beginning::First).await;
    let mut seen = Vec::new();
    for round in 0..10 {
        seen.extend(seqs(&mut feed, 7).await);
        let beginning = after(&hub, &feed).await;
        for number in 0..7 {
            touch(&log, &stream);
            touch(&log, &cart(100 + round * 7 + number));
        }
        feed = open(&hub, &interest, &beginning).await;
    }
    let of_stream: Vec<u64> = {
        let mut again = open(&hub, &interest, &Beginning::First).await;
        seqs(&mut again, 70).await
    };
    assert_eq!(seen, of_stream, "each once, in order");
}

#[tokio::test]
async fn readers_of_many_shards_hear_everything_once() {
    let log = TestLog::new();
    let hub = Hub::start(log.follower(), PARTITIONS);
    for number in 0..40 {
        touch(&log, &cart(number));
    }
    let mut feed = open(&hub, &all_sales(), &Beginning::First).await;
    let mut seen = BTreeSet::new();
    for number in 0..80 {
        if number % 2 == 0 {
            touch(&log, &cart(1_000 + number));
        }
        let given = next(&mut feed).await;
        assert!(
            seen.insert((given.commit.shard, given.commit.seq)),
            "{given:?} comes once"
        );
    }
}

#[tokio::test]
async fn who_begins_with_the_last_events_has_them_in_the_order_of_time_and_what_comes_once() {
    for events_max in [1, 2, 7, 50, 1_000] {
        let log = TestLog::new();
        let mut written = Vec::new();
        for number in 0..40 {
            log.set_time(Timestamp(number * 10));
            let stream = cart(u128::try_from(number).expect("a small number"));
            written.push(log.commit(vec![(stream.clone(), opened()), (stream, opened())]));
        }
        let hub = Hub::start(log.follower(), PARTITIONS);
        settle(&hub, &written).await;
        let mut feed = open(&hub, &all_sales(), &Beginning::Last(events_max)).await;
        let events = events_max.min(80);
        let commits = events.div_ceil(2);
        let mut seen = Vec::new();
        for index in 0..commits {
            let given = next(&mut feed).await;
            let is_cut = index == 0 && events % 2 == 1;
            assert_eq!(given.had, u32::from(is_cut), "{events_max} events, commit {index}");
            seen.push((given.commit.shard, given.commit.seq));
        }
        assert_eq!(seen, written[written.len() - commits..], "{events_max} events");
        let kept = after(&hub, &feed).await;
        let fresh = log.commit(vec![(cart(7), opened()), (cart(7), opened())]);
        let mut resumed = open(&hub, &all_sales(), &kept).await;
        for feed in [&mut feed, &mut resumed] {
            let given = next(feed).await;
            assert_eq!((given.commit.shard, given.commit.seq), fresh, "and then what comes");
        }
    }
}

#[tokio::test]
async fn who_breaks_off_within_the_last_events_goes_on_there() {
    let log = TestLog::new();
    let hub = Hub::start(log.follower(), PARTITIONS);
    let write = |number| log.commit(vec![(cart(number), opened())]);
    let written: Vec<(Shard, u64)> = (0..30).map(write).collect();
    settle(&hub, &written).await;
    let mut seen = BTreeSet::new();
    let mut feed = open(&hub, &all_sales(), &Beginning::Last(20)).await;
    for round in 0..20 {
        let given = next(&mut feed).await;
        assert!(
            seen.insert((given.commit.shard, given.commit.seq)),
            "round {round}: once"
        );
        let kept = after(&hub, &feed).await;
        feed = open(&hub, &all_sales(), &kept).await;
    }
    let fresh = log.commit(vec![(cart(1), opened())]);
    let given = next(&mut feed).await;
    assert_eq!((given.commit.shard, given.commit.seq), fresh, "nothing is left out");
}

#[tokio::test]
async fn a_reader_hears_only_of_what_it_follows() {
    let log = TestLog::new();
    let hub = Hub::start(log.follower(), PARTITIONS);
    touch(&log, &cart(1));
    let mut feed = open(&hub, &Interest::Stream(cart(1)), &Beginning::First).await;
    assert_eq!(next(&mut feed).await.commit.envelope().streams[0].version, 1);
    for number in 2..50 {
        touch(&log, &cart(number));
    }
    touch(&log, &cart(1));
    assert_eq!(next(&mut feed).await.commit.envelope().streams[0].version, 2);
}

#[tokio::test]
async fn who_is_too_slow_is_told_so_and_goes_on_at_the_cursor() {
    let log = TestLog::new();
    let hub = Hub::start(log.follower(), PARTITIONS);
    let stream = cart(1);
    let interest = Interest::Stream(stream.clone());
    let mut feed = open(&hub, &interest, &Beginning::Now).await;
    let more = u64::try_from(FEED_COMMITS_MAX).expect("a small number") + 10;
    for _ in 0..more {
        touch(&log, &stream);
    }
    let shard = stream.shard(PARTITIONS);
    let all_are_told = async {
        while hub.folds().await.expect("the hub is ready")[&shard].seq < more {
            tokio::task::yield_now().await;
        }
    };
    let told = tokio::time::timeout(PATIENCE, all_are_told).await;
    told.expect("the hub has told everything in time");
    let mut seen = 0;
    let end = loop {
        match tokio::time::timeout(PATIENCE, feed.next())
            .await
            .expect("it comes in time")
        {
            Ok(given) => {
                seen += 1;
                assert_eq!(given.expect("it has no end").commit.seq, seen);
            }
            Err(end) => break end,
        }
    };
    assert_eq!(end, FeedEnd::TooSlow);
    assert!(seen < more, "not everything came");
    let mut resumed = open(&hub, &interest, &after(&hub, &feed).await).await;
    while seen < more {
        seen += 1;
        assert_eq!(next(&mut resumed).await.commit.seq, seen);
    }
}

#[tokio::test]
async fn a_commit_that_was_given_in_part_is_gone_on_with() {
    let log = TestLog::new();
    let hub = Hub::start(log.follower(), PARTITIONS);
    log.commit(vec![(cart(1), opened()), (cart(1), opened()), (cart(1), opened())]);
    let interest = Interest::Stream(cart(1));
    let mut feed = open(&hub, &interest, &Beginning::First).await;
    let given = next(&mut feed).await;
    let versions: Vec<u64> = public_events(&given.commit)
        .iter()
        .map(|event| event.version())
        .collect();
    assert_eq!((given.had, versions), (0, vec![1, 2, 3]));
    let text = hub.encode(&feed.cursor_within(2));
    let beginning = Beginning::After(decode(&hub, &text).await.expect("its own cursor is one"));
    let mut resumed = open(&hub, &interest, &beginning).await;
    assert_eq!(next(&mut resumed).await.had, 2);
}

#[tokio::test]
async fn a_cursor_that_does_not_fit_has_a_code_of_its_own() {
    let (log, elsewhere) = (TestLog::new(), TestLog::new());
    let hub = Hub::start(log.follower(), PARTITIONS);
    touch(&log, &cart(1));
    touch(&elsewhere, &cart(1));
    touch(&elsewhere, &cart(1));
    let mut feed = open(&hub, &Interest::Stream(cart(1)), &Beginning::First).await;
    next(&mut feed).await;
    let cursor = feed.cursor();

    let code = |result: Result<Feed, LiveError>| result.err().map(|error| error.code());
    let of_all = Feed::open(&hub, all_sales(), &Beginning::After(cursor.clone()), Reach::Recent).await;
    assert_eq!(code(of_all), Some("cursor.other_topics"));

    let mut ahead = cursor.clone();
    ahead.places.values_mut().for_each(|place| place.offset += 1_000);
    let of_nothing = Feed::open(&hub, Interest::Stream(cart(1)), &Beginning::After(ahead), Reach::Recent).await;
    assert_eq!(code(of_nothing), Some("cursor.lost"));

    let mut other = cursor.clone();
    other.places.values_mut().for_each(|place| place.seq = 0);
    let of_another_record = Feed::open(&hub, Interest::Stream(cart(1)), &Beginning::After(other), Reach::Recent).await;
    assert_eq!(code(of_another_record), Some("cursor.lost"));

    let folds = hub.folds().await.expect("the hub is ready");
    let mut foreign = folds.clone();
    foreign
        .values_mut()
        .for_each(|fold| fold.log = Some(Uuid::from_u128(77)));
    let decoded = LiveCursor::decode(&cursor.encode(&foreign), &folds);
    assert_eq!(decoded.map_err(|error| error.code()), Err("cursor.other_log"));
}

proptest! {
    #[test]
    fn any_text_is_a_cursor_or_an_error(text in ".{0,200}", bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        use base64::Engine;
        let folds = std::collections::BTreeMap::new();
        let encoded = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
        for text in [text, encoded] {
            if let Err(error) = LiveCursor::decode(&text, &folds) {
                prop_assert!(error.code().starts_with("cursor."));
            }
        }
    }
}
