use std::collections::BTreeMap;

use super::event::{Demand, DemandGroup};
use crate::stream::{Location, StreamId};
use crate::value::Sku;

/// Pieces by SKU, summed, in one group for each shard of the inventory. Stock lies at the default location.
pub(in crate::sales) fn demand_groups<'a>(
    pieces: impl IntoIterator<Item = (&'a Sku, i64)>,
    partitions: u32,
) -> Vec<DemandGroup> {
    let mut by_sku: BTreeMap<&Sku, i64> = BTreeMap::new();
    for (sku, quantity) in pieces {
        *by_sku.entry(sku).or_default() += quantity;
    }
    let mut by_partition: BTreeMap<u32, Vec<Demand>> = BTreeMap::new();
    for (sku, quantity) in by_sku {
        let location = Location::default();
        let shard = StreamId::StockItem(sku.clone(), location.clone()).shard(partitions);
        by_partition.entry(shard.partition).or_default().push(Demand {
            sku: sku.clone(),
            location,
            quantity,
        });
    }
    let groups = by_partition.into_iter();
    groups
        .map(|(partition, demands)| DemandGroup { partition, demands })
        .collect()
}
