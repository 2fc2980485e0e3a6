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

/// A function that loads a layer of another account's, by its name and the layer's version.
fn with_layer(function: &str, version: u32) -> String {
    format!(
        "Resources:\n  {function}:\n    Type: AWS::Lambda::Function\n    Properties:\n      Code: {{ZipFile: 'def handler(*_): pass'}}\n      \
         Handler: index.handler\n      Runtime: python3.13\n      Role: !ImportValue worker-role\n      Layers: \
         ['arn:aws:lambda:eu-west-1:555566667777:layer:Tracer:{version}']\n"
    )
}

/// A queue that an account may use so.
fn let_in(queue: &str, action: &str) -> String {
    format!(
        "Resources:\n  {queue}:\n    Type: AWS::SQS::Queue\n  {queue}Policy:\n    Type: AWS::SQS::QueuePolicy\n    Properties:\n      Queues: [!Ref \
         {queue}]\n      PolicyDocument:\n        Statement: [{{Effect: Allow, Principal: {{AWS: 'arn:aws:iam::555566667777:root'}}, Action: \
         '{action}', Resource: !GetAtt {queue}.Arn}}]\n"
    )
}

#[test]
fn a_decision_for_the_organisation_counts_in_each_repository() {
    let organisation = Local::with(&[("astride.yml", "mode: enforce\n")]);
    let folder = organisation.path().display().to_string();
    let review = |local: &Local, ending: i32| {
        let said = local.astride(&["review", "--base", "HEAD~1", "--organisation", &folder, "--format", "json"]).ending(ending);
        serde_json::from_str::<Value>(&said).unwrap()
    };
    let of_rule = |report: &Value, rule: &str| {
        let threats = report["threats"].as_array().unwrap();
        threats.iter().find(|threat| threat["rule"] == rule).unwrap_or_else(|| panic!("{report:#}")).clone()
    };
    let changed = |path: &str, text: &str| {
        let local = Local::with(&[("README.md", "a shop\n")]);
        local.commit("new", &[(path, text)]);
        local
    };
    for (rule, here, there, worse) in [
        ("STR-LAYER-T-01", with_layer("Import", 3), with_layer("Export", 4), None),
        ("STR-SQS-S-03", let_in("Jobs", "sqs:SendMessage"), let_in("Orders", "sqs:SendMessage"), Some(let_in("Mails", "sqs:*"))),
    ] {
        let (shop, mill) = (changed("template.yaml", &here), changed("infra/app.yaml", &there));
        let [mine, other] = [&shop, &mill].map(|local| of_rule(&review(local, 1), rule));
        let hash = |threat: &Value| threat["id"].as_str().unwrap().rsplit_once('-').unwrap().1.to_owned();
        assert!(rule != "STR-LAYER-T-01" || hash(&mine) == hash(&other), "what is the same everywhere has one hash: {mine} {other}");

        let words = format!("accept {} our vendor signs it until=2027-06-30", mine["id"].as_str().unwrap());
        let decide = ["decide", "--for-organisation", "--organisation", &folder];
        let dry = shop.astride(&[&decide[..], &["--dry-run", &words]].concat()).ending(0);
        let file = format!("astride/decisions/{rule}.yml");
        assert!(dry.contains("not written") && !organisation.file(&file).exists(), "{dry}");
        let said = shop.astride(&[&decide[..], &["--user-id", "42", &words]].concat()).ending(0);
        assert!(said.contains(&format!("written to {file} in {folder}")) && said.contains("commit it there"), "{said}");
        assert!(
            !shop.git(&["branch", "--list", "astride-ledger"]).contains("astride-ledger"),
            "this repository's ledger has nothing of it"
        );

        for local in [&shop, &mill] {
            assert_eq!(of_rule(&review(local, 0), rule)["state"], "decided");
            let register = local.astride(&["threats", "--organisation", &folder, "--format", "json"]).ending(0);
            let decided = of_rule(&serde_json::from_str(&register).unwrap(), rule);
            assert_eq!(decided["decision"]["right"], "organisation", "{decided:#}");
            let text = local.astride(&["review", "--base", "HEAD~1", "--organisation", &folder, "--format", "markdown"]).ending(0);
            assert!(text.contains("our vendor signs it"), "{text}");
            // Nobody else has been told of it.
            local.astride(&["review", "--base", "HEAD~1"]).ending(1);
        }
        // A repository may ask again.
        let id = of_rule(&review(&mill, 0), rule)["id"].as_str().unwrap().to_owned();
        mill.astride(&["decide", "--user-id", "43", "--organisation", &folder, &format!("reopen {id} not in the mill")]).ending(0);
        assert_eq!(of_rule(&review(&mill, 1), rule)["state"], "open");
        review(&shop, 0);
        // What is worse than what was decided is not decided.
        if let Some(worse) = worse {
            review(&changed("app.yaml", &worse), 1);
        }
    }
    let checked = organisation.astride(&["config", "check", &folder]).ending(0);
    assert!(checked.contains("2 decisions for all repositories"), "{checked}");
}

#[test]
fn what_belongs_to_one_repository_is_not_decided_for_all() {
    let organisation = Local::with(&[("astride.yml", "mode: enforce\n")]);
    let folder = organisation.path().display().to_string();
    let local = opened();
    let decide = format!("accept {} public on purpose", id(&local));
    let error = local.astride(&["decide", "--for-organisation", "--organisation", &folder, &decide]).refused();
    assert!(error.contains("nothing is decided for all repositories\nastride/decisions/STR-"), "{error}");
    assert!(error.contains("this is about one file of one repository: for all of them a layer"), "{error}");
    assert!(!organisation.file("astride/decisions").exists());
    let error = local.astride(&["decide", "--for-organisation", &decide]).refused();
    assert!(error.contains("--organisation <DIR>"), "{error}");
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
        ("accept rollup/public_exposure-12345678 public".to_owned(), "`astride review` prints the ID of each"),
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

/// Lines of a change that stand for several threats are told with the ID of each.
#[test]
fn each_id_that_a_review_prints_is_taken() {
    let local = Local::with(&[("template.yaml", "Resources: {}\n")]);
    let second = OPEN_QUEUE.trim_start_matches("Resources:\n").replace("Jobs", "Orders");
    local.commit("queues", &[("template.yaml", &format!("{OPEN_QUEUE}{second}"))]);
    let review = local.astride(&["review", "--base", "main", "--head", "work"]).ending(1);
    let is_id = |word: &&str| word.split_once('/').is_some_and(|(_, cell)| cell.as_bytes().get(1) == Some(&b'-') && cell.len() == 10);
    let ids: Vec<&str> = review.split_whitespace().map(|word| word.trim_end_matches(',')).filter(is_id).collect();
    assert!(review.contains("likewise") && ids.len() > 2, "{review}");
    for id in ids {
        let dry = local.astride(&["decide", "--dry-run", "accept", id, "a sandbox"]).ending(0);
        assert!(dry.contains(&format!("{id} accepted, by mona (local)")), "{dry}");
    }
}

#[test]
fn what_is_put_off_by_a_ticket_alone_ends() {
    let local = opened();
    let dry = local.astride(&["decide", "--dry-run", "defer", &id(&local), "in May", "ticket=OPS-12"]).ending(0);
    assert!(dry.contains("open again after 2"), "{dry}");
}

/// What stands in the ledger's file is about what it says, and not about whose hash it has.
#[test]
fn a_block_that_contradicts_itself_answers_nothing() {
    let local = opened();
    let id = id(&local);
    local.astride(&["decide", "--user-id", "42", "--repository-id", "7", &format!("accept {id} public on purpose")]).ending(0);
    let file = "7/template.yaml.yml";
    let said = local.git(&["show", &format!("astride-ledger:{file}")]);
    let line =
        |key: &str| said.lines().find(|line| line.trim_start().starts_with(key)).unwrap_or_else(|| panic!("{key}: {said}")).to_owned();
    let state = |text: &str| {
        local.git(&["switch", "-q", "astride-ledger"]);
        local.commit("rewritten", &[(file, text)]);
        local.git(&["switch", "-q", "work"]);
        let register: Value = serde_json::from_str(&local.astride(&["threats", "--format", "json"]).ending(0)).unwrap();
        let hash = id.rsplit_once('-').unwrap().1;
        let threats = register["threats"].as_array().unwrap();
        let threat = threats.iter().find(|threat| threat["fingerprint"].as_str().unwrap().starts_with(hash)).unwrap();
        threat["state"].as_str().unwrap().to_owned()
    };
    assert_eq!(state(&format!("{said}\n# as it was\n")), "decided");
    let (facts, _) = said.split_once("  facts:\n").unwrap();
    for (what, text) in [
        ("another rule", said.replace(&line("rule:"), "  rule: \"STR-SQS-D-01\"")),
        ("another element", said.replace("template.yaml#Jobs", "template.yaml#Mails")),
        ("another cause", said.replace(&line("cause:"), "  cause: {kind: \"property\", holder: \"template.yaml#Jobs\", name: \"other\"}")),
        ("no facts", format!("{facts}  facts: {{}}\n")),
        ("less far", said.replace("sqs:*", "sqs:SendMessage")),
        ("two are needed", said.replace(&line("verdict:"), "  verdict: accepted\n  needed: 2")),
    ] {
        assert_ne!(text, said, "{what}");
        assert_ne!(state(&text), "decided", "{what}: {text}");
    }
}

/// Two repositories may have files of one name.
#[test]
fn whose_decisions_count_is_told_by_number() {
    let local = opened();
    let id = id(&local);
    local.astride(&["decide", "--user-id", "42", "--repository-id", "7", &format!("accept {id} public on purpose")]).ending(0);
    let said = local.git(&["show", "astride-ledger:7/template.yaml.yml"]);
    local.git(&["switch", "-q", "astride-ledger"]);
    local.commit("another one's", &[("8/other.yaml.yml", "# nothing\n")]);
    local.git(&["switch", "-q", "work"]);
    let error = local.astride(&["threats"]).refused();
    assert!(error.contains("the decisions of 2 repositories") && error.contains("--repository-id"), "{error}");
    let state = |number: &str| {
        let register = local.astride(&["threats", "--format", "json", "--repository-id", number]).ending(0);
        let register: Value = serde_json::from_str(&register).unwrap();
        register["threats"].as_array().unwrap().iter().find(|threat| threat["id"] == id.as_str()).unwrap()["state"].clone()
    };
    assert_eq!((state("7"), state("8")), ("decided".into(), "open".into()));
    let by_environment = local.astride_with(&["threats", "--state", "decided"], &[("GITHUB_REPOSITORY_ID", "7")]).ending(0);
    assert!(by_environment.contains(&id), "{by_environment}");
    // What was decided here before anybody gave a number is this repository's.
    local.git(&["switch", "-q", "astride-ledger"]);
    local.git(&["rm", "-qr", "7"]);
    local.commit("without a number", &[("0/template.yaml.yml", &said)]);
    local.git(&["switch", "-q", "work"]);
    assert_eq!((state("8"), state("7")), ("decided".into(), "decided".into()));
}
