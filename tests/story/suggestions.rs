//! Stories of what people commit with one press: our own suggestion, and what looks like one.

use super::told::{BILLING, MAY_ALL, PLAIN, PUBLIC, QUEUE, SIGNED, story};
use super::{AUTHOR, Act, REVIEWER, Story, TEMPLATE};

/// Three functions that are public.
fn three() -> String {
    format!("{PLAIN}{PUBLIC}{BILLING}{}", BILLING.replace("Billing", "Parcels"))
}

pub(super) fn stories() -> Vec<Story> {
    use Act::{AppliesSuggestions, PushesSaying, Says};
    let decides = || Says(REVIEWER, "/stride accept {now} the form is public on purpose");
    let opened = |name: &'static str, acts: Vec<Act>| Story { brings: vec![(TEMPLATE, three())], ..story(name, acts) };
    let fixed = || format!("{PLAIN}{SIGNED}{BILLING}{}", BILLING.replace("Billing", "Parcels"));
    vec![
        opened("who_applies_a_suggestion_is_no_author", vec![AppliesSuggestions(REVIEWER, 1, vec![]), decides()]),
        opened("who_applies_suggestions_together_is_no_author", vec![AppliesSuggestions(REVIEWER, 2, vec![]), decides()]),
        opened(
            "who_applies_one_suggestion_after_another_is_no_author",
            vec![AppliesSuggestions(REVIEWER, 1, vec![]), AppliesSuggestions(REVIEWER, 1, vec![]), decides()],
        ),
        opened(
            "an_author_who_applies_a_suggestion_stays_one",
            vec![AppliesSuggestions(AUTHOR, 1, vec![]), Says(AUTHOR, "/stride accept {now} the form is public on purpose")],
        ),
        opened(
            "who_alters_a_suggestion_is_an_author",
            vec![AppliesSuggestions(REVIEWER, 1, vec![(TEMPLATE, fixed().replacen("AWS_IAM", "AWS_IAM # for now", 1))]), decides()],
        ),
        opened(
            "who_changes_more_than_is_suggested_is_an_author",
            vec![AppliesSuggestions(REVIEWER, 1, vec![("notes.md", "notes\n".to_owned())]), decides()],
        ),
        opened(
            "what_only_says_that_it_was_suggested_makes_an_author",
            vec![AppliesSuggestions(REVIEWER, 0, vec![(TEMPLATE, format!("{}{MAY_ALL}{QUEUE}", three()))]), decides()],
        ),
        opened(
            "a_suggestion_that_somebody_edited_makes_an_author",
            vec![Act::EditsSuggestion(REVIEWER, "AuthType: aws_iam"), AppliesSuggestions(REVIEWER, 1, vec![]), decides()],
        ),
        opened(
            "a_suggestion_that_is_typed_and_pushed_makes_an_author",
            vec![PushesSaying("Apply suggestion from @astride\n\nCo-authored-by: {rita}", fixed()), decides()],
        ),
    ]
}
