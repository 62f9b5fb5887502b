use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::*;

type Serving = (std::net::SocketAddr, CancellationToken, JoinHandle<()>);

async fn serving(app: Router) -> Serving {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it has an address");
    let stop = CancellationToken::new();
    (address, stop.clone(), tokio::spawn(serve(listener, app, stop)))
}

/// The clock runs ahead whenever nothing else is to be done, so the limit is reached at once.
#[tokio::test(start_paused = true)]
async fn a_head_that_never_ends_ends_its_connection() {
    let (address, stop, served) = serving(Router::new()).await;
    let mut slow = TcpStream::connect(address).await.expect("it listens");
    slow.write_all(b"GET / HTTP/1.1\r\nHost: ").await.expect("it reads");
    let began = tokio::time::Instant::now();
    let mut said = Vec::new();
    slow.read_to_end(&mut said).await.expect("it is closed");
    assert!(began.elapsed() >= HEAD_WITHIN);
    stop.cancel();
    served.await.expect("it ends");
}

#[tokio::test]
async fn a_request_that_was_taken_is_answered_after_the_stop() {
    let (began, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let slow = {
        let (began, go_on) = (Arc::clone(&began), Arc::clone(&go_on));
        async move || {
            began.notify_one();
            go_on.notified().await;
            "done"
        }
    };
    let (address, stop, served) = serving(Router::new().route("/", get(slow))).await;
    let mut client = TcpStream::connect(address).await.expect("it listens");
    let request = b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n";
    client.write_all(request).await.expect("it reads");
    began.notified().await;
    stop.cancel();
    go_on.notify_one();
    let mut said = String::new();
    client.read_to_string(&mut said).await.expect("it answers and closes");
    assert!(said.starts_with("HTTP/1.1 200") && said.ends_with("done"), "{said}");
    served.await.expect("it ends");
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}
