//! `astride threats`, the register of a tree, and `astride baseline`, which accepts what is open in it.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

mod local;

use astride::decisions::ledger_text;
use local::{BROKEN, Local, OPEN_QUEUE, QUEUE};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const BASELINE: [&str; 5] = ["baseline", "--reason", "before the review", "--until", "2099-12-31"];

fn opened() -> Local {
    Local::with(&[("template.yaml", OPEN_QUEUE), ("infra/more.yaml", &QUEUE.replace("Jobs", "More"))])
}

fn register(local: &Local, more: &[&str]) -> Value {
    let out = local.astride(&[&["threats", "--format", "json"][..], more].concat()).ending(0);
    serde_json::from_str(&out).unwrap()
}

fn ids(register: &Value) -> BTreeSet<&str> {
    register["threats"].as_array().unwrap().iter().map(|threat| threat["id"].as_str().unwrap()).collect()
}

#[test]
fn every_threat_has_a_state_and_can_be_asked_for() {
    let local = opened();
    let all = register(&local, &[]);
    assert_eq!(all["commit"], local.git(&["rev-parse", "HEAD"]).as_str());
    let sums = &all["sums"];
    assert!(sums["open"].as_u64() > Some(3) && sums["covered"].as_u64() > Some(1), "{sums}");
    let open = register(&local, &["--state", "open"]);
    assert_eq!(open["threats"].as_array().unwrap().len() as u64, sums["open"].as_u64().unwrap());
    let both = register(&local, &["--state", "open,covered"]);
    assert_eq!(ids(&both), ids(&all));
    let severe = register(&local, &["--min-severity", "critical", "--state", "open"]);
    assert_eq!(ids(&severe).len(), 1, "{severe}");
    for pattern in ["infra", "infra/", "infra/*.yaml", "infra/more.yaml"] {
        let here = register(&local, &["--unit", pattern]);
        assert!(!ids(&here).is_empty() && here["threats"].as_array().unwrap().iter().all(|threat| threat["unit"] == "infra/more.yaml"));
    }
    let generic = register(&local, &["--generic"]);
    assert!(generic["threats"].as_array().unwrap().len() > all["threats"].as_array().unwrap().len());
    let error = local.astride(&["threats", "--state", "opened"]).refused();
    assert!(error.contains("open, unclear, proposed, decided, switched-off, covered, recorded"), "{error}");
}

/// The register says the same of a threat as the review of the change that brings it.
#[test]
fn a_threat_has_the_id_that_the_review_gives_it() {
    let local = Local::with(&[("README.md", "shop\n")]);
    local.commit("open it", &[("template.yaml", OPEN_QUEUE)]);
    let review: Value = serde_json::from_str(&local.astride(&["review", "--format", "json"]).ending(1)).unwrap();
    let is_specific = |threat: &&Value| threat["kind"] != "baseline";
    let reviewed: BTreeSet<&str> =
        review["threats"].as_array().unwrap().iter().filter(is_specific).map(|threat| threat["id"].as_str().unwrap()).collect();
    assert_eq!(ids(&register(&local, &[])), reviewed);
}

#[test]
fn a_tree_is_a_revision_the_working_tree_or_what_lies_on_disk() {
    let local = Local::with(&[("template.yaml", QUEUE)]);
    local.write("template.yaml", OPEN_QUEUE);
    let critical = ["--min-severity", "critical", "--state", "open"];
    assert_eq!(ids(&register(&local, &critical)).len(), 1);
    assert_eq!(ids(&register(&local, &[&critical[..], &["--rev", "HEAD"]].concat())).len(), 0);
    assert_eq!(ids(&register(&local, &[&["template.yaml"], &critical[..]].concat())).len(), 1);
    local.astride(&["threats", "template.yaml", "--rev", "HEAD"]).refused();
    let error = local.astride(&["threats", "nothing.yaml"]).refused();
    assert!(error.contains("nothing.yaml: no such file or folder"), "{error}");
    local.write("notes.yaml", "a: 1\n");
    let error = local.astride(&["threats", "notes.yaml"]).refused();
    assert!(error.contains("notes.yaml: neither a template nor a threat-model file"), "{error}");
}

#[test]
fn what_cannot_be_read_is_said_and_exits_with_two() {
    let local = Local::with(&[("template.yaml", BROKEN), ("other.yaml", QUEUE)]);
    let out = local.astride(&["threats"]).ending(2);
    assert!(out.contains("\nnot read  template.yaml:4") && out.contains("\nother.yaml\n"), "{out}");
    let empty = Local::with(&[("README.md", "shop\n")]);
    assert_eq!(empty.astride(&["threats"]).ending(2), "no threats\n");
}

#[test]
fn what_a_model_file_lists_itself_is_recorded() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/pulls/model_file_closes_and_deletes_open_threats/base");
    let local = Local::begin();
    let names: Vec<_> = fs::read_dir(&file).unwrap().map(|entry| entry.unwrap().path()).collect();
    for name in names.iter().filter(|name| name.is_file()) {
        fs::copy(name, local.file(name.file_name().unwrap().to_str().unwrap())).unwrap();
    }
    local.commit("the model", &[]);
    let recorded = register(&local, &["--state", "recorded"]);
    assert!(recorded["threats"].as_array().unwrap().is_empty());
    assert!(recorded["recorded"].as_array().unwrap().iter().any(|recorded| recorded["status"] == "open"), "{recorded}");
}

#[test]
fn the_register_is_kept_between_markers_of_a_document() {
    let local = opened();
    assert_eq!(local.astride(&["threats", "--write"]).ending(0), "docs/security/threat-model.md: written\n");
    let first = local.read("docs/security/threat-model.md");
    for part in [
        "# Threat model\n\n<!-- astride:threats:begin -->\n",
        "```mermaid\n",
        "### `infra/more.yaml`",
        "Read from `infra/more.yaml`, `template.yaml`",
    ] {
        assert!(first.contains(part), "{part}: {first}");
    }
    assert!(!first.contains("| covered |"), "{first}");
    let modified = || fs::metadata(local.file("docs/security/threat-model.md")).unwrap().modified().unwrap();
    let before = modified();
    local.commit("the model", &[]);
    assert_eq!(local.astride(&["threats", "--write"]).ending(0), "docs/security/threat-model.md: nothing changed\n");
    assert_eq!(before, modified());

    let surrounded = first.replace("# Threat model\n", "# Shop\n\nOurs.\n") + "\nAnd *this*.";
    local.write("notes/shop.md", &surrounded);
    local.write(".github/astride.yml", "register: {document: notes/shop.md}\n");
    assert_eq!(local.astride(&["threats", "--write"]).ending(0), "notes/shop.md: nothing changed\n");
    local.write("template.yaml", QUEUE);
    assert_eq!(local.astride(&["threats", "--write"]).ending(0), "notes/shop.md: written\n");
    let closed = local.read("notes/shop.md");
    let (head, rest) = closed.split_once("<!-- astride:threats:begin -->\n").unwrap();
    let (block, tail) = rest.split_once("<!-- astride:threats:end -->\n").unwrap();
    assert_eq!((head, tail), ("# Shop\n\nOurs.\n\n", "\nAnd *this*."));
    assert!(!block.contains("Jobs/S-") && first.contains("`Jobs/S-"), "{block}");
}

#[test]
fn the_page_says_what_is_due_and_whose_it_is() {
    let local = opened();
    let open = register(&local, &["--state", "open", "--min-severity", "critical"]);
    let id = ids(&open).into_iter().next().unwrap().to_owned();
    local.astride(&["decide", "--user-id", "7", "assign", &id, "@maria", "you", "know", "it"]).ending(0);
    let page = local.astride(&["threats", "--format", "html"]).ending(0);
    for part in ["<h3 id=\"due0\">Due: 0</h3>", "<td>maria</td>", "assigned", "By STRIDE category", "Said in the last 30 days: 1"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    local.astride(&["decide", "--user-id", "7", "defer", &id, "the form & all of it moves", "ticket=OPS-12"]).ending(0);
    let page = local.astride(&["threats", "--format", "html", "-o", "page.html"]).ending(0);
    assert_eq!(page, "");
    let page = local.read("page.html");
    assert!(
        page.contains("<h3 id=\"debt0\">Debt: 1</h3>")
            && page.contains("deferred until ")
            && page.contains(" (OPS-12) by mona")
            && page.contains("the form &amp; all of it moves"),
        "{page}"
    );
    assert!(!page.contains("<script") && !page.contains("http-equiv=\"refresh\""), "{page}");
}

/// What was put off with a ticket alone before it came to end by itself, whatever the threat weighs.
#[test]
fn what_was_put_off_long_ago_is_due() {
    let local = opened();
    let open = register(&local, &["--state", "open"]);
    let is_light = |threat: &&Value| threat["severity"] == "medium" || threat["severity"] == "low";
    let id = open["threats"].as_array().unwrap().iter().find(is_light).unwrap()["id"].as_str().unwrap().to_owned();
    for verdict in ["defer", "accept"] {
        local.astride(&["decide", "--user-id", "7", verdict, &id, "the next release", "ticket=OPS-12", "until=2027-06-30"]).ending(0);
        let path = local.git(&["ls-tree", "-r", "--name-only", "astride-ledger"]);
        let text = local.git(&["show", &format!("astride-ledger:{path}")]);
        let kept = text.lines().filter(|line| !line.trim_start().starts_with("until:"));
        let aged = kept.map(|line| if line.trim_start().starts_with("at:") { "  at: \"2026-01-05T08:00:00Z\"" } else { line });
        let aged: Vec<&str> = aged.collect();
        local.git(&["checkout", "-q", "--orphan", "aged"]);
        local.git(&["rm", "-rfq", "."]);
        local.commit("aged", &[(&path, &format!("{}\n", aged.join("\n")))]);
        local.git(&["branch", "-f", "astride-ledger", "aged"]);
        local.git(&["switch", "-q", "work"]);
        local.git(&["branch", "-D", "aged"]);
        let page = local.astride(&["threats", "--format", "html"]).ending(0);
        let due = if verdict == "defer" { 1 } else { 0 };
        assert!(page.contains(&format!("<h3 id=\"due0\">Due: {due}</h3>")), "{verdict}: {page}");
        local.git(&["branch", "-D", "astride-ledger"]);
    }
}

/// The first line of the list, which counts.
fn sums_of(local: &Local) -> String {
    local.astride(&["threats"]).ending(0).lines().next().unwrap().to_owned()
}

#[test]
fn a_folder_of_clones_is_one_page() {
    let (one, two) = (opened(), Local::with(&[("template.yaml", QUEUE)]));
    let folder = tempfile::tempdir().unwrap();
    for (name, local) in [("b-shop", &one), ("a-jobs", &two)] {
        let clone = folder.path().join(name);
        one.git(&["clone", "-q", local.path().to_str().unwrap(), clone.to_str().unwrap()]);
    }
    fs::create_dir(folder.path().join("notes")).unwrap();
    let at = folder.path().to_str().unwrap().to_owned();
    let page = one.astride(&["threats", "--clones", &at, "--format", "html"]).ending(0);
    let (jobs, shop) = (page.find("<h2 id=\"r0\">a-jobs</h2>").unwrap(), page.find("<h2 id=\"r1\">b-shop</h2>").unwrap());
    for local in [&one, &two] {
        assert!(page.contains(&format!("<p>{} <span", sums_of(local))), "{page}");
    }
    assert!(jobs < shop && page.contains("<h1>Threats of 2 repositories</h1>"), "{page}");
    let error = one.astride(&["threats", "--clones", &at]).refused();
    assert!(error.contains("--format html"), "{error}");
    let empty = tempfile::tempdir().unwrap();
    let error = one.astride(&["threats", "--clones", empty.path().to_str().unwrap(), "--format", "html"]).refused();
    assert!(error.contains("has no clone in it"), "{error}");
}

/// What a page says of how old answers are, whose they are, and how it was month by month; a misreading that was taken back is none.
#[test]
fn the_page_counts_by_age_owner_and_month() {
    let local = opened();
    local.commit("whose it is", &[(".github/CODEOWNERS", "* @acme/platform\n")]);
    let page = || local.astride(&["threats", "--format", "html"]).ending(0);
    let before = page();
    assert!(before.contains("<th scope=\"row\">acme/platform</th>"), "{before}");
    assert!(before.contains("nobody has said anything yet") && !before.contains("Over time"), "{before}");
    let open = register(&local, &["--state", "open"]);
    let id = ids(&open).into_iter().next().unwrap().to_owned();
    local.astride(&["decide", "--user-id", "42", "wrong", &id, "the queue is not reached"]).ending(0);
    let misread = page();
    assert!(misread.contains(": 1 of 1 answers that stand, 100 %</li>"), "{misread}");
    assert!(misread.contains("<th scope=\"row\">mona</th>") && misread.contains("<svg class=\"months\""), "{misread}");
    local.astride(&["decide", "--user-id", "42", "reopen", &id, "it is reached after all"]).ending(0);
    let reopened = page();
    assert!(!reopened.contains("Rules that misread") && reopened.contains("Over time"), "{reopened}");
    let document = local.astride(&["threats", "--format", "markdown"]).ending(0);
    assert!(document.contains("open: was wrong by mona: “the queue is not reached”; no answer any more: mona took it back"), "{document}");
}

#[test]
fn a_document_without_a_place_for_the_register_is_left_alone() {
    let local = opened();
    let path = "docs/security/threat-model.md";
    for (text, error) in [
        ("# Ours\n", "it has no place for the threats: put the lines `<!-- astride:threats:begin -->`"),
        ("<!-- astride:threats:begin -->\n", "line 1: `<!-- astride:threats:begin -->` stands there, and no"),
        (
            "<!-- astride:threats:begin -->\n<!-- astride:threats:end -->\n<!-- astride:threats:end -->\n",
            "line 3: `<!-- astride:threats:end -->` stands there a second time",
        ),
    ] {
        local.write(path, text);
        let said = local.astride(&["threats", "--write"]).refused();
        assert!(said.contains(path) && said.contains(error), "{said}");
        assert_eq!(local.read(path), text);
    }
    let outside = tempfile::tempdir().unwrap();
    fs::remove_dir_all(local.file("docs")).unwrap();
    std::os::unix::fs::symlink(outside.path(), local.file("docs")).unwrap();
    let said = local.astride(&["threats", "--write"]).refused();
    assert!(said.contains("is a link"), "{said}");
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
}

#[test]
fn each_format_has_what_the_others_have() {
    let local = opened();
    let json = register(&local, &[]);
    let csv = local.astride(&["threats", "--format", "csv"]).ending(0);
    assert_eq!(csv.lines().count(), json["threats"].as_array().unwrap().len() + 1);
    assert!(csv.starts_with("state,severity,category,id,rule,unit,"), "{csv}");
    let markdown = local.astride(&["threats", "--format", "markdown"]).ending(0);
    assert_eq!(
        markdown.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| state")).count(),
        json["threats"].as_array().unwrap().len()
    );
    let sarif: Value = serde_json::from_str(&local.astride(&["threats", "--format", "sarif", "-o", "/dev/stdout"]).ending(0)).unwrap();
    let open = json["sums"]["open"].as_u64().unwrap();
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len() as u64, open);
}

#[test]
fn the_json_is_what_its_schema_says() {
    let schema = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/threats-register.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let local = opened();
    local.astride(&[&BASELINE[..], &["--min-severity", "critical"]].concat()).ending(0);
    let right = register(&local, &["--generic"]);
    let errors: Vec<String> = validator.iter_errors(&right).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    let described: BTreeSet<&String> = schema["properties"].as_object().unwrap().keys().collect();
    assert_eq!(described, right.as_object().unwrap().keys().collect(), "every property is described");
    for (pointer, value) in [
        ("/threats/0/state", Value::from("fine")),
        ("/threats/0/id", Value::from("Jobs")),
        ("/sums/closed", Value::from(1)),
        ("/commit", Value::from("main")),
    ] {
        let mut wrong = right.clone();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        wrong.pointer_mut(parent).unwrap().as_object_mut().unwrap().insert(key.to_owned(), value);
        assert!(!validator.is_valid(&wrong), "{pointer}");
    }
}

#[test]
fn a_baseline_decides_what_is_open_and_nothing_else() {
    let local = opened();
    let before = register(&local, &[]);
    let said = local.astride(&BASELINE).ending(0);
    assert!(said.contains("push it: git push origin astride-ledger") && said.contains("without --user-id"), "{said}");
    let after = register(&local, &[]);
    assert_eq!(
        (after["sums"]["decided"].clone(), after["sums"]["covered"].clone()),
        (before["sums"]["open"].clone(), before["sums"]["covered"].clone())
    );
    assert_eq!(after["sums"]["open"], Value::Null);
    let decision = after["threats"].as_array().unwrap().iter().find(|threat| threat["state"] == "decided").unwrap()["decision"].clone();
    assert_eq!(
        ["verdict", "reason", "by", "right", "until"].map(|key| decision[key].as_str().unwrap()),
        ["accepted", "before the review", "mona", "local", "2099-12-31"]
    );
    assert_eq!(local.astride(&BASELINE).ending(0), "nothing is open: no decision is written\n");
    assert_eq!(local.git(&["status", "--porcelain"]), "", "neither the index nor a file of the person's is touched");
    assert_eq!(local.git(&["rev-parse", "--abbrev-ref", "HEAD"]), "work");
    let text = local.git(&["show", "astride-ledger:0/template.yaml.yml"]);
    assert!(ledger_text::parse(&(text + "\n")).unwrap().iter().all(|block| block.by.id.0 == 0 && block.comment == 0));
}

#[test]
fn what_a_baseline_says_is_appended_and_ends_on_its_day() {
    let local = opened();
    local.astride(&[&BASELINE[..], &["--unit", "infra"]].concat()).ending(0);
    let first = local.git(&["rev-parse", "astride-ledger"]);
    local.astride(&[&BASELINE[..], &["--repository-id", "0"]].concat()).ending(0);
    assert_eq!(local.git(&["rev-parse", "astride-ledger^"]), first);
    local.git(&["diff", "--quiet", "--diff-filter=DM", &first, "astride-ledger", "--", "0/infra%2Fmore.yaml.yml"]);
    // What has ended is open again, and can be decided anew at the same facts.
    let ended = local.git(&["show", "astride-ledger:0/template.yaml.yml"]).replace("2099-12-31", "2020-01-01");
    let ended = ended.lines().map(|line| if line.starts_with("  at: ") { "  at: \"2019-01-01T00:00:00Z\"" } else { line });
    let ended = ended.collect::<Vec<_>>().join("\n");
    local.git(&["switch", "-q", "astride-ledger"]);
    local.commit("time goes by", &[("0/template.yaml.yml", &(ended + "\n"))]);
    local.git(&["switch", "-q", "work"]);
    let open = register(&local, &["--state", "open"]);
    assert!(open["threats"][0]["decision"]["until"] == "2020-01-01", "{open}");
    local.astride(&BASELINE).ending(0);
    assert_eq!(register(&local, &[])["sums"]["open"], Value::Null);
}

#[test]
fn whoever_signs_is_never_made_up() {
    let local = opened();
    local.astride(&[&BASELINE[..], &["--user-id", "42", "--repository-id", "7"]].concat()).ending(0);
    assert!(local.git(&["show", "astride-ledger:7/template.yaml.yml"]).contains("by: {id: 42, login: \"mona\", right: \"local\"}"));
    let private = opened();
    private.git(&["config", "user.email", "583231+octo@users.noreply.github.com"]);
    private.astride(&BASELINE).ending(0);
    assert!(private.git(&["show", "astride-ledger:0/template.yaml.yml"]).contains("by: {id: 583231, login: \"octo\", right: \"local\"}"));
}

#[test]
fn a_baseline_that_cannot_be_honest_is_refused() {
    let local = opened();
    for (arguments, why) in [
        (&["baseline", "--until", "2099-12-31"][..], "--reason"),
        (&["baseline", "--reason", "x"], "--until"),
        (&["baseline", "--reason", "x", "--until", "2020-01-01"], "2020-01-01 is past"),
        (&["baseline", "--reason", "x", "--until", "soon"], "a day is written YYYY-MM-DD"),
        (&["baseline", "--reason", "<why>", "--until", "2099-12-31"], "no placeholder"),
        (&["baseline", "--reason", "…", "--until", "2099-12-31"], "no placeholder"),
        (&["baseline", "--reason", "x", "--until", "2099-12-31", "--id", "Jobs/S-00000000"], "no open threat has the ID `Jobs/S-00000000`"),
    ] {
        let error = local.astride(arguments).refused();
        assert!(error.contains(why), "{error}");
    }
    let said = local.astride(&[&BASELINE[..], &["--dry-run"]].concat()).ending(0);
    assert!(said.contains("not written, this is a dry run"), "{said}");
    local.git(&["branch", "astride-ledger"]);
    local.git(&["switch", "-q", "astride-ledger"]);
    let error = local.astride(&BASELINE).refused();
    assert!(error.contains("the branch astride-ledger is checked out"), "{error}");
}

/// The branch on `origin` is gone on with, and one that went another way is not overwritten.
#[test]
fn the_branch_on_origin_is_gone_on_with() {
    let origin = opened();
    origin.astride(&[&BASELINE[..], &["--unit", "infra", "--repository-id", "7"]].concat()).ending(0);
    let local = Local::begin();
    local.git(&["remote", "add", "origin", origin.path().to_str().unwrap()]);
    local.git(&["fetch", "-q", "origin"]);
    local.git(&["switch", "-q", "-c", "work", "origin/work"]);
    local.astride(&BASELINE).ending(0);
    assert_eq!(local.git(&["rev-parse", "astride-ledger^"]), origin.git(&["rev-parse", "astride-ledger"]));
    assert!(local.git(&["ls-tree", "--name-only", "-r", "astride-ledger"]).lines().all(|path| path.starts_with("7/")));
    origin.astride(&["baseline", "--reason", "another", "--until", "2099-12-31"]).ending(0);
    local.git(&["fetch", "-q", "origin"]);
    local.write("third.yaml", &QUEUE.replace("Jobs", "Third"));
    local.commit("third", &[]);
    let error = local.astride(&BASELINE).refused();
    assert!(error.contains("astride-ledger has gone different ways"), "{error}");
}

/// The files of other tools say of each threat what the ledger says: the status in the format's own words, who decided, and why.
#[test]
fn exports_carry_the_threats_and_what_people_decided() {
    let local = opened();
    local.astride(&[&BASELINE[..], &["--min-severity", "critical"]].concat()).ending(0);
    let export = |format: &str| -> Value {
        let out = local.astride(&["model", "--repo", ".", "--format", format]).ending(0);
        assert_eq!(out, local.astride(&["model", "--repo", ".", "--format", format]).ending(0), "the same tree, other bytes");
        serde_json::from_str(&out).unwrap()
    };
    let dragon = export("threat-dragon");
    let cells = dragon["detail"]["diagrams"][0]["cells"].as_array().unwrap();
    let threats: Vec<&Value> = cells.iter().filter_map(|cell| cell["data"]["threats"].as_array()).flatten().collect();
    let with = |status: &str| threats.iter().filter(|threat| threat["status"] == status).count();
    let sums = &register(&local, &[])["sums"];
    assert_eq!(
        (with("Accepted"), with("Open"), with("Mitigated")),
        (1, sums["open"].as_u64().unwrap() as usize, sums["covered"].as_u64().unwrap() as usize)
    );
    let accepted = threats.iter().find(|threat| threat["status"] == "Accepted").unwrap();
    let mitigation = accepted["mitigation"].as_str().unwrap();
    assert!(mitigation.starts_with("Accepted, by mona (") && mitigation.contains(" until 2099-12-31: before the review"), "{mitigation}");
    assert_eq!((&accepted["severity"], &accepted["modelType"]), (&Value::from("Critical"), &Value::from("STRIDE")));
    assert!(accepted["description"].as_str().unwrap().contains("Rule STR-"), "{accepted}");

    let otm = export("otm");
    let definitions = otm["threats"].as_array().unwrap();
    let accepted = definitions.iter().find(|threat| threat["attributes"]["decision"]["verdict"] == "accepted").unwrap();
    assert_eq!(accepted["attributes"]["decision"]["reason"], "before the review");
    assert_eq!(accepted["attributes"]["decision"]["by"], "mona");
    let ids: BTreeSet<&str> = definitions.iter().map(|threat| threat["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), definitions.len());
    let on =
        |list: &str| otm[list].as_array().unwrap().iter().flat_map(|part| part["threats"].as_array().unwrap().clone()).collect::<Vec<_>>();
    let instances = [on("components"), on("dataflows")].concat();
    assert!(instances.iter().all(|instance| ids.contains(instance["threat"].as_str().unwrap())));
    let state = |id: &Value| instances.iter().find(|instance| instance["threat"] == *id).map(|instance| instance["state"].clone());
    assert_eq!(state(&accepted["id"]).unwrap(), "accepted");

    // What lies on disk has no ledger.
    let out = local.astride(&["model", "template.yaml", "--format", "threat-dragon"]).ending(0);
    assert!(out.contains("\"Open\"") && !out.contains("\"Accepted\""), "{out}");
}
