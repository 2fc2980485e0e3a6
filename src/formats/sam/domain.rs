//! `Domain` of an API: its domain name, the paths under it, and the record that leads to it.
//!
//! Comes in: an API with its stage. Goes out: the domain, once for all APIs that share it, and what maps this API to it.

use crate::formats::sam::Expansion;
use crate::formats::sam::pen::Fields;
use crate::model::resource::{Property, Resource};

pub fn add_to_rest_api<'t>(expansion: &mut Expansion<'t, '_>, parent: &Resource<'t>, address: &str, stage: &str, domain: &Property<'t>) {
    let pen = expansion.pen(domain.span);
    let endpoint = domain.get("EndpointConfiguration").and_then(Property::literal);
    let is_private = endpoint == Some("PRIVATE");
    let (name_kind, mapping_kind, suffix) = if is_private {
        ("AWS::ApiGateway::DomainNameV2", "AWS::ApiGateway::BasePathMappingV2", "V2")
    } else {
        ("AWS::ApiGateway::DomainName", "AWS::ApiGateway::BasePathMapping", "")
    };
    let domain_address = domain_address(expansion.scoped(&format!("ApiGatewayDomainName{suffix}")), address, domain);
    let mut fields = Fields::new(pen);
    fields.copy(domain, &["DomainName", "SecurityPolicy", "MutualTlsAuthentication", "OwnershipVerificationCertificateArn", "Policy"]);
    let edge = endpoint == Some("EDGE") || is_private;
    fields.rename(domain, "CertificateArn", if edge { "CertificateArn" } else { "RegionalCertificateArn" });
    let types = domain.get("EndpointConfiguration").copied().unwrap_or_else(|| pen.text("REGIONAL"));
    fields.put("EndpointConfiguration", pen.map(&[("Types", pen.list(&[types]))]));
    expansion.imply(parent, &domain_address, name_kind, fields.done());
    for (index, path) in base_paths(domain).iter().enumerate() {
        let number = if index == 0 { String::new() } else { index.to_string() };
        let mut fields = Fields::new(pen);
        fields.put("DomainName", pen.resource(&domain_address));
        fields.put("RestApiId", pen.resource(address));
        fields.put("Stage", pen.resource(stage));
        fields.put_some("BasePath", path.as_ref());
        expansion.imply(parent, &format!("{address}{number}BasePathMapping"), mapping_kind, fields.done());
    }
    add_record_set(expansion, parent, domain);
    if is_private && domain.get("AccessAssociation").is_some() {
        let properties = pen.map(&[("DomainNameArn", pen.attribute(&domain_address, "DomainNameArn"))]);
        expansion.imply(
            parent,
            expansion.scoped("DomainNameAccessAssociation"),
            "AWS::ApiGateway::DomainNameAccessAssociation",
            properties,
        );
    }
}

/// A WebSocket API has it like an HTTP API.
pub fn add_to_http_api<'t>(expansion: &mut Expansion<'t, '_>, parent: &Resource<'t>, address: &str, stage: &str, domain: &Property<'t>) {
    let pen = expansion.pen(domain.span);
    let domain_address = domain_address(expansion.scoped("ApiGatewayDomainNameV2"), address, domain);
    let mut configuration = Fields::new(pen);
    configuration.copy(domain, &["CertificateArn", "SecurityPolicy"]);
    configuration.rename(domain, "EndpointConfiguration", "EndpointType");
    let mut fields = Fields::new(pen);
    fields.copy(domain, &["DomainName", "MutualTlsAuthentication"]);
    fields.put("DomainNameConfigurations", pen.list(&[configuration.done()]));
    expansion.imply(parent, &domain_address, "AWS::ApiGatewayV2::DomainName", fields.done());
    for path in base_paths(domain) {
        let literal = path.as_ref().and_then(Property::literal).unwrap_or_default();
        let name: String = literal.chars().filter(char::is_ascii_alphanumeric).collect();
        let mut fields = Fields::new(pen);
        fields.put("ApiId", pen.resource(address));
        fields.put("DomainName", pen.resource(&domain_address));
        fields.put("Stage", pen.resource(stage));
        fields.put_some("ApiMappingKey", path.as_ref());
        expansion.imply(parent, &format!("{address}{name}ApiMapping"), "AWS::ApiGatewayV2::ApiMapping", fields.done());
    }
    add_record_set(expansion, parent, domain);
}

/// One mapping where no path is given.
fn base_paths<'t>(domain: &Property<'t>) -> Vec<Option<Property<'t>>> {
    match domain.get("BasePath") {
        Some(paths) => paths.one_or_many().iter().map(|path| Some(*path)).collect(),
        None => vec![None],
    }
}

/// APIs with the same domain share it. The translator's name for it is a hash.
fn domain_address(prefix: &str, api: &str, domain: &Property<'_>) -> String {
    match domain.get("DomainName").and_then(Property::literal) {
        Some(name) => [prefix, &name.chars().filter(char::is_ascii_alphanumeric).collect::<String>()].concat(),
        None => [prefix, api].concat(),
    }
}

/// One for each hosted zone, or for each API where that is asked for.
fn add_record_set<'t>(expansion: &mut Expansion<'t, '_>, parent: &Resource<'t>, domain: &Property<'t>) {
    let Some(route) = domain.get("Route53") else { return };
    let pen = expansion.pen(route.span);
    let mut fields = Fields::new(pen);
    fields.copy(route, &["HostedZoneId", "HostedZoneName"]);
    fields.put("RecordSets", pen.list(&[pen.map(&[("Type", pen.text("A"))])]));
    let zone = ["HostedZoneId", "HostedZoneName"].iter().find_map(|key| route.get(key));
    let zone = zone.and_then(|zone| zone.literal().or_else(|| zone.reference().map(|reference| reference.address)));
    let zone: String = zone.unwrap_or_default().chars().filter(char::is_ascii_alphanumeric).collect();
    let separate = route.get("SeparateRecordSetGroup").and_then(Property::literal) == Some("true");
    let own = if separate { parent.address } else { "" };
    let address = expansion.scoped(&["RecordSetGroup", &zone, own].concat());
    expansion.imply(parent, address, "AWS::Route53::RecordSetGroup", fields.done());
}
