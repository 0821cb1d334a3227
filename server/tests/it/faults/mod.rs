//! What happens when the machine fails: a killed server, a full disk, a database that is gone or locked, a clock that jumps, presses at once.

mod at_once;
mod clock;
mod full_disk;
mod gone;
mod kill;
mod locked;
mod no_room;
pub mod server;
