use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tempfile::TempDir;

use crate::Client;
use crate::deployment::{Deployment, Engines};
use crate::waiting::{seen_within, seen_within_blocking};

/// How long a command may take, in seconds.
const RUN_SECONDS_MAX: &str = "240";
/// How long an admin's token holds.
const ADMIN_SECONDS: u32 = 3_600;

/// A running shop, or one node of it, with a data directory of its own; stopped and removed at the end.
pub struct Shop {
    process: Option<Child>,
    /// Where it answers; the address is kept over restarts.
    url: String,
    data: Arc<TempDir>,
    /// Where the secrets are: the data directory of the first node.
    secrets: Arc<TempDir>,
    /// What every start finds in its environment.
    environment: Vec<(String, String)>,
    /// Whether its first start fills it with the demo products.
    demo: bool,
    deployment: Arc<Deployment>,
}

impl Shop {
    /// Starts an empty shop on a free port and waits until it is ready.
    ///
    /// # Panics
    /// When it does not become ready.
    #[must_use]
    pub fn start() -> Self {
        Self::new(Deployment::of_this_run()).started()
    }

    /// Starts a shop with the demo products.
    ///
    /// # Panics
    /// When it does not become ready.
    #[must_use]
    pub fn start_demo() -> Self {
        let mut shop = Self::new(Deployment::of_this_run());
        shop.demo = true;
        shop.started()
    }

    /// A shop that runs embedded, whatever this run of the tests is on. It is not started.
    #[must_use]
    pub fn embedded() -> Self {
        Self::new(Deployment::Embedded)
    }

    /// A shop on engines of the test's own. It is not started.
    #[must_use]
    pub fn on(engines: &Engines) -> Self {
        Self::new(Deployment::on(engines.clone(), false))
    }

    /// Another node of the same shop, with a data directory of its own. It is not started.
    ///
    /// # Panics
    /// When no directory can be made for it.
    #[must_use]
    pub fn another_node(&self) -> Self {
        Self {
            process: None,
            url: String::new(),
            data: new_directory(),
            secrets: Arc::clone(&self.secrets),
            environment: self.environment.clone(),
            demo: false,
            deployment: Arc::clone(&self.deployment),
        }
    }

    fn new(deployment: Deployment) -> Self {
        let data = new_directory();
        Self {
            process: None,
            url: String::new(),
            secrets: Arc::clone(&data),
            data,
            environment: Vec::new(),
            demo: false,
            deployment: Arc::new(deployment),
        }
    }

    /// The same shop, whose starts find this in their environment.
    #[must_use]
    pub fn with(mut self, variable: &str, value: &str) -> Self {
        self.environment.push((variable.to_owned(), value.to_owned()));
        self
    }

    /// Starts it and waits until it is ready.
    ///
    /// # Panics
    /// When it does not become ready.
    #[must_use]
    pub fn started(mut self) -> Self {
        self.restart();
        self
    }

    /// From now on starts find this in their environment no more.
    pub fn without(&mut self, variable: &str) {
        self.environment.retain(|(name, _)| name != variable);
    }

    /// A client of this shop.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::new(&self.url)
    }

    /// The directory of its secrets.
    #[must_use]
    pub fn secrets(&self) -> &Path {
        self.secrets.path()
    }

    /// A client with an admin's token.
    ///
    /// # Panics
    /// When no token is printed.
    #[must_use]
    pub fn admin(&self) -> Client {
        self.admin_for(ADMIN_SECONDS)
    }

    /// A client with an admin's token that holds so long.
    ///
    /// # Panics
    /// When no token is printed.
    #[must_use]
    pub fn admin_for(&self, seconds: u32) -> Client {
        let output = self.run(&["token", "--role", "admin", "--seconds", &seconds.to_string()]);
        let text = String::from_utf8(output.stdout).expect("the token is text");
        let token = text.lines().last().expect("the token is the last line").to_owned();
        self.client().with_header("authorization", &format!("Bearer {token}"))
    }

    /// Where it answers: `http://127.0.0.1:<port>`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its data directory.
    #[must_use]
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// What its topics begin with, on a cluster.
    #[must_use]
    pub fn prefix(&self) -> Option<&str> {
        self.deployment.prefix()
    }

    /// How long a condition of this shop is waited for before a test fails.
    #[must_use]
    pub fn deadline(&self) -> Duration {
        self.deployment.deadline()
    }

    /// Its process id, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(Child::id)
    }

    /// All that it has printed since the first start.
    #[must_use]
    pub fn output(&self) -> String {
        let bytes = std::fs::read(self.data.path().join("output.txt")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Runs another command of the program on the same data directory, to its end; one that takes too long is killed.
    ///
    /// # Panics
    /// When it cannot be run.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> std::process::Output {
        self.equipped(Command::new("timeout"))
            .args(["--signal=KILL", RUN_SECONDS_MAX])
            .arg(binary())
            .args(arguments)
            .env_remove("FAILPOINTS")
            .stdin(Stdio::null())
            .output()
            .expect("the program can be run")
    }

    /// Begins another command of the program on the same data directory; what it prints can be read as it comes.
    ///
    /// # Panics
    /// When it cannot be run.
    #[must_use]
    pub fn begin_command(&self, arguments: &[&str]) -> Child {
        self.command()
            .args(arguments)
            .env_remove("FAILPOINTS")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program can be run")
    }

    /// kill -9.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// SIGSTOP: it is there and answers nothing.
    ///
    /// # Panics
    /// When it does not run.
    pub fn pause(&self) {
        self.signal("-STOP");
    }

    /// SIGCONT.
    ///
    /// # Panics
    /// When it does not run.
    pub fn resume(&self) {
        self.signal("-CONT");
    }

    /// SIGTERM, and waits for the end.
    ///
    /// # Panics
    /// When it does not end, or not with success.
    pub fn stop(&mut self) {
        if self.process.is_none() {
            return;
        }
        self.signal("-TERM");
        let Some(mut process) = self.process.take() else { return };
        let ended = seen_within_blocking(self.deadline(), || {
            process.try_wait().expect("its state can be read").ok_or(())
        });
        let Ok(status) = ended else {
            let _ = process.kill();
            panic!("it does not end after SIGTERM:\n{}", self.output());
        };
        assert!(status.success(), "it ended with {status}:\n{}", self.output());
    }

    fn signal(&self, signal: &str) {
        let pid = self.pid().expect("it runs");
        let sent = Command::new("kill").args([signal, &pid.to_string()]).status();
        assert!(sent.expect("kill can be run").success(), "{signal} was sent");
    }

    /// Whether the process has ended by itself (a crash at a labelled step); reaps it.
    ///
    /// # Panics
    /// When its state cannot be read.
    pub fn has_ended(&mut self) -> bool {
        let ended = self
            .process
            .as_mut()
            .is_none_or(|process| process.try_wait().expect("its state can be read").is_some());
        if ended {
            self.process = None;
        }
        ended
    }

    /// Starts it again on the same data.
    ///
    /// # Panics
    /// When it does not become ready.
    pub fn restart(&mut self) {
        self.restart_with(&[]);
    }

    /// Starts it again with more environment, for example `TILLROLL_LOG`.
    ///
    /// # Panics
    /// When it does not become ready.
    pub fn restart_with(&mut self, environment: &[(&str, &str)]) {
        self.kill();
        self.spawn(environment);
        if let Err(why) = self.wait_until_ready() {
            panic!("{why}");
        }
    }

    /// Starts it again on the same data.
    ///
    /// # Errors
    /// It does not become ready; what it said.
    pub fn try_restart(&mut self) -> Result<(), String> {
        self.kill();
        self.spawn(&[]);
        self.wait_until_ready()
    }

    /// Starts it again with more environment, in which it is to die, and waits until it has.
    ///
    /// # Panics
    /// When it does not die.
    pub async fn restart_to_die(&mut self, environment: &[(&str, &str)]) {
        self.kill();
        self.spawn(environment);
        self.until_dead(&format!("{environment:?}")).await;
    }

    /// Waits until it has ended by itself.
    ///
    /// # Panics
    /// When it does not.
    pub async fn until_dead(&mut self, of_what: &str) {
        let deadline = self.deadline();
        let ended = seen_within(deadline, async || self.has_ended().then_some(()).ok_or(())).await;
        assert!(ended.is_ok(), "it does not die of {of_what}");
    }

    /// Starts it and does not wait.
    pub fn begin(&mut self) {
        self.kill();
        self.spawn(&[]);
    }

    fn command(&self) -> Command {
        self.equipped(Command::new(binary()))
    }

    /// With what the program is told about this shop.
    fn equipped(&self, mut command: Command) -> Command {
        command
            .envs(self.deployment.environment())
            .env("TILLROLL_DATA", self.data.path())
            .env("TILLROLL_SECRETS", self.secrets.path())
            .env("TILLROLL_LOG", "warn")
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    fn spawn(&mut self, environment: &[(&str, &str)]) {
        let _ = std::fs::remove_file(self.data.path().join("operator.json"));
        let output = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.data.path().join("output.txt"))
            .expect("the output file can be opened");
        let process = self
            .command()
            .env(
                "TILLROLL_LISTEN",
                self.url.strip_prefix("http://").unwrap_or("127.0.0.1:0"),
            )
            .env("TILLROLL_NO_DEMO", if self.demo { "false" } else { "true" })
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(output.try_clone().expect("the output file can be shared"))
            .stderr(output)
            .spawn()
            .expect("the program can be started");
        self.process = Some(process);
    }

    /// Waits until it serves.
    ///
    /// # Errors
    /// It does not, or has ended; what it said.
    pub fn wait_until_ready(&mut self) -> Result<(), String> {
        let file = self.data.path().join("operator.json");
        let url = seen_within_blocking(self.deadline(), || {
            match operator_url(&file).filter(|url| answers_ready(url)) {
                Some(url) => Ok(Some(url)),
                None if self.has_ended() => Ok(None),
                None => Err(()),
            }
        });
        let why = match url {
            Ok(Some(url)) => {
                self.url = url;
                return Ok(());
            }
            Ok(None) => "has ended",
            Err(()) => "is not ready in time",
        };
        Err(format!("the shop {why}; it said:\n{}", self.output()))
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.kill();
    }
}

fn new_directory() -> Arc<TempDir> {
    Arc::new(TempDir::new().expect("a temporary directory can be made"))
}

fn operator_url(file: &Path) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    let json: serde_json::Value = serde_json::from_str(&text).ok()?;
    Some(json["url"].as_str()?.to_owned())
}

/// Whether `/readyz` says 200, asked over a plain socket so that it works inside and outside a runtime.
fn answers_ready(url: &str) -> bool {
    use std::io::{Read, Write};
    let Some(address) = url.strip_prefix("http://") else {
        return false;
    };
    let Ok(mut stream) = std::net::TcpStream::connect(address) else {
        return false;
    };
    let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
    let request = format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    let mut answer = [0; 12];
    stream.write_all(request.as_bytes()).is_ok() && stream.read_exact(&mut answer).is_ok() && answer.ends_with(b"200")
}

/// The program under test: `TILLROLL_TEST_BINARY`, or built once by cargo, with its labelled steps.
fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(given) = std::env::var_os("TILLROLL_TEST_BINARY") {
            return given.into();
        }
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--package", "tillroll", "--features", "failpoints"])
            .status()
            .expect("cargo can be run");
        assert!(built.success(), "the program can be built");
        let test = std::env::current_exe().expect("the test knows its own path");
        let profile = test.ancestors().nth(2).expect("tests lie in the profile's deps folder");
        profile.join(format!("tillroll{}", std::env::consts::EXE_SUFFIX))
    })
}
