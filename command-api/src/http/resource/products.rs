//! Products: what they say, where they are found, their images, whether shoppers see them.

use axum::extract::State;
use domain::Command;
use domain::catalog::product::{Command as ProductCommand, Description};
use domain::value::{
    Attributes, CategoryId, ImageId, LocalizedText, PRODUCT_ATTRIBUTES_MAX, PRODUCT_OPTIONS_MAX, ProductId,
    SEO_DESCRIPTION_CHARS_MAX, TITLE_CHARS_MAX,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::http::answer::{Answer, Answered};
use crate::http::body::{Body, Nothing};
use crate::http::fields::{self, TextBody};
use crate::http::import::OptionTextsBody;
use crate::http::intent::{Admin, Intent, Place};
use crate::http::openapi::form;
use crate::http::problem::Problem;
use crate::http::state::HttpState;
use crate::http::view::ProductView;

/// What a product says of itself: all of it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct DescriptionBody {
    #[schemars(with = "form::Slug")]
    slug: String,
    #[schemars(with = "form::Title")]
    title: TextBody,
    #[schemars(with = "Option<form::Html>")]
    description_html: Option<TextBody>,
    #[serde(default)]
    #[schemars(with = "form::Line<0, TITLE_CHARS_MAX>")]
    vendor: String,
    #[serde(default)]
    #[schemars(with = "form::Facts<PRODUCT_ATTRIBUTES_MAX>")]
    attributes: Attributes,
    #[serde(default)]
    #[schemars(with = "form::Tags")]
    tags: Vec<String>,
    #[serde(default)]
    #[schemars(with = "form::Line<0, TITLE_CHARS_MAX>")]
    seo_title: String,
    #[serde(default)]
    #[schemars(with = "form::Line<0, SEO_DESCRIPTION_CHARS_MAX>")]
    seo_description: String,
}

impl DescriptionBody {
    /// Scripts, styles and handlers are taken out of the HTML here: nothing inside ever sees them.
    pub(crate) fn read(self, shop: &HttpState) -> Result<Description, Problem> {
        let locale = shop.default_locale();
        let html = self.description_html.map(|text| text.read(&locale)).unwrap_or_default();
        let harmless = html.0.into_iter().map(|(locale, html)| (locale, ammonia::clean(&html)));
        Ok(Description {
            slug: fields::slug("slug", &self.slug)?,
            title: self.title.read(&locale),
            description_html: LocalizedText(harmless.collect()),
            vendor: self.vendor,
            attributes: self.attributes,
            tags: self.tags,
            seo_title: self.seo_title,
            seo_description: self.seo_description,
        })
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImageBody {
    #[schemars(with = "form::ImageUrl")]
    url: String,
    /// What it shows, in words.
    #[schemars(with = "Option<form::Words>")]
    alt: Option<TextBody>,
    #[serde(default)]
    #[schemars(range(max = u32::MAX))]
    width: u32,
    #[serde(default)]
    #[schemars(range(max = u32::MAX))]
    height: u32,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AltBody {
    /// What it shows, in words: all that is said of it.
    #[schemars(with = "form::Words")]
    alt: TextBody,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OptionsBody {
    /// All that is said of how options read; what is not named reads as the variants have it.
    #[schemars(length(max = PRODUCT_OPTIONS_MAX))]
    options: Vec<OptionTextsBody>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImagesBody {
    /// All of them, in their new order.
    #[schemars(with = "Vec<form::Id>")]
    images: Vec<ImageId>,
}

/// `POST /v1/products`
pub(crate) async fn draft(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    body: Body<DescriptionBody>,
) -> Answered {
    let (fields, body) = body.take();
    let product = ProductId::derived(intent.command_id.0, "product");
    let description = fields.read(&shop)?;
    let command = Command::Product(product, ProductCommand::Draft { description });
    let outcome = shop.run(&intent, &body, vec![command]).await?;
    let view = ProductView::of(product, &outcome);
    Ok(Answer::of(&intent, &outcome, &view)?.created(format!("/v1/products/{product}")))
}

/// `PUT /v1/products/{product}`
pub(crate) async fn describe(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    Place((product,)): Place<(ProductId,)>,
    body: Body<DescriptionBody>,
) -> Answered {
    let (fields, body) = body.take();
    let description = fields.read(&shop)?;
    change(&shop, &intent, product, &body, ProductCommand::Describe { description }).await
}

/// `PUT /v1/products/{product}/categories/{category}`
pub(crate) async fn place(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    Place((product, category)): Place<(ProductId, CategoryId)>,
    body: Body<Nothing>,
) -> Answered {
    change(
        &shop,
        &intent,
        product,
        &body,
        ProductCommand::PlaceInCategory { category },
    )
    .await
}

/// `DELETE /v1/products/{product}/categories/{category}`
pub(crate) async fn withdraw(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    Place((product, category)): Place<(ProductId, CategoryId)>,
    body: Body<Nothing>,
) -> Answered {
    change(
        &shop,
        &intent,
        product,
        &body,
        ProductCommand::TakeFromCategory { category },
    )
    .await
}

/// `POST /v1/products/{product}/images`
pub(crate) async fn add_image(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    Place((product,)): Place<(ProductId,)>,
    body: Body<ImageBody>,
) -> Answered {
    let image = ImageId::derived(intent.command_id.0, "image");
    let (fields, body) = body.take();
    let alt = fields.alt.map(|text| text.read(&shop.default_locale()));
    let command = ProductCommand::AddImage {
        image,
        url: fields.url,
        alt: alt.unwrap_or_default(),
        width: fields.width,
        height: fields.height,
    };
    let outcome = shop
        .run(&intent, &body, vec![Command::Product(product, command)])
        .await?;
    let view = ProductView::of(product, &outcome).with_image(image.0);
    Ok(Answer::of(&intent, &outcome, &view)?.created(format!("/v1/products/{product}/images/{image}")))
}

/// `PUT /v1/products/{product}/images/{image}`
pub(crate) async fn describe_image(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    Place((product, image)): Place<(ProductId, ImageId)>,
    body: Body<AltBody>,
) -> Answered {
    let (fields, body) = body.take();
    let alt = fields.alt.read(&shop.default_locale());
    let command = ProductCommand::DescribeImage { image, alt };
    change(&shop, &intent, product, &body, command).await
}

/// `PUT /v1/products/{product}/options`
pub(crate) async fn translate_options(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    Place((product,)): Place<(ProductId,)>,
    body: Body<OptionsBody>,
) -> Answered {
    let (fields, body) = body.take();
    let options = fields.options.into_iter().map(OptionTextsBody::read).collect();
    let command = ProductCommand::TranslateOptions { options };
    change(&shop, &intent, product, &body, command).await
}

/// `PUT /v1/products/{product}/images`
pub(crate) async fn order_images(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    Place((product,)): Place<(ProductId,)>,
    body: Body<ImagesBody>,
) -> Answered {
    let images = body.fields.images.clone();
    change(&shop, &intent, product, &body, ProductCommand::OrderImages { images }).await
}

/// `DELETE /v1/products/{product}/images/{image}`
pub(crate) async fn remove_image(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    Place((product, image)): Place<(ProductId, ImageId)>,
    body: Body<Nothing>,
) -> Answered {
    change(&shop, &intent, product, &body, ProductCommand::RemoveImage { image }).await
}

/// `POST /v1/products/{product}/publish`
pub(crate) async fn publish(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    Place((product,)): Place<(ProductId,)>,
    body: Body<Nothing>,
) -> Answered {
    change(&shop, &intent, product, &body, ProductCommand::Publish).await
}

/// `POST /v1/products/{product}/unpublish`
pub(crate) async fn unpublish(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    Place((product,)): Place<(ProductId,)>,
    body: Body<Nothing>,
) -> Answered {
    change(&shop, &intent, product, &body, ProductCommand::Unpublish).await
}

/// `POST /v1/products/{product}/archive`
pub(crate) async fn archive(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    Place((product,)): Place<(ProductId,)>,
    body: Body<Nothing>,
) -> Answered {
    change(&shop, &intent, product, &body, ProductCommand::Archive).await
}

/// One command to a product, and which version it has after it.
pub(super) async fn change<T>(
    shop: &HttpState,
    intent: &Intent,
    product: ProductId,
    body: &Body<T>,
    command: ProductCommand,
) -> Answered {
    let outcome = shop.run(intent, body, vec![Command::Product(product, command)]).await?;
    Answer::of(intent, &outcome, &ProductView::of(product, &outcome))
}
