//! What `up` started, written down for `down`: one file for each part.

use std::fs;
use std::path::{Path, PathBuf};

use engines::detached::{Detached, Process};

/// The record of what runs.
pub(crate) struct Record {
    folder: PathBuf,
}

impl Record {
    /// The record in the folder of `up`.
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    /// Notes that a part was started.
    pub(crate) fn write(&self, name: &str, part: &Detached) -> Result<(), String> {
        let path = self.file(name);
        let Process { pid, began } = &part.process;
        let text = format!("{pid}\n{began}\n{}\n", part.address);
        fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// The part, if its process still runs.
    pub(crate) fn running(&self, name: &str) -> Option<Detached> {
        let text = fs::read_to_string(self.file(name)).ok()?;
        let mut lines = text.lines();
        let process = Process {
            pid: lines.next()?.parse().ok()?,
            began: lines.next()?.to_owned(),
        };
        let address = lines.next()?.to_owned();
        process.is_running().then_some(Detached { process, address })
    }

    /// Notes that a part has ended.
    pub(crate) fn forget(&self, name: &str) -> Result<(), String> {
        let path = self.file(name);
        fs::remove_file(&path).map_err(|error| format!("{}: {error}", path.display()))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.process"))
    }
}

#[cfg(test)]
mod tests;
