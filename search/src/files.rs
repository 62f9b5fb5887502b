//! The files of the index in a directory: `search-<generation>.db`, one that is answered from, and perhaps one that is
//! being filled to follow it.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use read_store::Generation;
use rusqlite::Connection;

use crate::error::SearchError;
use crate::file;
use crate::index::SearchIndex;
use crate::writer::SearchWriter;

/// What the names of the files begin with, before the generation.
const NAME: &str = "search-";
/// What they end with.
const ENDING: &str = ".db";
/// The first generation that is answered from.
const FIRST: Generation = 1;
/// The generation of a file that is only compared with, and never answered from nor gone on with.
pub const MEASURE: Generation = 0;

/// Where the files of an index lie, and which code makes the views in them. Cheap to clone.
#[derive(Clone, Debug)]
pub struct SearchFiles {
    directory: PathBuf,
    folds: u32,
}

/// An index that was opened.
#[derive(Debug)]
pub struct Opened {
    /// Writes the file that is answered from.
    pub writer: SearchWriter,
    /// Writes one that was being filled to follow it when the last process ended.
    pub begun: Option<SearchWriter>,
    /// Answers.
    pub index: SearchIndex,
}

impl SearchFiles {
    /// The files in a directory, which is there. `folds` says which code makes the views in them.
    #[must_use]
    pub fn new(directory: &Path, folds: u32) -> Self {
        Self {
            directory: directory.to_owned(),
            folds,
        }
    }

    /// The code that makes the views in the files.
    #[must_use]
    pub fn folds(&self) -> u32 {
        self.folds
    }

    /// Where a generation lies.
    #[must_use]
    pub fn path(&self, generation: Generation) -> PathBuf {
        self.directory.join(format!("{NAME}{generation}{ENDING}"))
    }

    /// Opens the newest file that was answered from and has the shape that this program makes, and one that was begun
    /// after it; without any, an empty one, whose positions are none. All others go. Blocks.
    ///
    /// # Errors
    /// A file cannot be opened.
    pub fn open(&self) -> Result<Opened, SearchError> {
        let (mut whole, mut begun) = (None, None);
        let generations = self.generations()?;
        for generation in generations.iter().rev().copied() {
            let is_wanted = whole.is_none() && generation != MEASURE;
            let kept = if is_wanted { self.open_kept(generation)? } else { None };
            match kept {
                Some((writer, true)) => whole = Some(writer),
                Some((writer, false)) if begun.is_none() => begun = Some(writer),
                _ => file::remove(&self.path(generation))?,
            }
        }
        let writer = match whole.or_else(|| begun.take()) {
            Some(writer) => writer,
            None => self.create(generations.last().map_or(FIRST, |last| last + 1))?,
        };
        let index = SearchIndex::of(&writer)?;
        Ok(Opened { writer, begun, index })
    }

    /// A file that is there, and whether it was answered from.
    fn open_kept(&self, generation: Generation) -> Result<Option<(SearchWriter, bool)>, SearchError> {
        let Some(connection) = file::open_kept(&self.path(generation), self.folds)? else {
            return Ok(None);
        };
        let is_whole = file::is_whole(&connection)?;
        Ok(Some((self.writer(connection, generation)?, is_whole)))
    }

    /// An empty file for a generation. What is there goes.
    ///
    /// # Errors
    /// The file system says no.
    pub fn create(&self, generation: Generation) -> Result<SearchWriter, SearchError> {
        let connection = file::create(&self.path(generation), self.folds)?;
        self.writer(connection, generation)
    }

    fn writer(&self, connection: Connection, generation: Generation) -> Result<SearchWriter, SearchError> {
        let path = self.path(generation);
        let place = place_of(&path).ok_or_else(|| SearchError::Unavailable("the file is gone".to_owned()))?;
        Ok(SearchWriter::new(connection, path, generation, place))
    }

    /// Takes a file away. Who reads it now goes on with what it was.
    ///
    /// # Errors
    /// The file system says no.
    pub fn remove(&self, generation: Generation) -> Result<(), SearchError> {
        file::remove(&self.path(generation))
    }

    /// The generations that have files, in their order.
    fn generations(&self) -> Result<Vec<Generation>, SearchError> {
        let unavailable = |error: std::io::Error| SearchError::Unavailable(error.to_string());
        let mut generations = Vec::new();
        for entry in std::fs::read_dir(&self.directory).map_err(unavailable)? {
            let name = entry.map_err(unavailable)?.file_name();
            let name = name.to_str().and_then(|name| name.strip_prefix(NAME));
            let number = name.and_then(|name| name.strip_suffix(ENDING)?.parse::<Generation>().ok());
            generations.extend(number);
        }
        generations.sort_unstable();
        Ok(generations)
    }
}

/// What the file system calls the file at a path; none when there is none.
pub(crate) fn place_of(path: &Path) -> Option<(u64, u64)> {
    let found = std::fs::metadata(path).ok()?;
    Some((found.dev(), found.ino()))
}
