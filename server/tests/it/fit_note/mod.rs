mod change;
mod exchange;
mod import;
pub mod photos;
pub mod record;
mod shown;
