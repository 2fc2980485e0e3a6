//! What HCL is read into.
//!
//! Everything is `Copy` and borrows from the text and one arena. Nothing here is evaluated: a reference is a name with steps, and what
//! a block means is for the format that reads it.

use crate::source::Span;

/// A range of bytes of the file, from 0. In JSON notation, whose reader counts lines alone, it is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bytes {
    pub start: u32,
    /// Behind the last byte.
    pub end: u32,
}

/// What a file or a block holds.
#[derive(Clone, Copy, Debug)]
pub struct Body<'t> {
    /// In the order of the text.
    pub items: &'t [Item<'t>],
    /// `false` where something could not be read: an argument that is not here may be set all the same.
    pub is_whole: bool,
}

#[derive(Clone, Copy, Debug)]
pub enum Item<'t> {
    Attribute(Attribute<'t>),
    Block(Block<'t>),
}

/// `name = value`.
#[derive(Clone, Copy, Debug)]
pub struct Attribute<'t> {
    pub name: Name<'t>,
    pub value: Expr<'t>,
    /// From the name to the end of the value.
    pub span: Span,
    pub bytes: Bytes,
}

/// `kind "label" { … }`.
#[derive(Clone, Copy, Debug)]
pub struct Block<'t> {
    pub kind: Name<'t>,
    pub labels: &'t [Name<'t>],
    pub body: Body<'t>,
    /// From the kind to the closing brace.
    pub span: Span,
    pub bytes: Bytes,
}

/// An identifier or a label, and where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Name<'t> {
    pub text: &'t str,
    pub span: Span,
}

/// An expression. In parentheses, its place is that of the parentheses.
#[derive(Clone, Copy, Debug)]
pub struct Expr<'t> {
    pub kind: ExprKind<'t>,
    pub span: Span,
    pub bytes: Bytes,
    /// Levels of expressions and of splats in it, at most `MAX_HEIGHT`: whoever walks through it needs no more of the stack.
    pub height: u16,
}

#[derive(Clone, Copy, Debug)]
pub enum ExprKind<'t> {
    Null,
    Bool(bool),
    /// As written.
    Number(&'t str),
    /// A text without interpolations and directives, escapes resolved.
    Text(&'t str),
    /// Anything else in quotes or a heredoc. One interpolation alone keeps the type of its value; all else is a text.
    Template(&'t [Part<'t>]),
    /// The first name of a reference: `var`, `each`, a resource type.
    Variable(&'t str),
    Traversal(&'t Traversal<'t>),
    Call(&'t Call<'t>),
    Tuple(&'t [Expr<'t>]),
    /// In the order of the text; of equal keys the last counts.
    Object(&'t [ObjectItem<'t>]),
    For(&'t For<'t>),
    Unary(UnaryOperator, &'t Expr<'t>),
    Binary(BinaryOperator, &'t [Expr<'t>; 2]),
    Conditional(&'t Conditional<'t>),
    /// It could not be read, which was noted.
    Unreadable,
}

/// `condition ? yes : no`.
#[derive(Clone, Copy, Debug)]
pub struct Conditional<'t> {
    pub condition: Expr<'t>,
    pub yes: Expr<'t>,
    pub no: Expr<'t>,
}

/// A value and the steps into it, `aws_s3_bucket.b[0].arn`.
#[derive(Clone, Copy, Debug)]
pub struct Traversal<'t> {
    pub source: Expr<'t>,
    /// At least one.
    pub steps: &'t [Step<'t>],
}

#[derive(Clone, Copy, Debug)]
pub enum Step<'t> {
    /// `.name`.
    Attribute(Name<'t>),
    /// `[key]`, and `.0` as it was written of old.
    Index(&'t Expr<'t>),
    /// `[*]`: all steps behind it are taken from each item.
    Splat(Span),
    /// `.*`: only so many of the steps behind it are taken from each item, the others from the list that comes of it.
    AttributeSplat { each: usize, span: Span },
}

/// `name(arguments)`.
#[derive(Clone, Copy, Debug)]
pub struct Call<'t> {
    /// With its namespaces, `provider::aws::arn_parse`.
    pub name: Name<'t>,
    pub arguments: &'t [Expr<'t>],
    /// `...`: the last argument is a list of arguments.
    pub expands_last: bool,
}

#[derive(Clone, Copy, Debug)]
pub struct ObjectItem<'t> {
    /// A bare name is a text; a name in parentheses a variable.
    pub key: Expr<'t>,
    pub value: Expr<'t>,
}

/// `[for key, value in collection : result if condition]`, or the same that makes an object.
#[derive(Clone, Copy, Debug)]
pub struct For<'t> {
    pub variables: Variables<'t>,
    pub collection: Expr<'t>,
    /// Of the object's items; `None` where a tuple is made.
    pub key: Option<Expr<'t>>,
    pub value: Expr<'t>,
    /// `...`: values of equal keys are gathered in lists.
    pub groups: bool,
    pub condition: Option<Expr<'t>>,
}

/// What a `for` calls keys and values.
#[derive(Clone, Copy, Debug)]
pub struct Variables<'t> {
    pub key: Option<Name<'t>>,
    pub value: Name<'t>,
}

/// A piece of a template.
#[derive(Clone, Copy, Debug)]
pub enum Part<'t> {
    /// Without what `~` and the indentation of `<<-` take off. Empty only beside a lone interpolation, which it makes a text of.
    Text(&'t str, Span),
    Value(Expr<'t>),
    If(&'t If<'t>),
    For(&'t ForDirective<'t>),
}

/// `%{ if condition }…%{ else }…%{ endif }`.
#[derive(Clone, Copy, Debug)]
pub struct If<'t> {
    pub condition: Expr<'t>,
    pub yes: &'t [Part<'t>],
    pub no: &'t [Part<'t>],
    /// Of the first marker.
    pub span: Span,
}

/// `%{ for key, value in collection }…%{ endfor }`.
#[derive(Clone, Copy, Debug)]
pub struct ForDirective<'t> {
    pub variables: Variables<'t>,
    pub collection: Expr<'t>,
    pub parts: &'t [Part<'t>],
    /// Of the first marker.
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOperator {
    Negate,
    Not,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOperator {
    Or,
    And,
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

/// A comment, and what stands in it.
#[derive(Clone, Copy, Debug)]
pub struct Comment<'t> {
    /// Behind `#` or `//` to the end of the line; between `/*` and `*/`.
    pub text: &'t str,
    pub span: Span,
}

impl<'t> Body<'t> {
    /// A body of which nothing could be read.
    pub const UNREAD: Self = Body { items: &[], is_whole: false };

    pub fn attributes(&self) -> impl Iterator<Item = &'t Attribute<'t>> + use<'t> {
        self.items.iter().filter_map(|item| match item {
            Item::Attribute(attribute) => Some(attribute),
            Item::Block(_) => None,
        })
    }

    pub fn blocks(&self) -> impl Iterator<Item = &'t Block<'t>> + use<'t> {
        self.items.iter().filter_map(|item| match item {
            Item::Block(block) => Some(block),
            Item::Attribute(_) => None,
        })
    }

    /// The argument of that name; the first where a broken file sets it twice.
    pub fn attribute(&self, name: &str) -> Option<&'t Attribute<'t>> {
        self.attributes().find(|attribute| attribute.name.text == name)
    }

    /// The blocks of one kind, in the order of the text.
    pub fn blocks_of<'k>(&self, kind: &'k str) -> impl Iterator<Item = &'t Block<'t>> + use<'t, 'k> {
        self.blocks().filter(move |block| block.kind.text == kind)
    }
}

impl<'t> Block<'t> {
    pub fn label(&self, index: usize) -> Option<&'t str> {
        self.labels.get(index).map(|label| label.text)
    }
}

impl<'t> Expr<'t> {
    /// The text, where it is one without interpolations.
    pub fn text(&self) -> Option<&'t str> {
        match self.kind {
            ExprKind::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl BinaryOperator {
    /// As it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Or => "||",
            Self::And => "&&",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Modulo => "%",
        }
    }
}
