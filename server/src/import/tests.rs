mod cells;
mod inventory;
mod reading;
mod sending;
mod woocommerce;
