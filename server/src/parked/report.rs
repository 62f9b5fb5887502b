//! What the operator is told of what is parked, as JSON. `--json` prints it as it is.

use serde::{Deserialize, Serialize};

use crate::history::report::CommitReport;

/// The words for nothing.
pub(super) const NOTHING: &str = "nothing is parked";

/// All that is parked, and what was done without.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct ParkedReport {
    /// Streams in which nothing is decided.
    pub(crate) streams: Vec<ParkedStream>,
    /// Commits that wait for views; the first ones.
    pub(crate) views: Vec<ParkedView>,
    /// Views that stand still, counted.
    pub(crate) views_count: usize,
    /// Commits that an operator has decided to do without.
    pub(crate) skipped: Vec<SkippedReport>,
}

/// A stream in which nothing is decided.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ParkedStream {
    /// Which.
    pub(crate) stream: String,
    /// In which shard.
    pub(crate) shard: String,
}

/// A commit that waits for a view.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ParkedView {
    /// Of which projection.
    pub(crate) projection: String,
    /// The view's key.
    pub(crate) view: String,
    /// The commit's shard.
    pub(crate) shard: String,
    /// Where in it.
    pub(crate) offset: i64,
    /// Why it waits.
    pub(crate) why: String,
}

/// A commit that an operator has decided to do without.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SkippedReport {
    /// In which shard.
    pub(crate) shard: String,
    /// Where in it.
    pub(crate) offset: i64,
}

/// What reading again has come to.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct RetryReport {
    /// Commits that views have taken in.
    pub(crate) taken_in: usize,
    /// What could not be read again at all just now, and why.
    pub(crate) failures: Vec<String>,
    /// What is still parked.
    pub(crate) left: ParkedReport,
}

/// The commits of a stream from the first on that cannot be read.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct ParkedCommits {
    /// The oldest first.
    pub(crate) commits: Vec<CommitReport>,
}

/// Which stream is meant.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct OfStream {
    /// All without.
    pub(crate) stream: Option<String>,
}

impl ParkedReport {
    /// Only what is about one stream.
    pub(super) fn of(mut self, stream: &str) -> Self {
        self.streams.retain(|parked| parked.stream == stream);
        let key = stream.split_once('/').map_or(stream, |(_, key)| key);
        self.views.retain(|parked| parked.view == key);
        self.views_count = self.views.len();
        self
    }

    pub(super) fn is_nothing(&self) -> bool {
        self.streams.is_empty() && self.views_count == 0
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for ParkedStream { stream, shard } in &self.streams {
            text += &format!("{shard} {stream}\n");
        }
        for parked in &self.views {
            let ParkedView {
                projection,
                view,
                shard,
                offset,
                why,
            } = parked;
            text += &format!("{projection} {view}: {shard}@{offset} {why}\n");
        }
        for SkippedReport { shard, offset } in &self.skipped {
            text += &format!("{shard}@{offset} is skipped\n");
        }
        if self.is_nothing() {
            return text + NOTHING + "\n";
        }
        text + &format!(
            "{} streams and {} views are parked\n",
            self.streams.len(),
            self.views_count
        )
    }
}
