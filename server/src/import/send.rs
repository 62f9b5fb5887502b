//! From products to a running shop, over its HTTP endpoints.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::header::{HeaderValue, RETRY_AFTER};
use reqwest::{Client, Method, Response, StatusCode};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use url::Url;

use super::ImportError;
use super::read::ReadProduct;
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

/// A running shop, and the right to change it.
#[derive(Clone)]
pub struct Shop {
    client: Client,
    url: Url,
    token: HeaderValue,
}

/// What became of one product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    pub(super) variants: usize,
    pub(super) stocked: usize,
    pub(super) refusals: Vec<Refusal>,
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
        })
    }

    /// Sends all products, some at a time, and calls `each` after each.
    pub(super) async fn send_all(
        &self,
        products: Vec<ReadProduct>,
        mut each: impl FnMut(&Sent),
    ) -> Result<Vec<Sent>, ImportError> {
        let seats = Arc::new(Semaphore::new(UNDER_WAY_MAX));
        let given_up = Arc::new(AtomicBool::new(false));
        let mut tasks = JoinSet::new();
        for product in products {
            let (shop, seats, given_up) = (self.clone(), Arc::clone(&seats), Arc::clone(&given_up));
            tasks.spawn(async move {
                let _seat = seats.acquire().await;
                if given_up.load(Ordering::Relaxed) {
                    return Ok(None);
                }
                let sent = shop.send(&product).await;
                given_up.fetch_or(sent.is_err(), Ordering::Relaxed);
                sent.map(Some)
            });
        }
        let mut all = Vec::new();
        while let Some(joined) = tasks.join_next().await {
            let sent = joined.map_err(|error| ImportError::Unreachable(error.to_string()))??;
            if let Some(sent) = sent {
                each(&sent);
                all.push(sent);
            }
        }
        Ok(all)
    }

    /// Sends a product, and then what there is of it.
    async fn send(&self, product: &ReadProduct) -> Result<Sent, ImportError> {
        let mut sent = Sent {
            variants: 0,
            stocked: 0,
            refusals: Vec::new(),
        };
        let path = ["v1", "imports", "products", &product.handle];
        let seen = match self.put(&path, &product.product, None).await {
            Ok(seen) => seen,
            Err(Failure::Fatal(error)) => return Err(error),
            Err(Failure::Refused(problem)) => {
                let reason = format!("product {:?}: {}", product.handle, problem.detail);
                sent.refusals.push(Refusal::new(product.line, problem.code, reason));
                return Ok(sent);
            }
        };
        sent.variants = product.product.variants.len();
        for (sku, stock) in &product.stock {
            match self.put(&["v1", "imports", "stock", sku], stock, seen.clone()).await {
                Ok(_) => sent.stocked += 1,
                Err(Failure::Fatal(error)) => return Err(error),
                Err(Failure::Refused(problem)) => {
                    let reason = format!("opening stock of {sku:?}: {}", problem.detail);
                    sent.refusals.push(Refusal::new(product.line, problem.code, reason));
                }
            }
        }
        Ok(sent)
    }

    /// Says what is to be so; what is so already stays so, so a lost answer is asked for again. Gives what the
    /// shop has seen then.
    async fn put(
        &self,
        path: &[&str],
        body: &impl Serialize,
        seen: Option<HeaderValue>,
    ) -> Result<Option<HeaderValue>, Failure> {
        let mut url = self.url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        let mut pause = PAUSE_FIRST;
        let mut tries = 1;
        loop {
            let mut request = self.client.request(Method::PUT, url.clone());
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

async fn answered(response: Response) -> Result<Option<HeaderValue>, Failure> {
    let status = response.status();
    if status.is_success() {
        return Ok(response.headers().get(CONSISTENCY_TOKEN).cloned());
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
