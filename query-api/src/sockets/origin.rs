//! Which pages may open a WebSocket: browsers ask nobody before they do, so the server looks at `Origin`.

use axum::http::{HeaderMap, Uri, header};

/// Whether a page of this origin may. What is no browser sends none. A page of the shop's own address may, and those
/// that the operator has named.
pub(super) fn is_allowed(headers: &HeaderMap, named: &[String]) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let Some(origin) = origins.next() else { return true };
    let (Ok(origin), None) = (origin.to_str(), origins.next()) else {
        return false;
    };
    if named.iter().any(|named| named.eq_ignore_ascii_case(origin)) {
        return true;
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let authority = origin.parse::<Uri>().ok().and_then(|origin| {
        let authority = origin.authority()?;
        Some(authority.as_str().to_owned())
    });
    match (authority, host) {
        (Some(authority), Some(host)) => authority.eq_ignore_ascii_case(host),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_another_origin_may_not_listen_unless_it_is_named() {
        let named = ["https://shop.example".to_owned()];
        let cases = [
            (None, true),
            (Some("http://127.0.0.1:8080"), true),
            (Some("http://127.0.0.1:8081"), false),
            (Some("http://127.0.0.1:8080.evil.example"), false),
            (Some("https://shop.example"), true),
            (Some("https://SHOP.example"), true),
            (Some("https://shop.example.evil.example"), false),
            (Some("https://evil.example"), false),
            (Some("null"), false),
            (Some(""), false),
        ];
        for (origin, expected) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, "127.0.0.1:8080".parse().expect("a header"));
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, origin.parse().expect("a header"));
            }
            assert_eq!(is_allowed(&headers, &named), expected, "{origin:?}");
        }
    }
}
