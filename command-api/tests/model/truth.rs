//! What really happened, by the log alone, and whether an answer fits it.

use command_api::CommandError;
use command_api::shard::Answer;
use domain::inventory::item;
use domain::stream::{Location, StreamId};
use domain::value::CommandId;
use domain::{Decided, Event, Rejection, State};
use event_log::{Fold, Kind, Record, Verdict};

/// The one stream of the model.
pub(crate) fn stream() -> StreamId {
    StreamId::StockItem("LAMP".parse().expect("a SKU"), Location::default())
}

/// What the fold of the whole log says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Truth {
    fold: Fold,
    state: State,
    version: u64,
    /// What was on hand after each accepted commit; before the first, nothing.
    on_hand: Vec<i64>,
    /// Which question each accepted commit answers, and under which id; none for a barrier.
    commits: Vec<Option<(usize, CommandId)>>,
}

impl Truth {
    pub(crate) fn new() -> Self {
        Self {
            fold: Fold::default(),
            state: State::initial(&stream()),
            version: 0,
            on_hand: vec![0],
            commits: Vec::new(),
        }
    }

    /// Number of the last commit that happened.
    pub(crate) fn seq(&self) -> u64 {
        self.fold.seq
    }

    /// A record has come to lie at the end of the log. Says which question it answers, if it happened.
    pub(crate) fn take_in(&mut self, record: &Record, events: &[Decided]) -> Result<Option<usize>, &'static str> {
        let verdict = self.fold.apply(record.offset, &record.envelope);
        let verdict = verdict.map_err(|_| "the log halts its readers")?;
        if verdict != Verdict::Accepted || record.envelope.kind == Kind::Claim {
            return Ok(None);
        }
        for Decided { event, .. } in events {
            self.take_event(event)?;
        }
        let said = record.envelope.streams.last().map_or(self.version, |touched| touched.version);
        if said != self.version {
            return Err("an accepted commit was decided on a state that is not the one before it");
        }
        self.on_hand.push(self.levels());
        let question = (record.envelope.kind == Kind::Commit).then(|| {
            let question = record.envelope.correlation.as_u128();
            (usize::try_from(question).expect("questions are few"), record.envelope.command)
        });
        if let Some((_, command)) = question
            && self.commits.iter().flatten().any(|(_, known)| *known == command)
        {
            return Err("one intent happened twice");
        }
        self.commits.push(question);
        Ok(question.map(|(question, _)| question))
    }

    fn take_event(&mut self, event: &Event) -> Result<(), &'static str> {
        let before = self.levels();
        self.state.evolve(event);
        self.version += 1;
        let change = match event {
            Event::StockItem(item::Event::StockReceived { quantity, .. }) => *quantity,
            Event::StockItem(item::Event::StockAdjusted { delta, .. }) => *delta,
            _ => 0,
        };
        if self.levels() != before + change {
            return Err("the accepted commits are not one serial history");
        }
        Ok(())
    }

    fn levels(&self) -> i64 {
        on_hand(&self.state)
    }

    /// Whether an answer was true at some moment since `since`, the last commit when it was asked for.
    pub(crate) fn fits(
        &self,
        question: usize,
        command: CommandId,
        since: u64,
        answer: &Result<Answer, CommandError>,
    ) -> Result<(), &'static str> {
        match answer {
            Ok(Answer::Done(outcome)) => {
                let index = usize::try_from(outcome.seq).expect("commits are few").wrapping_sub(1);
                match self.commits.get(index).copied().flatten() {
                    Some((by, known)) if known == command && (by == question || outcome.replayed) => {}
                    _ => return Err("what was acknowledged did not happen"),
                }
                if !outcome.replayed && outcome.seq <= since {
                    return Err("what was acknowledged had happened before it was asked for");
                }
                match &outcome.state {
                    Some(state) if self.on_hand.get(index + 1) == Some(&on_hand(state)) => Ok(()),
                    _ => Err("the answer shows another state than the one that it led to"),
                }
            }
            Ok(Answer::State { versioned, .. }) => {
                let state = versioned.state.as_deref().ok_or("the stream cannot be read")?;
                self.was_true(since, on_hand(state))
            }
            Err(CommandError::Rejected(Rejection::StockItem(item::Rejection::CountDiffers { on_hand, .. }))) => {
                self.was_true(since, *on_hand)
            }
            Err(CommandError::NotExecuted | CommandError::Moving { .. }) => {
                match self.commits.iter().flatten().any(|(by, _)| *by == question) {
                    true => Err("what happened was said not to have"),
                    false => Ok(()),
                }
            }
            Err(CommandError::OutcomeUnknown | CommandError::StillRunning) => Ok(()),
            Err(_) => Err("an answer that nothing here calls for"),
        }
    }

    fn was_true(&self, since: u64, on_hand: i64) -> Result<(), &'static str> {
        let since = usize::try_from(since).expect("commits are few");
        match self.on_hand[since..].contains(&on_hand) {
            true => Ok(()),
            false => Err("an answer tells what was not true when it was asked for, nor since"),
        }
    }
}

fn on_hand(state: &State) -> i64 {
    match state {
        State::StockItem(item) => item.stock().levels.on_hand,
        _ => -1,
    }
}
