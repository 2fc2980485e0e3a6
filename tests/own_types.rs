//! Resource types of an organisation's own: what a template and a root are read as with them, and what they leave as it is.
//!
//! Whether a file of types is taken, and what is said of it where it is not, is in `tests/cases/own`, which `tests/own_rules.rs` plays.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot set itself up fails, and a figure is read")]

mod local;

use astride::catalog::claims::Claims;
use astride::formats;
use astride::model::Model;
use astride::settings::own::{self, Own, OwnTexts};
use astride::source::{MemoryFiles, RepoPath};
use local::Local;
use serde_json::Value as Json;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

const TYPES: &str = "astride/types/tenants.yml";
/// A tenant with a key of the provider's, a function that reads it and one that does not.
const TENANT: &str = "Resources:
  Reader:
    Type: AWS::Lambda::Function
    Properties: {Runtime: python3.14, Handler: a.b, Code: {ZipFile: ''}}
  Shop:
    Type: Custom::Tenant
    Properties:
      ServiceToken: arn:aws:lambda:eu-west-1:111122223333:function:platform
      TenantName: shop
      Readers: [{FunctionArn: !GetAtt Reader.Arn}]
      Description: first
";

fn organisation() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/own/a_resource_type_is_taken").display().to_string()
}

fn texts(types: &str) -> OwnTexts {
    OwnTexts::from([(RepoPath::new(TYPES), types.to_owned())])
}

fn own(types: &str) -> Own {
    Own::read(texts(types), "").unwrap_or_else(|errors| panic!("{errors:?}"))
}

/// The model of a template with an organisation's types.
fn model(template: &str, own: &Own) -> Model {
    let path = RepoPath::new("template.yaml");
    let files = MemoryFiles([(path.clone(), template.to_owned())].into());
    formats::read(&path, &files, &Claims { types: own.types(), ..Claims::default() }).model
}

fn json(text: &str) -> Json {
    serde_json::from_str(text).unwrap()
}

fn review(local: &Local, code: i32) -> Json {
    json(&local.astride(&["review", "--organisation", &organisation(), "--format", "json"]).ending(code))
}

#[test]
fn an_own_type_is_an_element_that_own_rules_speak_on() {
    let local = Local::with(&[("README.md", "shop\n")]);
    local.commit("a tenant", &[("template.yaml", TENANT)]);
    // Without the organisation nobody knows what it is.
    let alone = json(&local.astride(&["review", "--format", "json"]).ending(0));
    assert!(!alone["threats"].to_string().contains("platform team"), "{alone}");
    let review = review(&local, 1);
    let threats = review["threats"].as_array().unwrap();
    let threat = threats.iter().find(|threat| threat["rule"] == "OWN-TEN-I-01").unwrap_or_else(|| panic!("{review:#}"));
    assert_eq!(threat["title"], "Shop is not encrypted by a key of the platform team: provider_default");
    assert_eq!(threat["origins"]["at_rest"]["page"], "https://docs.acme.example/tenants#keys");
    // What the template shows answers it.
    let with_key = TENANT.replace("      Description", "      KeyArn: arn:aws:kms:eu-west-1:111122223333:key/1\n      Description");
    local.commit("a key", &[("template.yaml", &with_key)]);
    let covered = self::review(&local, 0);
    let threats = covered["threats"].as_array().unwrap();
    assert!(threats.iter().all(|threat| threat["rule"] != "OWN-TEN-I-01" || threat["state"] == "covered"), "{covered:#}");
}

#[test]
fn a_model_shows_elements_and_flows_of_own_types() {
    let local = Local::with(&[("template.yaml", TENANT)]);
    let model = json(&local.astride(&["model", "template.yaml", "--organisation", &organisation()]).ending(0));
    let shop = model["elements"].as_array().unwrap().iter().find(|element| element["address"] == "Shop").unwrap();
    assert_eq!((&shop["kind"], &shop["service"]), (&Json::from("data-store"), &Json::from("own_tenant")));
    let flow = |from: &str, to: &str| {
        let ends = |flow: &&Json| flow["from"] == format!("template.yaml#{from}") && flow["to"] == format!("template.yaml#{to}");
        model["flows"].as_array().unwrap().iter().find(ends).unwrap_or_else(|| panic!("{model:#}")).clone()
    };
    assert_eq!(flow("Reader", "Shop")["means"], "read");
    // The format that lists threats lists those of own rules.
    let otm = local.astride(&["model", "template.yaml", "--organisation", &organisation(), "--format", "otm"]).ending(0);
    assert!(otm.contains("OWN-TEN-I-01"), "{otm}");
    let threats = local.astride(&["threats", "template.yaml", "--organisation", &organisation()]).ending(0);
    assert!(threats.contains("Shop is not encrypted by a key of the platform team"), "{threats}");
}

#[test]
fn a_type_of_an_own_provider_is_read_from_terraform() {
    let root = "resource \"aws_lambda_function\" \"reader\" {
  function_name = \"reader\"
  role          = \"arn:aws:iam::111122223333:role/reader\"
}

resource \"acme_tenant\" \"shop\" {
  name = \"shop\"
  reader {
    function_arn = aws_lambda_function.reader.arn
  }
}

resource \"acme_board\" \"shop\" {
  tenant = acme_tenant.shop.id
}
";
    let local = Local::with(&[("README.md", "shop\n")]);
    local.commit("a tenant", &[("infra/main.tf", root)]);
    let model = json(&local.astride(&["model", "infra", "--organisation", &organisation()]).ending(0));
    let flows = model["flows"].as_array().unwrap();
    let reads = |flow: &&Json| flow["from"] == "infra#aws_lambda_function.reader" && flow["to"] == "infra#acme_tenant.shop";
    assert_eq!(flows.iter().find(reads).unwrap_or_else(|| panic!("{model:#}"))["means"], "read");
    // What is not described is still said to be not judged, and what is described is not.
    let notes = model["notes"].to_string();
    assert!(notes.contains("1 resource of acme: not judged"), "{notes}");
    let review = review(&local, 1);
    assert!(review["threats"].to_string().contains("OWN-TEN-I-01"), "{review:#}");
    // A root of nothing but own types is judged too.
    let alone = Local::with(&[("README.md", "shop\n")]);
    alone.commit("a tenant", &[("infra/main.tf", "resource \"acme_tenant\" \"shop\" {\n  name = \"shop\"\n}\n")]);
    let review = self::review(&alone, 1);
    assert_eq!((&review["judged"], &review["not_judged"]), (&Json::from("all"), &Json::Array(Vec::new())), "{review:#}");
}

/// Whoever moves a root of own types out of sight must say so, as whoever moves any other.
#[test]
fn a_root_of_own_types_that_moves_out_of_sight_needs_repair() {
    let root = "resource \"acme_tenant\" \"shop\" {\n  name = \"shop\"\n  key_arn = \"arn:aws:kms:eu-west-1:111122223333:key/1\"\n}\n";
    let local = Local::with(&[("infra/main.tf", root)]);
    local.git(&["mv", "infra/main.tf", "infra/main.tf.txt"]);
    local.git(&["commit", "-qm", "out of sight"]);
    let arguments = ["review", "--base", "HEAD~1", "--format", "json"];
    let moved = json(&local.astride(&[&arguments[..], &["--organisation", &organisation()]].concat()).ending(2));
    assert_eq!(moved["repairs"][0]["file"], "infra/main.tf.txt", "{moved:#}");
    // Of a provider of which nobody says anything nothing was read.
    local.astride(&arguments).ending(0);
}

/// What nothing weighs is told, what the organisation says is of no meaning is not.
#[test]
fn what_an_own_type_ignores_is_not_told() {
    let local = Local::with(&[("template.yaml", TENANT)]);
    let told = |template: &str| {
        local.commit("a change", &[("template.yaml", template)]);
        let review = json(&local.astride(&["review", "--base", "HEAD~1", "--organisation", &organisation(), "--format", "json"]).out);
        review["not_weighed"].as_array().unwrap().iter().map(|told| (told["what"].clone(), told["property"].clone())).collect::<Vec<_>>()
    };
    let second = TENANT.replace("Description: first", "Description: second");
    assert_eq!(told(&second), []);
    let zone = second.replace("TenantName: shop", "TenantName: shop\n      Zone: b");
    assert_eq!(told(&zone), [(Json::from("property"), Json::from("Zone"))]);
    let board = "  Board:\n    Type: Datadog::Dashboards::Dashboard\n    Properties: {Title: a}\n";
    assert_eq!(told(&format!("{zone}{board}")), []);
    assert_eq!(told(&format!("{zone}{}", board.replace("Title: a", "Title: b"))), []);
}

/// The data of a tenant are lost with it.
#[test]
fn what_an_own_type_keeps_is_named_when_it_goes() {
    let local = Local::with(&[("template.yaml", TENANT)]);
    let renamed = TENANT.replace("TenantName: shop", "TenantName: shop-2");
    local.commit("another name", &[("template.yaml", &renamed)]);
    let review = review(&local, 0);
    let loss = &review["delta"]["losses"][0];
    assert_eq!((&review["verdict"], &loss["name"]), (&Json::from("noted"), &Json::from("Shop")), "{review:#}");
    assert_eq!(loss["outcome"], "this makes another tenant: what it keeps is not moved");
}

/// Resources of the product's types are what they were, whatever an own type beside them says.
#[test]
fn nothing_is_asked_less_of_what_is_built_in() {
    let types = "Custom::Cluster:
  is: store
  service: own_cluster
  name: Name
  network: [VpcId]
  facts: {at_rest: [{default: cmk, source: 'https://docs.acme.example/'}]}
";
    let template = "Resources:
  Cluster:
    Type: Custom::Cluster
    Properties: {Name: jobs, VpcId: !Ref Vpc}
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Instance:
    Type: AWS::RDS::DBInstance
    Properties: {DBClusterIdentifier: !Ref Cluster, Engine: aurora-mysql, DBInstanceClass: db.r5.large}
  Jobs: {Type: AWS::SQS::Queue, Properties: {QueueName: jobs}}
  Worker:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.14
      Handler: a.b
      Code: {ZipFile: ''}
      Environment: {Variables: {QUEUE_NAME: jobs}}
      VpcConfig: {SecurityGroupIds: [!Ref Cluster], SubnetIds: [subnet-1]}
";
    let (before, after) = (model(template, &Own::default()), model(template, &own(types)));
    assert!(before.elements.iter().all(|element| element.address != "Cluster"));
    assert!(after.elements.iter().any(|element| element.address == "Cluster" && element.service == "own_cluster"));
    for element in &before.elements {
        let now = after.elements.iter().find(|now| now.id == element.id).unwrap_or_else(|| panic!("{}", element.id));
        assert_eq!(now, element, "{}", element.id);
    }
    for flow in &before.flows {
        assert!(after.flows.contains(flow), "{}", flow.id);
    }
}

#[test]
fn what_is_read_is_bounded() {
    let many = |number: usize| (0..number).fold(String::new(), |text, number| text + &format!("Custom::T{number}: silent\n"));
    assert!(own::check(&texts(&many(200))).is_ok());
    let flows = |number: usize| {
        format!("Custom::T:\n  is: process\n  flows:\n{}", "    - {from: client, to: self, means: invoke}\n".repeat(number))
    };
    assert!(own::check(&texts(&flows(40))).is_ok());
    let ignores = |path: &str| format!("Custom::T:\n  is: process\n  ignores: [{path}]\n");
    assert!(own::check(&texts(&ignores("a.b.c.d"))).is_ok());
    let anchors = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned()
        + &(0..9).fold(String::new(), |text, number| text + &format!("b{number}: &a [*a, *a, *a, *a, *a, *a, *a, *a, *a]\n"));
    for (types, part) in [
        (many(201), "more than 200 resource types"),
        (flows(41), "more than 40 of one kind"),
        (ignores(&["a"; 11].join(".")), "no path of properties"),
        (ignores(&"a".repeat(201)), "no path of properties"),
        (format!("Custom::{}: silent\n", "T".repeat(300)), "no name of a type"),
        (format!("Custom::T: {{is: store, noun: {}}}\n", "n".repeat(61)), "the noun"),
        ("Custom::T: {is: store, noun: '<b>'}\n".to_owned(), "the noun"),
        (anchors, TYPES),
        ("[".repeat(10_000), TYPES),
        (format!("Custom::T: {}", "{is: ".repeat(5_000)), TYPES),
    ] {
        let errors = own::check(&texts(&types)).err().unwrap_or_else(|| panic!("{part}"));
        assert!(errors[0].to_string().contains(part), "{part}: {}", errors[0]);
    }
}

/// Two hundred own types and none cost the same on a unit without any of them, and next to nothing on one that is full of them.
#[test]
fn many_types_cost_little() {
    let mut types = String::new();
    for number in 0..199 {
        let _ =
            writeln!(types, "Custom::T{number}: {{is: store, service: own_t, facts: {{at_rest: [{{property: Key, reader: kms_key}}]}}}}");
    }
    types += "Acme::: silent\n";
    let types = types.replace("Acme:::", "\"Acme::\":");
    let begun = Instant::now();
    let own = own(&types);
    let read = begun.elapsed();
    let unit = |kind: &str| {
        (0..500)
            .fold("Resources:\n".to_owned(), |text, number| text + &format!("  R{number}: {{Type: '{kind}', Properties: {{Key: a}}}}\n"))
    };
    let timed = |template: &str, own: &Own| {
        let times = (0..5).map(|_| {
            let begun = Instant::now();
            assert!(!model(template, own).resources.is_empty());
            begun.elapsed()
        });
        times.min().unwrap()
    };
    let (built_in, theirs) = (unit("AWS::SQS::Queue"), unit("Custom::T7"));
    let (without, with) = (timed(&built_in, &Own::default()), timed(&built_in, &own));
    let of_own = timed(&theirs, &own);
    println!("reading 200 types: {read:?}; 500 queues: {without:?} without, {with:?} with them; 500 of an own type: {of_own:?}");
    let most = if cfg!(debug_assertions) { 400 } else { 5 };
    assert!(with.saturating_sub(without) < Duration::from_millis(most), "{with:?}, {without:?}");
    assert!(of_own.saturating_sub(without) < Duration::from_millis(most), "{of_own:?}, {without:?}");
}

/// The example of the documentation is taken as it stands there.
#[test]
fn what_is_documented_is_taken() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/organisation.md")).unwrap();
    let blocks: Vec<&str> = page.split("```yaml\n").skip(1).filter_map(|block| block.split("```").next()).collect();
    let types = blocks.iter().find(|block| block.starts_with("Custom::Tenant:")).unwrap();
    assert_eq!(own(types).types().all().count(), 3);
}
