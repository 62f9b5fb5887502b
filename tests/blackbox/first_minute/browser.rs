//! The pages in a real browser, where there is one on the machine.

use std::io::Write;

use serde_json::{Value, json};
use tests::{Browser, Page, Shop, Shopper};

/// A window on a desk.
const DESK: (u32, u32) = (1280, 900);
/// A telephone.
const PHONE: (u32, u32) = (390, 844);
/// Looks at the receipt: the ids of its lines, from the oldest.
const LINES: &str = "[...document.querySelectorAll('#lines [data-id]')].map((line) => line.dataset.id)";
/// Shows everybody on this machine the roll.
const PUBLIC: [(&str, &str); 1] = [("TILLROLL_PUBLIC_ROLL", "true")];
/// How many lines of the past the front shows.
const PAST_LINES: usize = 60;

/// The browser; none where there is none, which CI does not accept.
async fn browser() -> Option<Browser> {
    let browser = Browser::start().await;
    if browser.is_none() {
        let said = "SKIPPED: no Chromium on this machine; .ci/run installs one";
        let _ = writeln!(std::io::stderr(), "{said}");
        assert!(std::env::var_os("CI").is_none(), "CI has a browser");
    }
    browser
}

/// A demo shop that shows its roll, with a past from before its start.
fn shop() -> Shop {
    let mut shop = Shop::start_demo();
    shop.kill();
    shop.restart_with(&PUBLIC);
    shop
}

/// Nothing was complained of, and nothing was asked for elsewhere.
#[track_caller]
fn assert_clean(page: &Page, shop: &Shop) {
    assert!(page.complaints().is_empty(), "{:#?}", page.complaints());
    let own = [shop.url().to_owned(), shop.url().replacen("http", "ws", 1)];
    for asked in page.asked() {
        assert!(own.iter().any(|own| asked.starts_with(own)), "it asks for {asked}");
    }
}

/// Buys something; the order's number, once queries show it.
async fn order(shop: &Shop) -> String {
    let shopper = Shopper::enter(&shop.client()).await;
    let _ = shopper.add("NB-SQUARED", 2).await.expect(200);
    let ordered = shopper.check_out().await.expect(201);
    let query = "query($id: ID!) { order(id: $id) { number } }";
    let shopper = shopper.having_seen(&ordered);
    let seen = shopper.client().graphql(query, json!({ "id": shopper.cart }));
    let number = seen.await.expect(200).body["data"]["order"]["number"].take();
    number.as_str().expect("an order has a number").to_owned()
}

fn line_of(number: &str) -> String {
    format!("[...document.querySelectorAll('#lines li')].some((line) => line.textContent.includes('{number}'))")
}

/// The receipt's lines, each of which must be there once.
async fn lines(page: &mut Page) -> Vec<String> {
    let ids: Vec<String> = serde_json::from_value(page.evaluate(LINES).await).expect("ids");
    let mut once = ids.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), ids.len(), "a line is there twice: {ids:#?}");
    ids
}

#[tokio::test]
async fn the_front_shows_the_shelf_and_the_last_lines_of_the_roll_and_then_each_new_one() {
    let Some(browser) = browser().await else { return };
    let shop = shop();
    let mut page = browser.open(shop.url(), DESK).await;
    page.until("document.querySelectorAll('#shelf h3').length >= 20").await;
    page.until("document.querySelector('#shelf img').naturalWidth > 0")
        .await;
    page.until(&format!("{LINES}.length >= {PAST_LINES}")).await;
    let past = lines(&mut page).await;
    assert!(past.len() < 2 * PAST_LINES, "what happened before, and not all of it");
    let number = order(&shop).await;
    page.until(&line_of(&number)).await;
    assert_eq!(lines(&mut page).await[..past.len()], past, "what was there stays");
    assert_clean(&page, &shop);

    // Nothing runs out of a narrow window.
    let mut phone = browser.open(shop.url(), PHONE).await;
    phone.until(&line_of(&number)).await;
    let overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
    assert_eq!(phone.evaluate(overflow).await, 0);
    assert_clean(&phone, &shop);
}

#[tokio::test]
async fn the_roll_goes_on_without_gap_or_repeat_when_the_shop_comes_back() {
    let Some(browser) = browser().await else { return };
    let mut shop = shop();
    let mut page = browser.open(shop.url(), DESK).await;
    page.until(&format!("{LINES}.length >= {PAST_LINES}")).await;
    let before = order(&shop).await;
    page.until(&line_of(&before)).await;
    shop.kill();
    shop.restart_with(&PUBLIC);
    let first = order(&shop).await;
    let second = order(&shop).await;
    for number in [first, second] {
        page.until(&line_of(&number)).await;
    }
    let seen = lines(&mut page).await;
    let whole = shop.admin().get("/v1/events?last=100").await.expect(200);
    let whole = whole.body.as_array().expect("a page is a list").clone();
    for event in &whole {
        assert!(seen.iter().any(|id| event["id"] == **id), "a line is missing: {event}");
    }
}

#[tokio::test]
async fn the_reader_of_commands_shows_them_and_can_carry_one_out() {
    let Some(browser) = browser().await else { return };
    let shop = Shop::start_demo();
    let mut page = browser
        .open(&format!("{}/docs#/Carts/openCart", shop.url()), DESK)
        .await;
    page.until("document.querySelectorAll('.opblock').length >= 40").await;
    page.until("document.body.innerText.includes('/v1/stock/{sku}')").await;
    let operation = "document.querySelector('#operations-Carts-openCart')";
    page.until(&format!("{operation}.querySelector('.try-out__btn')")).await;
    page.evaluate(&format!("{operation}.querySelector('.try-out__btn').click()"))
        .await;
    page.until(&format!("{operation}.querySelector('.execute')")).await;
    page.evaluate(&format!("{operation}.querySelector('.execute').click()"))
        .await;
    let answered = format!("{operation}.querySelector('.live-responses-table .response .highlight-code').innerText");
    let answer = page.until(&answered).await;
    let answer = answer.as_str().unwrap_or_default();
    assert!(answer.contains("\"cartSecret\""), "{answer}");
    assert_clean(&page, &shop);
}

/// The text in the editor's part that shows results.
const RESULT: &str = "document.querySelector('.result-window .CodeMirror').CodeMirror.getValue()";

/// The heads of the editor's tabs.
const BUTTONS: &str = "[...document.querySelectorAll('.graphiql-tab-button')]";

/// Puts text into a part of the editor.
async fn put(page: &mut Page, part: &str, text: &str) {
    let part = format!("document.querySelector('{part} .CodeMirror').CodeMirror");
    page.until(&part).await;
    page.evaluate(&format!("{part}.setValue({})", Value::from(text))).await;
}

/// Runs what is in the editor, unless it runs already, until it shows something. For a moment after an edit the editor
/// still sends the name of the operation that was there before.
async fn run_until_shown(shop: &Shop, page: &mut Page, expected: &str, meanwhile: impl AsyncFn()) {
    let press_play = "(() => { const play = document.querySelector('.graphiql-execute-button'); \
                      if (!play.ariaLabel.startsWith('Stop')) play.click() })()";
    shop.until_seen(expected, async || {
        page.evaluate(press_play).await;
        meanwhile().await;
        let shown = page.evaluate(RESULT).await;
        let shown = shown.as_str().unwrap_or_default();
        if shown.contains(expected) {
            Ok(())
        } else {
            Err(shown.to_owned())
        }
    })
    .await;
}

#[tokio::test]
async fn the_editor_has_a_tab_for_each_page_of_a_storefront_and_answers_queries_and_subscriptions() {
    let Some(browser) = browser().await else { return };
    let shop = shop();
    let mut page = browser.open(&format!("{}/graphql", shop.url()), DESK).await;
    let tabs = format!("{BUTTONS}.map((tab) => tab.textContent)");
    page.until(&format!("{tabs}.length >= 7")).await;
    let named = page.evaluate(&tabs).await.to_string();
    for name in [
        "Shelf",
        "ProductPage",
        "CategoryPage",
        "CartDrawer",
        "Checkout",
        "Order",
        "Roll",
    ] {
        assert!(named.contains(name), "there is no tab {name}: {named}");
    }
    run_until_shown(&shop, &mut page, "\"products\"", async || ()).await;
    let category = format!("{BUTTONS}.find((tab) => tab.textContent === 'CategoryPage')");
    page.evaluate(&format!("{category}.click()")).await;
    run_until_shown(&shop, &mut page, "\"category\": {", async || ()).await;
    let subscription = "subscription Typed { events(topics: [SALES]) { name summary } }";
    put(&mut page, ".graphiql-query-editor", subscription).await;
    page.until(&format!("{tabs}.includes('Typed')")).await;
    // When its socket listens is not to be seen: carts are opened until it hears of one.
    let open_a_cart = async || drop(Shopper::enter(&shop.client()).await);
    run_until_shown(&shop, &mut page, "CartOpened", open_a_cart).await;
    assert_clean(&page, &shop);
}

#[tokio::test]
async fn why_goes_through_the_events_of_an_order_and_names_who_is_behind_each_field() {
    let Some(browser) = browser().await else { return };
    let shop = Shop::start_demo();
    let number = order(&shop).await;
    let admin = shop.admin();
    let token = admin.header("authorization").expect("an admin has a token");
    let mut page = browser.open(&format!("{}/why", shop.url()), DESK).await;
    page.until("document.readyState === 'complete'").await;
    let look = async |page: &mut Page, stream: &str, token: &str| {
        for (part, text) in [("stream", stream), ("token", token)] {
            let text = Value::from(text);
            page.evaluate(&format!("document.getElementById('{part}').value = {text}"))
                .await;
        }
        page.evaluate("document.querySelector('#asked button').click()").await;
    };
    look(&mut page, &number, token.trim_start_matches("Bearer ")).await;
    page.until("document.querySelectorAll('#steps li').length >= 2").await;
    let go_to = "((step) => { const slider = document.getElementById('slider'); slider.value = step; \
                 slider.dispatchEvent(new Event('input')); return document.getElementById('moment-title').textContent })";
    assert_eq!(page.evaluate(&format!("{go_to}(1)")).await, "order placed");
    let field = |name: &str| {
        format!(
            "[...document.querySelectorAll('#fields tr')].map((row) => row.innerText.split('\\t')) \
             .find((cells) => cells[0] === '{name}')"
        )
    };
    let quantity = page.evaluate(&field("lines.0.quantity")).await;
    assert_eq!(quantity[1], "2");
    assert!(
        quantity[2]
            .as_str()
            .is_some_and(|by| by.contains("order placed") && by.contains("guest")),
        "{quantity}"
    );
    let placed = page.evaluate(&field("status")).await;
    assert_eq!(page.evaluate(&format!("{go_to}(2)")).await, "order confirmed");
    let confirmed = page.evaluate(&field("status")).await;
    assert_ne!(placed[1], confirmed[1]);
    let quantity_then = page.evaluate(&field("lines.0.quantity")).await;
    assert_eq!(quantity_then, quantity, "what did not change names who set it");
    assert_clean(&page, &shop);

    look(&mut page, &number, "nonsense").await;
    page.until("document.getElementById('story').hidden").await;
}
