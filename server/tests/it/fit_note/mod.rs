mod change;
mod exchange;
mod import;
mod photos;
mod record;
mod shown;
