//! Answers that were given before and are still true.
//!
//! An answer for which nobody looked at who asks follows from the document, its variables, the audience and the rows
//! it was read from; and the rows follow from how far their projections are. So an answer is kept together with the
//! positions that it was read at, and is good exactly as long as none of them has moved: there is nothing to
//! invalidate, and a command's write is seen as soon as it can be read at all. It is given to anybody. One that would
//! be another for somebody else is kept when it is that of who shows no credentials, and given to none but those.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use domain::ConsistencyToken;
use lru::LruCache;
use read_store::{ActiveGenerations, Progress};

use crate::audience::Audience;
use crate::consistency::Sighting;
use crate::limits::{ANSWER_KEPT_BYTES_MAX, ANSWERS_KEPT_BYTES_MAX};

/// What an answer follows from, beside the rows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Question {
    /// Which document, as the document cache numbers them.
    pub(crate) document: u64,
    /// Which of its operations.
    pub(crate) operation_name: Option<String>,
    /// As JSON.
    pub(crate) variables: Vec<u8>,
    /// For whom.
    pub(crate) audience: Audience,
}

/// An answer without errors, and what was read for it.
#[derive(Debug)]
pub(crate) struct KeptAnswer {
    /// The value of `data`, as JSON.
    pub(crate) data: Bytes,
    /// Where its rows came from, and how far these were.
    pub(crate) sightings: Vec<Sighting>,
    /// Whether it is only for those who show no credentials.
    pub(crate) is_personal: bool,
}

impl KeptAnswer {
    /// Whether everything is still where it was read.
    fn is_true(&self, generations: &ActiveGenerations, progress: &Progress) -> bool {
        self.sightings.iter().all(|sighting| {
            generations.of(sighting.projection) == Some(sighting.generation)
                && progress.reached(sighting.projection, sighting.generation, sighting.shard) == sighting.reached
        })
    }

    /// Whether it holds what a token asks for, of what it was read from.
    fn satisfies(&self, token: &ConsistencyToken) -> bool {
        token.iter().all(|(shard, seq)| {
            let mut of_shard = self.sightings.iter().filter(|sighting| sighting.shard == shard);
            of_shard.all(|sighting| sighting.reached.seq >= seq)
        })
    }
}

/// The last answers that may be given again.
pub(crate) struct KeptAnswers(Mutex<Shelf>);

struct Shelf {
    answers: LruCache<Question, Arc<KeptAnswer>>,
    bytes: usize,
}

impl Default for KeptAnswers {
    fn default() -> Self {
        Self(Mutex::new(Shelf {
            answers: LruCache::unbounded(),
            bytes: 0,
        }))
    }
}

impl KeptAnswers {
    /// The answer that was given to this question, if it still holds, is new enough for the token, and is for those who
    /// ask: `has_credentials` says whether they show any.
    pub(crate) fn find(
        &self,
        question: &Question,
        has_credentials: bool,
        token: &ConsistencyToken,
        generations: &ActiveGenerations,
        progress: &Progress,
    ) -> Option<Arc<KeptAnswer>> {
        let kept = self.shelf().answers.get(question).cloned()?;
        let is_for_them = !(kept.is_personal && has_credentials);
        (is_for_them && kept.is_true(generations, progress) && kept.satisfies(token)).then_some(kept)
    }

    /// Keeps an answer, in the place of an older one to the same question, unless it is that of somebody who shows
    /// credentials.
    pub(crate) fn keep(&self, question: Question, has_credentials: bool, answer: KeptAnswer) {
        if answer.is_personal && has_credentials {
            return;
        }
        let bytes = bytes_of(&question, &answer);
        if bytes > ANSWER_KEPT_BYTES_MAX {
            return;
        }
        let mut shelf = self.shelf();
        shelf.bytes += bytes;
        if let Some((question, replaced)) = shelf.answers.push(question, Arc::new(answer)) {
            shelf.bytes = shelf.bytes.saturating_sub(bytes_of(&question, &replaced));
        }
        while shelf.bytes > ANSWERS_KEPT_BYTES_MAX
            && let Some((question, oldest)) = shelf.answers.pop_lru()
        {
            shelf.bytes = shelf.bytes.saturating_sub(bytes_of(&question, &oldest));
        }
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an answer takes, with the place that is kept for it.
fn bytes_of(question: &Question, answer: &KeptAnswer) -> usize {
    let place = size_of::<Question>() + size_of::<KeptAnswer>();
    let name = question.operation_name.as_ref().map_or(0, String::len);
    let sightings = answer.sightings.len() * size_of::<Sighting>();
    place + name + question.variables.len() + answer.data.len() + sightings
}

#[cfg(test)]
mod tests;
