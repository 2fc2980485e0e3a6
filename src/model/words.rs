//! What a notation calls that of which sentences speak: rules and resolvers name no notation, and people read its own word.
//!
//! Comes in: nothing. Goes out: words to put into a sentence, chosen by the format of a unit.

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

impl Default for &'static Words {
    fn default() -> Self {
        &Words::TEMPLATE
    }
}
