//! The command line's half: `log show`, `log find`, `log diff`, `outcome` and `why`.

use std::process::ExitCode;
use std::sync::Arc;

use access::Principal;
use command_api::http::{keyed_command, story_of};
use domain::value::CartId;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;

use super::report::{ChangeReport, CommitReport, DiffReport, FieldReport};
use super::routes::{DiffQuestion, OPERATOR_PATIENCE, Question, Unanswered, answer, compare, explain};
use super::scan::Reader;
use crate::cli::{DiffOptions, FindOptions, Options, OutcomeOptions, ShowOptions, WhyOptions};
use crate::data_dir::DataDir;
use crate::operating::commands::exit_code;
use crate::operator_client::OperatorClient;
use crate::run::{Failure, open_offline};
use crate::table;

/// Prints every commit of a stream.
pub(crate) async fn show(options: &Options, asked: ShowOptions) -> Result<ExitCode, Failure> {
    let question = Question {
        stream: Some(asked.stream),
        ..Question::default()
    };
    let commits = commits(options, question).await?;
    print_commits(&commits, asked.json)
}

/// Prints the commits of a request or a command.
pub(crate) async fn find(options: &Options, asked: FindOptions) -> Result<ExitCode, Failure> {
    let question = Question {
        commands: asked.command.map(|command| command.to_string()),
        request: asked.request_id.as_deref().map(story_of),
        ..Question::default()
    };
    let commits = commits(options, question).await?;
    print_commits(&commits, asked.json)
}

/// Says what became of a request under an idempotency key.
pub(crate) async fn outcome(options: &Options, asked: OutcomeOptions) -> Result<ExitCode, Failure> {
    let ids: Vec<String> = callers(&asked)?
        .into_iter()
        .filter_map(|caller| keyed_command(caller, &asked.request, &asked.key))
        .map(|command| command.0.to_string())
        .collect();
    if ids.is_empty() {
        return Err("a key of somebody without credentials is a UUID; say who asked with --caller".into());
    }
    let question = Question {
        commands: Some(ids.join(",")),
        ..Question::default()
    };
    let done = commits(options, question).await?;
    let Some(first) = done.first() else {
        let text = "the log knows nothing of it: it never came, was refused, or is still on its way; \
                    asking again under the key decides it";
        say(
            asked.json,
            &json!({ "outcome": "unknown", "commits": [] }),
            &format!("{text}\n"),
        )?;
        return Ok(ExitCode::FAILURE);
    };
    let question = Question {
        request: Some(first.request.parse()?),
        ..Question::default()
    };
    let story = commits(options, question).await?;
    let answer = first.streams.first();
    let text = format!(
        "done at {} by {}: {} is at version {}; asking again gives the same answer\n\n{}",
        first.at,
        first.actor,
        answer.map_or("nothing", |stream| stream.stream.as_str()),
        answer.map_or(0, |stream| stream.version),
        commits_text(&story)
    );
    let all = json!({ "outcome": "done", "answer": first, "commits": story });
    say(asked.json, &all, &text)?;
    Ok(ExitCode::SUCCESS)
}

/// Who may have asked: as told, or whoever can without an account.
fn callers(asked: &OutcomeOptions) -> Result<Vec<Option<Uuid>>, Failure> {
    let Some(caller) = &asked.caller else {
        let parts = asked.request.split(['/', ' ']);
        let of_guests = parts.filter_map(|part| part.parse().ok());
        let guests = of_guests.map(|id| Principal::Guest { cart: CartId(id) }.caller());
        return Ok(std::iter::once(Principal::Anonymous.caller()).chain(guests).collect());
    };
    let principal = match caller.split_once(':') {
        Some(("admin", name)) => Principal::Admin { name: name.to_owned() },
        Some(("customer", id)) => Principal::Customer { id: id.parse()? },
        Some(("cart", id)) => Principal::Guest { cart: id.parse()? },
        _ => return Err("a caller is admin:NAME, customer:ID or cart:ID".into()),
    };
    Ok(vec![principal.caller()])
}

/// Says for each field of a stream's state which commit set it.
pub(crate) async fn why(options: &Options, asked: WhyOptions) -> Result<ExitCode, Failure> {
    let question = Question {
        stream: Some(asked.stream),
        until: asked.at,
        ..Question::default()
    };
    let mut fields: Vec<FieldReport> = ask(options, "/operator/history/why", question, explain).await?;
    if let Some(field) = &asked.field {
        let below = format!(".{field}.");
        fields.retain(|report| format!(".{}.", report.field).contains(&below));
    }
    let heads = [
        "FIELD", "VALUE", "VERSION", "EVENTS", "AT", "ACTOR", "COMMAND", "REQUEST",
    ];
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    for field in &fields {
        let what = [field.field.clone(), field.value.to_string()];
        rows.push(what.into_iter().chain(cells_of(&field.by)).collect());
    }
    say(asked.json, &serde_json::to_value(&fields)?, &table::render(&rows))?;
    Ok(exit_code(!fields.is_empty()))
}

/// Says what differs between two points of a stream's past, and what did it.
pub(crate) async fn diff(options: &Options, asked: DiffOptions) -> Result<ExitCode, Failure> {
    let question = DiffQuestion {
        stream: asked.stream,
        from: asked.from,
        to: asked.to,
    };
    let diff = ask(options, "/operator/history/diff", question, compare).await?;
    say(asked.json, &serde_json::to_value(&diff)?, &diff_text(&diff))?;
    Ok(exit_code(!diff.fields.is_empty()))
}

fn diff_text(diff: &DiffReport) -> String {
    let DiffReport {
        from_version,
        to_version,
        fields,
    } = diff;
    if fields.is_empty() {
        return format!("nothing differs between version {from_version} and version {to_version}\n");
    }
    let heads = [
        "FIELD", "BEFORE", "AFTER", "VERSION", "EVENTS", "AT", "ACTOR", "COMMAND", "REQUEST",
    ];
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    let shown = |value: &Option<Value>| value.as_ref().map_or_else(|| "-".to_owned(), Value::to_string);
    for field in fields {
        let mut what = [field.field.clone(), shown(&field.before), shown(&field.after)];
        for by in &field.by {
            // The field is named once, with all that changed it below each other.
            rows.push(std::mem::take(&mut what).into_iter().chain(cells_of(by)).collect());
        }
    }
    format!(
        "from version {from_version} to version {to_version}\n{}",
        table::render(&rows)
    )
}

fn cells_of(by: &ChangeReport) -> [String; 6] {
    [
        by.version.to_string(),
        by.events.join(", "),
        by.at.clone(),
        by.actor.clone(),
        by.command.clone(),
        by.request.clone(),
    ]
}

async fn commits(options: &Options, question: Question) -> Result<Vec<CommitReport>, Failure> {
    ask(options, "/operator/history", question, answer).await
}

/// Asks the running server, or looks into the log here.
async fn ask<Q: Serialize + Send + Sync + 'static, T: DeserializeOwned + Send + 'static>(
    options: &Options,
    path: &str,
    question: Q,
    read: fn(&Reader, &Q) -> Result<T, Unanswered>,
) -> Result<T, Failure> {
    let data = DataDir::open(&options.data)?;
    if let Some(client) = OperatorClient::of(data.operator()).await {
        return Ok(client.ask(path, &question).await?);
    }
    let offline = open_offline(options, &data).await?;
    let read = offline.look(move |log, codec| {
        let reader = Reader::new(Arc::clone(log), Arc::clone(codec), OPERATOR_PATIENCE);
        read(&reader, &question)
    });
    Ok(read.await??)
}

fn print_commits(commits: &[CommitReport], as_json: bool) -> Result<ExitCode, Failure> {
    say(as_json, &serde_json::to_value(commits)?, &commits_text(commits))?;
    Ok(exit_code(!commits.is_empty()))
}

pub(crate) fn commits_text(commits: &[CommitReport]) -> String {
    let mut text = String::new();
    for commit in commits {
        let CommitReport {
            at,
            shard,
            offset,
            actor,
            command,
            request,
            ..
        } = commit;
        text += &format!("{at}  {shard}@{offset}  {actor}  command {command}  request {request}\n");
        for stream in &commit.streams {
            text += &format!("  {} v{}\n", stream.stream, stream.version);
            for event in &stream.events {
                text += &format!("    {} {}\n", event.name, event.fields);
            }
        }
        if let Some(why) = &commit.unreadable {
            text += &format!("    cannot be read: {why}\n");
        }
    }
    text
}

pub(crate) fn say(as_json: bool, value: &Value, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    if as_json {
        return writeln!(std::io::stdout(), "{value}");
    }
    write!(std::io::stdout(), "{text}")
}
