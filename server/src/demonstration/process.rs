//! A shop of the demonstration's own: this program once more, on a directory that goes when it ends.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::data_dir::DataDir;
use crate::run::Failure;

/// How long a start may take.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// How often it is asked whether it is ready.
const ASKED_EVERY: Duration = Duration::from_millis(20);

/// The shop. Its process ends with this value, its directory too.
pub(super) struct OwnShop {
    directory: TempDir,
    address: SocketAddr,
    process: Child,
}

impl OwnShop {
    /// Starts an empty one on a free port, and waits until it serves.
    pub(super) async fn start() -> Result<Self, Failure> {
        let directory = TempDir::with_prefix("tillroll-demo-")?;
        let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let process = spawn(&directory, free)?;
        let mut shop = Self {
            directory,
            address: free,
            process,
        };
        shop.address = shop.until_ready().await?;
        Ok(shop)
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn data(&self) -> Result<DataDir, Failure> {
        Ok(DataDir::open(self.directory.path())?)
    }

    /// Ends it as a power cut would: nothing of it can tidy up.
    pub(super) async fn kill(&mut self) -> Result<(), Failure> {
        Ok(self.process.kill().await?)
    }

    /// Starts it again on the same data, at the same address.
    pub(super) async fn restart(&mut self) -> Result<(), Failure> {
        self.data()?.remove_operator()?;
        self.process = spawn(&self.directory, self.address)?;
        self.until_ready().await?;
        Ok(())
    }

    /// Where it listens, once it serves: then it leaves a note in its directory.
    async fn until_ready(&mut self) -> Result<SocketAddr, Failure> {
        let deadline = Instant::now() + READY_WITHIN;
        let data = self.data()?;
        while Instant::now() < deadline {
            if let Some(note) = data.operator() {
                return Ok(note.url.trim_start_matches("http://").parse()?);
            }
            if let Some(status) = self.process.try_wait()? {
                return Err(format!("the shop has ended: {status}").into());
            }
            tokio::time::sleep(ASKED_EVERY).await;
        }
        Err("the shop does not become ready".into())
    }
}

fn spawn(directory: &TempDir, address: SocketAddr) -> Result<Child, Failure> {
    let mut command = Command::new(std::env::current_exe()?);
    // It is embedded and empty, whatever the shop of the environment is.
    let ours = std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("TILLROLL_"));
    for (name, _) in ours {
        command.env_remove(name);
    }
    let child = command
        .args([
            "serve",
            "--no-demo",
            "--log",
            "error",
            "--listen",
            &address.to_string(),
            "--data",
        ])
        .arg(directory.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    Ok(child)
}
