//! Stories of what an organisation has of its own, in its repository `.github`.

use super::told::{PLAIN, QUEUE, TAGS, brings};
use super::{Act, REVIEWER, Story};

/// A rule of the organisation's own.
const OWN_RULE: &str = include_str!("../cases/own/a_rule_is_taken/astride/rules/data.yml");
const OWN_FILE: &str = "astride/rules/data.yml";
/// A resource type of its own, and a resource of it.
const TYPES: &str = "Custom::Tenant:
  is: store
  service: own_tenant
  facts:
    at_rest:
      - {property: KeyArn, reader: kms_key}
      - {default: provider_default, source: 'https://docs.acme.example/tenants#keys'}
";
/// What it has decided for all of its repositories.
const DECISION: &str = include_str!("../cases/own/a_decision_is_taken/astride/decisions/STR-LAYER-T-01.yml");
const DECISIONS_FILE: &str = "astride/decisions/STR-LAYER-T-01.yml";
const TYPES_FILE: &str = "astride/types/tenants.yml";
const TENANT: &str = "  ShopTenant: {Type: 'Custom::Tenant', Properties: {TenantName: shop}}
";

/// The organisation has rules of its own, in its repository `.github`.
pub(super) fn stories() -> Vec<Story> {
    use Act::{OrganisationHas, ProposesToOrganisation, Pushes, ReRuns, Says, Waits};
    let has = |text: &str| OrganisationHas(vec![(OWN_FILE, text.to_owned())]);
    let broken = OWN_RULE.replace("at_rest in", "at_rst in");
    let queue = format!("{PLAIN}{QUEUE}");
    let own = || {
        OrganisationHas(vec![
            ("astride.yml", "mode: enforce\n".to_owned()),
            (TYPES_FILE, TYPES.to_owned()),
            (OWN_FILE, OWN_RULE.to_owned()),
        ])
    };
    let decided = |text: &str| OrganisationHas(vec![(DECISIONS_FILE, text.to_owned())]);
    let layer = format!("{PLAIN}      Layers: ['arn:aws:lambda:eu-west-1:555566667777:layer:Tracer:4']\n");
    vec![
        brings(
            "what_the_organisation_has_decided_holds_until_a_repository_asks_again",
            layer.clone(),
            vec![
                decided(DECISION),
                Waits(600),
                ReRuns,
                Says(REVIEWER, "/stride show {id}"),
                Says(REVIEWER, "/stride reopen {id} not with our data"),
            ],
        ),
        brings(
            "a_decision_of_the_organisation_that_nobody_can_read_answers_nothing",
            layer,
            vec![
                decided(&DECISION.replace("accepted", "forgiven")),
                Waits(600),
                ReRuns,
                Says(REVIEWER, "/stride accept {id} ours scope=organisation"),
            ],
        ),
        brings(
            "a_decision_for_all_repositories_needs_an_answer",
            format!("{PLAIN}{TAGS}"),
            vec![own(), Waits(600), ProposesToOrganisation(vec![(DECISIONS_FILE, DECISION.to_owned())])],
        ),
        brings(
            "a_rule_of_the_organisation_blocks",
            queue.clone(),
            vec![
                has(OWN_RULE),
                Waits(600),
                Says(REVIEWER, "/stride explain {id}"),
                Says(REVIEWER, "/stride accept {id} nothing in it is ours"),
            ],
        ),
        brings(
            "a_fact_of_the_organisation_is_stated_and_confirmed",
            queue.clone(),
            vec![
                OrganisationHas(vec![
                    ("astride/facts.yml", include_str!("../cases/own/a_fact_is_taken/astride/facts.yml").to_owned()),
                    ("astride/rules/registry.yml", include_str!("../cases/own/a_fact_is_taken/astride/rules/registry.yml").to_owned()),
                ]),
                Waits(600),
                Pushes(format!("{PLAIN}  # astride: own_registry=listed\n{QUEUE}")),
                Says(REVIEWER, "/stride confirm {now}"),
            ],
        ),
        brings(
            "a_resource_type_of_the_organisation_is_asked_about",
            format!("{PLAIN}{TENANT}"),
            vec![
                OrganisationHas(vec![
                    (TYPES_FILE, TYPES.to_owned()),
                    (OWN_FILE, OWN_RULE.replace("service: queue", "service: own_tenant")),
                ]),
                Waits(600),
                Says(REVIEWER, "/stride accept {id} nothing in it is ours"),
                OrganisationHas(vec![(TYPES_FILE, TYPES.replace("is: store", "is: stroe"))]),
                Waits(600),
                ReRuns,
            ],
        ),
        brings(
            "rules_of_the_organisation_that_nobody_can_read_hold",
            queue,
            vec![has(&broken), Waits(600), ReRuns, Says(REVIEWER, "/stride accept {repair} they are being mended")],
        ),
        brings(
            "mistakes_in_types_and_rules_are_annotated_in_their_pull_request",
            format!("{PLAIN}{TAGS}"),
            vec![
                own(),
                Waits(600),
                ProposesToOrganisation(vec![
                    (TYPES_FILE, TYPES.replace("is: store", "is: stroe").replace("kms_key", "kms_kye")),
                    (OWN_FILE, broken),
                ]),
            ],
        ),
        brings(
            "a_resource_type_that_is_taken_away_needs_an_answer",
            format!("{PLAIN}{TAGS}"),
            vec![
                own(),
                Waits(600),
                ProposesToOrganisation(vec![(TYPES_FILE, TYPES.replace("is: store", "is: stroe"))]),
                ProposesToOrganisation(vec![(TYPES_FILE, "{}\n".to_owned())]),
            ],
        ),
    ]
}
