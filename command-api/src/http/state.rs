//! What handlers work with.

use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use access::{CartSecret, Gate, Principal};
use domain::shop::settings::Settings;
use domain::stream::StreamId;
use domain::value::{CartId, Currency, Sealed, Sku, Timestamp};
use domain::{Command, ConsistencyToken};
use schemas::Sealer;
use tokio::sync::Semaphore;

use super::body::Body;
use super::errors;
use super::image::ImageStore;
use super::intent::Intent;
use super::limits::{COMMAND_DEADLINE, SEALING_AT_ONCE_MAX, SEALING_WAIT, UPLOADS_AT_ONCE_MAX};
use super::money;
use super::problem::Problem;
use crate::{Commands, Outcome, Seen};

/// What handlers work with. Cheap to clone.
#[derive(Clone)]
pub struct HttpState {
    pub(crate) commands: Commands,
    pub(crate) gate: Gate,
    sealer: Arc<Sealer>,
    sealing: Arc<Semaphore>,
    images: Option<Arc<dyn ImageStore>>,
    pub(crate) uploading: Arc<Semaphore>,
}

impl HttpState {
    /// The commands that requests run, the gate that says who asks, and the sealer of personal fields.
    #[must_use]
    pub fn new(commands: Commands, gate: Gate, sealer: Arc<Sealer>) -> Self {
        Self {
            commands,
            gate,
            sealer,
            sealing: Arc::new(Semaphore::new(SEALING_AT_ONCE_MAX)),
            images: None,
            uploading: Arc::new(Semaphore::new(UPLOADS_AT_ONCE_MAX)),
        }
    }

    /// The same, and uploaded images are kept here; without such a place none are taken.
    #[must_use]
    pub fn keeping_images(self, images: Arc<dyn ImageStore>) -> Self {
        Self {
            images: Some(images),
            ..self
        }
    }

    pub(crate) fn images(&self) -> Option<Arc<dyn ImageStore>> {
        self.images.clone()
    }

    /// Runs the commands that a request asks for, all or none.
    pub(crate) async fn run<T>(
        &self,
        intent: &Intent,
        body: &Body<T>,
        commands: Vec<Command>,
    ) -> Result<Outcome, Problem> {
        let request = intent.request(body.digest, commands, Instant::now() + COMMAND_DEADLINE);
        Ok(self.commands.execute(request).await?)
    }

    /// A stream's state, no older than the call.
    pub(crate) async fn seen(&self, stream: &StreamId) -> Result<Seen, Problem> {
        Ok(self.commands.state(stream, Instant::now() + COMMAND_DEADLINE).await?)
    }

    /// Seals personal fields of `subject`, in order: names and plain texts in, sealed fields out. The store of keys is
    /// asked, so it does not happen on the thread that serves; and few do it at once, so that a store that hangs takes
    /// nothing else with it.
    pub(crate) async fn seal<const N: usize>(
        &self,
        subject: String,
        fields: [Option<(&'static str, String)>; N],
    ) -> Result<[Option<Sealed>; N], Problem> {
        let turn = tokio::time::timeout(SEALING_WAIT, Arc::clone(&self.sealing).acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            return Err(errors::keys_unavailable());
        };
        let sealer = Arc::clone(&self.sealer);
        let sealing = tokio::task::spawn_blocking(move || {
            let given = fields.iter().flatten();
            let given: Vec<_> = given.map(|(name, plain)| (*name, plain.as_str())).collect();
            let sealed = sealer.seal_all(&subject, &given);
            // Held until the thread is free again, also when nobody waits for the answer any more.
            drop(turn);
            let mut sealed = sealed?.into_iter();
            // Those that were given, in their places.
            Ok(fields
                .each_ref()
                .map(|field| field.as_ref().and_then(|_| sealed.next())))
        });
        match sealing.await {
            Ok(sealed) => sealed.map_err(|error| errors::of_sealing(&error)),
            Err(_) => Err(Problem::internal()),
        }
    }

    /// The secret of a cart that was just opened, unless a customer owns it.
    pub(crate) fn secret_for(&self, opener: &Principal, cart: CartId) -> Option<CartSecret> {
        match opener {
            Principal::Customer { .. } => None,
            Principal::Anonymous | Principal::Guest { .. } | Principal::Admin { .. } => {
                Some(self.gate.cart_secret(cart))
            }
        }
    }

    /// Something of the shop's settings, as folded so far.
    pub(crate) fn of_settings<R>(&self, read: impl FnOnce(&Settings) -> R) -> R {
        read(self.commands.reference().settings())
    }

    /// The currency that a body names; the shop's first, when it names none.
    pub(crate) fn currency(&self, code: Option<&str>) -> Result<Currency, Problem> {
        match code {
            Some(code) => money::currency("currency", code),
            None => Ok(self.of_settings(|settings| settings.currencies.first().copied().unwrap_or(Currency::EUR))),
        }
    }

    /// The language of texts that name none.
    pub(crate) fn default_locale(&self) -> String {
        self.of_settings(|settings| settings.default_locale().to_owned())
    }

    /// Whether a product has this SKU, once what `after` names is folded.
    pub(crate) async fn expect_sku(&self, sku: &Sku, after: &ConsistencyToken) -> Result<(), Problem> {
        self.commands
            .reference_after(after, Instant::now() + COMMAND_DEADLINE)
            .await?;
        if self.commands.reference().has_sku(sku) {
            return Ok(());
        }
        Err(Problem::absent("stock.sku_absent", "no product has this SKU").at("sku"))
    }
}

/// Now, by this machine's clock: for tokens, never for decisions.
pub(crate) fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}
