//! Who may watch the roll: everything that happens in the shop.

use access::Visitor;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, header};

use crate::live::Detail;
use crate::state::QueryState;

/// How much of the roll a visitor sees; none when nothing. Admins see the fields of every event; anybody else sees
/// headlines, and only where the operator lets them, and only through an address of this machine: what stands in front
/// of the shop and hands requests on from elsewhere, or a page that has made its own name point here, names another.
pub(crate) fn detail(visitor: &Visitor, is_public: bool) -> Option<Detail> {
    if visitor.identity().is_admin() {
        return Some(Detail::Fields);
    }
    is_public.then_some(Detail::Headline)
}

/// Whether whoever sends this sees the headlines.
pub(crate) fn is_public(state: &QueryState, headers: &HeaderMap) -> bool {
    state.parts().options.public_roll && is_asked_on_this_machine(headers)
}

fn is_asked_on_this_machine(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let authority = host.and_then(|host| host.parse::<Authority>().ok());
    authority.is_some_and(|authority| {
        let name = authority.host().trim_start_matches('[').trim_end_matches(']');
        let is_loopback = name
            .parse()
            .is_ok_and(|address: std::net::IpAddr| address.is_loopback());
        is_loopback || name.eq_ignore_ascii_case("localhost")
    })
}
