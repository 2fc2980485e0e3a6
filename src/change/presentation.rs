//! How a report is shown where it is read: what its links lead to, and how people answer.

use crate::stride::rule::OWN;

/// Where the documentation is published, for links; nowhere by default, and then there are none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Docs(String);

impl Docs {
    /// The site at an address, with or without a slash at its end.
    ///
    /// # Errors
    /// It is no address that a link can begin with, in words.
    pub fn at(url: &str) -> Result<Self, String> {
        let is_address = url.starts_with("https://") || url.starts_with("http://");
        let breaks_links = |c: char| c.is_whitespace() || c.is_control() || "()<>[]\"'`\\|".contains(c);
        if !url.is_empty() && (!is_address || url.contains(breaks_links)) {
            return Err(format!("`{url}` is no address of a site, such as https://docs.acme.example/astride"));
        }
        Ok(Self(url.trim_end_matches('/').to_owned()))
    }

    /// The page of a built-in rule; an organisation's own have none.
    pub fn rule(&self, id: &str) -> Option<String> {
        self.page(&format!("rules/{id}")).filter(|_| !id.starts_with(OWN))
    }

    /// What a reviewer reads.
    pub fn reviewing(&self) -> Option<String> {
        self.page("reviewing")
    }

    /// What a maintainer reads.
    pub fn maintaining(&self) -> Option<String> {
        self.page("maintaining")
    }

    /// As mdBook names the pages of its site.
    fn page(&self, name: &str) -> Option<String> {
        (!self.0.is_empty()).then(|| format!("{}/{name}.html", self.0))
    }
}

/// How people answer what a report asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Answers {
    /// By commands in comments, which an App reads.
    #[default]
    Commands,
    /// By decisions that are committed to this branch: nobody reads comments.
    Ledger(String),
}

/// How a report is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Presentation {
    pub docs: Docs,
    pub answers: Answers,
    /// Where the whole report can be read by whoever has the link; nowhere by default.
    pub details: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::Docs;

    #[test]
    fn links_lead_to_pages_of_the_site() {
        for url in ["https://docs.acme.example/astride", "https://docs.acme.example/astride/"] {
            let docs = Docs::at(url).unwrap();
            assert_eq!(docs.rule("STR-FURL-S-01").as_deref(), Some("https://docs.acme.example/astride/rules/STR-FURL-S-01.html"));
        }
        assert_eq!(Docs::at("https://docs.acme.example").unwrap().rule("OWN-DATA-I-01"), None);
        assert_eq!(Docs::at("").unwrap().reviewing(), None);
        for url in ["docs.acme.example", "javascript:alert(1)", "https://a b", "https://a/)[x](https://b", "https://a/\n/stride"] {
            assert!(Docs::at(url).is_err(), "{url}");
        }
    }
}
