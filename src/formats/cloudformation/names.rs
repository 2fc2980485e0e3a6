//! What the names in a template stand for: `Ref` and `GetAtt`.
//!
//! Comes in: a name as written. Goes out: a loop's value, an ambient value, a parameter's, a reference, or unknown with a note.

use crate::formats::cloudformation::construct;
use crate::formats::cloudformation::nested;
use crate::formats::cloudformation::parameter::{Changeable, Declared};
use crate::formats::cloudformation::scope::{Defaults, Presence, Scope, unknown};
use crate::model::resource::{Called, External, ExternalKind, Maker, Property, Reference, Value};
use crate::source::{NoteKind, Span};
use crate::syntax;
use crate::syntax::Node;

impl<'t> Scope<'t, '_> {
    /// What `Ref` names: a loop's variable, a pseudo parameter, a parameter, a resource.
    pub(super) fn reference(&self, name: &'t str, span: Span) -> Property<'t> {
        if let Some((_, value)) = self.loops.get().iter().rev().find(|(variable, _)| *variable == name) {
            return Property { value: Value::Text(value), span };
        }
        if let Some(pseudo) = name.strip_prefix("AWS::") {
            return self.pseudo(pseudo, span);
        }
        if let Some(parameter) = self.parameters.get(name) {
            return self.parameter(parameter, span);
        }
        match name.split_once('.') {
            // SAM's own: `Fn.Alias`, `Fn.Version`, `Api.Stage`.
            Some((address, attribute)) if self.is_sam => self.resource(address, Some(attribute), name, span),
            _ => self.resource(name, None, name, span),
        }
    }

    fn pseudo(&self, name: &str, span: Span) -> Property<'t> {
        let value = match name {
            "AccountId" => Value::Ambient("account"),
            "Region" => Value::Ambient("region"),
            "Partition" => Value::Ambient("partition"),
            "StackName" => Value::Ambient("stack"),
            "StackId" => Value::Ambient("stack-id"),
            "URLSuffix" => Value::Ambient("url-suffix"),
            "NoValue" => Value::Removed,
            "NotificationARNs" => Value::Unknown("the topics that a stack notifies are known only at deployment"),
            _ => {
                self.note(span, NoteKind::Dangling, format!("there is no pseudo parameter `AWS::{name}`"));
                Value::Unknown("refers to a pseudo parameter that does not exist")
            }
        };
        Property { value, span }
    }

    fn parameter(&self, parameter: &Declared<'t>, span: Span) -> Property<'t> {
        let literal = !matches!(parameter.value.value, Value::External(_));
        let stands = match self.defaults.get() {
            Defaults::Stand => true,
            Defaults::StandUnlessEmpty => parameter.value.literal() != Some(""),
            Defaults::MayChange => parameter.changeable == Changeable::No,
        };
        if literal && (!stands || self.is_ruled_out(parameter)) {
            return Property { value: Value::External(External { kind: ExternalKind::Parameter, name: parameter.name }), span };
        }
        // A list is walked by whoever meets it, as often as it is referred to.
        if !self.unit.spend_items(parameter.value.items().len(), span) {
            return unknown("the unit has too many values", span);
        }
        if literal { parameter.value } else { Property { span, ..parameter.value } }
    }

    /// Whether what stands for a parameter cannot be its value in the branch that is being resolved. That it is made of something else counts in a
    /// text, which would be another one; alone it names what nobody has given yet.
    fn is_ruled_out(&self, parameter: &Declared<'t>) -> bool {
        if !self.in_text.get() {
            return false;
        }
        let ruled_out = self.ruled_out.borrow();
        let Some(value) = parameter.value.literal().filter(|_| !ruled_out.is_empty()) else { return false };
        let is_it = |question: &str| question.strip_prefix(self.frame.scope) == Some(parameter.name);
        ruled_out.iter().any(|(question, other)| is_it(question) && *other == value)
    }

    fn resource(&self, address: &'t str, attribute: Option<&'t str>, written: &str, span: Span) -> Property<'t> {
        match self.declarations.get(address) {
            Some(declaration) if declaration.presence == Presence::LeftOut => {
                unknown("refers to a resource that its condition leaves out", span)
            }
            Some(_) => self.to(address, attribute, span),
            None if self.is_sam && self.may_be_generated(address) => self.to(address, attribute, span),
            None => {
                self.note(span, NoteKind::Dangling, format!("`{written}` names nothing in this template"));
                unknown("refers to something that the template does not define", span)
            }
        }
    }

    fn to(&self, address: &'t str, attribute: Option<&'t str>, span: Span) -> Property<'t> {
        Property { value: Value::Reference(Reference { address: self.scoped(address), attribute }), span }
    }

    /// The address of a logical id as the unit knows it.
    pub(super) fn scoped(&self, id: &'t str) -> &'t str {
        let address = match self.constructs.get(id) {
            Some(construct) => construct.address,
            None => self.generated(id).unwrap_or(id),
        };
        self.behind(self.frame.scope, address)
    }

    /// What the resource is called in the template and by people.
    pub(super) fn called(&self, id: &'t str) -> Called<'t> {
        let (name, maker) = self.constructs.get(id).map_or((id, Maker::Author), |construct| (construct.name, construct.maker));
        Called { in_template: self.behind(self.frame.logical_scope, id), by_people: self.behind(self.frame.named_scope, name), maker }
    }

    fn behind(&self, scope: &'t str, name: &'t str) -> &'t str {
        if scope.is_empty() { name } else { self.arena().alloc_str(&[scope, name].concat()) }
    }

    /// The address of what SAM makes for a resource that goes by its construct path: `FnRole` is named after `Fn`.
    fn generated(&self, id: &'t str) -> Option<&'t str> {
        if !self.is_sam || self.constructs.is_empty() || self.declarations.contains_key(id) {
            return None;
        }
        let owner = |end: usize| id.get(..end).and_then(|owner| self.constructs.get(owner));
        let (end, owner) = id.char_indices().rev().find_map(|(end, _)| Some((end, owner(end)?)))?;
        Some(self.arena().alloc_str(&[owner.address, &id[end..]].concat()))
    }

    /// Whether SAM makes a resource of that id: an implicit one, or one that is named after a declared one (`FnRole`).
    fn may_be_generated(&self, address: &str) -> bool {
        const IMPLICIT: [&str; 5] = [
            "ServerlessRestApi",
            "ServerlessHttpApi",
            "ServerlessDeploymentApplication",
            "CodeDeployServiceRole",
            "ServerlessWebSocketApi",
        ];
        let implicit = IMPLICIT.iter().any(|prefix| address.starts_with(prefix));
        let named_after =
            |end: usize| self.declarations.get(&address[..end]).is_some_and(|found| found.kind.starts_with("AWS::Serverless::"));
        implicit || address.char_indices().skip(1).any(|(end, _)| named_after(end))
    }

    /// `Fn::GetAtt`: `[Name, Attribute]` or `Name.Attribute`, of which the attribute may have dots.
    pub(super) fn attribute(&self, argument: Node<'t>, span: Span) -> Option<Property<'t>> {
        let (name, attribute) = match argument.value {
            syntax::Value::List([name, rest @ ..]) if !rest.is_empty() => {
                let parts: Option<Vec<&'t str>> = rest.iter().map(|part| self.value(*part).literal()).collect();
                let name = self.value(*name).literal()?;
                let Some(parts) = parts else { return Some(unknown("the attribute is known only at deployment", span)) };
                let attribute = if let [only] = parts.as_slice() { only } else { &*self.arena().alloc_str(&parts.join(".")) };
                (name, attribute)
            }
            _ => self.looped(argument.scalar()?).split_once('.')?,
        };
        Some(self.attribute_of(name, attribute, span))
    }

    pub(super) fn attribute_of(&self, name: &'t str, attribute: &'t str, span: Span) -> Property<'t> {
        match (attribute.strip_prefix("Outputs."), self.declarations.get(name)) {
            (Some(output), Some(declaration)) if nested::is_stack(declaration.kind) => self.output(name, output, span),
            // What the CDK brings from a stack of another region is another stack's still.
            (None, Some(declaration)) if declaration.kind == "Custom::CrossRegionExportReader" => {
                let name = construct::exported(attribute, self.arena());
                Property { value: Value::External(External { kind: ExternalKind::Import, name }), span }
            }
            _ => self.resource(name, Some(attribute), name, span),
        }
    }
}
