//! Terraform and OpenTofu.
//!
//! Comes in: files in HCL. What is here so far is the schema that the language has of itself, and its values with operators and functions.

pub mod decimal;
pub mod functions;
pub mod instance;
pub mod operators;
pub mod schema;
pub mod signs;
pub mod types;
pub mod value;
