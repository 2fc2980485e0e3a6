//! What a notation calls that of which sentences speak: rules and resolvers name no notation, and people read its own word.
//!
//! Comes in: nothing. Goes out: words to put into a sentence, chosen by the format of a unit.

use std::borrow::Cow;

/// The words of one notation.
#[derive(Debug, PartialEq, Eq)]
pub struct Words {
    /// What a unit is written as: `template`, as in "stands in the template".
    pub text: &'static str,
    /// Where what is deployed can be looked at: `stack`, as in "whoever may look at the stack".
    pub deployed: &'static str,
    /// What else the account has that is written elsewhere: `other stacks`.
    pub others: &'static str,
    /// Something that is filled in at deployment and shown to whoever looks: `a parameter without NoEcho`.
    pub open_input: &'static str,
    /// What hides it: an imperative, short.
    pub hide_input: &'static str,
    /// Where it stands how the URL of a function is guarded: `AuthType`.
    pub url_auth: &'static str,
    /// What rules say with the words of CloudFormation, and how this notation spells it; the longest first.
    pub phrases: &'static [(&'static str, &'static str)],
}

impl Words {
    /// Of CloudFormation and what is made into it.
    pub const TEMPLATE: Self = Self {
        text: "template",
        deployed: "stack",
        others: "other stacks",
        open_input: "a parameter without NoEcho",
        hide_input: "NoEcho: true on the parameter",
        url_auth: "AuthType",
        phrases: &[],
    };

    /// By its name in the sentences of rules; `None` for one that there is not.
    pub fn find(&self, name: &str) -> Option<&'static str> {
        match name {
            "text" => Some(self.text),
            "deployed" => Some(self.deployed),
            "open_input" => Some(self.open_input),
            "hide_input" => Some(self.hide_input),
            "url_auth" => Some(self.url_auth),
            _ => None,
        }
    }
}

impl Words {
    /// A sentence of a rule in the spelling of this notation.
    pub fn spell<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut spelt = String::new();
        let mut rest = text;
        while let Some((start, (phrase, own))) = self.first_phrase(text, text.len() - rest.len()) {
            spelt.push_str(&text[text.len() - rest.len()..start]);
            spelt.push_str(own);
            rest = &text[start + phrase.len()..];
        }
        if rest.len() == text.len() {
            return Cow::Borrowed(text);
        }
        spelt.push_str(rest);
        Cow::Owned(spelt)
    }

    /// The first phrase from `from` on, the longest of those that begin there.
    fn first_phrase(&self, text: &str, from: usize) -> Option<(usize, &'static (&'static str, &'static str))> {
        let starts = text.char_indices().map(|(index, _)| index).filter(|index| *index >= from);
        starts.filter(|_| !self.phrases.is_empty()).find_map(|start| {
            let phrase = self.phrases.iter().find(|(phrase, _)| stands_at(text, start, phrase))?;
            Some((start, phrase))
        })
    }
}

/// Where a phrase stands as a whole, as the index of its first byte.
pub fn find_phrase(text: &str, phrase: &str) -> Option<usize> {
    text.match_indices(phrase).map(|(start, _)| start).find(|start| stands_at(text, *start, phrase))
}

/// Whether a phrase begins there and neither end is within a longer word: `SourceArn` is none of `aws:SourceArn`.
fn stands_at(text: &str, start: usize, phrase: &str) -> bool {
    let is_within = |character: char| character.is_alphanumeric() || matches!(character, '_' | ':' | '.');
    text[start..].starts_with(phrase)
        && !text[..start].ends_with(is_within)
        && !text[start + phrase.len()..].starts_with(|character: char| character.is_alphanumeric() || character == '_')
}

impl Default for &'static Words {
    fn default() -> Self {
        &Words::TEMPLATE
    }
}

#[cfg(test)]
mod tests {
    use super::Words;

    #[test]
    fn a_phrase_is_spelt_where_it_stands_as_a_whole() {
        let words = Words { phrases: &[("KmsKeyId: true", "b"), ("KmsKeyId", "kms_key_id"), ("Arn", "arn")], ..Words::TEMPLATE };
        for (text, expected) in [
            ("nothing of it", "nothing of it"),
            ("KmsKeyId", "kms_key_id"),
            ("Set KmsKeyId, or KmsKeyId: true.", "Set kms_key_id, or b."),
            ("aws:Arn, SourceArn, Arns and x.Arn", "aws:Arn, SourceArn, Arns and x.Arn"),
            ("ä Arn ß", "ä arn ß"),
        ] {
            assert_eq!(words.spell(text), expected, "{text}");
        }
    }
}
