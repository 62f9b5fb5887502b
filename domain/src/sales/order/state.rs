use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Event, LineQuantity};
use crate::sales::{FrozenLine, PaymentMethod, Totals};
use crate::value::{LineId, Sku, round_half_away};

/// What is known of an order: the situation it is in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Order {
    /// No cart became it.
    #[default]
    Absent,
    /// It exists; its status tells how far it came.
    Placed(Box<Placed>),
}

/// How far an order came. It never goes back, and is cancelled only before anything is packed.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::IntoStaticStr,
    strum::EnumString,
    strum::Display,
)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// It waits for money.
    Pending,
    /// It is paid, invoiced or free.
    Confirmed,
    /// Some of its pieces left.
    PartiallyShipped,
    /// All of its pieces left.
    Shipped,
    /// All of its pieces arrived.
    Delivered,
    /// It was called off.
    Cancelled,
}

/// An order that exists.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Placed {
    /// What people call it.
    pub number: String,
    /// Whose; none: whoever has the cart's secret.
    pub customer: Option<Uuid>,
    /// How far it came.
    pub status: Status,
    /// What was bought.
    pub lines: Vec<OrderLine>,
    /// What it costs.
    pub totals: Totals,
    /// How it is paid.
    pub payment: PaymentMethod,
    /// Minor units that came in.
    pub paid: i64,
    /// Minor units of these that went back.
    pub refunded: i64,
    /// Its parcels, in the order in which they were packed.
    pub fulfilments: Vec<Fulfilment>,
    /// What customers sent or want to send back.
    pub returns: Vec<Return>,
}

/// A line of an order, as far as decisions need it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OrderLine {
    /// Its id, the cart line's.
    pub line: LineId,
    /// What.
    pub sku: Sku,
    /// How many.
    pub quantity: u32,
    /// Minor units for all of them, with tax and after discount.
    pub gross: i64,
    /// Whether its pieces are counted.
    pub tracks_stock: bool,
}

/// A parcel.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fulfilment {
    /// Its id.
    pub id: Uuid,
    /// What is in it.
    pub lines: Vec<LineQuantity>,
    /// Where it is.
    pub progress: ParcelProgress,
}

/// Where a parcel is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ParcelProgress {
    /// Still here.
    Packed,
    /// On its way.
    Shipped,
    /// With the customer.
    Delivered,
}

/// Something that goes back.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Return {
    /// The request's id.
    pub id: Uuid,
    /// What.
    pub lines: Vec<LineQuantity>,
    /// How far it came.
    pub progress: ReturnProgress,
}

/// How far a return came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ReturnProgress {
    /// The customer wants it.
    Requested,
    /// It may come.
    Approved,
    /// It is here.
    Received {
        /// Whether its pieces went on the shelf.
        restocked: bool,
    },
}

impl Order {
    /// The order, when there is one.
    #[must_use]
    pub fn placed(&self) -> Option<&Placed> {
        match self {
            Self::Placed(placed) => Some(placed),
            Self::Absent => None,
        }
    }

    /// Takes an event in.
    pub fn evolve(&mut self, event: &Event) {
        match (&mut *self, event) {
            (
                _,
                Event::OrderPlaced {
                    number,
                    customer,
                    lines,
                    totals,
                    payment,
                    ..
                },
            ) => {
                *self = Self::Placed(Box::new(Placed {
                    number: number.clone(),
                    customer: *customer,
                    status: Status::Pending,
                    lines: lines.iter().map(OrderLine::from).collect(),
                    totals: *totals,
                    payment: *payment,
                    paid: 0,
                    refunded: 0,
                    fulfilments: Vec::new(),
                    returns: Vec::new(),
                }));
            }
            (Self::Placed(placed), event) => placed.evolve(event),
            (Self::Absent, _) => {}
        }
    }
}

impl From<&FrozenLine> for OrderLine {
    fn from(line: &FrozenLine) -> Self {
        Self {
            line: line.line,
            sku: line.sku.clone(),
            quantity: line.quantity,
            gross: line.gross,
            tracks_stock: line.tracks_stock,
        }
    }
}

impl OrderLine {
    /// What so many pieces of it are worth together, in minor units: what was due for fewer pieces is part
    /// of it, so the last piece takes the rest.
    #[must_use]
    pub fn worth_of(&self, pieces: u32) -> i64 {
        round_half_away(
            i128::from(self.gross) * i128::from(pieces),
            i128::from(self.quantity.max(1)),
        )
    }
}

impl Placed {
    /// The line of this id.
    #[must_use]
    pub fn line(&self, id: LineId) -> Option<&OrderLine> {
        self.lines.iter().find(|line| line.line == id)
    }

    /// Pieces of a line in parcels that came at least so far.
    #[must_use]
    pub fn in_parcels(&self, line: LineId, progress: ParcelProgress) -> u32 {
        let parcels = self.fulfilments.iter().filter(|parcel| parcel.progress >= progress);
        parcels.map(|parcel| pieces_of(&parcel.lines, line)).sum()
    }

    /// Pieces of a line in the returns that `which` picks.
    #[must_use]
    pub fn in_returns(&self, line: LineId, which: impl Fn(ReturnProgress) -> bool) -> u32 {
        let returns = self.returns.iter().filter(|request| which(request.progress));
        returns.map(|request| pieces_of(&request.lines, line)).sum()
    }

    /// Whether it can still be called off.
    #[must_use]
    pub fn can_cancel(&self) -> bool {
        matches!(self.status, Status::Pending | Status::Confirmed) && self.fulfilments.is_empty()
    }

    fn all_in_parcels(&self, progress: ParcelProgress) -> bool {
        let mut lines = self.lines.iter();
        lines.all(|line| self.in_parcels(line.line, progress) >= line.quantity)
    }

    fn set_parcel(&mut self, id: Uuid, progress: ParcelProgress) {
        if let Some(parcel) = self.fulfilments.iter_mut().find(|parcel| parcel.id == id) {
            parcel.progress = progress;
        }
    }

    fn set_return(&mut self, id: Uuid, progress: ReturnProgress) {
        if let Some(request) = self.returns.iter_mut().find(|request| request.id == id) {
            request.progress = progress;
        }
    }

    fn evolve(&mut self, event: &Event) {
        match event {
            Event::OrderConfirmed {} => self.status = Status::Confirmed,
            Event::OrderPaid { amount } => self.paid += amount.amount,
            Event::OrderCancelled { .. } => self.status = Status::Cancelled,
            Event::FulfilmentCreated { fulfilment, lines, .. } => self.fulfilments.push(Fulfilment {
                id: *fulfilment,
                lines: lines.clone(),
                progress: ParcelProgress::Packed,
            }),
            Event::FulfilmentShipped { fulfilment } => {
                self.set_parcel(*fulfilment, ParcelProgress::Shipped);
                let all = self.all_in_parcels(ParcelProgress::Shipped);
                self.status = if all { Status::Shipped } else { Status::PartiallyShipped };
            }
            Event::FulfilmentDelivered { fulfilment } => {
                self.set_parcel(*fulfilment, ParcelProgress::Delivered);
                if self.all_in_parcels(ParcelProgress::Delivered) {
                    self.status = Status::Delivered;
                }
            }
            Event::ReturnRequested { request, lines, .. } => self.returns.push(Return {
                id: *request,
                lines: lines.clone(),
                progress: ReturnProgress::Requested,
            }),
            Event::ReturnApproved { request } => self.set_return(*request, ReturnProgress::Approved),
            Event::ReturnReceived { request, restock, .. } => {
                self.set_return(*request, ReturnProgress::Received { restocked: *restock });
            }
            Event::OrderRefunded { refunded_after, .. } => self.refunded = refunded_after.amount,
            Event::OrderPlaced { .. } | Event::NoteAdded { .. } => {}
        }
    }
}

/// Pieces of one line in a list.
pub(super) fn pieces_of(lines: &[LineQuantity], line: LineId) -> u32 {
    let of_line = lines.iter().filter(|part| part.line == line);
    of_line.fold(0, |sum, part| sum.saturating_add(part.quantity))
}
