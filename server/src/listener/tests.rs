use axum::http::StatusCode;
use axum::routing::{get, post};
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
    drop(client);
    served.await.expect("it ends");
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

/// More than any buffer between the two sides takes.
const LARGE_BYTES: usize = 32 << 20;

#[tokio::test]
async fn who_is_refused_while_still_sending_hears_the_refusal() {
    let refusing = Router::new().route("/", post(async || StatusCode::PAYLOAD_TOO_LARGE));
    let (address, stop, served) = serving(refusing).await;
    let mut client = TcpStream::connect(address).await.expect("it listens");
    let head = format!("POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: {LARGE_BYTES}\r\n\r\n");
    client.write_all(head.as_bytes()).await.expect("it reads");
    client.write_all(&vec![b'x'; LARGE_BYTES]).await.expect("it reads on");
    client.shutdown().await.expect("it is still connected");
    let mut said = String::new();
    client.read_to_string(&mut said).await.expect("it answers");
    assert!(said.starts_with("HTTP/1.1 413"), "{said}");
    assert!(
        said.contains("connection: close"),
        "nobody sends the next request here: {said}"
    );
    stop.cancel();
    served.await.expect("it ends");
}

/// The clock runs ahead whenever nothing else is to be done.
#[tokio::test(start_paused = true)]
async fn who_is_refused_and_never_closes_is_cut() {
    let refusing = Router::new().route("/", post(async || StatusCode::PAYLOAD_TOO_LARGE));
    let (address, stop, served) = serving(refusing).await;
    let mut client = TcpStream::connect(address).await.expect("it listens");
    let head = "POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 100000000\r\n\r\n";
    client.write_all(head.as_bytes()).await.expect("it reads");
    let mut said = Vec::new();
    client
        .read_to_end(&mut said)
        .await
        .expect("it answers and closes its side");
    stop.cancel();
    // Its client still holds the connection open; the server does not wait for ever.
    served.await.expect("it ends");
    drop(client);
}
