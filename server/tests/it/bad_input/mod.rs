//! Every form is sent what nobody should send: it answers with its own page or with success, never with a fault, and shows everything as text.

mod anywhere;
mod form;
mod subject;
mod sweep;

use axum::http::Method;

use sweep::sweep;

const SCRIPT: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";

/// What people paste and what attackers send.
pub fn values() -> Vec<String> {
    let mut values: Vec<String> = [
        "“It’s hard” – she said…\u{a0}\u{2022} first\r\n\t\u{2022} second\u{2028}½ ™",
        "👩🏽‍⚕️😀🏳️‍🌈",
        SCRIPT,
        "it's \"quoted\" `so` \\ to speak {{ name }}",
        "'; DROP TABLE cases; -- UNION SELECT 1 %_",
        "\u{202e}שלום مرحبا\u{202c}",
        "before\0after",
        "-1",
        "31",
        "999999999999999999999999",
        "1e9",
        "0000",
        "no_such_code",
        "",
        " \u{200b}\u{feff} ",
    ]
    .map(str::to_owned)
    .to_vec();
    values.push("é".repeat(100_000));
    values
}

macro_rules! sweeps {
    ($($test:ident: $who:literal $path:literal $answers:expr;)+) => {
        /// The address of every form that is swept.
        const SWEPT: &[&str] = &[$($path),+];
        $(
        #[tokio::test]
        async fn $test() {
            sweep($who, $path, &$answers).await;
        }
    )+ };
}

sweeps! {
    a_referral_takes_bad_input: "ruth" "/refer" [("name", "Maya Okonkwo"), ("born_on", "2/3/1984"), ("phone", "07700 900123"), ("agreed", "yes")];
    a_contact_takes_bad_input: "priya" "/cases/{case}/contacts/new" [("outcome", "done")];
    time_off_work_takes_bad_input: "priya" "/cases/{case}/absence/new" [("what", "off"), ("who", "person"), ("from_day", "2"), ("from_month", "11"), ("from_year", "2026")];
    a_number_of_days_off_takes_bad_input: "priya" "/cases/{case}/absence/new" [("what", "count"), ("who", "person"), ("from_day", "2"), ("from_month", "11"), ("from_year", "2026"), ("until_day", "6"), ("until_month", "11"), ("until_year", "2026"), ("days", "2")];
    working_days_take_bad_input: "priya" "/cases/{case}/absence/pattern" [("from_day", "2"), ("from_month", "11"), ("from_year", "2026"), ("bank_holidays_off", "yes"), ("hours", "7")];
    changing_a_goal_takes_bad_input: "priya" "/cases/{case}/plan/goals/{plan_goals}" [];
    changing_something_to_try_takes_bad_input: "priya" "/cases/{case}/plan/actions/{plan_actions}" [];
    what_was_tried_takes_bad_input: "priya" "/cases/{case}/plan/actions/{plan_actions}/step" [];
    changing_an_adjustment_takes_bad_input: "priya" "/cases/{case}/plan/adjustments/{adjustments}" [];
    moving_an_adjustment_on_takes_bad_input: "priya" "/cases/{case}/plan/adjustments/{adjustments}/step" [];
    changing_an_obstacle_takes_bad_input: "priya" "/cases/{case}/assessment/obstacles/{obstacles}/change" [];
    reviewing_an_obstacle_takes_bad_input: "priya" "/cases/{case}/assessment/obstacles/{obstacles}/review" [];
    taking_an_obstacle_back_takes_bad_input: "priya" "/cases/{case}/assessment/take-back/obstacle/{obstacles}" [];
    changing_a_strength_takes_bad_input: "priya" "/cases/{case}/assessment/strengths/{strengths}/change" [];
    correcting_a_contact_takes_bad_input: "priya" "/cases/{case}/contacts/{contacts}/correct" [];
    correcting_a_note_takes_bad_input: "priya" "/cases/{case}/notes/{shared_notes}/correct" [];
    a_note_takes_bad_input: "priya" "/cases/{case}/notes/new" [("shared_note", "Words")];
    correcting_a_fit_note_takes_bad_input: "priya" "/cases/{case}/fit-notes/{fit_notes}/correct" [];
    marking_a_fit_note_takes_bad_input: "priya" "/cases/{case}/fit-notes/{fit_notes}/mark" [];
    marking_a_questionnaire_takes_bad_input: "priya" "/cases/{case}/questionnaires/{questionnaire_responses}/mark" [];
    settling_days_takes_bad_input: "priya" "/cases/{case}/absence/settle" [];
    a_section_takes_bad_input: "priya" "/cases/{case}/assessment/sections/work" [("job", "Carer")];
    an_obstacle_takes_bad_input: "priya" "/cases/{case}/assessment/obstacles/new" [("words", "The stairs"), ("kind", "workplace"), ("in_the_way", "2")];
    a_strength_takes_bad_input: "priya" "/cases/{case}/assessment/strengths/new" [("words", "My sister")];
    rulers_take_bad_input: "priya" "/cases/{case}/assessment/rulers" [("confidence", "4")];
    demands_take_bad_input: "priya" "/cases/{case}/assessment/demands" [("asks", "Lifting people")];
    a_fit_note_takes_bad_input: "priya" "/cases/{case}/fit-notes/new" [("fitness", "not_fit"), ("assessed_day", "2"), ("assessed_month", "11"), ("assessed_year", "2026"), ("until_day", "29"), ("until_month", "11"), ("until_year", "2026")];
    a_persons_details_take_bad_input: "priya" "/cases/{case}/person" [];
    consent_takes_bad_input: "priya" "/cases/{case}/consent" [];
    a_questionnaire_takes_bad_input: "priya" "/cases/{case}/questionnaires/new/wpai-gh" [("mode", "telephone"), ("a_employed", "yes"), ("a_hours_missed", "7.5"), ("a_hours_other", "0"), ("a_hours_worked", "20"), ("a_productivity", "4"), ("a_activities", "4")];
    words_in_a_questionnaire_take_bad_input: "priya" "/cases/{case}/questionnaires/new/nhs-fft" [("mode", "paper"), ("a_experience", "good")];
    a_questionnaire_that_interrupts_takes_bad_input: "priya" "/cases/{case}/questionnaires/new/phq-9" [("mode", "telephone"), ("a_phq1", "1"), ("a_phq2", "1"), ("a_phq3", "1"), ("a_phq4", "1"), ("a_phq5", "1"), ("a_phq6", "1"), ("a_phq7", "1"), ("a_phq8", "1"), ("a_phq9", "0")];
    a_plan_takes_bad_input: "priya" "/cases/{case}/contacts/plan" [];
    what_a_plan_is_for_takes_bad_input: "priya" "/cases/{case}/plan/about" [("kind", "return")];
    a_goal_takes_bad_input: "priya" "/cases/{case}/plan/goals/new" [("words", "Be back")];
    something_to_try_takes_bad_input: "priya" "/cases/{case}/plan/actions/new" [("what", "Walk"), ("who", "person")];
    the_weeks_of_a_return_take_bad_input: "priya" "/cases/{case}/plan/return" [];
    an_adjustment_takes_bad_input: "priya" "/cases/{case}/plan/adjustments/new" [("kind", "time"), ("what", "Start later")];
    a_conversation_takes_bad_input: "priya" "/cases/{case}/plan/conversation/words" [];
    preparing_a_document_takes_bad_input: "priya" "/cases/{case}/documents/new" [("kind", "return_plan"), ("recipient_kind", "employer"), ("recipient_name", "Ruth Dawes"), ("way", "by_hand")];
    a_step_takes_bad_input: "priya" "/cases/{case}/step" [];
    closing_takes_bad_input: "priya" "/cases/{case}/close" [];
    a_complaint_takes_bad_input: "priya" "/cases/{case}/complaints/new" [];
    a_concern_takes_bad_input: "priya" "/cases/{case}/safety/new" [];
    assigning_takes_bad_input: "leila" "/cases/{case}/assign" [];
    leave_takes_bad_input: "priya" "/leave" [];
    an_account_takes_bad_input: "ines" "/accounts/new" [];
    a_practice_takes_bad_input: "ines" "/organisation/practices/new" [];
    a_team_takes_bad_input: "ines" "/organisation/teams/new" [];
    a_programme_takes_bad_input: "ines" "/organisation/programmes/new" [];
    retention_takes_bad_input: "ines" "/retention" [];
    a_name_takes_bad_input: "" "/self-referral/south-yorkshire/name" [("name", "Maya Okonkwo")];
    a_birth_date_takes_bad_input: "" "/self-referral/south-yorkshire/date-of-birth" [];
    ways_to_contact_take_bad_input: "" "/self-referral/south-yorkshire/contact" [];
    work_takes_bad_input: "" "/self-referral/south-yorkshire/work" [];
    time_off_takes_bad_input: "" "/self-referral/south-yorkshire/time-off" [];
    hopes_take_bad_input: "" "/self-referral/south-yorkshire/help" [];
    own_details_take_bad_input: "me" "/me/details" [];
    own_choices_of_messages_take_bad_input: "me" "/me/messages" [];
    asking_for_a_call_takes_bad_input: "me" "/me/call" [("when", "any")];
    telling_takes_bad_input: "me" "/me/tell" [("words", "Good")];
    stopping_takes_bad_input: "me" "/me/stop" [];
    asking_for_a_copy_takes_bad_input: "priya" "/cases/{case}/access" [("how", "spoken")];
    somebody_elses_referral_takes_bad_input: "" "/refer-someone/south-yorkshire" [("name", "Maya Okonkwo"), ("born_on", "2/3/1984"), ("phone", "07700 900123"), ("agreed", "yes"), ("sender_name", "Jo Webb"), ("sender_role", "Physiotherapist")];
    signing_in_takes_bad_input: "" "/sign-in" [("email", "priya@handrail.example"), ("password", "three brown kettles")];
    a_new_password_takes_bad_input: "priya" "/account/password" [("old", "three brown kettles"), ("new", "four green kettles"), ("again", "four green kettles")];
    a_word_that_is_set_takes_bad_input: "priya" "/cases/{case}/portal" [("checked_who", "yes"), ("word", "blue kettle")];
    a_word_that_is_given_takes_bad_input: "" "/me/word" [("word", "blue kettle")];
    a_code_takes_bad_input: "" "/d/{released}" [];
    answers_to_a_document_take_bad_input: "" "/d/{opened}" [("answer-0", "agree")];
    a_search_takes_bad_input: "priya" "/search" [("words", "Maya")];
    a_referral_by_link_takes_bad_input: "" "/r/{link}" [("name", "Maya Okonkwo"), ("born_on", "2/3/1984"), ("phone", "07700 900123"), ("agreed", "yes"), ("sender_name", "Dr Jo Webb"), ("sender_role", "Locum GP")];
    amending_takes_bad_input: "ruth" "/sent/{referral}/amend" [("job", "Cook")];
    withdrawing_a_referral_takes_bad_input: "ruth" "/sent/{referral}/withdraw" [("sure", "yes")];
    a_clinicians_word_of_the_sender_takes_bad_input: "ruth" "/refer/sent/{flagged}" [("confirmed_by", "Dr Ruth Adeyemi")];
    a_clinicians_word_takes_bad_input: "priya" "/referrals/{flagged}/red-flags" [("confirmed_by", "Dr Ruth Adeyemi")];
    amending_for_the_sender_takes_bad_input: "priya" "/referrals/{self_referral}/amend" [("job", "Cook")];
    withdrawing_for_the_sender_takes_bad_input: "priya" "/referrals/{self_referral}/withdraw" [("sure", "yes")];
    eligibility_takes_bad_input: "priya" "/referrals/{referral}/eligibility" [];
    accepting_takes_bad_input: "leila" "/referrals/{referral}/accept" [("worker", "{tom}")];
    declining_takes_bad_input: "priya" "/referrals/{referral}/decline" [("reason", "too_young")];
    withdrawing_consent_takes_bad_input: "priya" "/cases/{agreed}/consent/withdraw?kind=share_employer" [("mode", "spoken")];
    own_consent_takes_bad_input: "me" "/me/consents/research" [("decision", "yes")];
    cancelling_a_contact_takes_bad_input: "priya" "/cases/{planned}/contacts/plan/cancel" [("reason", "She rang")];
    moving_a_contact_takes_bad_input: "priya" "/cases/{planned}/contacts/plan" [("at_day", "1"), ("at_month", "12"), ("at_year", "2026"), ("moved_by", "person")];
    reopening_takes_bad_input: "priya" "/cases/{closed}/reopen" [("reason", "She rang")];
    agreeing_to_a_plan_takes_bad_input: "priya" "/cases/{with_goal}/plan/agree" [("how", "spoken")];
    another_partys_agreement_takes_bad_input: "priya" "/cases/{goal_agreed}/plan/versions/1" [("party", "employer"), ("name", "Jo"), ("how", "spoken")];
    a_week_of_a_return_takes_bad_input: "priya" "/cases/{returning}/plan/return/1" [("went", "as_planned")];
    correcting_a_questionnaire_takes_bad_input: "priya" "/cases/{case}/questionnaires/{questionnaire_responses}/correct" [];
    taking_days_back_takes_bad_input: "priya" "/cases/{case}/absence/facts/{absence_facts}/take-back" [("reason", "Another week")];
    a_report_takes_bad_input: "priya" "/cases/{assessed}/assessment/report" [("advice", "may_be_fit"), ("assessed_day", "20"), ("assessed_month", "11"), ("assessed_year", "2026"), ("from_day", "23"), ("from_month", "11"), ("from_year", "2026"), ("until_day", "18"), ("until_month", "12"), ("until_year", "2026"), ("options", "phased")];
    taking_a_picture_away_takes_bad_input: "priya" "/cases/{case}/fit-notes/{fit_notes}/photos/{photo}/remove" [("reason", "Somebody else's")];
    days_off_told_take_bad_input: "priya" "/cases/{agreed}/checkins/{days_off}" [("days_off", "3")];
    how_things_are_told_take_bad_input: "priya" "/cases/{agreed}/checkins/{how}" [];
    how_it_was_told_takes_bad_input: "priya" "/cases/{agreed}/checkins/{afterwards}" [("experience", "good")];
    own_days_off_take_bad_input: "me" "/me/checkins/{days_off}" [("days_off", "3")];
    how_things_are_takes_bad_input: "me" "/me/checkins/{how}" [];
    how_it_was_takes_bad_input: "me" "/me/checkins/{afterwards}" [("experience", "good")];
    what_they_tried_takes_bad_input: "me" "/me/plan/actions/{plan_actions}" [("tried", "done")];
    a_copy_that_is_looked_through_takes_bad_input: "leila" "/cases/{case}/access/{access_requests}" [("others", "yes"), ("safe", "yes"), ("act", "reviewed")];
    a_document_takes_bad_input: "priya" "/cases/{case}/documents/{document}" [("items", "{offered}"), ("act", "look")];
    releasing_a_document_takes_bad_input: "priya" "/cases/{case}/documents/{looked_at}" [("act", "release"), ("spoken_how", "telephone"), ("read_back", "yes")];
    another_way_for_a_document_takes_bad_input: "priya" "/cases/{case}/documents/{document}/way" [("way", "by_hand")];
    an_answer_that_was_told_takes_bad_input: "priya" "/cases/{case}/documents/{posted}/answer" [("answer-0", "agree")];
    an_own_document_takes_bad_input: "me" "/me/documents/{offered}" [("items", "{offered}"), ("act", "look")];
    another_way_of_their_own_takes_bad_input: "me" "/me/documents/{offered}/way" [("way", "by_hand")];
    what_was_done_about_a_concern_takes_bad_input: "leila" "/safety/{concern}/step" [("words", "Called")];
    a_disclosure_takes_bad_input: "leila" "/safety/{concern}/disclosure" [("words", "Not safe"), ("to_whom", "Crisis team"), ("why", "Her life"), ("person_told", "yes")];
    passing_a_concern_on_takes_bad_input: "leila" "/safety/{concern}/pass-on" [("to_account", "{tom}"), ("why", "At a desk")];
    closing_a_concern_takes_bad_input: "leila" "/safety/{concern}/close" [("reason", "safe_now"), ("note", "With the crisis team")];
    a_rota_takes_bad_input: "leila" "/safety/rota" [("position", "{tom}")];
    answering_a_complaint_takes_bad_input: "leila" "/complaints/{complaint}" [("answer", "We talked")];
    handing_over_takes_bad_input: "priya" "/hand-over" [("to_worker", "{tom}"), ("from_day", "20"), ("from_month", "11"), ("from_year", "2026"), ("until_day", "24"), ("until_month", "11"), ("until_year", "2026"), ("which", "all")];
    assigning_many_takes_bad_input: "leila" "/cases/assign?of={priya}" [("cases", "{offered}"), ("to_worker", "{tom}")];
    capacity_takes_bad_input: "leila" "/workload/{worker}/capacity" [("capacity", "20")];
    changing_an_account_takes_bad_input: "ines" "/accounts/{account}" [("name", "Tom Whitaker")];
    a_registration_takes_bad_input: "ines" "/accounts/{account}/registration" [("number", "PH123456"), ("until_day", "31"), ("until_month", "12"), ("until_year", "2026")];
    changing_a_practice_takes_bad_input: "ines" "/organisation/practices/{practice}" [];
    a_referral_link_takes_bad_input: "ines" "/organisation/practices/{practice}/links" [("label", "Reception"), ("programme", "{programme}")];
    changing_a_programme_takes_bad_input: "ines" "/organisation/programmes/{programme}" [];
    what_a_programme_covers_takes_bad_input: "ines" "/organisation/programmes/{programme}/covers" [("region", "{manchester}")];
    a_wording_takes_bad_input: "ines" "/organisation/programmes/{programme}/wordings/privacy_notice" [("words", "What we keep")];
}

/// Forms with a page of their own in which nothing is typed, or a file is, or whose page belongs to others. Each has tests of its own.
const NOT_SWEPT: &[&str] = &[
    // One-time codes are off in these tests: see `identity`.
    "/sign-in/code",
    "/sign-in/set-up",
    // One button.
    "/p/{token}",
    "/me/record",
    "/cases/{id}/checkins",
    "/cases/{id}/messages/{message}/letter",
    "/stop/{token}",
    "/left",
    "/safety/{id}",
    "/referrals/{id}/same",
    "/referrals/{id}/read",
    // A file beside the form: see the tests of uploads.
    "/cases/{id}/fit-notes/import",
    "/cases/{id}/fit-notes/{note}/photos/new",
];

#[test]
fn every_form_is_swept_or_says_why_not_and_what_is_named_here_is_a_form() {
    let routes = crate::permissions::routes_in_code();
    let forms: Vec<&str> = routes
        .iter()
        .filter(|(_, methods)| methods.contains(&Method::GET) && methods.contains(&Method::POST))
        .map(|(pattern, _)| pattern.as_str())
        .collect();
    // A sign in braces stands for anything, but what is a form's own address fits that form alone.
    let fits = |pattern: &str, path: &str| {
        let path = path.split('?').next().unwrap();
        let (a, b) = (pattern.split('/'), path.split('/'));
        let alike = a.clone().count() == b.clone().count()
            && a.zip(b).all(|(a, b)| a.starts_with('{') || a == b);
        alike && (pattern == path || !forms.contains(&path))
    };
    let swept = |form: &str| SWEPT.iter().any(|path| fits(form, path));
    let missing: Vec<&&str> = forms
        .iter()
        .filter(|form| !NOT_SWEPT.contains(form) && !swept(form))
        .collect();
    assert!(
        missing.is_empty(),
        "sweep these forms, or say in NOT_SWEPT why not: {missing:#?}"
    );
    let stale: Vec<&&str> = NOT_SWEPT
        .iter()
        .filter(|form| !forms.contains(form) || swept(form))
        .chain(
            SWEPT
                .iter()
                .filter(|path| !forms.iter().any(|form| fits(form, path))),
        )
        .collect();
    assert!(
        stale.is_empty(),
        "these are no forms, or are swept by now: {stale:#?}"
    );
}
