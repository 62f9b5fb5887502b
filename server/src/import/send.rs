//! From products to a running shop, over its HTTP endpoints.

use std::time::Duration;

use reqwest::header::{HeaderValue, RETRY_AFTER};
use reqwest::{Client, Method, Response, StatusCode};
use serde::{Deserialize, Serialize};
use tokio::task::{JoinError, JoinSet};
use url::Url;

use super::ImportError;
use super::read::{ReadCount, ReadProduct};
use super::report::Refusal;

/// Products that are under way at a time.
const UNDER_WAY_MAX: usize = 16;
/// How often one request is tried when the shop is busy or does not answer.
const TRIES_MAX: u32 = 8;
/// Longest pause between two tries.
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// First pause between two tries; each further one is twice as long.
const PAUSE_FIRST: Duration = Duration::from_millis(100);
/// Longest time for one answer.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// What an answer names as seen, and a later request wants to have been seen.
const CONSISTENCY_TOKEN: &str = "consistency-token";

/// What is said of a SKU that no product has.
const SKU_ABSENT: &str = "stock.sku_absent";

/// A running shop, and the right to change it.
#[derive(Clone)]
pub struct Shop {
    client: Client,
    url: Url,
    token: HeaderValue,
    is_only_looking: bool,
}

/// Something that is sent.
pub(super) enum Thing {
    /// A product with what there is of it.
    Product(Box<ReadProduct>),
    /// What was counted.
    Count(ReadCount),
}

/// What became of one thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sent {
    pub(super) came_in: bool,
    /// Whether anything of it was not so already.
    pub(super) changed: bool,
    pub(super) variants: usize,
    pub(super) stocked: usize,
    /// Counts that came in.
    pub(super) counted: usize,
    /// What would happen, in a dry run: its line, its handle, the names of the events.
    pub(super) preview: Option<(u64, String, Vec<String>)>,
    pub(super) refusals: Vec<Refusal>,
}

/// What the shop says when something is so now, or would be.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Said {
    changed: bool,
    events: Vec<String>,
    #[serde(skip)]
    seen: Option<HeaderValue>,
}

/// What the shop says when it refuses (`application/problem+json`).
#[derive(Debug, Deserialize)]
struct Problem {
    code: String,
    detail: String,
}

/// Why one request was not done.
enum Failure {
    /// The shop says no to this one.
    Refused(Problem),
    /// The shop would say no to any.
    Fatal(ImportError),
}

impl Shop {
    /// The shop at `url`, and an admin's token for it.
    ///
    /// # Errors
    /// The address or the token cannot be used.
    pub fn new(url: &str, token: &str) -> Result<Self, ImportError> {
        let unusable = |why: &str| ImportError::Address(format!("{url}: {why}"));
        let parsed = Url::parse(url).map_err(|error| unusable(&error.to_string()))?;
        if parsed.scheme() != "http" || !parsed.has_host() {
            return Err(unusable("the address begins with http:// and names a host"));
        }
        let mut token = HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| ImportError::Token)?;
        token.set_sensitive(true);
        let client = Client::builder().timeout(ANSWER_MAX).build();
        Ok(Self {
            client: client.map_err(|error| unusable(&error.to_string()))?,
            url: parsed,
            token,
            is_only_looking: false,
        })
    }

    /// The same shop, which is only asked what would happen.
    #[must_use]
    pub fn only_looking(self) -> Self {
        Self {
            is_only_looking: true,
            ..self
        }
    }

    pub(super) fn is_only_looking(&self) -> bool {
        self.is_only_looking
    }

    /// Sends all of them, some at a time, and calls `each` after each.
    pub(super) async fn send_all(
        &self,
        things: impl Iterator<Item = Thing>,
        mut each: impl FnMut(Sent),
    ) -> Result<(), ImportError> {
        let mut tasks: JoinSet<Result<Sent, ImportError>> = JoinSet::new();
        for thing in things {
            if tasks.len() >= UNDER_WAY_MAX
                && let Some(joined) = tasks.join_next().await
            {
                each(sent(joined)?);
            }
            let shop = self.clone();
            tasks.spawn(async move {
                match thing {
                    Thing::Product(product) => shop.send(&product).await,
                    Thing::Count(count) => shop.send_count(&count).await,
                }
            });
        }
        while let Some(joined) = tasks.join_next().await {
            each(sent(joined)?);
        }
        Ok(())
    }

    /// Sends a product, and then what there is of it.
    async fn send(&self, product: &ReadProduct) -> Result<Sent, ImportError> {
        let mut sent = Sent::default();
        let said = match self.say(&["products", &product.handle], &product.product, None).await {
            Ok(said) => said,
            Err(Failure::Fatal(error)) => return Err(error),
            Err(Failure::Refused(problem)) => {
                let reason = format!("product {:?}: {}", product.handle, problem.detail);
                sent.refusals.push(Refusal::new(product.line, problem.code, reason));
                return Ok(sent);
            }
        };
        sent.came_in = true;
        sent.changed = said.changed || !said.events.is_empty();
        sent.variants = product.product.variants.len();
        let mut events = said.events;
        for (sku, stock) in &product.stock {
            match self.say(&["stock", sku], stock, said.seen.clone()).await {
                Ok(said) => {
                    sent.stocked += 1;
                    sent.changed |= !said.events.is_empty();
                    events.extend(said.events);
                }
                Err(Failure::Fatal(error)) => return Err(error),
                // The variant was there under a SKU of its own, and so was its stock.
                Err(Failure::Refused(problem)) if problem.code == SKU_ABSENT && product.is_made_up(sku) => {}
                Err(Failure::Refused(problem)) => {
                    let reason = format!("opening stock of {sku:?}: {}", problem.detail);
                    sent.refusals.push(Refusal::new(product.line, problem.code, reason));
                }
            }
        }
        if !events.is_empty() {
            sent.preview = Some((product.line, product.handle.clone(), events));
        }
        Ok(sent)
    }

    /// Says what was counted.
    async fn send_count(&self, count: &ReadCount) -> Result<Sent, ImportError> {
        let mut sent = Sent::default();
        match self.say(&["stock", &count.sku, "count"], &count.counted, None).await {
            Ok(said) => {
                sent.came_in = true;
                sent.counted = 1;
                sent.changed = said.changed || !said.events.is_empty();
                let location = count.counted.location.as_deref().unwrap_or("main");
                let of = format!("{} at {location}", count.sku);
                sent.preview = (!said.events.is_empty()).then_some((count.line, of, said.events));
            }
            Err(Failure::Fatal(error)) => return Err(error),
            Err(Failure::Refused(problem)) => {
                let reason = format!("the count of {:?}: {}", count.sku, problem.detail);
                sent.refusals.push(Refusal::new(count.line, problem.code, reason));
            }
        }
        Ok(sent)
    }

    /// Says what is to be so, or asks what would happen were it said.
    async fn say(&self, of: &[&str], body: &impl Serialize, seen: Option<HeaderValue>) -> Result<Said, Failure> {
        let mut path = vec!["v1", "imports"];
        path.extend(of);
        if !self.is_only_looking {
            return self.ask(Method::PUT, &path, body, seen).await;
        }
        path.push("preview");
        self.ask(Method::POST, &path, body, seen).await
    }

    /// What is so already stays so, so a lost answer is asked for again.
    async fn ask(
        &self,
        method: Method,
        path: &[&str],
        body: &impl Serialize,
        seen: Option<HeaderValue>,
    ) -> Result<Said, Failure> {
        let mut url = self.url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        let mut pause = PAUSE_FIRST;
        let mut tries = 1;
        loop {
            let mut request = self.client.request(method.clone(), url.clone());
            request = request.header("authorization", self.token.clone()).json(body);
            if let Some(seen) = &seen {
                request = request.header(CONSISTENCY_TOKEN, seen.clone());
            }
            let wait = match request.send().await {
                Ok(response) if !asks_to_wait(response.status()) => return answered(response).await,
                Ok(response) if tries >= TRIES_MAX => return answered(response).await,
                Ok(response) => retry_after(&response).unwrap_or(pause),
                Err(error) if tries >= TRIES_MAX => {
                    return Err(Failure::Fatal(ImportError::Unreachable(error.to_string())));
                }
                Err(_) => pause,
            };
            tokio::time::sleep(wait.min(PAUSE_MAX)).await;
            pause *= 2;
            tries += 1;
        }
    }
}

fn asks_to_wait(status: StatusCode) -> bool {
    matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE)
}

fn retry_after(response: &Response) -> Option<Duration> {
    let text = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    text.parse().ok().map(Duration::from_secs)
}

fn sent(joined: Result<Result<Sent, ImportError>, JoinError>) -> Result<Sent, ImportError> {
    joined.map_err(|error| ImportError::Unreachable(error.to_string()))?
}

async fn answered(response: Response) -> Result<Said, Failure> {
    let status = response.status();
    if status.is_success() {
        let seen = response.headers().get(CONSISTENCY_TOKEN).cloned();
        // It is done, whatever else a newer shop may say.
        let said: Said = response.json().await.unwrap_or_default();
        return Ok(Said { seen, ..said });
    }
    let problem: Option<Problem> = response.json().await.ok();
    let Some(problem) = problem else {
        return Err(Failure::Fatal(ImportError::NoShop(status.as_u16())));
    };
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            Err(Failure::Fatal(ImportError::NotAllowed(problem.detail)))
        }
        _ => Err(Failure::Refused(problem)),
    }
}
