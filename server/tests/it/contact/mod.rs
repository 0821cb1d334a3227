mod correct;
mod notes;
mod plan;
mod record;
mod since;
mod typed;
mod with;
