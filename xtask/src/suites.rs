//! Which test programs there are, and what they are built with, as the manifests say.

use std::collections::BTreeSet;
use std::path::PathBuf;

use cargo_metadata::{Metadata, MetadataCommand, Target, TargetKind};

/// The labelled steps at which the black-box tests stop the program are built in for all tests, so that
/// everything is built once.
const FAILPOINTS: &str = "tillroll/failpoints";

/// The workspace, as the manifests describe it.
pub(crate) struct Suites {
    metadata: Metadata,
}

impl Suites {
    /// Reads the manifests.
    pub(crate) fn read() -> Result<Self, String> {
        let metadata = MetadataCommand::new().no_deps().exec();
        Ok(Self {
            metadata: metadata.map_err(|error| error.to_string())?,
        })
    }

    /// What every step selects: the whole workspace with all that any test needs. A part of it, or other features,
    /// would be built anew.
    pub(crate) fn selection(&self) -> Vec<String> {
        let mut features = BTreeSet::from([FAILPOINTS.to_owned()]);
        for package in &self.metadata.packages {
            let required = package.targets.iter().flat_map(|target| &target.required_features);
            features.extend(required.map(|feature| format!("{}/{feature}", package.name)));
        }
        let features: Vec<_> = features.into_iter().collect();
        vec!["--workspace".to_owned(), "--features".to_owned(), features.join(",")]
    }

    /// The arguments that name the test programs that need nothing but themselves.
    pub(crate) fn embedded(&self) -> Vec<String> {
        self.named(|target| target.required_features.is_empty())
    }

    /// The arguments that name the test programs that need engines: those that require features.
    pub(crate) fn on_engines(&self) -> Vec<String> {
        self.named(|target| !target.required_features.is_empty())
    }

    fn named(&self, is_wanted: impl Fn(&Target) -> bool) -> Vec<String> {
        let targets = self.metadata.packages.iter().flat_map(|package| &package.targets);
        let tests = targets.filter(|target| target.kind.contains(&TargetKind::Test));
        let names: BTreeSet<_> = tests
            .filter(|target| is_wanted(target))
            .map(|target| &target.name)
            .collect();
        names
            .into_iter()
            .flat_map(|name| ["--test".to_owned(), name.clone()])
            .collect()
    }

    /// Where a build leaves the program.
    pub(crate) fn binary(&self) -> String {
        let folder = self.metadata.target_directory.join("debug");
        let name = format!("tillroll{}", std::env::consts::EXE_SUFFIX);
        folder.join(name).into_string()
    }

    /// A folder of this name beside what is built.
    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        self.metadata.target_directory.join(name).into_std_path_buf()
    }

    /// The folder of the whole.
    pub(crate) fn root(&self) -> &std::path::Path {
        self.metadata.workspace_root.as_std_path()
    }
}
