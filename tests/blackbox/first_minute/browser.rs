//! The pages in a real browser, where there is one on the machine.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;
use tests::Shop;

/// How Chromium may be called.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];
/// How long a page has, by its own clock: timers and requests run ahead of the wall's.
const PAGE_MS: &str = "--virtual-time-budget=8000";

/// The first browser that is there.
fn browser() -> Option<&'static str> {
    let answers = |name: &&str| {
        let asked = Command::new(name)
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        asked.is_ok_and(|status| status.success())
    };
    NAMES.into_iter().find(answers)
}

/// The page as the browser has it after its scripts have run, and what it complained of.
fn seen(browser: &str, url: &str) -> (String, String) {
    let profile = TempDir::new().expect("a directory for the browser's own files");
    let Output { stdout, stderr, .. } = Command::new(browser)
        .args([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--dump-dom",
            PAGE_MS,
        ])
        .args(["--enable-logging=stderr", "--v=0"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(url)
        .stdin(Stdio::null())
        .output()
        .expect("the browser can be run");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (text(stdout), text(stderr))
}

/// What the page's own console complained of: a policy that was broken, a script that failed.
fn complaints(log: &str) -> Vec<&str> {
    log.lines().filter(|line| line.contains("CONSOLE")).collect()
}

#[tokio::test]
async fn the_pages_show_what_they_promise_in_a_browser() {
    let Some(browser) = browser() else {
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED: no Chromium on this machine; .ci/run installs one"
        );
        assert!(std::env::var_os("CI").is_none(), "CI has a browser");
        return;
    };
    let shop = Shop::start_demo();
    let (front, log) = seen(browser, shop.url());
    assert!(complaints(&log).is_empty(), "{:#?}", complaints(&log));
    assert!(front.matches("<h3>").count() >= 20, "the shelf is empty: {front}");
    assert!(
        front.contains("src=\"http://127.0.0.1") && front.contains("in stock"),
        "{front}"
    );

    let (docs, log) = seen(browser, &format!("{}/docs", shop.url()));
    assert!(complaints(&log).is_empty(), "{:#?}", complaints(&log));
    assert!(
        docs.contains("Open a cart") && docs.contains("/v1/stock/{sku}"),
        "the reader shows no commands"
    );

    let (editor, log) = seen(browser, &format!("{}/graphql", shop.url()));
    assert!(complaints(&log).is_empty(), "{:#?}", complaints(&log));
    assert!(
        editor.contains("graphiql-container") && editor.contains("CodeMirror"),
        "there is no editor"
    );
}
