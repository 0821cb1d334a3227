//! The definitions that come with Handrail: those whose text may be passed on, and those that are known by their structure only.

/// Each as JSON, in the order in which they are offered. A test reads every one of them.
pub const BUNDLED: &[&str] = &[
    include_str!("definitions/work-status.json"),
    include_str!("definitions/days-off.json"),
    include_str!("definitions/expectation.json"),
    include_str!("definitions/confidence.json"),
    include_str!("definitions/importance.json"),
    include_str!("definitions/phq-8.json"),
    include_str!("definitions/phq-9.json"),
    include_str!("definitions/gad-7.json"),
    include_str!("definitions/ons4.json"),
    include_str!("definitions/wpai-gh.json"),
    include_str!("definitions/nhs-fft.json"),
    include_str!("definitions/felt-pushed.json"),
    include_str!("definitions/eq-5d-5l.json"),
    include_str!("definitions/work-ability-score.json"),
    include_str!("definitions/wsas.json"),
    include_str!("definitions/rtw-se-lagerveld-11.json"),
    include_str!("definitions/rtw-se-brouwer-10.json"),
    include_str!("definitions/rtw-se-shaw-19.json"),
];
