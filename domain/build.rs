//! Computes the fingerprint of everything that decides how a stored state looks and evolves.
//!
//! A saved state is only loaded by a program with the same fingerprint; any other program
//! replays the log. Decisions and tests are left out: changing them changes no state.
#![expect(clippy::disallowed_methods, reason = "a build script reads the sources")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn main() {
    let mut sources = BTreeSet::new();
    collect(Path::new("src"), &mut sources);
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for path in &sources {
        println!("cargo::rerun-if-changed={}", path.display());
        for byte in std::fs::read(path).expect("a listed source file is readable") {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    println!("cargo::rerun-if-changed=src");
    println!("cargo::rustc-env=DOMAIN_STATE_SHAPE={hash:016x}");
}

fn collect(folder: &Path, sources: &mut BTreeSet<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the source folder is readable") {
        let path = entry.expect("a folder entry is readable").path();
        if path.is_dir() {
            collect(&path, sources);
        } else if !["tests.rs", "testkit.rs", "decide.rs"]
            .iter()
            .any(|name| path.ends_with(name))
        {
            sources.insert(path);
        }
    }
}
