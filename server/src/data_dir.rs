//! The data directory: where everything of an embedded shop is, and the secrets that were made for it.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The data directory of one shop.
#[derive(Clone, Debug)]
pub(crate) struct DataDir {
    root: PathBuf,
}

/// Why a data directory cannot be used.
#[derive(Debug, Error)]
pub(crate) enum DataDirError {
    /// The file system says no.
    #[error("{path}: {source}", path = .path.display())]
    Io {
        /// What was read or written.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// Secrets are generated only for a shop that nobody else can reach.
    #[error(
        "no {file} in {root}, and {listen} can be reached from other machines: make it with \
         `tillroll secrets`, or listen on 127.0.0.1", root = .root.display()
    )]
    NotGenerated {
        /// The missing file.
        file: &'static str,
        /// Where it belongs.
        root: PathBuf,
        /// Where the shop would listen.
        listen: SocketAddr,
    },
    /// A secret is not what it must be.
    #[error("{path}: {why}", path = .path.display())]
    BadSecret {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

/// How commands of the program reach the running server: written at start, readable by its owner only.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct OperatorFile {
    /// Where the server answers.
    pub(crate) url: String,
    /// What the operator's requests must carry; new at every start.
    pub(crate) token: String,
    /// The server's process.
    pub(crate) pid: u32,
}

impl DataDir {
    /// Opens the directory; creates it, private to its owner, when it is not there.
    ///
    /// # Errors
    /// The file system says no.
    pub(crate) fn open(root: &Path) -> Result<Self, DataDirError> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(root).map_err(|source| DataDirError::Io {
            path: root.to_owned(),
            source,
        })?;
        Ok(Self { root: root.to_owned() })
    }

    /// A file in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// The directory itself.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The text of a secret's file; made by `generate` when it is not there and only this machine can reach
    /// the shop.
    ///
    /// # Errors
    /// It cannot be read, or must not be generated.
    pub(crate) fn secret(
        &self,
        file: &'static str,
        listen: SocketAddr,
        generate: impl FnOnce() -> Result<String, String>,
    ) -> Result<String, DataDirError> {
        let path = self.path(file);
        match std::fs::read_to_string(&path) {
            Ok(text) => return Ok(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(DataDirError::Io { path, source }),
        }
        if !listen.ip().is_loopback() {
            return Err(DataDirError::NotGenerated {
                file,
                root: self.root.clone(),
                listen,
            });
        }
        let text = generate().map_err(|why| DataDirError::BadSecret {
            path: path.clone(),
            why,
        })?;
        self.write_private(file, text.as_bytes())?;
        Ok(text)
    }

    /// Writes a file that only its owner can read, all of it or nothing.
    ///
    /// # Errors
    /// The file system says no.
    pub(crate) fn write_private(&self, file: &str, bytes: &[u8]) -> Result<(), DataDirError> {
        let path = self.path(file);
        let temporary = self.path(&format!("{file}.new"));
        write_synced(&temporary, bytes)
            .and_then(|()| std::fs::rename(&temporary, &path))
            .map_err(|source| DataDirError::Io { path, source })
    }

    /// Takes a file away; it need not be there.
    ///
    /// # Errors
    /// The file system says no.
    pub(crate) fn remove(&self, file: &str) -> Result<(), DataDirError> {
        let path = self.path(file);
        match std::fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(DataDirError::Io { path, source }),
            _ => Ok(()),
        }
    }

    /// How to reach the server that runs on this directory, if one wrote it down.
    pub(crate) fn operator(&self) -> Option<OperatorFile> {
        serde_json::from_slice(&std::fs::read(self.path(OPERATOR_FILE)).ok()?).ok()
    }

    /// Writes down how to reach this server.
    ///
    /// # Errors
    /// The file system says no.
    pub(crate) fn write_operator(&self, operator: &OperatorFile) -> Result<(), DataDirError> {
        let json = serde_json::to_vec_pretty(operator).map_err(|error| DataDirError::Io {
            path: self.path(OPERATOR_FILE),
            source: error.into(),
        })?;
        self.write_private(OPERATOR_FILE, &json)
    }

    /// Takes the note away: nobody serves this directory.
    ///
    /// # Errors
    /// The file system says no.
    pub(crate) fn remove_operator(&self) -> Result<(), DataDirError> {
        self.remove(OPERATOR_FILE)
    }
}

const OPERATOR_FILE: &str = "operator.json";

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests;
