//! What no client of ours would send: shapes of HTTP that split servers, huge headers, half a request, slow ones.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use serde_json::json;
use tests::{Shop, deadline};

use super::commits;

/// Longest time for anybody else's request meanwhile: who waited for a slow one would wait until the shop gives that
/// one up, after ten seconds (`BODY_MS_MAX`).
const OTHERS_TIME_MAX: Duration = Duration::from_secs(8);

/// Sends bytes as they are, ends its side, and reads until the server ends its own.
fn exchange(shop: &Shop, request: &[u8]) -> String {
    let mut stream = connect(shop);
    // A server that refuses early may have closed already.
    let _ = stream.write_all(request);
    let _ = stream.shutdown(Shutdown::Write);
    answer(&mut stream)
}

fn connect(shop: &Shop) -> TcpStream {
    let address = shop.url().strip_prefix("http://").expect("an address");
    let stream = TcpStream::connect(address).expect("the shop listens");
    stream.set_read_timeout(Some(deadline())).expect("a timeout can be set");
    stream
}

fn answer(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    while let Ok(count) = stream.read(&mut chunk) {
        if count == 0 {
            break;
        }
        bytes.extend_from_slice(&chunk[..count]);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The statuses of all answers in what came back.
fn statuses(text: &str) -> Vec<u16> {
    let lines = text.split("\r\n").filter_map(|line| line.strip_prefix("HTTP/1.1 "));
    lines.filter_map(|line| line.get(..3)?.parse().ok()).collect()
}

const JSON: &str = "Host: shop\r\nContent-Type: application/json\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn shapes_that_split_servers_are_refused_and_smuggle_nothing() {
    let shop = Shop::start();
    let before = commits(&shop);
    let open = format!("POST /v1/carts HTTP/1.1\r\n{JSON}Content-Length: 2\r\n\r\n{{}}");
    let requests = [
        (
            "two lengths",
            format!(
                "POST /v1/nothing HTTP/1.1\r\n{JSON}Content-Length: 0\r\nContent-Length: {}\r\n\r\n{open}",
                open.len()
            ),
        ),
        (
            "a list of lengths",
            format!(
                "POST /v1/nothing HTTP/1.1\r\n{JSON}Content-Length: 0, {}\r\n\r\n{open}",
                open.len()
            ),
        ),
        (
            "a signed length",
            format!("POST /v1/nothing HTTP/1.1\r\n{JSON}Content-Length: +2\r\n\r\n{open}"),
        ),
        (
            "an unknown coding",
            format!("POST /v1/nothing HTTP/1.1\r\n{JSON}Transfer-Encoding: xchunked\r\n\r\n{open}"),
        ),
        (
            "a coding that does not end in chunked",
            format!("POST /v1/nothing HTTP/1.1\r\n{JSON}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n{open}"),
        ),
        (
            "an endless chunk",
            format!("POST /v1/carts HTTP/1.1\r\n{JSON}Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n{open}"),
        ),
        (
            "a chunk that is no number",
            format!("POST /v1/carts HTTP/1.1\r\n{JSON}Transfer-Encoding: chunked\r\n\r\nxx\r\n{{}}\r\n0\r\n\r\n{open}"),
        ),
        (
            "a blank before the colon",
            format!("POST /v1/carts HTTP/1.1\r\n{JSON}Content-Length : 2\r\n\r\n{{}}{open}"),
        ),
        (
            "a folded header",
            format!("POST /v1/carts HTTP/1.1\r\n{JSON}X-A: a\r\n b: c\r\nContent-Length: 2\r\n\r\n{{}}{open}"),
        ),
        (
            "a NUL in a header",
            format!("POST /v1/carts HTTP/1.1\r\n{JSON}X-A: a\0b\r\nContent-Length: 2\r\n\r\n{{}}{open}"),
        ),
        (
            "no version",
            format!("POST /v1/carts\r\n{JSON}Content-Length: 2\r\n\r\n{{}}{open}"),
        ),
        ("another protocol", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned()),
        (
            "no HTTP at all",
            "\x16\x03\x01\x02\x00\x01\x00\x01\x7c\x03\x03".to_owned(),
        ),
    ];
    for (name, request) in requests {
        let text = exchange(&shop, request.as_bytes());
        let statuses = statuses(&text);
        assert!(
            statuses.len() <= 1 && statuses.iter().all(|status| *status >= 400),
            "{name}: {text}"
        );
        assert_eq!(commits(&shop), before, "{name}: nothing is stored");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_length_beside_chunks_smuggles_no_second_request() {
    let shop = Shop::start();
    let before = commits(&shop);
    let hidden = format!("POST /v1/carts HTTP/1.1\r\n{JSON}Content-Length: 2\r\n\r\n{{}}");
    let body = format!("0\r\n\r\n{hidden}");
    let request = format!(
        "POST /v1/nothing HTTP/1.1\r\n{JSON}Content-Length: {}\r\nTransfer-Encoding: chunked\r\n\r\n{body}",
        body.len()
    );
    let text = exchange(&shop, request.as_bytes());
    assert!(statuses(&text).len() <= 1, "{text}");
    assert_eq!(commits(&shop), before, "nothing is stored");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_or_not_text_is_refused() {
    let shop = Shop::start();
    let before = commits(&shop);
    let long_header = format!(
        "GET /v1/carts HTTP/1.1\r\nHost: shop\r\nX-A: {}\r\n\r\n",
        "a".repeat(1 << 20)
    );
    let many: String = (0..5_000).map(|n| format!("X-{n}: a\r\n")).collect();
    let many_headers = format!("GET /v1/carts HTTP/1.1\r\nHost: shop\r\n{many}\r\n");
    let long_path = format!("GET /{} HTTP/1.1\r\nHost: shop\r\n\r\n", "a".repeat(100_000));
    let declared = format!("POST /v1/carts HTTP/1.1\r\n{JSON}Content-Length: 1073741824\r\n\r\n{{}}");
    let bomb = format!("POST /v1/carts HTTP/1.1\r\n{JSON}Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x08");
    let broken = format!("POST /v1/carts HTTP/1.1\r\n{JSON}Content-Length: 100\r\n\r\n{{\"currency\"");
    let requests: [(&str, &[u8]); 7] = [
        ("a header of a megabyte", long_header.as_bytes()),
        ("5,000 headers", many_headers.as_bytes()),
        ("a path of 100,000 characters", long_path.as_bytes()),
        (
            "a path that is not text",
            b"GET /v1/\xFF\xFE HTTP/1.1\r\nHost: shop\r\n\r\n",
        ),
        ("a body of a gigabyte that does not come", declared.as_bytes()),
        ("a compressed body", bomb.as_bytes()),
        ("half a body", broken.as_bytes()),
    ];
    for (name, request) in requests {
        let text = exchange(&shop, request);
        assert!(
            statuses(&text).iter().all(|status| (400..500).contains(status)),
            "{name}: {text}"
        );
        assert_eq!(commits(&shop), before, "{name}: nothing is stored");
    }
    let length = 8 << 20;
    let large = shop
        .client()
        .post("/v1/carts", json!({"currency": "x".repeat(length)}))
        .await;
    assert_eq!((large.status.as_u16(), large.code()), (413, "body.too_large"));
    assert_eq!(commits(&shop), before, "nothing is stored");
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_and_silent_clients_hold_up_nobody() {
    let shop = Shop::start();
    let half = format!("POST /v1/carts HTTP/1.1\r\n{JSON}Content-Length: 2\r\n\r\n{{");
    let mut slow = connect(&shop);
    slow.write_all(half.as_bytes()).expect("half a request is sent");
    let silent: Vec<TcpStream> = (0..500).map(|_| connect(&shop)).collect();
    let mut stuck: Vec<TcpStream> = (0..100).map(|_| connect(&shop)).collect();
    for stream in &mut stuck {
        stream
            .write_all(b"POST /v1/carts HTTP/1.1\r\nHost: sh")
            .expect("half a header is sent");
    }
    for _ in 0..20 {
        let start = Instant::now();
        let _ = shop.client().post("/v1/carts", json!({})).await.expect(201);
        assert!(start.elapsed() < OTHERS_TIME_MAX, "others wait {:?}", start.elapsed());
    }
    let text = answer(&mut slow);
    assert_eq!(statuses(&text), [408], "whoever sends too slowly is told: {text}");
    drop((silent, stuck));
}
