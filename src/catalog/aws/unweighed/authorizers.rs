//! Functions that decide who gets into an API: another one in the place of one lets in whom it likes.
//!
//! Comes in: an authorizer, or an API with a body. Goes out: the code by which each function of the unit is known, whatever it is called. Functions
//! elsewhere that resources name are asked about; those of a body are told by their address.

use crate::catalog::aws::open_api;
use crate::catalog::draft::Draft;
use crate::catalog::paths;
use crate::catalog::spelled::spell;
use crate::catalog::targets::Target;
use crate::catalog::unweighed::Collector;
use crate::model::resource::{Property, Resource};
use crate::model::unweighed::{Kind, NOTHING};

/// By what the code of a function is known.
const CODE: [&str; 4] = ["Handler", "Code.ImageUri", "ImageConfig.Command", "ImageConfig.EntryPoint"];

pub(super) fn collect_resource<'t>(collector: &mut Collector<'_, 't, '_>, authorizer: &Resource<'t>) {
    for uri in paths::find(&authorizer.properties, "AuthorizerUri") {
        match code(collector.draft, &uri) {
            Some(text) => collector.add_text(authorizer, (Kind::Value, "AuthorizerUri"), &text, uri.span),
            None => collector.add_digest(authorizer, (Kind::Value, "AuthorizerUri"), NOTHING.to_owned(), uri.span),
        }
    }
}

pub(super) fn collect_body<'t>(collector: &mut Collector<'_, 't, '_>, api: &Resource<'t>) {
    let Some(body) = api.properties.get("Body") else { return };
    for scheme in open_api::schemes(body) {
        let Some(uri) = scheme.value.at("x-amazon-apigateway-authorizer.authorizerUri") else { continue };
        let path = format!("authorizer {}", scheme.key);
        match code(collector.draft, uri) {
            Some(text) => collector.add_text(api, (Kind::Value, &path), &text, uri.span),
            None => collector.add(api, (Kind::Value, &path), uri, uri.span),
        }
    }
}

/// What runs in the function of the unit that an address names.
fn code<'t>(draft: &Draft<'t, '_>, uri: &Property<'t>) -> Option<String> {
    let function = draft.targets(uri).into_iter().find_map(|target| match target {
        Target::Resource(reference) => draft.resource(reference.address).filter(|resource| resource.kind == "AWS::Lambda::Function"),
        Target::External(_) | Target::Arn(_) | Target::Name(_) | Target::Wildcard | Target::Unknown(_) => None,
    })?;
    let mut text = String::new();
    for value in CODE.iter().flat_map(|path| paths::find(&function.properties, path)) {
        spell(draft, &value, &mut text);
        text.push('\n');
    }
    Some(text)
}
