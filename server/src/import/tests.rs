mod cells;
mod reading;
mod sending;
mod woocommerce;
