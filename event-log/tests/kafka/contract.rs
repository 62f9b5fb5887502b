//! The contract that every log is held to.

mod with_memory {
    use crate::shop::Shop;

    event_log::contract_tests!(Shop::fresh());
}

/// Once more with next to no memory of recent records, so that readers ask the broker.
mod without_memory {
    use crate::shop::Shop;

    fn forgetful() -> Shop {
        let mut shop = Shop::fresh();
        shop.options.recent_bytes_max = 0;
        shop
    }

    event_log::contract_tests!(forgetful());
}
