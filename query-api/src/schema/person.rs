//! Personal fields, opened for those who may see them.

use async_graphql::{Object, Result};
use domain::value::Sealed;
use schemas::personal::{self, Address as PlainAddress};

use crate::error::QueryError;
use crate::scope::Scope;

/// Whom to write to. What is null was not given, or its person was forgotten.
pub(crate) struct Contact<'a> {
    pub(crate) scope: &'a Scope,
    pub(crate) email: Option<&'a Sealed>,
    pub(crate) phone: Option<&'a Sealed>,
}

/// Whom to write to. What is null was not given, or its person was forgotten.
#[Object]
impl Contact<'_> {
    /// Mail address.
    async fn email(&self) -> Result<Option<String>> {
        Ok(open(self.scope, self.email, personal::EMAIL).await?)
    }

    /// Telephone.
    async fn phone(&self) -> Result<Option<String>> {
        Ok(open(self.scope, self.phone, personal::PHONE).await?)
    }
}

/// A postal address. What it does not have is empty.
pub(crate) struct Address(PlainAddress);

/// A postal address. What it does not have is empty.
#[Object(serial)]
impl Address {
    /// Who lives there.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Street and number.
    async fn line1(&self) -> &str {
        &self.0.line1
    }

    /// Floor, company, care of.
    async fn line2(&self) -> &str {
        &self.0.line2
    }

    /// Town.
    async fn city(&self) -> &str {
        &self.0.city
    }

    /// Postal code.
    async fn postal_code(&self) -> &str {
        &self.0.postal_code
    }

    /// State, province, county.
    async fn region(&self) -> &str {
        &self.0.region
    }

    /// ISO 3166 alpha-2.
    async fn country(&self) -> &str {
        &self.0.country
    }
}

impl Address {
    /// The address in a sealed field; none when there is none, or its person was forgotten.
    pub(crate) async fn open(
        scope: &Scope,
        sealed: Option<&Sealed>,
        field: &'static str,
    ) -> Result<Option<Self>, QueryError> {
        let Some(json) = open(scope, sealed, field).await? else {
            return Ok(None);
        };
        // The parser's own words could quote the address.
        let address = serde_json::from_str(&json).map_err(|_| QueryError::Sealed(format!("{field} is no address")))?;
        Ok(Some(Self(address)))
    }
}

async fn open(scope: &Scope, sealed: Option<&Sealed>, field: &'static str) -> Result<Option<String>, QueryError> {
    match sealed {
        None => Ok(None),
        Some(sealed) => scope.open(sealed, field).await,
    }
}
