//! Many buyers, few pieces: exactly as many orders as pieces, never fewer than none on the shelf.

use serde_json::json;
use tests::{Shop, Shopkeeper, Shopper};

/// Buyers in one round.
const BUYERS: usize = 64;
/// Pieces they want.
const PIECES: i64 = 10;

/// Rounds: 100, or `TILLROLL_TEST_ROUNDS`.
fn rounds() -> usize {
    std::env::var("TILLROLL_TEST_ROUNDS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(100)
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_buyers_of_ten_pieces_make_ten_orders() {
    let shop = Shop::start();
    let keeper = Shopkeeper::new(shop.admin());
    for round in 0..rounds() {
        let sku = format!("RUSH-{round}");
        keeper.stock(&sku, "10.00", PIECES).await;
        let buyers = (0..BUYERS).map(|_| buy(&shop, &sku));
        let sold = futures::future::join_all(buyers)
            .await
            .into_iter()
            .filter(|sold| *sold)
            .count();
        assert_eq!(sold, usize::try_from(PIECES).expect("a count"), "round {round}");
        let stock = keeper.client().get(&format!("/v1/stock/{sku}")).await.expect(200);
        assert_eq!(stock.body["available"], 0, "round {round}");
        assert_eq!(stock.body["allocated"], json!(PIECES), "round {round}");
    }
}

/// Whether this buyer got an order; everybody else was told why not.
async fn buy(shop: &Shop, sku: &str) -> bool {
    let shopper = Shopper::enter(&shop.client()).await;
    let added = shopper.add(sku, 1).await;
    if added.status != 200 {
        assert_eq!((added.status.as_u16(), added.code()), (409, "stock.insufficient"));
        return false;
    }
    let ordered = shopper.check_out().await;
    if ordered.status != 201 {
        assert_eq!((ordered.status.as_u16(), ordered.code()), (409, "stock.insufficient"));
        return false;
    }
    true
}
