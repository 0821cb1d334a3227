//! What every page stands on: who asks, what they typed, how an answer or an error looks.

mod actor;
mod assets;
mod error;
mod form;
mod guard;
mod meanwhile;
mod page;
mod pdf;
mod quoted;
mod respond;
mod shown;
mod upload;

pub use actor::{Account, Actor, Asker, RequestId, Themselves};
pub use assets::routes as asset_routes;
pub use error::{Back, Frame, WasError, faces, is_conflict, wait_in_words};
pub use form::{Form, TypedBefore, is_local, same, ticked, typed_before};
pub use guard::{headers, refuse_cross_site, request_ids};
pub use meanwhile::{
    Asks, Both, Meanwhile, Reads, Said, day_of_boxes, label_of, labels_of, words_of,
};
pub use page::{
    Nav, Page, day_and_month, said_date, said_day, said_instant, said_month, said_time, short_date,
    weekday_and_day,
};
pub use pdf::{Print, pdf, typeset_apart};
pub use quoted::quoted;
pub use respond::{
    Answer, clear_notice, cookie, cookie_value, file, notice, see_other, show, show_again,
    show_changed,
};
pub use shown::Shown;
pub use upload::{LONGEST_UPLOAD, Upload, is_multipart, read_some, typed_beside_a_file};
