//! Schemathesis, a tool of others, against the `OpenAPI` document and a shop that runs: what the document allows is
//! taken, what it forbids is refused, and every answer is one that it has.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::steps::{Report, Step};
use crate::suites::Suites;

const HEADING: &str = "the document of the commands, by schemathesis";
/// What is installed, with its version, and how it is told what to look at; in the workspace.
const REQUIREMENTS: &str = "tests/openapi/requirements.txt";
const CONFIGURATION: &str = "tests/openapi/schemathesis.toml";
const HOOKS: &str = "tests/openapi/hooks.py";
/// Names the hooks to it.
const HOOKS_VARIABLE: &str = "SCHEMATHESIS_HOOKS";
/// Gives it the token.
const TOKEN_VARIABLE: &str = "TILLROLL_TEST_TOKEN";
/// Where the hooks write which commands were never done; in the folder of the run.
const NEVER_DONE: &str = "never_done.txt";
/// Requests that are made up for each operation, beside those that try the bounds of each field.
const MADE_UP_REQUESTS: &str = "5";
/// How long the shop may take to be ready.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// How often it is asked.
const ASKED_EVERY: Duration = Duration::from_millis(50);

/// Installs it and runs it. Where there is no Python, it is skipped, but never where nobody would see that.
pub(crate) fn run(suites: &Suites, report: &mut Report, is_unattended: bool) {
    if let Err(missing) = answer("python3", &["-c", "import ensurepip, venv"]) {
        let missing = format!("it needs Python with its venv module: {missing}");
        if is_unattended {
            report.fail(HEADING, &missing);
        } else {
            report.skip(HEADING, missing);
        }
        return;
    }
    let folder = suites.folder("schemathesis");
    let Some(tool) = report.prepare("schemathesis", || install(suites.root(), &folder)) else {
        return;
    };
    let Some(shop) = report.prepare("a shop for it", || Shop::start(&suites.binary(), &folder)) else {
        return;
    };
    let document = format!("{}/openapi.json", shop.url);
    let in_workspace = |path: &str| suites.root().join(path).display().to_string();
    let configuration = in_workspace(CONFIGURATION);
    let arguments = [
        "--config-file",
        &configuration,
        "run",
        &document,
        "--phases",
        "examples,coverage,fuzzing",
        "--max-examples",
        MADE_UP_REQUESTS,
        // Its threads now and then trip over a fault of Python's own (`AST constructor recursion depth mismatch`).
        "--workers",
        "1",
        "--no-shrink",
        "--warnings",
        "off",
    ];
    let step = Step::of(HEADING, tool, arguments)
        .with(TOKEN_VARIABLE, &*shop.token)
        .with(HOOKS_VARIABLE, in_workspace(HOOKS))
        .within(&folder);
    report.run(&[step]);
    report.prepare("what schemathesis did", || all_were_done(&folder));
}

/// A command that was only ever refused was not tried, whatever the tool says of it.
fn all_were_done(folder: &Path) -> Result<(), String> {
    let never = text(&folder.join(NEVER_DONE))?;
    match never.split_whitespace().collect::<Vec<_>>().join(", ") {
        names if names.is_empty() => Ok(()),
        names => Err(format!("these were never done: {names}")),
    }
}

/// Where the tool is; it is installed when there is none of this version.
fn install(root: &Path, folder: &Path) -> Result<String, String> {
    let place = folder.join("tool");
    let tool = place.join("bin/st").display().to_string();
    let wanted = text(&root.join(REQUIREMENTS))?;
    let installed = place.join("installed.txt");
    if fs::read_to_string(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(tool);
    }
    make_empty(&place)?;
    let place = place.display().to_string();
    answer("python3", &["-m", "venv", &place])?;
    let pip = format!("{place}/bin/pip");
    let requirements = root.join(REQUIREMENTS).display().to_string();
    answer(
        &pip,
        &["install", "--quiet", "--disable-pip-version-check", "-r", &requirements],
    )?;
    fs::write(&installed, wanted).map_err(|error| format!("{}: {error}", installed.display()))?;
    Ok(tool)
}

/// A demo shop with an admin's token; it ends with this.
struct Shop {
    process: Child,
    url: String,
    token: String,
}

impl Shop {
    fn start(program: &str, folder: &Path) -> Result<Self, String> {
        let (data, secrets) = (folder.join("data"), folder.join("secrets"));
        make_empty(&data)?;
        make_empty(&secrets)?;
        let output = File::create(folder.join("output.txt")).map_err(|error| error.to_string())?;
        let errors = output.try_clone().map_err(|error| error.to_string())?;
        let command = || {
            let mut command = Command::new(program);
            command.env("TILLROLL_DATA", &data).env("TILLROLL_SECRETS", &secrets);
            command
        };
        let serve = command()
            .arg("serve")
            .env("TILLROLL_LISTEN", "127.0.0.1:0")
            .env("TILLROLL_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .spawn();
        let process = serve.map_err(|error| format!("{program}: {error}"))?;
        let mut shop = Self {
            process,
            url: String::new(),
            token: String::new(),
        };
        shop.url = shop.wait_for_url(&data.join("operator.json"))?;
        let mut token = command();
        let said = said_by(token.args(["token", "--role", "admin"]))?;
        said.lines().last().unwrap_or_default().clone_into(&mut shop.token);
        Ok(shop)
    }

    /// What it writes down about itself once it serves.
    fn wait_for_url(&mut self, file: &Path) -> Result<String, String> {
        let start = Instant::now();
        loop {
            let written = fs::read_to_string(file).unwrap_or_default();
            let behind = written.split_once("\"url\"").map_or("", |(_, behind)| behind);
            if let [_, url, _, ..] = behind.split('"').collect::<Vec<_>>().as_slice() {
                return Ok((*url).to_owned());
            }
            let has_ended = !matches!(self.process.try_wait(), Ok(None));
            if has_ended || start.elapsed() > READY_WITHIN {
                return Err("the shop does not come up; see output.txt beside its data".to_owned());
            }
            thread::sleep(ASKED_EVERY);
        }
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What a program says when all goes well.
fn answer(program: &str, arguments: &[&str]) -> Result<String, String> {
    said_by(Command::new(program).args(arguments))
}

fn said_by(command: &mut Command) -> Result<String, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr)))
}

fn text(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn make_empty(folder: &Path) -> Result<(), String> {
    let failed = |error| format!("{}: {error}", folder.display());
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(failed)?;
    }
    fs::create_dir_all(folder).map_err(failed)
}
