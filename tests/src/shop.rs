use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::deployment::Deployment;
use crate::{Client, DEADLINE};

/// A running shop with a data directory of its own, and on a cluster topics and keyspaces of its own; stopped and
/// removed at the end.
pub struct Shop {
    data: TempDir,
    deployment: Deployment,
    process: Option<Child>,
    /// Whether its first start fills it with the demo products.
    demo: bool,
    /// Where it answers; the address is kept over restarts.
    url: String,
}

impl Shop {
    /// Starts an empty shop on a free port and waits until it is ready.
    ///
    /// # Panics
    /// When it does not become ready.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with(false)
    }

    /// Starts a shop with the demo products.
    ///
    /// # Panics
    /// When it does not become ready.
    #[must_use]
    pub fn start_demo() -> Self {
        Self::start_with(true)
    }

    fn start_with(demo: bool) -> Self {
        let data = TempDir::new().expect("a temporary directory can be made");
        let mut shop = Self {
            data,
            deployment: Deployment::of_this_run(),
            process: None,
            demo,
            url: String::new(),
        };
        shop.spawn(&[]);
        shop.url = shop.wait_until_ready();
        shop
    }

    /// A client of this shop.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::new(&self.url)
    }

    /// A client with an admin's token.
    ///
    /// # Panics
    /// When no token is printed.
    #[must_use]
    pub fn admin(&self) -> Client {
        let output = self.run(&["token", "--role", "admin"]);
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

    /// Its process id, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(Child::id)
    }

    /// Runs another command of the program on the same data directory, to its end.
    ///
    /// # Panics
    /// When it cannot be run.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> std::process::Output {
        self.command()
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .expect("the program can be run")
    }

    /// kill -9.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// SIGTERM, and waits for the end.
    ///
    /// # Panics
    /// When it does not end, or not with success.
    pub fn stop(&mut self) {
        let Some(mut process) = self.process.take() else { return };
        let terminated = Command::new("kill")
            .args(["-TERM", &process.id().to_string()])
            .status()
            .expect("kill can be run");
        assert!(terminated.success(), "the signal was sent");
        let status = wait_for("the program ends", || {
            process.try_wait().expect("its state can be read")
        });
        assert!(status.success(), "it ended with {status}");
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
        self.url = self.wait_until_ready();
    }

    /// Starts it again with more environment, in which it is to die, and waits until it has.
    ///
    /// # Panics
    /// When it does not die.
    pub async fn restart_to_die(&mut self, environment: &[(&str, &str)]) {
        self.kill();
        self.spawn(environment);
        let start = Instant::now();
        while !self.has_ended() {
            assert!(start.elapsed() < DEADLINE, "it does not die of {environment:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(binary());
        command
            .envs(self.deployment.environment())
            .env("TILLROLL_DATA", self.data.path())
            .env("TILLROLL_LOG", "warn");
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

    fn wait_until_ready(&mut self) -> String {
        let start = Instant::now();
        let file = self.data.path().join("operator.json");
        loop {
            if let Some(url) = operator_url(&file).filter(|url| answers_ready(url)) {
                return url;
            }
            let ended = self.has_ended();
            if ended || start.elapsed() > DEADLINE {
                let output = std::fs::read_to_string(self.data.path().join("output.txt")).unwrap_or_default();
                panic!(
                    "the shop is not ready after {:?} (ended: {ended}); it said:\n{output}",
                    start.elapsed()
                );
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.kill();
        self.deployment.remove();
    }
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

/// Asks until there is an answer.
///
/// # Panics
/// After [`DEADLINE`], with what was waited for.
pub(crate) fn wait_for<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(start.elapsed() < DEADLINE, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
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
