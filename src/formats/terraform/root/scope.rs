//! An instance of a module: its variables, local values and outputs, each evaluated when it is asked for and once.

use crate::formats::terraform::expression::evaluate;
use crate::formats::terraform::instance::Presence;
use crate::formats::terraform::root::constraint::{Constraint, NoNames};
use crate::formats::terraform::root::context::Context;
use crate::formats::terraform::root::expansion::{Each, Expansion};
use crate::formats::terraform::root::frame::Frame;
use crate::formats::terraform::root::module::Module;
use crate::formats::terraform::root::modules::Called;
use crate::formats::terraform::root::values::Offered;
use crate::formats::terraform::value::{External, Kind, Marks, Value};
use crate::source::{NoteKind, Span};
use crate::syntax::hcl::tree::{Attribute, Block, Expr, ExprKind, Step};
use crate::syntax::hcl::{Position, parse_expression};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Answers by name; `None` while one is being looked for.
type Memo<K, V> = RefCell<BTreeMap<K, Option<V>>>;

/// The call that made a module instance.
pub(super) struct Caller<'t> {
    /// The instance that calls.
    pub(super) scope: usize,
    pub(super) block: Block<'t>,
    pub(super) each: Each,
    /// Which configurations of providers it hands over, by their names in the module that is called.
    pub(super) providers: BTreeMap<String, Rc<str>>,
}

pub(super) struct Scope<'t> {
    pub(super) id: usize,
    pub(super) module: Rc<Module<'t>>,
    /// Before the addresses of its objects: empty, or `module.net["eu"].`.
    pub(super) prefix: Rc<str>,
    /// `None` for the root.
    pub(super) caller: Option<Caller<'t>>,
    pub(super) presence: Presence,
    pub(super) depth: usize,
    variables: Memo<&'t str, Value>,
    locals: Memo<&'t str, Value>,
    outputs: Memo<&'t str, Value>,
    pub(super) expansions: Memo<usize, Rc<Expansion>>,
    pub(super) calls: Memo<usize, Rc<Called<'t>>>,
}

/// Looks an answer up, or finds it; `circle` is the answer while it is being looked for.
pub(super) fn once<K: Ord + Copy, V: Clone>(memo: &Memo<K, V>, key: K, find: impl FnOnce() -> V, circle: impl FnOnce() -> V) -> V {
    if let Some(known) = memo.borrow().get(&key) {
        return known.clone().unwrap_or_else(circle);
    }
    memo.borrow_mut().insert(key, None);
    let found = find();
    memo.borrow_mut().insert(key, Some(found.clone()));
    found
}

fn circle(span: Span) -> Value {
    Value::new(Kind::unknown("refers to itself"), span)
}

impl<'t> Scope<'t> {
    pub(super) fn new(
        id: usize,
        module: Rc<Module<'t>>,
        prefix: Rc<str>,
        caller: Option<Caller<'t>>,
        presence: Presence,
        depth: usize,
    ) -> Self {
        Self {
            id,
            module,
            prefix,
            caller,
            presence,
            depth,
            variables: Memo::default(),
            locals: Memo::default(),
            outputs: Memo::default(),
            expansions: Memo::default(),
            calls: Memo::default(),
        }
    }

    pub(super) fn variable(&self, name: &str, span: Span, context: &Context<'_, 't>) -> Value {
        let Some((name, block)) = self.module.variables.get_key_value(name) else {
            return self.undeclared(&format!("the variable \"{name}\""), span, context);
        };
        once(&self.variables, *name, || self.variable_anew(name, block, context), || circle(span))
    }

    pub(super) fn local(&self, name: &str, span: Span, context: &Context<'_, 't>) -> Value {
        let Some((name, local)) = self.module.locals.get_key_value(name) else {
            return self.undeclared(&format!("the local value \"{name}\""), span, context);
        };
        let evaluated = || {
            let value = evaluate(&local.value, &Frame { context, scope: self, each: &Each::NONE });
            context.keep(&value);
            value
        };
        once(&self.locals, *name, evaluated, || circle(span))
    }

    /// What a module shows under a name.
    pub(super) fn output(&self, name: &str, span: Span, context: &Context<'_, 't>) -> Value {
        let Some((name, block)) = self.module.outputs.get_key_value(name) else {
            return self.undeclared(&format!("the output \"{name}\""), span, context);
        };
        let evaluated = || {
            let Some(value) = block.body.attribute("value") else {
                return Value::new(Kind::unknown("the output has no value that could be read"), block.span);
            };
            let value = evaluate(&value.value, &Frame { context, scope: self, each: &Each::NONE });
            context.keep(&value);
            value.marked(marks(block))
        };
        once(&self.outputs, *name, evaluated, || circle(span))
    }

    /// What a name stands for that nothing declares. Terraform refuses that before it evaluates anything, so that it is no error to `try`
    /// and does not take with it the value in which it stands.
    pub(super) fn undeclared(&self, what: &str, span: Span, context: &Context<'_, 't>) -> Value {
        if !self.module.is_whole {
            return Value::new(Kind::unknown(format!("{what} may be declared in what could not be read")), span);
        }
        context.note_once(span, NoteKind::Dangling, format!("{what} is declared nowhere"));
        Value::new(Kind::unknown(format!("{what} is declared nowhere")), span)
    }

    fn variable_anew(&self, name: &'t str, block: &Block<'t>, context: &Context<'_, 't>) -> Value {
        let default = || block.body.attribute("default").map(|default| evaluate(&default.value, &NoNames));
        let unless_offered = || match self.passed(name, context) {
            Some(passed) if !is_nullable(block) => without_null(passed, &default),
            Some(passed) => passed,
            None => default().unwrap_or_else(|| self.not_passed(name, block, context)),
        };
        let offered = self.caller.is_none().then(|| context.offered.borrow().get(name).cloned()).flatten();
        let value = match offered {
            Some(Offered { mut values, is_everywhere }) => {
                values.extend((!is_everywhere).then(unless_offered));
                Value::either(values, block.span)
            }
            None => unless_offered(),
        };
        if self.caller.is_none()
            && let (Kind::Text(text), None) = (&value.kind, self.passed(name, context))
        {
            context.defaults.borrow_mut().insert(text.clone());
        }
        if self.caller.is_none() && value.is_null() {
            context.has_null_default.set(true);
        }
        context.spend(value.weight() / 8, value.span);
        let value = match constraint(block, context) {
            Some(constraint) => constraint.apply(&value).unwrap_or_else(|kind| {
                context.note(
                    value.span,
                    NoteKind::Unresolved,
                    format!("the variable \"{name}\" cannot have this value: {}", reason(&kind)),
                );
                Value { kind, ..value }
            }),
            None => value,
        };
        context.keep(&value);
        value.marked(marks(block))
    }

    /// Whether a variable of the root is a text of which neither a file of values nor anything else says what it is.
    pub(super) fn is_default(&self, name: &str, context: &Context<'_, 't>) -> bool {
        let is_given = || context.given.borrow().contains_key(name) || context.offered.borrow().contains_key(name);
        let default = self.module.variables.get(name).and_then(|block| block.body.attribute("default"));
        self.caller.is_none()
            && default.is_some_and(|default| matches!(default.value.kind, ExprKind::Text(text) if !text.is_empty()))
            && !is_given()
    }

    /// What the caller, or a file of values, says.
    fn passed(&self, name: &str, context: &Context<'_, 't>) -> Option<Value> {
        let Some(caller) = &self.caller else { return context.given.borrow().get(name).cloned() };
        let argument = caller.block.body.attribute(name)?;
        let scope = context.scope(caller.scope)?;
        Some(evaluate(&argument.value, &Frame { context, scope: &scope, each: &caller.each }))
    }

    /// A variable without a value: of the root, whoever runs Terraform has to give one.
    fn not_passed(&self, name: &str, block: &Block<'t>, context: &Context<'_, 't>) -> Value {
        if let Some(caller) = &self.caller {
            let reason = format!("nothing is passed for the variable \"{name}\"");
            if caller.block.body.is_whole {
                context.note(caller.block.span, NoteKind::Dangling, reason.clone());
            }
            return Value::new(Kind::unknown(reason), caller.block.span);
        }
        let external = Value::new(Kind::External(External::Variable, format!("var.{name}").into()), block.span);
        match allowed(name, block) {
            Some(values) => Value::either(values, block.span),
            None => external,
        }
    }
}

pub(super) fn reason(kind: &Kind) -> Rc<str> {
    Value::new(kind.clone(), Span::default()).reason()
}

/// A null is the default where the variable takes none.
fn without_null(value: Value, default: &dyn Fn() -> Option<Value>) -> Value {
    match &value.kind {
        Kind::Null => default().unwrap_or(value),
        Kind::Either(branches) => {
            let branches = branches.iter().map(|branch| without_null(branch.clone(), default)).collect();
            Value::either(branches, value.span).marked(value.marks)
        }
        _ => value,
    }
}

fn is_nullable(block: &Block<'_>) -> bool {
    !matches!(block.body.attribute("nullable").map(|nullable| nullable.value.kind), Some(ExprKind::Bool(false)))
}

/// What `sensitive` and `ephemeral` of a variable or an output say.
pub(super) fn marks(block: &Block<'_>) -> Marks {
    let is_set = |name| match block.body.attribute(name).map(|mark| mark.value.kind) {
        None | Some(ExprKind::Bool(false) | ExprKind::Null) => false,
        // What is not a plain `false` is taken for one.
        Some(_) => true,
    };
    Marks { sensitive: is_set("sensitive"), ephemeral: is_set("ephemeral") }
}

fn constraint<'t>(block: &Block<'t>, context: &Context<'_, 't>) -> Option<Constraint> {
    let declared = block.body.attribute("type")?;
    let constraint = Constraint::of(&quoted(declared, context));
    if constraint.is_none() {
        context.note(declared.span, NoteKind::Unresolved, "the type is not understood".to_owned());
    }
    constraint
}

/// An expression that may stand in quotes, as in JSON notation and in files of old.
pub(super) fn quoted<'t>(attribute: &Attribute<'t>, context: &Context<'_, 't>) -> Expr<'t> {
    let Some(text) = attribute.value.text() else { return attribute.value };
    let mut notes = |span, kind, text| context.note(span, kind, text);
    parse_expression(text, Position::Within(attribute.value.span), context.arena, &mut notes)
}

/// The values that a validation leaves, where it is `contains([…], var.x)`.
fn allowed(name: &str, block: &Block<'_>) -> Option<Vec<Value>> {
    let conditions = block.body.blocks_of("validation").filter_map(|validation| validation.body.attribute("condition"));
    conditions.filter_map(|condition| allowed_by(name, &condition.value)).next()
}

fn allowed_by(name: &str, condition: &Expr<'_>) -> Option<Vec<Value>> {
    let ExprKind::Call(call) = condition.kind else { return None };
    let ("contains", [list, variable]) = (call.name.text, call.arguments) else { return None };
    let ExprKind::Traversal(traversal) = variable.kind else { return None };
    let [Step::Attribute(named)] = traversal.steps else { return None };
    if named.text != name || !matches!(traversal.source.kind, ExprKind::Variable("var")) {
        return None;
    }
    match evaluate(list, &NoNames) {
        list @ Value { kind: Kind::Tuple(_), .. } if list.is_whole() => match list.kind {
            Kind::Tuple(items) if !items.is_empty() => Some(items.to_vec()),
            _ => None,
        },
        _ => None,
    }
}
