//! A real browser, driven over its own remote debugging (the `DevTools` protocol, JSON over a WebSocket).

use std::path::Path;
use std::process::{Child, Command, Stdio};

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::deadline;
use crate::waiting::seen_within;

/// How Chromium may be called.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];
/// Without a window, a sandbox that containers do not have, and anything it would ask the network for by itself.
const OPTIONS: [&str; 7] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
    "--remote-debugging-port=0",
];
/// Where the browser notes its port and the path of its socket.
const PORT_FILE: &str = "DevToolsActivePort";

/// The browser. Its process ends with this value, and its profile goes.
pub struct Browser {
    process: Child,
    address: String,
    profile: TempDir,
}

/// A page of it, and what it complained of and asked for.
pub struct Page {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    calls: u64,
    complaints: Vec<String>,
    asked: Vec<String>,
}

impl Browser {
    /// Starts the one that is on this machine; none where there is none.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start() -> Option<Self> {
        let name = NAMES.into_iter().find(|name| answers(name))?;
        let profile = TempDir::new().expect("a directory for the browser's own files");
        let process = Command::new(name)
            .args(OPTIONS)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the browser can be run");
        let noted = seen_within(deadline(), async || port(profile.path()).ok_or(())).await;
        let port = noted.expect("the browser says where it listens");
        Some(Self {
            process,
            address: format!("127.0.0.1:{port}"),
            profile,
        })
    }

    /// Opens a page, this wide and high in pixels.
    ///
    /// # Panics
    /// When it cannot.
    pub async fn open(&self, url: &str, size: (u32, u32)) -> Page {
        let made = reqwest::Client::new()
            .put(format!("http://{}/json/new?about:blank", self.address))
            .send()
            .await
            .expect("the browser answers");
        let made: Value = made.json().await.expect("it tells of the page");
        let socket = made["webSocketDebuggerUrl"].as_str().expect("the page has a socket");
        let (socket, _) = connect_async(socket).await.expect("the page's socket opens");
        let mut page = Page {
            socket,
            calls: 0,
            complaints: Vec::new(),
            asked: Vec::new(),
        };
        for part in ["Runtime", "Log", "Network", "Page"] {
            page.call(&format!("{part}.enable"), json!({})).await;
        }
        let size = json!({ "width": size.0, "height": size.1, "deviceScaleFactor": 1, "mobile": false });
        page.call("Emulation.setDeviceMetricsOverride", size).await;
        page.call("Page.navigate", json!({ "url": url })).await;
        page
    }
}

impl Page {
    /// What an expression of JavaScript gives in the page; a promise is waited for.
    ///
    /// # Panics
    /// When it throws.
    pub async fn evaluate(&mut self, expression: &str) -> Value {
        let asked = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let mut given = self.call("Runtime.evaluate", asked).await;
        let thrown = &given["exceptionDetails"];
        assert!(thrown.is_null(), "{expression} throws {thrown}");
        given["result"]["value"].take()
    }

    /// Waits until an expression gives something true, and gives it; of an object only that it is there.
    ///
    /// # Panics
    /// When it does not in time; with what the page shows.
    pub async fn until(&mut self, expression: &str) -> Value {
        let plain = "typeof seen === 'object' ? seen !== null : seen";
        let guarded =
            format!("(() => {{ try {{ const seen = {expression}; return {plain} }} catch {{ return null }} }})()");
        let seen = seen_within(deadline(), async || {
            let given = self.evaluate(&guarded).await;
            let is_there = !matches!(given, Value::Null | Value::Bool(false)) && given != 0 && given != "";
            if is_there { Ok(given) } else { Err(()) }
        })
        .await;
        if let Ok(seen) = seen {
            return seen;
        }
        let shown = self.evaluate("document.body.innerText").await;
        panic!("waited in vain: {expression}\n{:#?}\n{shown}", self.complaints);
    }

    /// What its console complained of: a policy that was broken, a script that failed, what could not be loaded.
    #[must_use]
    pub fn complaints(&self) -> &[String] {
        &self.complaints
    }

    /// The addresses that it asked for; what it has in itself is none.
    pub fn asked(&self) -> impl Iterator<Item = &str> {
        let asked = self.asked.iter().map(String::as_str);
        asked.filter(|url| !url.starts_with("data:") && !url.starts_with("blob:"))
    }

    async fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.calls += 1;
        let id = self.calls;
        let message = json!({ "id": id, "method": method, "params": parameters }).to_string();
        self.socket
            .send(Message::Text(message.into()))
            .await
            .expect("the page listens");
        let answered = async {
            loop {
                let mut message = self.hear().await;
                if message["id"] == id {
                    assert!(message["error"].is_null(), "{method}: {}", message["error"]);
                    return message["result"].take();
                }
                self.note(&message);
            }
        };
        let answered = tokio::time::timeout(deadline(), answered).await;
        answered.expect("the page answers in time")
    }

    async fn hear(&mut self) -> Value {
        loop {
            let message = self
                .socket
                .next()
                .await
                .expect("the page lives")
                .expect("its socket too");
            if let Message::Text(text) = message {
                return serde_json::from_str(&text).expect("the browser speaks JSON");
            }
        }
    }

    /// Remembers what a page is judged by.
    fn note(&mut self, event: &Value) {
        let parameters = &event["params"];
        match event["method"].as_str().unwrap_or_default() {
            "Runtime.exceptionThrown" => self.complaints.push(parameters["exceptionDetails"].to_string()),
            "Runtime.consoleAPICalled" if parameters["type"] == "error" => {
                self.complaints.push(parameters["args"].to_string());
            }
            "Log.entryAdded" if parameters["entry"]["level"] == "error" => {
                self.complaints.push(parameters["entry"].to_string());
            }
            "Network.requestWillBeSent" => self.asked.extend(text(&parameters["request"]["url"])),
            "Network.webSocketCreated" => self.asked.extend(text(&parameters["url"])),
            _ => {}
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        // Its children may still write for a moment.
        let _ = std::fs::remove_dir_all(self.profile.path());
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn answers(name: &str) -> bool {
    let asked = Command::new(name)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    asked.is_ok_and(|status| status.success())
}

/// The port that the browser has noted, once it has.
fn port(profile: &Path) -> Option<u16> {
    let noted = std::fs::read_to_string(profile.join(PORT_FILE)).ok()?;
    noted.lines().next()?.parse().ok()
}
