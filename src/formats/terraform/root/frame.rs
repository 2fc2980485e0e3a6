//! What the names in an expression of a module instance are.

use crate::formats::terraform::expression::Names;
use crate::formats::terraform::functions;
use crate::formats::terraform::root::answered;
use crate::formats::terraform::root::context::Context;
use crate::formats::terraform::root::expansion::{Each, Key};
use crate::formats::terraform::root::module::Class;
use crate::formats::terraform::root::paths;
use crate::formats::terraform::root::scope::Scope;
use crate::formats::terraform::value::{External, Kind, Marks, Value};
use crate::source::{NoteKind, Span};
use crate::syntax::hcl::tree::Step;
use std::collections::BTreeMap;

/// Where an expression stands: in a module instance, and in a block that may have a key.
#[derive(Clone, Copy)]
pub(super) struct Frame<'f, 's, 't> {
    pub(super) context: &'f Context<'s, 't>,
    pub(super) scope: &'f Scope<'t>,
    pub(super) each: &'f Each,
}

impl Names for Frame<'_, '_, '_> {
    fn find(&self, name: &str, steps: &[Step<'_>], span: Span) -> (Value, usize) {
        // Whatever the name stands for is a level of its own.
        if !self.enter(span) {
            return (Value::new(Kind::unknown("too many values depend on one another"), span), steps.len());
        }
        let found = self.found(name, steps, span);
        self.leave();
        found
    }

    fn call(&self, name: &str, arguments: &[Value], span: Span) -> Value {
        let name = name.strip_prefix("core::").unwrap_or(name);
        paths::call(self.context, name, arguments, span).unwrap_or_else(|| functions::call(name, arguments, span))
    }

    fn is_default(&self, variable: &str) -> bool {
        self.scope.is_default(variable, self.context)
    }

    fn kept(&self, steps: &[Step<'_>], find: &mut dyn FnMut() -> Value) -> Value {
        self.context.kept(self.scope.id, steps, find)
    }

    fn spend(&self, units: usize, span: Span) -> bool {
        self.context.spend(units, span)
    }

    fn enter(&self, span: Span) -> bool {
        self.context.enter(span)
    }

    fn leave(&self) {
        self.context.leave();
    }
}

impl Frame<'_, '_, '_> {
    fn found(&self, name: &str, steps: &[Step<'_>], span: Span) -> (Value, usize) {
        let of_one = |find: &dyn Fn(&str) -> Value| match steps.first() {
            Some(Step::Attribute(attribute)) => (find(attribute.text), 1),
            _ => (Value::new(Kind::error(format!("`{name}` stands alone")), span), 0),
        };
        match name {
            "var" => of_one(&|name| self.scope.variable(name, span, self.context)),
            "local" => of_one(&|name| self.scope.local(name, span, self.context)),
            "each" => of_one(&|name| self.each.of_name(name, span)),
            "count" => of_one(&|_| self.each.index(span)),
            "path" => of_one(&|name| self.path(name, span)),
            "terraform" | "tofu" => of_one(&|name| terraform(name, span)),
            "self" => (Value::new(Kind::unknown("is the object itself, when it is there"), span), 0),
            "module" => self.module(steps, span),
            "data" => self.object(Class::Data, steps, 0, span),
            "ephemeral" => self.object(Class::Ephemeral, steps, 0, span),
            "resource" => self.object(Class::Managed, steps, 0, span),
            kind => match steps.first() {
                Some(Step::Attribute(named)) => (self.instances(Class::Managed, (kind, named.text), None, span), 1),
                _ => (self.scope.undeclared(&format!("`{kind}`"), span, self.context), 0),
            },
        }
    }

    fn object(&self, class: Class, steps: &[Step<'_>], from: usize, span: Span) -> (Value, usize) {
        match steps.get(from..) {
            Some([Step::Attribute(kind), Step::Attribute(name), ..]) => {
                (self.instances(class, (kind.text, name.text), attribute(&steps[from + 2..]), span), from + 2)
            }
            _ => (Value::new(Kind::error("a reference needs a type and a name"), span), 0),
        }
    }

    /// The instances of a resource or a data source, as many as there are; where it is known here, with the one attribute that is wanted.
    fn instances(&self, class: Class, (kind, name): (&str, &str), wanted: Option<&str>, span: Span) -> Value {
        let Some(index) = self.scope.module.find(class, kind, name) else {
            return self.scope.undeclared(&format!("\"{kind}.{name}\""), span, self.context);
        };
        let Some(object) = self.scope.module.objects.get(index) else { return Value::new(Kind::Null, span) };
        let address = format!("{}{}", self.scope.prefix, object.address());
        let expansion = self.scope.expansion(index, self.context);
        expansion.collected(span, &|key| {
            let member = || expansion.members.iter().find(|member| member.key == *key && member.key != Key::Any);
            if let (Class::Data, Some(name)) = (class, wanted)
                && let Some(member) = member()
                && let Some(value) = answered::attribute(&Frame { each: &member.each, ..*self }, object, name, span)
            {
                return Value::new(Kind::object(BTreeMap::from([(name.into(), value)])), span);
            }
            let address = format!("{address}{}", key.shown()).into();
            let marks = Marks { ephemeral: class == Class::Ephemeral, sensitive: false };
            Value::new(Kind::Reference { address, path: "".into() }, span).marked(marks)
        })
    }

    /// A call of a module: its instances with the one output that the steps ask for, or with all of them.
    fn module(&self, steps: &[Step<'_>], span: Span) -> (Value, usize) {
        let Some(Step::Attribute(name)) = steps.first() else {
            return (Value::new(Kind::error("`module` stands alone"), span), 0);
        };
        let Some(index) = self.scope.module.find(Class::Module, "", name.text) else {
            return (self.scope.undeclared(&format!("the module \"{}\"", name.text), span, self.context), 1);
        };
        let called = self.scope.called(index, self.context);
        let (value, taken) = called.resolve(steps.get(1..).unwrap_or_default(), span, self.context);
        (value, taken + 1)
    }

    fn path(&self, name: &str, span: Span) -> Value {
        let kind = match name {
            "module" => Kind::text(paths::relative(&self.context.root, &self.scope.module.folder)),
            // The folder that Terraform runs in is taken to be the root's.
            "root" | "cwd" => Kind::text("."),
            _ => Kind::error(format!("there is no path.{name}")),
        };
        Value::new(kind, span)
    }

    pub(super) fn note_error(&self, value: &Value) {
        if let Kind::Error(reason) = &value.kind {
            // Whoever runs Terraform may give the variable that nothing is given for here.
            if self.context.has_null_default.get() && reason.starts_with("null ") {
                return;
            }
            self.context.note(value.span, NoteKind::Unresolved, format!("the value is an error: {reason}"));
        }
    }
}

/// The attribute that steps ask for behind the name of a block, of one or of all of its instances.
pub(super) fn attribute<'n>(steps: &[Step<'n>]) -> Option<&'n str> {
    match steps {
        [Step::Attribute(name), ..] | [Step::Index(_) | Step::Splat(_) | Step::AttributeSplat { .. }, Step::Attribute(name), ..] => {
            Some(name.text)
        }
        _ => None,
    }
}

fn terraform(name: &str, span: Span) -> Value {
    let kind = match name {
        "workspace" | "env" => Kind::External(External::Workspace, "terraform.workspace".into()),
        "applying" => Kind::unknown("is known when Terraform runs"),
        _ => Kind::error(format!("there is no terraform.{name}")),
    };
    Value::new(kind, span)
}
