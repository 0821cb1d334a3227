//! Time off work: telling, settling, the calendar and the command line.

pub mod hears;
mod line;
mod pages_agree;
mod parameters;
mod record;
mod settle;
mod sheet;
