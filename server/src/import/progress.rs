//! How far an import is: a bar on a terminal, elsewhere a line from time to time. Both on standard error.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Time between two lines where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// How far an import is.
pub(super) struct Progress {
    bar: ProgressBar,
    is_terminal: bool,
    began: Instant,
    last_line: Instant,
}

impl Progress {
    /// Of so many products.
    pub(super) fn begin(products: usize) -> Self {
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} products, {per_sec}, {eta} left");
        let bar = ProgressBar::new(u64::try_from(products).unwrap_or(u64::MAX));
        let began = Instant::now();
        Self {
            bar: match style {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            },
            is_terminal: std::io::stderr().is_terminal(),
            began,
            last_line: began,
        }
    }

    /// One more is done.
    pub(super) fn one_more(&mut self) {
        self.bar.inc(1);
        if self.is_terminal || self.last_line.elapsed() < LINE_EVERY {
            return;
        }
        self.last_line = Instant::now();
        let (done, all) = (self.bar.position(), self.bar.length().unwrap_or_default());
        let seconds = self.began.elapsed().as_secs().max(1);
        let left = all.saturating_sub(done) * seconds / done.max(1);
        // Nobody may be reading.
        let _ = writeln!(
            std::io::stderr(),
            "{done} of {all} products, {} a second, about {left} s left",
            done / seconds
        );
    }

    /// All is done, or nothing more will be.
    pub(super) fn end(self) {
        self.bar.finish_and_clear();
    }
}
