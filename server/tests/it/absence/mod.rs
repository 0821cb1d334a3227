//! Time off work: telling, settling, the calendar and the command line.

mod hears;
mod line;
mod record;
mod settle;
