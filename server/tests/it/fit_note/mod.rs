mod change;
mod exchange;
mod import;
mod photos;
pub mod record;
mod shown;
