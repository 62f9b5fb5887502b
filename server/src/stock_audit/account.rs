//! The account of one SKU: its ledgers as the log tells them, and what the shop and its rows say of the same.
//! Without IO.

use std::collections::BTreeMap;

use domain::inventory::hold::Hold;
use domain::inventory::item::StockItem;
use domain::inventory::ledger::{Discrepancy, Ledger};
use domain::stream::{Location, StreamId};
use domain::value::{CheckoutId, ReservationId, Sku, Timestamp};
use domain::{Decided, Event};
use projectors::projection::Projection;
use projectors::projections::Stock;
use read_store::model::stock::{LocationStockView, StockView};
use uuid::Uuid;

use super::report::{AuditFinding, FINDINGS_LISTED_MAX, ROW, levels_text};

/// One commit, as far as it is about a SKU.
pub(super) struct Entry<'a> {
    /// Its number.
    pub(super) seq: u64,
    /// When.
    pub(super) at: Timestamp,
    /// Where, for people.
    pub(super) place: &'a str,
    /// The story that it belongs to.
    pub(super) story: Uuid,
    /// What happened, in order.
    pub(super) events: &'a [Decided],
    /// The versions of the stock items that it changed.
    pub(super) versions: &'a BTreeMap<Location, u64>,
}

/// What queries read of a SKU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Row {
    /// A row, as of this commit.
    Present {
        /// The last commit that is in it.
        seq: u64,
        /// What it says.
        view: StockView,
    },
    /// None.
    Absent,
    /// One that says nothing, and why.
    Unreadable(String),
}

/// A hold that holds pieces, and the checkout that it was made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) location: Location,
    pub(super) reservation: ReservationId,
    pub(super) hold: Hold,
    pub(super) checkout: CheckoutId,
}

/// What is known of one SKU.
pub(super) struct Account {
    sku: Sku,
    shelves: BTreeMap<Location, Shelf>,
    /// What its row should say.
    view: Option<StockView>,
    /// What its row says, until it is compared.
    row: Option<Row>,
    /// Why the rest of the log cannot tell of it.
    unreadable: Option<String>,
    findings_count: u64,
    /// The first of them.
    findings: Vec<AuditFinding>,
}

/// The stock at one location.
#[derive(Default)]
struct Shelf {
    ledger: Ledger,
    item: StockItem,
    version: u64,
    /// Who made the holds that there are.
    makers: BTreeMap<ReservationId, CheckoutId>,
    /// The state by which commands are decided, and its version, until it is compared.
    state: Option<(StockItem, u64)>,
}

impl Account {
    pub(super) fn of(sku: Sku) -> Self {
        Self {
            sku,
            shelves: BTreeMap::new(),
            view: None,
            row: None,
            unreadable: None,
            findings_count: 0,
            findings: Vec::new(),
        }
    }

    /// Takes a commit in. What is older than it and waits to be compared is compared first.
    pub(super) fn take(&mut self, entry: &Entry<'_>) {
        if self.unreadable.is_some() {
            return;
        }
        self.settle(Some(entry.seq));
        for decided in entry.events {
            match (&decided.stream, &decided.event) {
                (StreamId::StockItem(_, location), Event::StockItem(event)) => {
                    let shelf = self.shelves.entry(location.clone()).or_default();
                    shelf.item.evolve(event);
                    let wrong = shelf.ledger.take_item(event);
                    self.view = Stock::evolve(self.view.take(), decided, entry.at);
                    if let Some(Discrepancy { says, adds_up_to }) = wrong {
                        let (says, adds_up_to) = (levels_text(&says), levels_text(&adds_up_to));
                        let why = format!("{} says {says}; everything before adds up to {adds_up_to}", entry.place);
                        self.found("ledger.line", Some(location), why);
                    }
                }
                (StreamId::Hold(_, location, reservation), Event::Hold(event)) => {
                    let shelf = self.shelves.entry(location.clone()).or_default();
                    shelf.ledger.take_hold(*reservation, event);
                    if shelf.ledger.holds().contains_key(reservation) {
                        let maker = CheckoutId(entry.story);
                        shelf.makers.entry(*reservation).or_insert(maker);
                    } else {
                        shelf.makers.remove(reservation);
                    }
                }
                _ => {}
            }
        }
        for (location, version) in entry.versions {
            if let Some(shelf) = self.shelves.get_mut(location) {
                shelf.version = *version;
            }
        }
    }

    /// From here on the log cannot tell of it.
    pub(super) fn take_unreadable(&mut self, seq: u64, place: &str, why: &str) {
        if self.unreadable.is_none() {
            self.settle(Some(seq));
            self.unreadable = Some(format!("{place} cannot be read: {why}"));
        }
    }

    /// What its row says, to be compared when the replay is there.
    pub(super) fn note_row(&mut self, row: Row) {
        self.row = Some(row);
    }

    /// By what state commands are decided, to be compared when the replay is there.
    pub(super) fn note_state(&mut self, location: &Location, item: StockItem, version: u64) {
        if let Some(shelf) = self.shelves.get_mut(location) {
            shelf.state = Some((item, version));
        }
    }

    /// Says what is wrong with a hold, if it still is as it was.
    pub(super) fn note_owner(&mut self, held: &Held, code: &str, why: &str) {
        let shelf = self.shelves.get(&held.location);
        let now = shelf.and_then(|shelf| shelf.ledger.holds().get(&held.reservation));
        if now == Some(&held.hold) {
            let stream = StreamId::Hold(self.sku.clone(), held.location.clone(), held.reservation);
            self.found(code, Some(&held.location), format!("{stream}: {why}"));
        }
    }

    /// Nothing more comes: what waits is compared.
    pub(super) fn close(mut self) -> Closed {
        match self.unreadable.take() {
            Some(why) => self.found("ledger.unreadable", None, why),
            None => {
                self.settle(None);
                self.compare_holds();
            }
        }
        Closed {
            lines: self.shelves.values().map(|shelf| shelf.ledger.lines()).sum(),
            holds: self
                .shelves
                .values()
                .map(|shelf| shelf.ledger.holds().len() as u64)
                .sum(),
            findings_count: self.findings_count,
            findings: self.findings,
        }
    }

    pub(super) fn sku(&self) -> &Sku {
        &self.sku
    }

    /// Whether anything ever happened to it.
    pub(super) fn is_seen(&self) -> bool {
        !self.shelves.is_empty() || self.unreadable.is_some()
    }

    pub(super) fn locations(&self) -> impl Iterator<Item = &Location> {
        self.shelves.keys()
    }

    /// The holds that hold pieces.
    pub(super) fn held(&self) -> impl Iterator<Item = Held> {
        self.shelves.iter().flat_map(|(location, shelf)| {
            let holds = shelf.ledger.holds().iter();
            holds.filter_map(|(reservation, hold)| {
                Some(Held {
                    location: location.clone(),
                    reservation: *reservation,
                    hold: hold.clone(),
                    checkout: *shelf.makers.get(reservation)?,
                })
            })
        })
    }

    /// Compares what is as old as the replay: a row whose last commit lies before the next one, and states at the
    /// version that was reached. Everything, when there is no next one.
    fn settle(&mut self, next: Option<u64>) {
        let is_due = match &self.row {
            Some(Row::Present { seq, .. }) => next.is_none_or(|next| *seq < next),
            Some(Row::Absent | Row::Unreadable(_)) => true,
            None => false,
        };
        if is_due && let Some(row) = self.row.take() {
            self.compare_row(row);
        }
        let mut wrong = Vec::new();
        for (location, shelf) in &mut self.shelves {
            let is_due = |state: &mut (StockItem, u64)| next.is_none() || state.1 <= shelf.version;
            if let Some((item, version)) = shelf.state.take_if(is_due)
                && (&item, version) != (&shelf.item, shelf.version)
            {
                let (says, log) = (item.stock(), shelf.item.stock());
                let why = format!(
                    "commands are decided by {} at version {version}; the log says {} at version {}",
                    levels_text(&says.levels),
                    levels_text(&log.levels),
                    shelf.version
                );
                wrong.push((location.clone(), why));
            }
        }
        for (location, why) in wrong {
            self.found("stock.state", Some(&location), why);
        }
    }

    /// What is owed, against everybody it is owed to.
    fn compare_holds(&mut self) {
        let mut wrong = Vec::new();
        for (location, shelf) in &self.shelves {
            let (levels, held) = (shelf.ledger.levels(), shelf.ledger.held());
            if (levels.reserved, levels.allocated) != (held.reserved, held.allocated) {
                let why = format!(
                    "the ledger ends with {} reserved and {} allocated; all holds come to {} and {}",
                    levels.reserved, levels.allocated, held.reserved, held.allocated
                );
                wrong.push((location.clone(), why));
            }
        }
        for (location, why) in wrong {
            self.found("ledger.holds", Some(&location), why);
        }
    }

    fn compare_row(&mut self, row: Row) {
        let (view, log) = match (row, &self.view) {
            (Row::Absent, None) => return,
            (Row::Present { view, .. }, Some(log)) if view == *log => return,
            (Row::Unreadable(why), _) => return self.found(ROW, None, why),
            (Row::Absent, Some(_)) => return self.found(ROW, None, "queries find no row".to_owned()),
            (Row::Present { .. }, None) => {
                return self.found(
                    ROW,
                    None,
                    "queries find a row, and the log knows of no stock".to_owned(),
                );
            }
            (Row::Present { view, .. }, Some(log)) => (view, log.clone()),
        };
        let mut is_named = false;
        for stock in &log.locations {
            let said = view.locations.iter().find(|said| said.location == stock.location);
            if said == Some(stock) {
                continue;
            }
            let why = format!(
                "queries show {}; the log says {}",
                said.map_or_else(|| "nothing".to_owned(), location_text),
                location_text(stock)
            );
            self.found(ROW, Some(&stock.location), why);
            is_named = true;
        }
        if !is_named {
            self.found(ROW, None, "queries show other locations than the log knows".to_owned());
        }
    }

    fn found(&mut self, code: &str, location: Option<&Location>, why: String) {
        self.findings_count += 1;
        if self.findings.len() == FINDINGS_LISTED_MAX {
            return;
        }
        self.findings.push(AuditFinding {
            code: code.to_owned(),
            sku: self.sku.clone(),
            location: location.map(|location| location.as_str().to_owned()),
            why,
        });
    }
}

/// What an account has come to.
pub(super) struct Closed {
    /// Lines of its ledgers.
    pub(super) lines: u64,
    /// Holds that hold pieces.
    pub(super) holds: u64,
    /// Everything that does not add up.
    pub(super) findings_count: u64,
    /// The first of it.
    pub(super) findings: Vec<AuditFinding>,
}

fn location_text(stock: &LocationStockView) -> String {
    let LocationStockView {
        levels,
        threshold,
        backorder_limit,
        is_low,
        ..
    } = stock;
    let threshold = threshold.map_or_else(|| "none of its own".to_owned(), |threshold| threshold.to_string());
    let low = if *is_low { ", low" } else { "" };
    let levels = levels_text(levels);
    format!("{levels} (threshold {threshold}, back-order limit {backorder_limit}{low})")
}

#[cfg(test)]
mod tests;
