use super::{Command, Event};
use crate::stream::{Shard, StreamId, Topic};
use crate::testkit::given_nothing;
use crate::value::SKIPPED_COMMITS_MAX;
use crate::{Command as AnyCommand, Event as AnyEvent};

const SHARD: Shard = Shard {
    topic: Topic::Sales,
    partition: 3,
};

fn skip(offset: i64) -> AnyCommand {
    let command = Command::Skip {
        offset,
        streams: vec!["cart/1".to_owned()],
        why: "its bytes are none".to_owned(),
    };
    AnyCommand::Skips(SHARD, command)
}

fn skipped(offset: i64) -> [(StreamId, AnyEvent); 1] {
    let event = Event::CommitSkipped {
        offset,
        streams: vec!["cart/1".to_owned()],
        why: "its bytes are none".to_owned(),
    };
    [(StreamId::Skips(SHARD), event.into())]
}

#[test]
fn a_commit_is_skipped_once() {
    let story = given_nothing().when(skip(7)).then(skipped(7));
    story
        .having(skip(7))
        .when(skip(7))
        .then([])
        .when(skip(8))
        .then(skipped(8));
}

#[test]
fn more_than_a_few_are_not_skipped() {
    let last = i64::try_from(SKIPPED_COMMITS_MAX).expect("a small number");
    let story = (0..last).fold(given_nothing(), |story, offset| story.having(skip(offset)));
    story.when(skip(last)).then_refused("skip.too_many");
}

#[test]
fn its_stream_is_named_by_the_shard() {
    let stream = StreamId::Skips(SHARD);
    assert_eq!(stream.to_string(), "skips/sales.3");
    assert_eq!("skips/sales.3".parse(), Ok(stream.clone()));
    assert_eq!(stream.topic(), Topic::Shop);
    assert!("skips/sales".parse::<StreamId>().is_err());
}
