//! A connection that is not cut while its client still sends.
//!
//! A refusal may come before the whole request was read (a body that is too large). Closing a socket with unread bytes
//! in it resets the connection, and with it goes the answer. So who closes reads on for a moment, and forgets what
//! comes.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

/// How long a closed connection may go on sending before it is cut.
pub(super) const LINGER_WITHIN: Duration = Duration::from_secs(2);
/// Bytes that are forgotten at once.
const FORGOTTEN_BYTES: usize = 16 * 1024;

/// A stream whose shutdown waits for the other side's, for [`LINGER_WITHIN`].
pub(super) struct Lingering {
    stream: TcpStream,
    /// Runs since the own side was shut down.
    cut: Option<Pin<Box<Sleep>>>,
}

impl Lingering {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self { stream, cut: None }
    }

    fn poll_forget(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let mut forgotten = [0; FORGOTTEN_BYTES];
        loop {
            let mut buffer = ReadBuf::new(&mut forgotten);
            let read = ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer));
            if read.is_err() || buffer.filled().is_empty() {
                return Poll::Ready(());
            }
        }
    }
}

impl AsyncRead for Lingering {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Lingering {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.cut.is_none() {
            ready!(Pin::new(&mut self.stream).poll_shutdown(context))?;
            self.cut = Some(Box::pin(sleep(LINGER_WITHIN)));
        }
        if self.poll_forget(context).is_ready() {
            return Poll::Ready(Ok(()));
        }
        match &mut self.cut {
            Some(cut) => cut.as_mut().poll(context).map(Ok),
            None => Poll::Ready(Ok(())),
        }
    }
}
