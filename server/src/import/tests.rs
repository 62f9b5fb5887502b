mod cells;
mod inventory;
mod near;
mod reading;
mod sending;
mod woocommerce;
