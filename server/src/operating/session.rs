//! A server to ask: the one that runs on the data directory, or one that is opened for as long as the command takes.

use crate::cli::Options;
use crate::data_dir::DataDir;
use crate::operator_client::OperatorClient;
use crate::run::{Failure, start_options};
use crate::start::{Running, StartOptions, start};

/// A server to ask.
pub(crate) struct Session {
    /// Asks it.
    pub(crate) client: OperatorClient,
    /// The shop that was opened for this; none when one was running.
    opened: Option<Running>,
}

impl Session {
    /// Finds the running server, or opens the shop here, on an address nobody knows.
    ///
    /// # Errors
    /// The shop cannot be opened.
    pub(crate) async fn open(options: &Options) -> Result<Self, Failure> {
        let data = DataDir::open(&options.data)?;
        if let Some(client) = OperatorClient::of(data.operator()).await {
            return Ok(Self { client, opened: None });
        }
        let alone = StartOptions {
            listen: ([127, 0, 0, 1], 0).into(),
            demo: false,
            ..start_options(options)?
        };
        let opened = start(alone).await?;
        let client = OperatorClient::of(data.operator()).await;
        Ok(Self {
            client: client.ok_or("the opened shop does not answer")?,
            opened: Some(opened),
        })
    }

    /// Whether what was begun ends with this command.
    pub(crate) fn is_alone(&self) -> bool {
        self.opened.is_some()
    }

    /// Closes what was opened.
    pub(crate) async fn close(self) {
        if let Some(opened) = self.opened {
            opened.stop().await;
        }
    }
}
