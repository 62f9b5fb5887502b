//! The products of a shop, a page at a time, over GraphQL.

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Client, StatusCode};
use serde::Deserialize;
use serde_json::json;
use url::Url;

use domain::value::Currency;

use super::{ExportError, Options};

/// Products of one page: with all that is asked of them, far below what a query may cost.
const PAGE_PRODUCTS: usize = 10;
/// Longest time for one answer.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// How often a page is asked for when the shop is busy or does not answer.
const TRIES_MAX: u32 = 8;
/// Pause between two tries.
const PAUSE: Duration = Duration::from_millis(500);

const QUERY: &str = "query Export($first: Int!, $after: String) {
shop { currencies locales }
admin { products(first: $first, after: $after) {
  pageInfo { hasNextPage endCursor }
  nodes {
    slug title descriptionHtml vendor tags status
    titleTranslations { locale text }
    descriptionHtmlTranslations { locale text }
    attributes { name value }
    seo { ownTitle description }
    images { url alt altTranslations { locale text } }
    categories { slug name ancestors { slug name } }
    options { name: writtenName nameTranslations { locale text }
              values { name: writtenName nameTranslations { locale text } } }
    variants {
      sku barcode weightGrams requiresShipping taxClass tracksStock
      selectedOptions { name: writtenName value: writtenValue }
      prices { price { amount currency } compareAtPrice { amount } }
      ownImage { url }
      stockLevels { onHand backorderLimit }
    }
  }
} } }";

/// All that is written.
#[derive(Clone, Debug, Default)]
pub(super) struct Catalogue {
    /// The currency of `Variant Price`.
    pub(super) currency: String,
    /// The language of all columns that name none.
    pub(super) locale: String,
    /// By slug.
    pub(super) products: Vec<Product>,
}

/// A product, as the shop tells it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Product {
    pub(super) slug: String,
    pub(super) title: String,
    pub(super) title_translations: Vec<Translation>,
    pub(super) description_html: String,
    pub(super) description_html_translations: Vec<Translation>,
    pub(super) attributes: Vec<Fact>,
    pub(super) options: Vec<OptionWords>,
    pub(super) vendor: String,
    pub(super) tags: Vec<String>,
    pub(super) status: String,
    pub(super) seo: Seo,
    pub(super) images: Vec<Image>,
    pub(super) categories: Vec<Category>,
    pub(super) variants: Vec<Variant>,
}

/// What search engines show.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Seo {
    pub(super) own_title: String,
    pub(super) description: String,
}

/// A text in one language.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Translation {
    pub(super) locale: String,
    pub(super) text: String,
}

/// A free fact.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Fact {
    pub(super) name: String,
    pub(super) value: String,
}

/// A dimension, and how it and its choices read.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OptionWords {
    pub(super) name: String,
    pub(super) name_translations: Vec<Translation>,
    #[serde(default)]
    pub(super) values: Vec<OptionWords>,
}

/// An image.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Image {
    pub(super) url: String,
    #[serde(default)]
    pub(super) alt: String,
    #[serde(default)]
    pub(super) alt_translations: Vec<Translation>,
}

/// A category.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Category {
    pub(super) slug: String,
    pub(super) name: String,
    /// From the top of the tree.
    #[serde(default)]
    pub(super) ancestors: Vec<Category>,
}

/// A variant.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Variant {
    pub(super) sku: String,
    pub(super) barcode: Option<String>,
    pub(super) weight_grams: u32,
    pub(super) requires_shipping: bool,
    pub(super) tax_class: String,
    pub(super) tracks_stock: bool,
    pub(super) selected_options: Vec<Choice>,
    pub(super) prices: Vec<Price>,
    pub(super) own_image: Option<Image>,
    pub(super) stock_levels: Option<Vec<Level>>,
}

/// A choice.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Choice {
    pub(super) name: String,
    pub(super) value: String,
}

/// A price and the former one beside it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Price {
    pub(super) price: Amount,
    pub(super) compare_at_price: Option<Amount>,
}

/// An amount in the currency's main unit.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Amount {
    pub(super) amount: String,
    /// Left out where another amount says it.
    #[serde(default)]
    pub(super) currency: String,
}

/// What lies at a location.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Level {
    pub(super) on_hand: i64,
    pub(super) backorder_limit: i64,
}

#[derive(Debug, Deserialize)]
struct Answer {
    data: Option<Data>,
    #[serde(default)]
    errors: Vec<GraphqlError>,
}

#[derive(Debug, Deserialize)]
struct GraphqlError {
    message: String,
}

#[derive(Debug, Deserialize)]
struct Data {
    shop: Shop,
    admin: Option<Admin>,
}

#[derive(Debug, Deserialize)]
struct Shop {
    currencies: Vec<String>,
    locales: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Admin {
    products: Connection,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Connection {
    page_info: PageInfo,
    nodes: Vec<Product>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_next_page: bool,
    end_cursor: Option<String>,
}

/// The pages of a shop's products, by slug.
pub(super) struct Pages {
    client: Client,
    url: Url,
    currency: Option<Currency>,
    after: Option<String>,
}

impl Pages {
    /// All of them.
    pub(super) fn of(options: &Options) -> Result<Self, ExportError> {
        let unusable = |why: &str| ExportError::Address(format!("{}: {why}", options.url));
        let url = Url::parse(&options.url).and_then(|url| url.join("graphql"));
        let url = url.map_err(|error| unusable(&error.to_string()))?;
        let bad_token = |_| ExportError::Address("the token has characters that no token has".to_owned());
        let mut token = HeaderValue::try_from(format!("Bearer {}", options.token)).map_err(bad_token)?;
        token.set_sensitive(true);
        let mut headers = HeaderMap::from_iter([(reqwest::header::AUTHORIZATION, token)]);
        if let Some(currency) = options.currency
            && let Ok(currency) = HeaderValue::from_str(currency.code())
        {
            headers.insert("x-currency", currency);
        }
        let client = Client::builder().timeout(ANSWER_MAX).default_headers(headers).build();
        Ok(Self {
            client: client.map_err(|error| unusable(&error.to_string()))?,
            url,
            currency: options.currency,
            after: None,
        })
    }

    /// All of them: which columns the file has, only the last one tells.
    pub(super) async fn all(mut self) -> Result<Catalogue, ExportError> {
        let mut catalogue = Catalogue::default();
        loop {
            let answer = self.asked().await?;
            if let Some(error) = answer.errors.first() {
                return Err(ExportError::Refused(error.message.clone()));
            }
            let data = answer.data.ok_or_else(|| ExportError::NoShop("no data".to_owned()))?;
            let page = data.admin.ok_or(ExportError::NotAllowed)?.products;
            catalogue.products.extend(page.nodes);
            self.after = page.page_info.end_cursor;
            if !page.page_info.has_next_page {
                let first = |texts: Vec<String>| texts.into_iter().next().unwrap_or_default();
                let wanted = self.currency.map(|currency| currency.to_string());
                catalogue.currency = wanted.unwrap_or_else(|| first(data.shop.currencies));
                catalogue.locale = first(data.shop.locales);
                return Ok(catalogue);
            }
        }
    }

    async fn asked(&self) -> Result<Answer, ExportError> {
        let variables = json!({ "first": PAGE_PRODUCTS, "after": self.after });
        let body = json!({ "query": QUERY, "variables": variables });
        let mut tries = 1;
        loop {
            let sent = self.client.post(self.url.clone()).json(&body).send().await;
            let is_busy = |status| matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
            match sent {
                Ok(response) if is_busy(response.status()) && tries < TRIES_MAX => {}
                Ok(response) if response.status() == StatusCode::UNAUTHORIZED => return Err(ExportError::NotAllowed),
                Ok(response) => {
                    let answer = response.json().await;
                    return answer.map_err(|error| ExportError::NoShop(error.to_string()));
                }
                Err(error) if tries >= TRIES_MAX => return Err(ExportError::Unreachable(error.to_string())),
                Err(_) => {}
            }
            tokio::time::sleep(PAUSE).await;
            tries += 1;
        }
    }
}
