//! The accounts with whose roles code runs, by what the files of one side say: of a unit whose code runs with such a role it is the own one.
//!
//! Comes in: a side, and the texts at hand. Goes out: numbers. No notation is parsed; `catalog/aws/own_account` asks that the unit says so as well, so
//! that a number too many is the own account of nobody.

use crate::change::{Blobs, Side};
use crate::judge::{hidden, mentions};
use std::collections::BTreeSet;

/// What notations call the property with the role that code runs with, in lower case. `RoleArn` is none: with such a role others act, too.
const KEYS: [&str; 5] = ["executionrolearn", "execution_role_arn", "role", "taskrolearn", "task_role_arn"];

/// The numbers, of a whole side.
pub(super) fn of(side: &Side, blobs: &Blobs) -> BTreeSet<String> {
    let of_code = side.texts(blobs, |text| of_text(text).next().is_some()).filter(|(path, _)| !hidden::is_prose(path));
    of_code.flat_map(|(_, text)| of_text(text)).map(str::to_owned).collect()
}

fn of_text(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices(":role/").filter_map(move |(end, _)| {
        let start = end.checked_sub(12)?;
        let number = text.get(start..end).filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()))?;
        let is_role = text[..start].ends_with(":iam::") && KEYS.contains(&&*mentions::key_at(text, start));
        (is_role && !mentions::only_speaks(text, start)).then_some(number)
    })
}

#[cfg(test)]
mod tests {
    use super::of_text;

    #[test]
    fn roles_of_code_are_told_from_other_roles() {
        for (text, expected) in [
            ("    role: arn:aws:iam::123456789012:role/orders", Some("123456789012")),
            ("  \"Role\": \"arn:aws:iam::123456789012:role/orders\"", Some("123456789012")),
            ("  {Role: arn:aws:iam::123456789012:role/orders}", Some("123456789012")),
            ("  role = \"arn:aws:iam::123456789012:role/orders\"", Some("123456789012")),
            ("    # role: arn:aws:iam::123456789012:role/orders", None),
            ("  AWS: arn:aws:iam::123456789012:role/partner", None),
            ("  RoleArn: arn:aws:iam::123456789012:role/partner", None),
            ("  role: arn:aws:iam::${AWS::AccountId}:role/orders", None),
        ] {
            assert_eq!(of_text(text).next(), expected, "{text}");
        }
    }
}
