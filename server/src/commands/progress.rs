//! Progress of long work: a bar where somebody is looking, nothing where a script is.

use std::{io::IsTerminal, time::Duration};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar for `length` steps, or a counter where the length is not known.
pub fn bar(length: Option<u64>, what: &'static str) -> ProgressBar {
    let target = if std::io::stderr().is_terminal() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let bar = ProgressBar::with_draw_target(length, target).with_message(what);
    let template = match length {
        Some(_) => "{msg} [{wide_bar}] {human_pos} of {human_len}, {eta} left",
        None => "{spinner} {msg} {human_pos}, {elapsed}",
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

/// A sign that something goes on whose steps cannot be counted, with the time it has taken.
pub fn busy(what: &'static str) -> ProgressBar {
    let bar = bar(None, what);
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}, {elapsed}") {
        bar.set_style(style);
    }
    if !bar.is_hidden() {
        bar.enable_steady_tick(Duration::from_millis(200));
    }
    bar
}

/// A bar that is counted in bytes.
pub fn bytes(length: u64, what: &'static str) -> ProgressBar {
    let bar = bar(Some(length), what);
    if let Ok(style) =
        ProgressStyle::with_template("{msg} [{wide_bar}] {bytes} of {total_bytes}, {eta} left")
    {
        bar.set_style(style);
    }
    bar
}
