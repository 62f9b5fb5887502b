use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// The manifests of the workspace, without those of strangers.
pub(crate) fn metadata() -> Metadata {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
    let mut command = MetadataCommand::new();
    command.manifest_path(manifest).no_deps();
    command.exec().expect("cargo can read the manifests")
}

/// The folder of a package.
pub(crate) fn folder(package: &Package) -> PathBuf {
    let folder = package.manifest_path.parent();
    folder.expect("a manifest lies in a folder").as_std_path().to_owned()
}

/// What a package is built from.
pub(crate) fn built_from(package: &Package) -> Vec<&str> {
    named(package, |kind| kind != DependencyKind::Development)
}

/// What a package's tests use beside that.
pub(crate) fn tested_with(package: &Package) -> Vec<&str> {
    named(package, |kind| kind == DependencyKind::Development)
}

fn named(package: &Package, is_wanted: impl Fn(DependencyKind) -> bool) -> Vec<&str> {
    let wanted = package
        .dependencies
        .iter()
        .filter(|dependency| is_wanted(dependency.kind));
    wanted.map(|dependency| dependency.name.as_str()).collect()
}

/// A Rust source file of the workspace.
pub(crate) struct Source {
    /// Relative to the workspace.
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

/// All sources of a package.
pub(crate) fn sources(metadata: &Metadata, package: &Package) -> Vec<Source> {
    let mut paths = Vec::new();
    collect(&folder(package), &mut paths);
    paths.sort();
    let source = |path: PathBuf| Source {
        text: fs::read_to_string(&path).expect("a source file is text"),
        path: path
            .strip_prefix(&metadata.workspace_root)
            .map_or(path.clone(), Path::to_owned),
    };
    paths.into_iter().map(source).collect()
}

/// The sources of a package that are in the program, and not for tests only.
pub(crate) fn served_sources(metadata: &Metadata, package: &Package) -> Vec<Source> {
    let mut sources = sources(metadata, package);
    let test_only: Vec<_> = sources.iter().flat_map(Source::test_modules).collect();
    sources.retain(|source| !test_only.iter().any(|module| source.path.starts_with(module)));
    sources.retain(|source| !test_only.contains(&source.path.with_extension("")));
    // A package's own `tests` folder, beside `src`.
    sources.retain(|source| !source.path.iter().any(|part| part == "tests"));
    sources
}

impl Source {
    /// The paths, without their ending, of the modules that this file declares behind `#[cfg(test)]` or
    /// `#[cfg(any(test, ..))]`.
    fn test_modules(&self) -> Vec<PathBuf> {
        let is_root = ["lib.rs", "main.rs", "mod.rs"]
            .iter()
            .any(|name| self.path.ends_with(name));
        let folder = match self.path.parent() {
            Some(parent) if is_root => parent.to_owned(),
            _ => self.path.with_extension(""),
        };
        let lines: Vec<_> = self.text.lines().map(str::trim).collect();
        let pairs = lines.windows(2).filter(|pair| is_test_condition(pair[0]));
        pairs
            .filter_map(|pair| declared_module(pair[1]))
            .map(|name| folder.join(name))
            .collect()
    }
}

fn is_test_condition(line: &str) -> bool {
    line.starts_with("#[cfg(test)]") || line.starts_with("#[cfg(any(test")
}

/// `pub(crate) mod name;` declares `name`.
fn declared_module(line: &str) -> Option<&str> {
    let (_, name) = line.strip_suffix(';')?.rsplit_once("mod ")?;
    Some(name)
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a source folder is readable") {
        let path = entry.expect("a folder entry is readable").path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}
