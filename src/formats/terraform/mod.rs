//! Terraform and OpenTofu.
//!
//! Comes in: the folder of a root module. Goes out: what it makes (`instance::Root`), evaluated and never executed.

mod attempts;
pub mod decimal;
pub mod expression;
pub mod functions;
pub mod instance;
mod loops;
pub mod older;
pub mod operators;
pub mod plan;
pub mod root;
pub mod schema;
pub mod signs;
mod stages;
pub mod state;
pub mod types;
pub mod value;
pub(crate) mod written;
