//! Categories.

use axum::extract::State;
use domain::Command;
use domain::catalog::category::Command as CategoryCommand;
use domain::value::CategoryId;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::http::answer::{Answer, Answered};
use crate::http::body::{Body, Nothing};
use crate::http::fields::{self, TextBody};
use crate::http::intent::{Admin, Intent, Place};
use crate::http::openapi::form;
use crate::http::state::HttpState;
use crate::http::view::CategoryView;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "OpenCategoryBody")]
pub(crate) struct OpenBody {
    #[schemars(with = "form::Slug")]
    slug: String,
    #[schemars(with = "form::Title")]
    name: TextBody,
    #[schemars(with = "Option<form::Id>")]
    parent: Option<CategoryId>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CategoryNameBody")]
pub(crate) struct NameBody {
    #[schemars(with = "form::Slug")]
    slug: String,
    #[schemars(with = "form::Title")]
    name: TextBody,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ParentBody {
    /// `null`: the top of the tree. To leave it out is to have forgotten it.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schemars(with = "form::Stated<form::Id>")]
    parent: Option<CategoryId>,
}

/// `POST /v1/categories`
pub(crate) async fn open(State(shop): State<HttpState>, Admin(intent): Admin, body: Body<OpenBody>) -> Answered {
    let (OpenBody { slug, name, parent }, body) = body.take();
    let category = CategoryId::derived(intent.command_id.0, "category");
    let command = CategoryCommand::Open {
        slug: fields::slug("slug", &slug)?,
        name: name.read(&shop.default_locale()),
        parent,
    };
    let outcome = shop
        .run(&intent, &body, vec![Command::Category(category, command)])
        .await?;
    let view = CategoryView::of(category, &outcome);
    Ok(Answer::of(&intent, &outcome, &view)?.created(format!("/v1/categories/{category}")))
}

/// `PUT /v1/categories/{category}`
pub(crate) async fn rename(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    Place((category,)): Place<(CategoryId,)>,
    body: Body<NameBody>,
) -> Answered {
    let (NameBody { slug, name }, body) = body.take();
    let command = CategoryCommand::Rename {
        slug: fields::slug("slug", &slug)?,
        name: name.read(&shop.default_locale()),
    };
    change(&shop, &intent, category, &body, command).await
}

/// `PUT /v1/categories/{category}/parent`
pub(crate) async fn hang(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    Place((category,)): Place<(CategoryId,)>,
    body: Body<ParentBody>,
) -> Answered {
    let parent = body.fields.parent;
    change(&shop, &intent, category, &body, CategoryCommand::Move { parent }).await
}

/// `POST /v1/categories/{category}/archive`
pub(crate) async fn archive(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    Place((category,)): Place<(CategoryId,)>,
    body: Body<Nothing>,
) -> Answered {
    change(&shop, &intent, category, &body, CategoryCommand::Archive).await
}

async fn change<T>(
    shop: &HttpState,
    intent: &Intent,
    category: CategoryId,
    body: &Body<T>,
    command: CategoryCommand,
) -> Answered {
    let outcome = shop
        .run(intent, body, vec![Command::Category(category, command)])
        .await?;
    Answer::of(intent, &outcome, &CategoryView::of(category, &outcome))
}
