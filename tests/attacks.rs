//! Attacks on the gate by people who may push, comment, edit and merge, and by a forge that answers wrongly: each got through once. A comment
//! tells the attack as it went then; the test shows that it does no longer.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod attack;
mod service;
mod story;

use astride::change::Right;
use astride::sandbox::github::people::{Push, Visibility};
use astride::sandbox::github::state::Talk;
use astride::sandbox::objects::Content;
use attack::{
    ENFORCE, Gate, LEDGER, MAY_ALL, PLAIN, PUBLIC, READS_ALL, SETTINGS, TEMPLATE, accepts, answer, green, nothing, public, red, shop,
    status, story, tagged,
};
use serde_json::{Value, json};
use story::{Act, Head, SHOP, Story, open};

const BUCKET: &str = "Resources:
  Data: {Type: AWS::S3::Bucket}
  P:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Data
      PolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: '*', Action: 's3:GetObject', Resource: '*'}]}
";

/// Mona's pull request, on which somebody has pushed what makes the function public.
async fn pushed_by(by: &str, named: &str) -> (Gate, String) {
    let gate = Gate::open(&story(tagged())).await;
    gate.push_named(SHOP, by, named, "orders", &[(TEMPLATE, &public())]);
    gate.settles().await;
    let id = gate.id_in(1, "OrdersFn");
    (gate, id)
}

/// Whoever may push to the ledger's branch adds a key to the App's newest block: it then answers any threat in rita's name.
#[tokio::test]
async fn a_block_of_the_apps_grows_by_another_hand() {
    let gate = Gate::open(&story(BUCKET.to_owned())).await;
    gate.says(1, "rita", &accepts(&gate.id_in(1, "Data/I"))).await;
    let (path, text) = gate.ledger_file("template");
    gate.push("mona", "evil", &[(TEMPLATE, &format!("{PLAIN}{MAY_ALL}"))]);
    let evil = gate.opens("mona", "evil", "main");
    gate.settles().await;
    red(&gate, evil);
    let (_, thread) = gate.threads(evil).pop().unwrap();
    let print = thread.split("astride:thread ").nth(1).unwrap().split(' ').next().unwrap().to_owned();
    gate.push("mona", LEDGER, &[(&path, &format!("{text}  covers: [\"{print}\"]\n"))]);
    gate.settles().await;
    red(&gate, evil);
}

/// Decided, and asked again as soon as nobody speaks: who wrote the pull request is not looked up for words in the repository's file.
#[tokio::test]
async fn a_decision_for_the_repository_holds_after_the_next_push() {
    let gate = Gate::open(&story(format!("{PLAIN}      Layers: ['arn:aws:lambda:eu-west-1:999999999999:layer:tools:3']\n"))).await;
    gate.says(1, "rita", &accepts(&gate.id_in(1, "OrdersFn"))).await;
    green(&gate, 1);
    gate.push("mona", "orders", &[("notes.md", "n\n")]);
    gate.settles().await;
    green(&gate, 1);
}

/// A link is a blob to git, and reads as an empty ledger if it leads to `#`.
#[tokio::test]
async fn a_link_in_the_ledger_breaks_it() {
    let gate = Gate::open(&story(tagged())).await;
    let folder = gate.service.standin.with(|github| shop(github).id);
    gate.says(1, "rita", "/stride recheck").await;
    let path = format!("{folder}/template.yaml.yml");
    let changes = [(path.as_str(), Some(Content::Symlink("#".to_owned())))];
    gate.push("mona", LEDGER, &[("notes.md", "n\n")]);
    gate.github(|github| github.push(&Push { repository: SHOP, branch: LEDGER, by: "mona", changes: &changes, message: "x" }).unwrap());
    gate.settles().await;
    red(&gate, 1);
}

/// A maintainer may push to a contributor's fork; the forge does not tell us who pushed there.
#[tokio::test]
async fn a_maintainer_pushes_to_a_fork_in_the_contributors_name() {
    let gate = Gate::open(&Story { head: Head::Fork, ..story(tagged()) }).await;
    gate.push_named("finn/shop", "rita", "finn", "orders", &[(TEMPLATE, &public())]);
    gate.settles().await;
    gate.says(1, "rita", &accepts(&gate.id_in(1, "OrdersFn"))).await;
    red(&gate, 1);
}

/// The twins of it: of a fork whose pushes may be read one decides, of another one two.
#[tokio::test]
async fn a_contributor_pushes_to_the_own_fork() {
    for (private, confirmed, expected) in [(false, false, true), (true, false, false), (true, true, true)] {
        let gate = Gate::open(&Story { head: Head::Fork, ..story(tagged()) }).await;
        gate.github(|github| github.repositories.values_mut().for_each(|repository| repository.private = private));
        gate.push_in("finn/shop", "finn", "orders", &[(TEMPLATE, &public())]);
        gate.settles().await;
        let id = gate.id_in(1, "OrdersFn");
        gate.says(1, "rita", &accepts(&id)).await;
        if confirmed {
            gate.says(1, "mona", &format!("/stride confirm {id}")).await;
        }
        assert_eq!(gate.is_green(1), expected, "private: {private}, {:?}", gate.check(1));
    }
}

/// The twin of the bots: what a bot pushes of its own is no person's.
#[tokio::test]
async fn a_bot_pushes_its_own_commit_to_a_persons_pull_request() {
    let (gate, id) = pushed_by("renovate[bot]", "renovate[bot]").await;
    gate.says(1, "rita", &accepts(&id)).await;
    green(&gate, 1);
}

/// The twin of the comparison: older merges of the base are ends of the list that the base has.
#[tokio::test]
async fn a_branch_into_which_the_base_was_merged_twice() {
    let gate = Gate::open(&story(public())).await;
    for number in 0..2 {
        gate.then(Act::PushesToBase("README.md", format!("{number}\n"))).await;
        gate.then(Act::MergesBase("mona", None)).await;
    }
    gate.says(1, "rita", &accepts(&gate.id_in(1, "OrdersFn"))).await;
    green(&gate, 1);
}

#[tokio::test]
async fn a_commit_in_another_name_behind_a_hundred_pushes() {
    let (gate, id) = pushed_by("rita", "mona").await;
    for number in 0..=100 {
        gate.push("renovate[bot]", "orders", &[("notes.md", &format!("{number}\n"))]);
    }
    gate.says(1, "rita", &accepts(&id)).await;
    red(&gate, 1);
}

/// Three answers that lag are enough: nobody asks again once the check is green.
#[tokio::test]
async fn pushes_that_are_shown_late_need_two() {
    let (gate, id) = pushed_by("rita", "mona").await;
    gate.fails("GET", "/repos/*/*/activity", 3, nothing());
    gate.says(1, "rita", &accepts(&id)).await;
    gate.hours(1).await;
    red(&gate, 1);
}

#[tokio::test]
async fn pushes_that_may_not_be_read() {
    let (gate, id) = pushed_by("rita", "mona").await;
    gate.fails("GET", "/repos/*/*/activity", 60, status(404));
    gate.says(1, "rita", &accepts(&id)).await;
    red(&gate, 1);
}

/// A workflow of rita's pushes for her: its commits are nobody's, on a pull request that is mona's.
#[tokio::test]
async fn a_bot_pushes_nobodys_commit_to_a_persons_pull_request() {
    let (gate, id) = pushed_by("renovate[bot]", "nobody").await;
    gate.says(1, "rita", &accepts(&id)).await;
    red(&gate, 1);
}

#[tokio::test]
async fn a_bot_moves_a_pull_request_to_a_branch_that_another_pushed() {
    let gate = Gate::open(&story(tagged())).await;
    let made = gate.push_named(SHOP, "rita", "mona", "ritas", &[(TEMPLATE, &public())]);
    gate.github(|github| github.force_push(SHOP, "orders", "renovate[bot]", made).unwrap());
    gate.settles().await;
    gate.says(1, "rita", &accepts(&gate.id_in(1, "OrdersFn"))).await;
    red(&gate, 1);
}

/// Rita squashes a pull request of a bot's, or of mona's name, into mona's branch: the activity is a `pr_merge`, and she is no author.
#[tokio::test]
async fn whoever_merges_into_the_branch_of_a_pull_request_is_an_author() {
    let gate = Gate::open(&story(tagged())).await;
    let side = gate.push_named(SHOP, "rita", "mona", "side", &[(TEMPLATE, &public())]);
    gate.github(|github| {
        github.force_push(SHOP, "orders", "rita", side).unwrap();
        let repository = shop(github).id;
        github.repositories.get_mut(&repository).unwrap().activity.last_mut().unwrap().kind = "pr_merge";
    });
    gate.settles().await;
    gate.says(1, "rita", &accepts(&gate.id_in(1, "OrdersFn"))).await;
    red(&gate, 1);
}

/// The comparison is believed though the commits that it lists do not reach from the head to the merge base.
#[tokio::test]
async fn a_comparison_leaves_a_commit_out() {
    let (gate, id) = pushed_by("rita", "rita").await;
    let mut compared = gate.last_answer("GET", "/compare/main...");
    let kept: Vec<Value> = compared["commits"].as_array().unwrap().iter().take(1).cloned().collect();
    compared["commits"] = json!(kept);
    compared["total_commits"] = json!(1);
    gate.fails("GET", "/repos/*/*/compare/*", 60, answer(compared));
    gate.says(1, "rita", &accepts(&id)).await;
    red(&gate, 1);
}

/// What is asked for by its id and is null is no commit without co-authors.
#[tokio::test]
async fn co_authors_that_cannot_be_read_are_none() {
    let gate = Gate::open(&story(tagged())).await;
    gate.then(Act::PushesSaying("Orders\n\nCo-authored-by: {rita}", public())).await;
    let id = gate.id_in(1, "OrdersFn");
    gate.fails("POST", "/graphql", 60, answer(json!({"data": {"repository": {"c0": null}}})));
    gate.says(1, "rita", &accepts(&id)).await;
    red(&gate, 1);
}

/// The organisation's gate is weakened where its settings stand.
async fn in_the_organisations_repository(changes: &[(&str, Option<Content>)]) -> (String, String) {
    let gate = Gate::empty().await;
    gate.github(|github| {
        github.add_repository("acme/.github", Visibility::Private, &[("astride.yml", ENFORCE.into())]).unwrap();
        github.install("acme", None);
        github.set_role("acme/.github", "mona", Right::Write).unwrap();
        github.push(&Push { repository: "acme/.github", branch: "weaker", by: "mona", changes, message: "Weaker" }).unwrap();
    });
    gate.opens_in("acme/.github", "mona", "weaker", "main");
    gate.settles().await;
    let head = gate.github(|github| github.repository_named("acme/.github").unwrap().pulls[&1].head.sha);
    gate.check_on("acme/.github", head)
}

#[tokio::test]
async fn the_organisations_settings_are_weakened_by_a_pull_request() {
    let (conclusion, title) = in_the_organisations_repository(&[("astride.yml", Some("mode: advise\n".into()))]).await;
    assert_ne!(conclusion, "success", "{title}");
}

#[tokio::test]
async fn the_organisations_settings_are_removed_by_a_pull_request() {
    let (conclusion, title) = in_the_organisations_repository(&[("astride.yml", None)]).await;
    assert_ne!(conclusion, "success", "{title}");
}

const OWN_RULE: &str = include_str!("cases/own/a_rule_is_taken/astride/rules/data.yml");
const OWN_FILE: &str = "astride/rules/data.yml";

/// A pull request to the organisation's own rules: the colour of its check, its title, and all that is said.
async fn on_own_rules(to: Option<String>) -> (String, String, String) {
    let gate = Gate::empty().await;
    gate.github(|github| {
        github
            .add_repository("acme/.github", Visibility::Private, &[("astride.yml", ENFORCE.into()), (OWN_FILE, OWN_RULE.into())])
            .unwrap();
        github.install("acme", None);
        github.set_role("acme/.github", "mona", Right::Write).unwrap();
        let changes = [(OWN_FILE, to.map(Content::Text))];
        github.push(&Push { repository: "acme/.github", branch: "own", by: "mona", changes: &changes, message: "Own" }).unwrap();
    });
    gate.opens_in("acme/.github", "mona", "own", "main");
    gate.settles().await;
    let head = gate.github(|github| github.repository_named("acme/.github").unwrap().pulls[&1].head.sha);
    let (conclusion, title) = gate.check_on("acme/.github", head);
    (conclusion, title, gate.service.standin.dump())
}

#[tokio::test]
async fn an_own_rule_is_mistyped_in_a_pull_request() {
    let (conclusion, title, page) = on_own_rules(Some(OWN_RULE.replace("at_rest in", "at_rst in"))).await;
    assert_eq!(conclusion, "failure", "{title}");
    assert!(page.contains("`astride/rules/data.yml`, line 9: OWN-DATA-I-01: unknown fact") && page.contains("did you mean"), "{page}");
}

#[tokio::test]
async fn own_rules_are_weakened_by_a_pull_request() {
    for to in [None, Some(OWN_RULE.replace("high", "low")), Some(OWN_RULE.replace("[none, provider_default, provider_kms]", "[none]"))] {
        let (conclusion, title, page) = on_own_rules(to.clone()).await;
        assert_ne!(conclusion, "success", "{to:?}: {title}");
        assert!(page.contains("`rules`"), "{to:?}: {page}");
    }
    let (conclusion, title, _) = on_own_rules(Some(OWN_RULE.replace("high", "critical"))).await;
    assert_eq!(conclusion, "success", "{title}");
}

/// Nobody can read what the base has, and the edition before it applies: whoever repairs it and leaves a rule out weakens the gate.
#[tokio::test]
async fn own_rules_that_broke_are_repaired_without_one_of_them() {
    let both = format!("{OWN_RULE}{}", OWN_RULE.replace("OWN-DATA-I-01", "OWN-DATA-I-02"));
    for (repaired, is_whole) in [(OWN_RULE.to_owned(), false), (both.clone(), true)] {
        let gate = Gate::empty().await;
        gate.github(|github| {
            let files = [("astride.yml", ENFORCE.into()), (OWN_FILE, both.as_str().into())];
            github.add_repository("acme/.github", Visibility::Private, &files).unwrap();
            github.install("acme", None);
            github.set_role("acme/.github", "mona", Right::Write).unwrap();
        });
        let push = |branch: &str, path: &str, text: &str| gate.push_in("acme/.github", "mona", branch, &[(path, text)]);
        push("notes", "README.md", "about us\n");
        gate.opens_in("acme/.github", "mona", "notes", "main");
        gate.settles().await;
        push("main", OWN_FILE, &both.replace("at_rest in", "at_rst in"));
        gate.settles().await;
        let head = push("own", OWN_FILE, &repaired);
        gate.opens_in("acme/.github", "mona", "own", "main");
        gate.settles().await;
        let (conclusion, title) = gate.check_on("acme/.github", head);
        assert_eq!(conclusion == "success", is_whole, "{conclusion}: {title}");
        assert_eq!(gate.service.standin.dump().contains("OWN-DATA-I-02"), !is_whole, "what is gone is named");
    }
}

/// What breaks in the organisation's repository switches nothing off. Of the last edition that could be read the store alone knows: where that is
/// lost too, the check is red all the same, with a repair.
#[tokio::test]
async fn own_rules_that_break_apply_as_they_were() {
    let queue = format!("{PLAIN}  OrdersQueue: {{Type: AWS::SQS::Queue}}\n");
    for is_lost in [false, true] {
        let mut gate = Gate::empty().await;
        let files = [("astride.yml", ENFORCE.into()), (OWN_FILE, OWN_RULE.into())];
        gate.github(|github| github.add_repository("acme/.github", Visibility::Private, &files).unwrap());
        open(&gate.service.standin, &Story { settings: None, ..story(queue.clone()) });
        gate.settles().await;
        red(&gate, 1);
        gate.push_in("acme/.github", "rita", "main", &[(OWN_FILE, &OWN_RULE.replace("at_rest in", "at_rst in"))]);
        if is_lost {
            gate.forgets().await;
        }
        gate.then(Act::Pushes(format!("{queue}# again\n"))).await;
        gate.hours(1).await;
        red(&gate, 1);
        let said = gate.sticky(1).1;
        assert!(said.contains("did you mean"), "{said}");
        assert_eq!(said.contains("what was valid last applies"), !is_lost, "{said}");
        assert_eq!(said.contains("a key of the platform team"), !is_lost, "{said}");
    }
}

/// The shop where its organisation enforces, as long as that can be read.
async fn where_the_organisation_enforces(file: Content, refused: Option<&'static str>) -> Gate {
    let gate = Gate::empty().await;
    gate.github(|github| github.add_repository("acme/.github", Visibility::Private, &[("astride.yml", file)]).unwrap());
    if let Some(path) = refused {
        gate.fails("GET", path, 1, status(403));
    }
    open(&gate.service.standin, &Story { settings: None, ..story(public()) });
    gate.settles().await;
    gate
}

/// One refusal, and everybody's gate is open for as long as their heads stand.
#[tokio::test]
async fn the_organisations_settings_are_refused_once() {
    for path in ["/repos/*/.github", "/repos/*/.github/git/**"] {
        let gate = where_the_organisation_enforces(ENFORCE.into(), Some(path)).await;
        gate.hours(1).await;
        red(&gate, 1);
    }
}

#[tokio::test]
async fn the_organisations_settings_are_a_link() {
    let gate = where_the_organisation_enforces(Content::Symlink("other.yml".to_owned()), None).await;
    red(&gate, 1);
    // It is somebody's to answer for, and no wall.
    let id = gate.check_text(1).split("`repair/").nth(1).unwrap().split('`').next().unwrap().to_owned();
    gate.says(1, "rita", &format!("/stride accept repair/{id} we know")).await;
    gate.says(1, "rita", &accepts(&gate.id_in(1, "OrdersFn"))).await;
    green(&gate, 1);
}

/// The repository of the settings is taken out of the installation: nobody is told, and all others advise.
#[tokio::test]
async fn the_organisations_settings_leave_the_installation() {
    let gate = where_the_organisation_enforces(ENFORCE.into(), None).await;
    red(&gate, 1);
    gate.github(|github| {
        let shop = shop(github).id;
        github.installations.values_mut().for_each(|installation| installation.repositories = Some([shop].into()));
    });
    gate.push("mona", "orders", &[("notes.md", "n\n")]);
    gate.settles().await;
    red(&gate, 1);
}

/// The twins of it: no such repository, one that is not ours to see, one without settings, and one whose settings are taken out.
#[tokio::test]
async fn an_organisation_that_asks_for_nothing_holds_nobody_up() {
    for (exists, shown, file) in [(false, false, false), (true, false, true), (true, true, false), (true, true, true)] {
        let gate = Gate::empty().await;
        if exists {
            let files: &[(&str, Content)] = if file { &[("astride.yml", ENFORCE.into())] } else { &[("README.md", "us\n".into())] };
            gate.github(|github| github.add_repository("acme/.github", Visibility::Private, files).unwrap());
        }
        open(&gate.service.standin, &Story { settings: None, ..story(public()) });
        if !shown {
            gate.github(|github| {
                let shop = shop(github).id;
                github.installations.values_mut().for_each(|installation| installation.repositories = Some([shop].into()));
            });
        }
        gate.settles().await;
        if exists && shown && file {
            red(&gate, 1);
            gate.github(|github| {
                let changes = [("astride.yml", None)];
                github.push(&Push { repository: "acme/.github", branch: "main", by: "rita", changes: &changes, message: "None" }).unwrap()
            });
            gate.push("mona", "orders", &[("notes.md", "n\n")]);
            gate.settles().await;
        }
        green(&gate, 1);
    }
}

/// What a repository says itself loosens what its organisation asks for.
#[tokio::test]
async fn a_base_branch_of_its_own_mind_loosens_what_the_organisation_enforces() {
    let gate = Gate::empty().await;
    gate.github(|github| github.add_repository("acme/.github", Visibility::Private, &[("astride.yml", ENFORCE.into())]).unwrap());
    open(&gate.service.standin, &Story { settings: Some("mode: advise\n"), ..story(public()) });
    gate.settles().await;
    red(&gate, 1);
}

/// The base gets stricter meanwhile, elsewhere in the file; git merges both without a conflict.
#[tokio::test]
async fn settings_of_an_older_base_are_no_weakening() {
    let old = "# ours\n#\n#\n#\n#\nmode: enforce\n#\n#\n#\n#\n# end\n";
    let gate =
        Gate::open(&Story { settings: Some(old), brings: vec![(SETTINGS, old.replace("# end", "# the end"))], ..story(String::new()) })
            .await;
    green(&gate, 1);
    gate.then(Act::PushesToBase(SETTINGS, format!("gate: {{unread: fail}}\n{old}"))).await;
    green(&gate, 1);
}

#[tokio::test]
async fn a_thread_of_ours_is_edited_to_ask_for_more() {
    let gate = Gate::open(&story(format!("{PLAIN}{PUBLIC}{READS_ALL}"))).await;
    let threads = gate.threads(1);
    let marker = |body: &str| body.split(" -->").next().unwrap().to_owned();
    let url = marker(&threads[0].1).replace("<!-- astride:thread ", "");
    let (first, body) = &threads[1];
    let forged = body.replace(&marker(body), &format!("{} {url}", marker(body)));
    gate.github(|github| github.change_comment(SHOP, Talk::Review, *first, "mona", &forged).unwrap());
    gate.github(|github| github.reply(SHOP, *first, "rita", "/stride accept the account holds nothing else").unwrap());
    gate.settles().await;
    red(&gate, 1);
}

/// The twins of both: nobody but the App has edited anything.
#[tokio::test]
async fn threads_and_numbers_that_stand_as_we_wrote_them() {
    let gate = Gate::open(&story(format!("{PLAIN}{PUBLIC}{READS_ALL}"))).await;
    gate.push("mona", "orders", &[("notes.md", "n\n")]);
    gate.settles().await;
    let (first, _) = gate.threads(1)[0].clone();
    gate.github(|github| github.reply(SHOP, first, "rita", "/stride accept the account holds nothing else").unwrap());
    gate.settles().await;
    red(&gate, 1);
    let left: Vec<String> = gate.sticky(1).1.lines().filter(|line| line.contains("/stride accept ")).map(str::to_owned).collect();
    for number in ["1", "2"] {
        gate.says(1, "rita", &format!("/stride accept {number} the account holds nothing else")).await;
    }
    green(&gate, 1);
    assert!(!left.is_empty());
}

#[tokio::test]
async fn a_number_in_our_comment_is_given_to_another_line() {
    let gate = Gate::open(&story(format!("{PLAIN}{PUBLIC}{READS_ALL}"))).await;
    let (comment, body) = gate.sticky(1);
    let digits = |number: &str| body.lines().nth(1).unwrap().split(&format!(" {number}=")).nth(1).unwrap()[..64].to_owned();
    let (url, statement) = (digits("1"), digits("2"));
    let forged =
        body.replace(&format!("1={url}"), &format!("1={}", "0".repeat(64))).replace(&format!("2={statement}"), &format!("2={url}"));
    gate.says(1, "rita", &accepts(&gate.id_in(1, "OrdersFn/E"))).await;
    gate.github(|github| github.change_comment(SHOP, Talk::Issue, comment, "mona", &forged).unwrap());
    gate.says(1, "rita", "/stride accept 2 the account holds nothing else").await;
    red(&gate, 1);
}
