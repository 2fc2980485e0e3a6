//! What is known of one type of the AWS provider. Compiled from `config/dialects/terraform/aws/*.yml` by `build.rs`, which says what the
//! words mean.

use crate::dialects::terraform::aws::translation::Translation;

include!(concat!(env!("OUT_DIR"), "/terraform_aws.rs"));

/// One type.
#[derive(Clone, Copy, Debug)]
pub struct Type {
    /// `aws_sqs_queue`.
    pub declared: &'static str,
    pub makes: Makes,
    /// Where its arguments are put; empty for the root of the resource.
    pub under: &'static str,
    /// In order of their names.
    pub fields: &'static [Field],
    /// What an attribute is called in CloudFormation; empty for the resource itself.
    pub attributes: &'static [(&'static str, &'static str)],
    /// The property that holds the physical name; empty where there is none.
    pub own_name: &'static str,
    pub beside: &'static [Beside],
    pub defaults: &'static [Default],
    pub covers: Covers,
    pub destroy: Destroy,
    pub by: Option<Translation>,
}

/// A type that makes nothing.
const NOTHING: Type = Type {
    declared: "",
    makes: Makes::Nothing,
    under: "",
    fields: &[],
    attributes: &[],
    own_name: "",
    beside: &[],
    defaults: &[],
    covers: Covers::Nothing,
    destroy: Destroy::Plain,
    by: None,
};

#[derive(Clone, Copy, Debug)]
pub enum Makes {
    Nothing,
    /// A resource of this canonical type.
    Resource(&'static str),
    Part(Part),
}

/// What is written apart and belongs to another resource.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// The canonical type of the whole.
    pub of: &'static str,
    /// Arguments that lead to the whole: by reference, or by being equal to these properties of it.
    pub joins: &'static [(&'static str, &'static str)],
    /// What it is where the whole is not here; empty where that is nothing.
    pub alone: &'static str,
}

/// An argument, and where its value is put.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    pub from: &'static str,
    /// From where its block is put; `-` nowhere, empty beside what stands in its block.
    pub to: &'static str,
    pub shape: Shape,
    /// Texts that are spelt another way.
    pub words: &'static [(&'static str, &'static str)],
    /// Of a block.
    pub fields: &'static [Self],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// As it is.
    Value,
    /// A block that stands once: a map.
    Block,
    /// Blocks: a list of maps.
    Blocks,
    /// A text that holds a document: what it spells.
    Document,
    /// A map that becomes a list of pairs of this key and `Value`.
    Pairs(&'static str),
}

/// An argument that is a resource of its own.
#[derive(Clone, Copy, Debug)]
pub struct Beside {
    pub argument: &'static str,
    pub kind: &'static str,
    /// Where it names the resource that it was written in.
    pub names: &'static str,
    /// Where its value is put.
    pub under: &'static str,
}

/// What the provider does where nothing is said, as far as that is not what CloudFormation does.
#[derive(Clone, Copy, Debug)]
pub struct Default {
    pub at: &'static str,
    pub is: Literal,
    /// The major versions of the provider for which it holds, both within.
    pub from: u32,
    pub to: u32,
    /// Only where this property has this text; an empty text is any value.
    pub when: Option<(&'static str, &'static str)>,
    /// The page that says so.
    pub page: &'static str,
}

#[derive(Clone, Copy, Debug)]
pub enum Literal {
    Flag(bool),
    Number(&'static str),
    Text(&'static str),
    /// An empty list.
    Nothing,
}

/// What of a resource is a control, which one that may be there is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Covers {
    Nothing,
    /// Its facts cannot be told then.
    Facts,
    /// That it is there is the control: nothing of it counts then.
    All,
}

/// What says whether data outlive their resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destroy {
    /// Nothing but `lifecycle`.
    Plain,
    /// Without `skip_final_snapshot` there is a snapshot.
    FinalSnapshot { argument: &'static str, page: &'static str },
    /// Without `force_destroy` what is not empty cannot be destroyed.
    Force { argument: &'static str, page: &'static str },
    /// With `skip_destroy` it stays where it is.
    Skip { argument: &'static str, page: &'static str },
}

/// The type of this name, or the family that it belongs to.
pub fn find(declared: &str) -> Option<&'static Type> {
    match TYPES.binary_search_by(|known| known.declared.cmp(declared)) {
        Ok(index) => Some(&TYPES[index]),
        Err(_) => FAMILIES.iter().find(|family| declared.starts_with(family.declared)),
    }
}
