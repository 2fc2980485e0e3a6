//! `astride decide`: what `/stride` would take, from a clone.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

mod local;

use local::{Local, OPEN_QUEUE};
use serde_json::Value;

fn opened() -> Local {
    Local::with(&[("template.yaml", OPEN_QUEUE), ("src/auth.ts", "verify_token(caller)\n")])
}

/// The open threat of most weight.
fn id(local: &Local) -> String {
    let register = local.astride(&["threats", "--format", "json", "--state", "open"]).ending(0);
    let register: Value = serde_json::from_str(&register).unwrap();
    register["threats"][0]["id"].as_str().unwrap().to_owned()
}

fn decision(local: &Local, id: &str) -> Value {
    let register: Value = serde_json::from_str(&local.astride(&["threats", "--format", "json"]).ending(0)).unwrap();
    let threat = register["threats"].as_array().unwrap().iter().find(|threat| threat["id"] == id).unwrap().clone();
    serde_json::json!([threat["state"], threat["decision"]["verdict"], threat["decision"]["reason"], threat["decision"]["until"]])
}

#[test]
fn a_decision_is_made_and_taken_back() {
    let local = opened();
    let id = id(&local);
    let words = format!("defer {id} the policy is narrowed in May until=2027-05-31 ticket=OPS-12 see=src/auth.ts#^verify_");
    let dry = local.astride(&["decide", "--dry-run", &words]).ending(0);
    assert!(dry.contains("deferred, by mona (local)") && dry.contains("not written"), "{dry}");
    assert_eq!(decision(&local, &id), serde_json::json!(["open", null, null, null]));

    let said = local.astride(&["decide", "--user-id", "42", "--repository-id", "7", &words]).ending(0);
    assert!(said.contains("push it: git push origin astride-ledger") && !said.contains("note:"), "{said}");
    assert_eq!(decision(&local, &id), serde_json::json!(["decided", "deferred", "the policy is narrowed in May", "2027-05-31"]));
    let text = local.git(&["show", "astride-ledger:7/template.yaml.yml"]);
    for part in ["ticket: \"OPS-12\"", "pattern: \"^verify_\"", "by: {id: 42, login: \"mona\", right: \"local\"}"] {
        assert!(text.contains(part), "{part}: {text}");
    }

    // The words can stand apart from each other, as they do in a comment.
    local.astride(&["decide", "--user-id", "42", "reopen", &id, "it", "comes", "sooner"]).ending(0);
    assert_eq!(decision(&local, &id)[0], "open");
    let again = local.git(&["show", "astride-ledger:7/template.yaml.yml"]);
    assert!(again.starts_with(&text) && again.len() > text.len(), "{again}");
}

/// The file that it rests on says something else: the threat is open again.
#[test]
fn a_decision_ends_with_what_it_rests_on() {
    let local = opened();
    let id = id(&local);
    local.astride(&["decide", "mitigate", &id, "the handler checks it", "see=src/auth.ts#^verify_"]).ending(0);
    assert_eq!(decision(&local, &id)[0], "decided");
    local.commit("no check any more", &[("src/auth.ts", "// verify_token(caller)\n")]);
    assert_eq!(decision(&local, &id)[0], "open");
}

/// A function that anybody may call goes, and another one like it comes in its place: what was decided on the old one is named, with the command
/// that says the same of the new one.
#[test]
fn a_decision_on_what_is_gone_is_named_beside_what_stands_in_its_place() {
    let function = |name: &str, handler: &str| {
        format!(
            "Transform: AWS::Serverless-2016-10-31\nResources:\n  {name}:\n    Type: AWS::Serverless::Function\n    Properties:\n      \
             Handler: {handler}\n      Runtime: nodejs22.x\n      CodeUri: src/\n      FunctionUrlConfig: {{AuthType: NONE}}\n"
        )
    };
    let local = Local::with(&[("template.yaml", &function("HookFn", "hook.handler"))]);
    let old = id(&local);
    local.astride(&["decide", &format!("accept {old} partners sign their calls")]).ending(0);
    let bucket = "      Policies: [{S3ReadPolicy: {BucketName: !Ref Files}}]\n  Files: {Type: AWS::S3::Bucket}\n";
    let template = format!("{}{bucket}", function("PartnerHook", "partners.handler").replace("nodejs22.x", "python3.13"));
    local.commit("another function", &[("template.yaml", &template)]);
    let review = |format: &str| local.astride(&["review", "--base", "HEAD~1", "--format", format]).ending(1);
    let report: Value = serde_json::from_str(&review("json")).unwrap();
    let threat =
        report["threats"].as_array().unwrap().iter().find(|threat| !threat["before"].is_null()).unwrap_or_else(|| panic!("{report:#}"));
    assert_eq!(threat["before"], serde_json::json!({"id": old, "verdict": "accepted", "by": "mona"}));
    let command = format!("/stride carry {old} {}", threat["id"].as_str().unwrap());
    let sentence = "which is gone, mona said accepted. If this is the same under another name";
    for (format, begin) in [("text", "before  On "), ("html", "<b>Before:</b> On "), ("markdown", "On ")] {
        let page = review(format);
        assert!(page.contains(begin) && page.contains(sentence) && page.contains(&command), "{format}: {page}");
    }
}

#[test]
fn mistakes_are_told() {
    let local = opened();
    let id = id(&local);
    let wrong = format!("{}-00000000", id.rsplit_once('-').unwrap().0);
    for (words, part) in [
        (format!("acept {id} public"), "Did you mean `/stride accept`"),
        (format!("accept {id}"), "A reason is missing"),
        (format!("accept {id} <why>"), "Replace `<why>`"),
        (format!("accept {wrong} public"), "Did you mean"),
        ("accept 1 public".to_owned(), "by its whole ID"),
        ("accept public on purpose".to_owned(), "which threat?"),
        (format!("defer {id} later"), "What is deferred comes back"),
        (format!("confirm {id}"), "nothing is proposed"),
        (format!("reopen {id} it moved"), "nothing is decided"),
        (format!("show {id}"), "this decides nothing"),
        (format!("mitigate {id} checked see=src/none.ts"), "there is no src/none.ts"),
        (format!("mitigate {id} checked see=src/auth.ts#check"), "nothing in src/auth.ts matches check"),
    ] {
        let error = local.astride(&["decide", &words]).refused();
        assert!(error.contains(part), "{words}: {error}");
    }
    assert!(!local.git(&["branch", "--list", "astride-ledger"]).contains("astride-ledger"), "nothing was written");
}
