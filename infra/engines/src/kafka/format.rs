//! What a broker needs in its data folder before its first run: two small files, made once and copied from then on.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::engine::class_path;
use crate::recipe::kafka as recipe;
use crate::requirements::requirements;
use crate::{Error, cache};

/// Where a broker's data is, in its folder.
pub(crate) const DATA_FOLDER: &str = "data";

/// Whose disk it is.
const IDENTITY_FILE: &str = "meta.properties";

/// What the cluster's own log begins with.
const BOOTSTRAP_FILE: &str = "bootstrap.checkpoint";

/// The cluster's id. Throwaway clusters may share one: no broker ever meets another's.
const CLUSTER_ID: &str = "dGlsbHJvbGwgZW5naW5lcw";

/// Formats the data folder of this broker, unless it is.
pub(crate) fn format(id: u8, folder: &Path) -> Result<(), Error> {
    let data = folder.join(DATA_FOLDER);
    let identity = data.join(IDENTITY_FILE);
    if identity.exists() {
        return Ok(());
    }
    let name = format!("kafka-{}-formatted", recipe::VERSION);
    let made = cache::provide(&name, make)?.join(DATA_FOLDER);
    fs::create_dir_all(&data).map_err(Error::file(&data))?;
    let bootstrap = data.join(BOOTSTRAP_FILE);
    fs::copy(made.join(BOOTSTRAP_FILE), &bootstrap).map_err(Error::file(&bootstrap))?;
    let text = fs::read_to_string(made.join(IDENTITY_FILE)).map_err(Error::file(&made))?;
    fs::write(&identity, identity_of(id, &text)).map_err(Error::file(&identity))
}

/// The identity of another broker's disk in the same cluster.
fn identity_of(id: u8, text: &str) -> String {
    let line = |line: &str| match line.split_once('=') {
        Some(("node.id", _)) => format!("node.id={id}\n"),
        // Sixteen bytes in base 64; the last digit carries four bits, so it is one of A, Q, g and w.
        Some(("directory.id", directory)) => {
            let start: String = directory.chars().take(19).collect();
            format!("directory.id={start}{id:02}A\n")
        }
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

/// Lets Kafka's own tool format a folder for broker 1.
fn make(folder: &Path) -> Result<(), Error> {
    let requirements = requirements()?;
    let configuration = folder.join("server.properties");
    let data = folder.join(DATA_FOLDER);
    let text = format!(
        "process.roles=broker,controller\nnode.id=1\nlisteners=PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093\n\
         controller.listener.names=CONTROLLER\ncontroller.quorum.voters=1@127.0.0.1:9093\nlog.dirs={}\n",
        data.display()
    );
    fs::write(&configuration, text).map_err(Error::file(&configuration))?;
    let output = Command::new(&requirements.java)
        .args(["-XX:TieredStopAtLevel=1", "-cp"])
        .arg(class_path(&cache::jars(&recipe::RECIPE)?))
        .args(["kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c"])
        .arg(&configuration)
        .stdin(Stdio::null())
        .output()
        .map_err(Error::program("Java"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(Error::NotReady {
        name: recipe::RECIPE.name,
        reason: "could not format a folder".to_owned(),
        log: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::identity_of;

    #[test]
    fn each_broker_has_a_disk_of_its_own_in_the_same_cluster() {
        let first = "#\ncluster.id=abc\ndirectory.id=0123456789012345678xyA\nnode.id=1\nversion=1\n";
        let second = "#\ncluster.id=abc\ndirectory.id=012345678901234567802A\nnode.id=2\nversion=1\n";
        assert_eq!(identity_of(2, first), second);
    }
}
