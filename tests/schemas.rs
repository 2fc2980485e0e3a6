//! The schemas of the two settings files: those in docs/ are those that the program prints, and what they take and refuse, the readers do too.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod program;
mod shared;

use astride::server;
use astride::settings;
use astride::source::RepoPath;
use jsonschema::Validator;
use program::{program, run};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

#[tokio::test]
async fn the_schemas_in_docs_are_those_that_are_printed() {
    for (arguments, file) in
        [(&["config", "schema"][..], "docs/settings.schema.json"), (&["config", "schema", "--server"], "docs/server.schema.json")]
    {
        let printed = run(program(arguments)).await;
        assert_eq!(printed.code, 0, "{}", printed.err);
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        shared::expect(&file, &printed.out).unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn schema_and_reader_of_a_repositorys_settings_agree() {
    let validator = validator(settings::schema().as_value());
    let read = |text: &str| settings::parse(&RepoPath::new(settings::PATH), text).map(drop).map_err(|error| error.to_string());
    agree(&validator, &read, REPOSITORY_GOOD, REPOSITORY_BAD);
    agree(&validator, &read, &[settings::PROPOSED], &[]);
}

#[test]
fn schema_and_reader_of_the_services_settings_agree() {
    let validator = validator(server::config::schema().as_value());
    // What is required may come from the environment, so that the file alone need not have it.
    let required = |name: &str, value: &str| (format!("ASTRIDE_GITHUB_{name}"), value.to_owned());
    let read = |text: &str| {
        let mut environment = BTreeMap::from([required("APP_ID", "7"), required("WEBHOOK_SECRETS", "s")]);
        if !text.contains("private_key") {
            environment.extend([required("PRIVATE_KEY", "K")]);
        }
        server::config::parse("server.yml", text, &environment).map(drop).map_err(|error| error.to_string())
    };
    agree(&validator, &read, SERVER_GOOD, SERVER_BAD);
}

#[test]
fn the_examples_have_every_key() {
    for (schema, examples) in [(settings::schema(), REPOSITORY_GOOD), (server::config::schema(), SERVER_GOOD)] {
        let values: Vec<Value> = examples.iter().map(|text| yaml(text)).collect();
        for (section, described) in schema.as_value()["properties"].as_object().unwrap() {
            let keys = described["properties"].as_object().into_iter().flatten().map(|(key, _)| format!("/{section}/{key}"));
            for pointer in keys.chain([format!("/{section}")]) {
                assert!(values.iter().any(|value| value.pointer(&pointer).is_some()), "no example has {pointer}");
            }
        }
    }
}

#[test]
fn every_key_is_described() {
    for schema in [settings::schema(), server::config::schema()] {
        let sections = schema.as_value()["properties"].as_object().unwrap().clone();
        let keys = sections.values().flat_map(|section| section["properties"].as_object().cloned().unwrap_or_default());
        for (key, described) in sections.clone().into_iter().chain(keys) {
            assert!(described["description"].as_str().is_some_and(|text| text.len() > 10), "{key}");
        }
    }
}

fn validator(schema: &Value) -> Validator {
    jsonschema::draft202012::meta::validate(schema).unwrap_or_else(|error| panic!("{error}"));
    jsonschema::validator_for(schema).unwrap()
}

fn agree(validator: &Validator, read: &dyn Fn(&str) -> Result<(), String>, good: &[&str], bad: &[&str]) {
    for text in good {
        let errors: Vec<String> = validator.iter_errors(&yaml(text)).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "the schema refuses {text:?}: {errors:?}");
        assert_eq!(read(text), Ok(()), "the reader refuses {text:?}");
    }
    for text in bad {
        assert!(!validator.is_valid(&yaml(text)), "the schema takes {text:?}");
        assert!(read(text).is_err(), "the reader takes {text:?}");
    }
}

fn yaml(text: &str) -> Value {
    let value: Value = serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
    if value.is_null() { json!({}) } else { value }
}

const REPOSITORY_GOOD: &[&str] = &[
    "{}",
    "version: 1",
    "mode: advise",
    "lock: [exclude, facts, rules, trust]",
    "version: 1
mode: enforce
gate: {findings: critical, questions: none, unread: fail, emergency_team: acme/on-call}
decide: {right: maintain, teams: [security, acme/platform], bots: [29139614], owners: true, needed: {critical: 3, high: 2}, review_after: {critical: 90, high: 180, medium: 365, low: 3650}, approvals: true, ask: review, ask_whom: ['@acme/security', '@rita']}
comment: {threads: 20, agents: false, mode: new}
register: {document: .github/docs/threat-model.md, issue: weekly}
wrong: {issues: acme/astride-rules}
exclude: ['examples/**']
facts:
  'intake/template.yaml#HookFn': {signature_check: on, webhook: yes, data_class: internal, enters_from: internal + partner}
  '**#Fn': {multi_tenant: true}
trust: {'111122223333': our log archive, o-exampleorg12: our organisation}
rules:
- {rule: STR-LAMBDA-D-*, paths: ['examples/**', 'sandbox/**'], off: true, why: 'only deployed to sandboxes, SEC-12'}
- {category: D, kind: question, severity: low, blocks: no, why: nothing here has to answer at night}
- {category: information-disclosure, blocks: yes, why: cards}
- {rule: OWN-DATA-I-01, severity: critical, why: cards}
generated: {workflow: .github/workflows/synth.yml, artifact: astride-input}
",
    "gate: {findings: low, emergency_team: security}",
    "decide: {right: write}",
    "comment: {threads: 0}",
    "register: {issue: daily}",
    "register: {issue: never}",
];

const REPOSITORY_BAD: &[&str] = &[
    "version: 2",
    "mode: strict",
    "modes: advise",
    "gates: {}",
    "gate: {finding: high}",
    "gate: {findings: urgent}",
    "gate: {findings: [high]}",
    "gate: {unread: pass}",
    "gate: {emergency_team: '@acme/security'}",
    "gate: {emergency_team: a/b/c}",
    "wrong: {issues: https://forge.example/acme/shop}",
    "wrong: {issues: shop}",
    "decide: {right: read}",
    "decide: {teams: security}",
    "decide: {teams: ['@acme/security']}",
    "decide: {owners: some}",
    "decide: {approvals: some}",
    "decide: {bots: ['renovate[bot]']}",
    "decide: {bots: [0]}",
    "decide: {bots: 29139614}",
    "decide: {ask: often}",
    "decide: {ask_whom: ['acme/security']}",
    "decide: {ask_whom: '@rita'}",
    "comment: {mode: none}",
    "decide: {needed: 2}",
    "decide: {needed: {critical: 0}}",
    "decide: {needed: {critical: 6}}",
    "decide: {needed: {severe: 2}}",
    "comment: {threads: 21}",
    "comment: {threads: -1}",
    "comment: {threads: many}",
    "register: {document: /etc/notes.md}",
    "register: {document: docs/../../notes.md}",
    "register: {document: notes.txt}",
    "register: {issue: hourly}",
    "register: {issue: true}",
    "comment: {agents: some}",
    "exclude: 'examples/**'",
    "generated: {workflow: .github/workflows/synth.yml}",
    "generated: {workflow: synth.yml, artifact: input}",
    "generated: {workflow: .github/workflows/../synth.yml, artifact: input}",
    "generated: {workflow: .github/workflows/synth.yml, artifact: a/b}",
    "facts: [webhook]",
    "facts: {'a.yaml': {webhook: yes}}",
    "facts: {'a.yaml#Fn': {signature_chek: on}}",
    "facts: {'a.yaml#Fn': {at_rest: cmk}}",
    "facts: {'a.yaml#Fn': {data_class: secret}}",
    "facts: {'a.yaml#Fn': {webhook: [yes]}}",
    "facts: {'a.yaml#Fn': {enters_from: everywhere}}",
    "facts:",
    "trust: ['111122223333']",
    "trust: {'11112222333': us}",
    "trust: {o-x: us}",
    "trust: {'111122223333': ''}",
    "decide: {review_after: 90}",
    "decide: {review_after: {critical: 0}}",
    "decide: {review_after: {critical: 3651}}",
    "decide: {review_after: {critical: never}}",
    "lock: [generated]",
    "rules:",
    "rules: {}",
    "rules: [STR-FURL-S-01]",
    "rules: [{rule: STR-FURL-S-01, off: true}]",
    "rules: [{rule: STR-FURL-S-01, off: true, why: ''}]",
    "rules: [{rule: STR-FURL-S-01, why: x}]",
    "rules: [{off: true, why: x}]",
    "rules: [{rule: STR-FURL-S-01, off: false, why: x}]",
    "rules: [{rule: STR-FURL-S-01, off: true, severity: low, why: x}]",
    "rules: [{rule: STR-FURL-S-01, severity: urgent, why: x}]",
    "rules: [{rule: STR-FURL-S-01, blocks: maybe, why: x}]",
    "rules: [{rule: [STR-FURL-S-01], off: true, why: x}]",
    "rules: [{category: weather, off: true, why: x}]",
    "rules: [{kind: bug, off: true, why: x}]",
    "rules: [{paths: 'examples/**', off: true, why: x}]",
    "rules: [{paths: [], off: true, why: x}]",
    "rules: [{path: ['examples/**'], off: true, why: x}]",
];

const SERVER_GOOD: &[&str] = &[
    "{}",
    "server: {listen: 'localhost:8080', header_timeout_ms: 1, body_timeout_ms: 1, max_connections: 8, unsigned_mib: 50,
         public_url: 'https://astride.acme.example', pages: off, pages_days: 3650}
github:
  api_url: https://git.acme.example/api/v3
  web_url: https://git.acme.example
  docs_url: https://docs.acme.example/astride
  app_id: 7
  private_key: K
  webhook_secrets: [one, two]
store: {url: 'sqlite://astride.db'}
worker: {concurrency: 64, write_gap_ms: 0, judgement_mib: 128, judgement_seconds: 3600}
ledger: {branch: decisions, repository: acme/decisions}
notify: {url: 'https://hooks.acme.example/T0KEN', secret_file: Cargo.toml}
",
    // These files are there: the manifest, and a certificate.
    "github: {private_key_file: Cargo.toml, ca_file: tests/cases/transport/ca.pem}",
    "ledger: {repository: }",
    "notify: {url: 'http://127.0.0.1:8081/hook'}",
    "notify: {url: , secret_file: }",
];

const SERVER_BAD: &[&str] = &[
    "servers: {}",
    "app_id: 7",
    "server: {listens: 'localhost:8080'}",
    "server: {listen: [localhost]}",
    "server: {header_timeout_ms: 0}",
    "server: {body_timeout_ms: 0}",
    "server: {max_connections: 7}",
    "server: {unsigned_mib: 49}",
    "server: {pages: sometimes}",
    "server: {pages_days: 0}",
    "server: {public_url: [https://astride.acme.example]}",
    "server: {unsigned_mib: much}",
    "github: {app_id: seven}",
    "github: {app_id: -7}",
    "github: {webhook_secrets: one}",
    "github: {api_urls: x}",
    "worker: {concurrency: 0}",
    "worker: {concurrency: 65}",
    "worker: {write_gap_ms: -1}",
    "worker: {judgement_mib: 127}",
    "worker: {judgement_seconds: 3601}",
    "ledger: {branch: {}}",
    "store: {path: x}",
    "notify: {urls: x}",
    "notify: {url: [x]}",
];
