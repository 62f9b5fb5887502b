use crate::Kind;

/// Why a command to a checkout is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// No cart is frozen for it.
    #[error("the cart is not in checkout")]
    NothingFrozen,
    /// It runs, for the cart as it was before or paid in another way.
    #[error("a checkout of this cart is running; wait for what comes of it")]
    Running,
    /// An earlier try is still letting go of what it held.
    #[error("an earlier checkout of this cart is being undone; try again in a moment")]
    Undoing,
    /// Not all stock is promised, or it is another try.
    #[error("the checkout has not come so far")]
    NotReady,
}

impl Rejection {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NothingFrozen => "checkout.nothing_frozen",
            Self::Running => "checkout.running",
            Self::Undoing => "checkout.undoing",
            Self::NotReady => "checkout.not_ready",
        }
    }

    /// What kind of refusal it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        Kind::Conflict
    }

    /// The field to blame.
    #[must_use]
    pub fn field(&self) -> Option<&'static str> {
        None
    }
}
