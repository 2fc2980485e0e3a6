//! Which tickets are issues of the repository itself: of those somebody can look up whether they are closed.
//!
//! Comes in: the name of a ticket as it was typed, and whose repository it is. Goes out: the number of the issue.

use crate::change::Repository;

/// `#12`, `acme/shop#12` or the address of the issue; `None` for a ticket that is kept anywhere else.
pub fn own_issue(ticket: &str, repository: &Repository) -> Option<u64> {
    let name = format!("{}/{}", repository.owner, repository.name);
    let whose =
        |prefix: &str| ticket.get(..prefix.len()).filter(|start| start.eq_ignore_ascii_case(prefix)).map(|_| &ticket[prefix.len()..]);
    let number = match ticket.strip_prefix('#') {
        Some(number) => number,
        None => {
            let page = format!("{}/issues/", repository.web_url);
            let on_page = whose(&page).filter(|_| !repository.web_url.is_empty());
            whose(&format!("{name}#")).or_else(|| on_page.map(|rest| rest.split(['#', '?', '/']).next().unwrap_or(rest)))?
        }
    };
    number.bytes().all(|byte| byte.is_ascii_digit()).then(|| number.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::own_issue;
    use crate::change::Repository;

    #[test]
    fn only_issues_of_the_repository_are_told() {
        let web_url = "https://github.com/acme/shop".to_owned();
        let repository = Repository { id: 1, owner: "acme".to_owned(), name: "shop".to_owned(), private: true, web_url };
        for (ticket, number) in [
            ("#12", Some(12)),
            ("acme/shop#12", Some(12)),
            ("Acme/Shop#12", Some(12)),
            ("https://github.com/acme/shop/issues/12", Some(12)),
            ("https://github.com/acme/shop/issues/12#issuecomment-7", Some(12)),
            ("OPS-12", None),
            ("12", None),
            ("#", None),
            ("#+12", None),
            ("acme/other#12", None),
            ("https://github.com/acme/shop/pull/12", None),
            ("https://github.com/acme/shopping/issues/12", None),
            ("https://evil.example/acme/shop/issues/12", None),
            ("ä/shop#12", None),
        ] {
            assert_eq!(own_issue(ticket, &repository), number, "{ticket}");
        }
    }
}
