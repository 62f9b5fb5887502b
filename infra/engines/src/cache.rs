//! What engines are made of, downloaded and prepared once for all runs on this machine.

use std::env;
use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Error;
use crate::recipe::{Artifact, Recipe, Source};
use crate::requirements::requirements;

/// Names the cache's folder.
const FOLDER_VARIABLE: &str = "TILLROLL_ENGINES_CACHE";

/// The plugin of Maven that downloads. Later ones insist on the parents of archives, of which not all are published.
const MAVEN_PLUGIN: &str = "org.apache.maven.plugins:maven-dependency-plugin:2.8";

/// The end of an archive's name, as Maven writes it.
const ARCHIVE: &str = "tar.gz:all";

/// How much of what Maven says is shown.
const COMPLAINT_LINES_MAX: usize = 12;

/// The cache's folder: `TILLROLL_ENGINES_CACHE`, else `tillroll/engines` where the user's caches are.
pub(crate) fn folder() -> Result<PathBuf, Error> {
    let home = || env::var_os("HOME").map(PathBuf::from);
    let users = if cfg!(target_os = "macos") {
        home().map(|home| home.join("Library/Caches"))
    } else {
        let named = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        named.or_else(|| home().map(|home| home.join(".cache")))
    };
    let users = users.unwrap_or_else(env::temp_dir);
    let folder = env::var_os(FOLDER_VARIABLE).map_or_else(|| users.join("tillroll/engines"), PathBuf::from);
    fs::create_dir_all(&folder).map_err(Error::file(&folder))?;
    Ok(folder)
}

/// The folder with this name in the cache. When it is not there, `make` fills a new folder, which gets the name only
/// when it is complete. Of several processes that want it at once, one makes it and the others wait.
pub(crate) fn provide(name: &str, make: impl FnOnce(&Path) -> Result<(), Error>) -> Result<PathBuf, Error> {
    let cache = folder()?;
    let wanted = cache.join(name);
    if wanted.is_dir() {
        return Ok(wanted);
    }
    let lock_path = cache.join(format!("{name}.lock"));
    let _lock = lock(&lock_path)?;
    if wanted.is_dir() {
        return Ok(wanted);
    }
    // What a process left that died here.
    let partial = cache.join(format!("{name}.partial"));
    if partial.exists() {
        fs::remove_dir_all(&partial).map_err(Error::file(&partial))?;
    }
    fs::create_dir(&partial).map_err(Error::file(&partial))?;
    make(&partial)?;
    fs::rename(&partial, &wanted).map_err(Error::file(&wanted))?;
    Ok(wanted)
}

/// Waits for the lock of this file; it ends with the process that holds it, however that dies.
fn lock(path: &Path) -> Result<File, Error> {
    let file = open(path).map_err(Error::file(path))?;
    file.lock().map_err(Error::file(path))?;
    Ok(file)
}

/// Opens a file to lock; what is in it does not matter.
pub(crate) fn open(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().create(true).truncate(false).write(true).open(path)
}

/// All jars of a server, in an order that never changes.
pub(crate) fn jars(recipe: &Recipe) -> Result<Vec<PathBuf>, Error> {
    let leading = recipe.source.leading();
    let folder = provide(&format!("{}-{}", leading.name, leading.version), |folder| {
        download(recipe, folder)
    })?;
    let mut jars = Vec::new();
    for entry in fs::read_dir(&folder).map_err(Error::file(&folder))? {
        let path = entry.map_err(Error::file(&folder))?.path();
        if path.extension().is_some_and(|extension| extension == "jar") {
            jars.push(path);
        }
    }
    jars.sort();
    Ok(jars)
}

fn download(recipe: &Recipe, folder: &Path) -> Result<(), Error> {
    let requirements = requirements()?;
    let mut maven = Command::new(&requirements.maven);
    maven.args(["--batch-mode", "--quiet"]).current_dir(folder);
    // The Java machine that runs the engines runs Maven, too: a person may have others.
    if let Some(home) = requirements.java.ancestors().nth(2) {
        maven.env("JAVA_HOME", home);
    }
    match recipe.source {
        Source::Dependencies(artifacts) => {
            let project = folder.join("pom.xml");
            fs::write(&project, project_of(artifacts)).map_err(Error::file(&project))?;
            maven.arg(format!("{MAVEN_PLUGIN}:copy-dependencies"));
            maven.args(["-DincludeScope=runtime", "-DoutputDirectory=."]);
        }
        Source::Archive(Artifact { group, name, version }) => {
            maven.arg(format!("{MAVEN_PLUGIN}:unpack"));
            maven.arg(format!("-Dartifact={group}:{name}:{version}:{ARCHIVE}"));
            maven.arg(format!("-DoutputDirectory={}", folder.display()));
        }
    }
    let output = maven.stdin(Stdio::null()).output().map_err(Error::program("Maven"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines: Vec<_> = said.lines().take(COMPLAINT_LINES_MAX).collect();
    Err(Error::Download {
        name: recipe.name,
        reason: lines.join("\n"),
    })
}

/// A project that depends on these, as Maven reads it.
fn project_of(artifacts: &[Artifact]) -> String {
    let dependency = |Artifact { group, name, version }: &Artifact| {
        format!(
            "    <dependency><groupId>{group}</groupId><artifactId>{name}</artifactId><version>{version}</version></dependency>\n"
        )
    };
    let dependencies: String = artifacts.iter().map(dependency).collect();
    format!(
        "<project xmlns=\"http://maven.apache.org/POM/4.0.0\">\n  <modelVersion>4.0.0</modelVersion>\n  \
         <groupId>tillroll</groupId><artifactId>engine</artifactId><version>1</version><packaging>pom</packaging>\n  \
         <dependencies>\n{dependencies}  </dependencies>\n</project>\n"
    )
}
