//! A runtime on a thread of its own: what talks to an engine asynchronously for callers that may block.
//!
//! Its callers may sit on any thread, on the only one of another runtime too; nothing that an engine's client
//! does in the background takes that thread's time.

use std::future::Future;
use std::io;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// The runtime; it ends, with everything that runs on it, when this is dropped.
pub(crate) struct Background {
    runtime: Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Background {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system gives none.
    pub(crate) fn start(name: &str) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            // An error says that the sender was dropped: that is how it is told to stop.
            let _ = runtime.block_on(stopped);
            // Looking up a name cannot be interrupted and is not waited for.
            runtime.shutdown_background();
        })?;
        Ok(Self {
            runtime: handle,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Where tasks can be started.
    #[cfg(feature = "scylla")]
    pub(crate) fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// What comes of `work`; none when that takes longer than `limit`, and `work` is given up. Blocks.
    pub(crate) fn wait_for<T: Send + 'static>(
        &self,
        limit: Duration,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let (sender, receiver) = mpsc::sync_channel(1);
        self.runtime.spawn(async move {
            if let Ok(done) = tokio::time::timeout(limit, work).await {
                // Nobody receives when the caller is gone.
                let _ = sender.send(done);
            }
        });
        receiver.recv().ok()
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread of an engine's client has panicked");
        }
    }
}
