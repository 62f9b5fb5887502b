//! Servers to be measured, each a process of its own with a directory of its own.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::measure::Failure;

/// How long a server may take to be ready.
const READY_DEADLINE: Duration = Duration::from_secs(180);
/// How often readiness is asked for.
const READY_POLL: Duration = Duration::from_millis(10);
/// How long the admin's token is valid.
const TOKEN_SECONDS: &str = "36000";

/// A server that runs until this is dropped.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    process: Child,
    /// An admin's token, where it takes commands.
    token: String,
    client: reqwest::Client,
    /// From its start until it was ready.
    pub(super) started_in: Duration,
    /// Removed at the end, after the process.
    data: Option<TempDir>,
}

impl Server {
    /// The whole shop as people start it, with its demo products.
    pub(super) async fn shop() -> Result<Self, Failure> {
        Self::shop_in(TempDir::new()?, &[]).await
    }

    /// The whole shop with what is in its directory, and no demo products.
    pub(super) async fn shop_with(data: TempDir) -> Result<Self, Failure> {
        Self::shop_in(data, &[("TILLROLL_NO_DEMO", "true")]).await
    }

    async fn shop_in(data: TempDir, environment: &[(&str, &str)]) -> Result<Self, Failure> {
        // Free now; nobody else on this machine is expected to take it within a moment.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let program = program()?;
        let command = || {
            let mut command = Command::new(&program);
            command
                .env("TILLROLL_LISTEN", address.to_string())
                .env("TILLROLL_DATA", data.path())
                .env("TILLROLL_LOG", "warn")
                .envs(environment.iter().copied())
                .stdin(Stdio::null())
                .stderr(Stdio::inherit())
                .kill_on_drop(true);
            command
        };
        let begun = Instant::now();
        let mut server = Self {
            address,
            process: command().stdout(Stdio::null()).spawn()?,
            token: String::new(),
            client: reqwest::Client::new(),
            started_in: Duration::ZERO,
            data: None,
        };
        server.wait_until_ready().await?;
        server.started_in = begun.elapsed();
        let printed = command()
            .args(["token", "--role", "admin", "--seconds", TOKEN_SECONDS])
            .output()
            .await?;
        let printed = String::from_utf8(printed.stdout)?;
        printed.lines().last().unwrap_or_default().clone_into(&mut server.token);
        server.data = Some(data);
        Ok(server)
    }

    /// The command side alone.
    pub(super) async fn commands_only() -> Result<Self, Failure> {
        let data = TempDir::new()?;
        let path = data.path().display().to_string();
        let (process, line) = spawn_part(&["commands-only", &path]).await?;
        let (address, token) = line
            .split_once(' ')
            .ok_or("the command side did not say where it listens")?;
        Ok(Self {
            address: address.parse()?,
            process,
            token: token.to_owned(),
            client: reqwest::Client::new(),
            started_in: Duration::ZERO,
            data: Some(data),
        })
    }

    /// A bare axum server; with a page to show, if there is one.
    pub(super) async fn yardstick(page: Option<&Path>) -> Result<Self, Failure> {
        let page = page.map(|page| page.display().to_string());
        let mut arguments = vec!["yardstick"];
        if let Some(page) = &page {
            arguments.extend(["--page", page]);
        }
        let (process, line) = spawn_part(&arguments).await?;
        Ok(Self {
            address: line.parse()?,
            process,
            token: String::new(),
            client: reqwest::Client::new(),
            started_in: Duration::ZERO,
            data: None,
        })
    }

    /// Ends it at once; what it stored stays.
    pub(super) async fn kill(mut self) -> Result<TempDir, Failure> {
        self.process.kill().await?;
        self.data.take().ok_or_else(|| "the server has no data".into())
    }

    /// What a request of an admin says.
    pub(super) fn authorization(&self) -> String {
        format!("Bearer {}", self.token)
    }

    /// One of the program's commands, as an admin gives it on this server.
    pub(super) async fn command(&self, arguments: &[&str]) -> Result<Output, Failure> {
        let mut command = Command::new(program()?);
        command
            .env("TILLROLL_LISTEN", self.address.to_string())
            .env("TILLROLL_DATA", self.data()?)
            .env("TILLROLL_TOKEN", &self.token)
            .args(arguments)
            .stdin(Stdio::null())
            .stderr(Stdio::inherit());
        Ok(command.output().await?)
    }

    /// Its process, for what the system knows of it.
    pub(super) fn process_id(&self) -> Result<u32, Failure> {
        self.process.id().ok_or_else(|| "the server has ended".into())
    }

    /// Its data directory.
    pub(super) fn data(&self) -> Result<&Path, Failure> {
        self.data
            .as_ref()
            .map(TempDir::path)
            .ok_or_else(|| "the server has no data".into())
    }

    /// One request of an admin that must succeed; its answer's body.
    pub(super) async fn admin(&self, method: Method, path: &str, body: &Value) -> Result<Value, Failure> {
        self.ask(method, path, &[("authorization", &self.authorization())], body)
            .await
    }

    /// One request that must succeed; its answer's body.
    pub(super) async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Result<Value, Failure> {
        let mut request = self
            .client
            .request(method, format!("http://{}{path}", self.address))
            .json(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        if !status.is_success() {
            return Err(format!("{path}: {status}: {text}").into());
        }
        Ok(serde_json::from_str(&text)?)
    }

    /// How much of it is in memory, in megabytes: all, and without what is backed by files.
    pub(super) fn memory(&self) -> Result<[f64; 2], Failure> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process_id()?))?;
        let megabytes = |name: &str| -> Result<f64, Failure> {
            let line = status.lines().find(|line| line.starts_with(name));
            let number = line.and_then(|line| line.split_whitespace().nth(1));
            Ok(number.ok_or("the system does not say")?.parse::<f64>()? / 1_024.0)
        };
        Ok([megabytes("VmRSS:")?, megabytes("RssAnon:")?])
    }

    /// How far the projection that is furthest behind is, in commits.
    pub(super) async fn commits_behind(&self) -> Result<u64, Failure> {
        let ready = self.ask(Method::GET, "/readyz", &[], &Value::Null).await?;
        let projections = ready["projections"].as_array().ok_or("no projections are named")?;
        Ok(projections
            .iter()
            .filter_map(|projection| projection["commitsBehind"].as_u64())
            .max()
            .unwrap_or(0))
    }

    async fn wait_until_ready(&self) -> Result<(), Failure> {
        let deadline = Instant::now() + READY_DEADLINE;
        while self.ask(Method::GET, "/readyz", &[], &Value::Null).await.is_err() {
            if Instant::now() > deadline {
                return Err("the shop is not ready in time".into());
            }
            tokio::time::sleep(READY_POLL).await;
        }
        Ok(())
    }
}

/// The shop, as it was built beside this program.
fn program() -> Result<PathBuf, Failure> {
    let name = format!("tillroll{}", std::env::consts::EXE_SUFFIX);
    Ok(std::env::current_exe()?.with_file_name(name))
}

/// Starts a part of this program; its first line.
async fn spawn_part(arguments: &[&str]) -> Result<(Child, String), Failure> {
    let mut process = Command::new(std::env::current_exe()?)
        .arg("bench-part")
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let output = process.stdout.take().ok_or("the part has no output")?;
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line).await?;
    if line.is_empty() {
        return Err(format!("the part {arguments:?} did not start").into());
    }
    Ok((process, line.trim_end().to_owned()))
}
