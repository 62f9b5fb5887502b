//! What must be installed: Java 17 and Maven.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::Error;

/// Cassandra 5.0 runs on Java 17 and refuses Java 25; the others would run on a newer one, too.
const JAVA: &str = "17";

/// Where operating systems put Java machines, and what is between such a folder and the one with `bin`.
const JAVA_FOLDERS: [(&str, &str); 3] = [
    ("/usr/lib/jvm", ""),
    ("/Library/Java/JavaVirtualMachines", "Contents/Home"),
    ("/opt/homebrew/opt", ""),
];

/// The installed programs that engines need.
pub(crate) struct Requirements {
    /// The program `java`.
    pub(crate) java: PathBuf,
    /// Its exact version.
    pub(crate) java_version: String,
    /// The program `mvn`.
    pub(crate) maven: PathBuf,
}

/// What to install before an engine can start; nothing when all is there.
#[must_use]
pub fn missing() -> Option<String> {
    requirements().err().map(|error| error.to_string())
}

/// What is installed; looked for once.
pub(crate) fn requirements() -> Result<&'static Requirements, Error> {
    static FOUND: OnceLock<Result<Requirements, String>> = OnceLock::new();
    FOUND
        .get_or_init(look)
        .as_ref()
        .map_err(|missing| Error::Missing(missing.clone()))
}

fn look() -> Result<Requirements, String> {
    let java = java();
    let maven = on_path("mvn").next();
    let mut missing = Vec::new();
    if java.is_none() {
        missing
            .push("Java 17 (Debian and Ubuntu: apt install openjdk-17-jre-headless; macOS: brew install openjdk@17)");
    }
    if maven.is_none() {
        missing.push("Maven (Debian and Ubuntu: apt install maven; macOS: brew install maven)");
    }
    match (java, maven) {
        (Some((java, java_version)), Some(maven)) => Ok(Requirements {
            java,
            java_version,
            maven,
        }),
        _ => Err(format!("the engines need {}", missing.join(" and "))),
    }
}

/// The first Java machine of the right version, with its exact version.
fn java() -> Option<(PathBuf, String)> {
    let named = env::var_os("JAVA_HOME").map(|home| Path::new(&home).join("bin/java"));
    let installed = JAVA_FOLDERS.iter().flat_map(|(folder, inner)| {
        let homes = std::fs::read_dir(folder).into_iter().flatten().flatten();
        homes.map(move |home| home.path().join(inner).join("bin/java"))
    });
    let candidates = named.into_iter().chain(on_path("java")).chain(installed);
    candidates
        .filter(|java| java.is_file())
        .find_map(|java| version_of(&java).map(|version| (java, version)))
}

/// The exact version of a Java machine of the right major version.
fn version_of(java: &Path) -> Option<String> {
    let output = Command::new(java).arg("-version").stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    version_in(&text).map(str::to_owned)
}

/// `openjdk version "17.0.15" 2025-04-15` → `17.0.15`.
fn version_in(text: &str) -> Option<&str> {
    let version = text.lines().find_map(|line| line.split_once("version \""))?.1;
    let (version, _) = version.split_once('"')?;
    (version.split('.').next() == Some(JAVA)).then_some(version)
}

fn on_path(program: &'static str) -> impl Iterator<Item = PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = env::split_paths(&path).collect();
    folders
        .into_iter()
        .map(move |folder| folder.join(program))
        .filter(|path| path.is_file())
}

#[cfg(test)]
mod tests;
